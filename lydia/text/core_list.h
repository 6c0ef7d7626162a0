// lydia's own Turkish roots, as they stand in lydia/text/data/roots_*.tsv: part of the library, so
// that a model can be trained anywhere.
#pragma once

#include <span>
#include <string_view>

namespace lydia::text {

struct CoreList {
  std::string_view name;  // "roots_verbs.tsv"
  std::string_view tsv;   // turkish_lexicon.h says how it is read
};
std::span<const CoreList> core_root_lists();

}  // namespace lydia::text
