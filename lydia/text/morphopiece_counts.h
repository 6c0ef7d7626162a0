// Which words a text has, and how often.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece_word.h"

namespace lydia::text {

// Runs as they are written, with their counts, in the order of their bytes.
struct RunCounts {
  std::map<std::string, int64_t, std::less<>> words, numbers, others;
  // Of the last character of a run of others: how often letters or digits follow at once, and how
  // often behind one space.
  std::map<std::string, std::pair<int64_t, int64_t>, std::less<>> followers;
  int64_t bytes = 0;

  void add_text(std::string_view text);
  // "word<TAB>count" lines; ValueError that names `label` for others.
  void add_counts(std::string_view lines, const std::string& label);
};

}  // namespace lydia::text
