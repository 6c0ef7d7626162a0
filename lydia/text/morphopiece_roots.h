// The lexicon of a model from its sources.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/turkish_lexicon.h"

namespace lydia::text {

struct NamedText {
  std::string name, text;
};

struct TrainLexicon {
  std::vector<Root> roots;
  std::vector<double> priors;  // of each root: pseudo-counts
};

// The closed classes, lydia's own roots when asked for, further lists ("root<TAB>class..." or one
// root a line), and what a Hunspell dictionary (empty: none) adds to them. Roots that are regular
// forms of others are left out: to cut them is right.
TrainLexicon collect_roots(bool core_list, const std::vector<NamedText>& lists,
                           std::string_view hunspell_dic, std::string_view hunspell_aff,
                           const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace lydia::text
