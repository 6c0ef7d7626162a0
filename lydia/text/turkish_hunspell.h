// Roots out of a Hunspell dictionary of Turkish whose suffixes are whole strings (Debian's
// hunspell-tr): a list of millions of full forms, folded. Nothing in it says what is a root, so the
// grammar is asked:
//   verbs   X where X-mAk, X-DI and X-Iyor are forms, unless X is another verb with a voice,
//           a negation or an auxiliary
//   nouns   what takes -lAr, unless it is an inflected form itself (a participle, a verbal noun,
//           a tense, -ki)
//   others  words that no other root explains
// Softening, vowel drop, gemination, harmony, compounds and aorists are read off the forms too.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "lydia/text/turkish_lexicon.h"

namespace lydia::text {

// The roots that `known` does not have, in the order of the dictionary. Throws ValueError for a
// .aff file without plain suffixes. `progress` is told of the words that were looked at.
std::vector<Root> read_hunspell(
    std::string_view dic, std::string_view aff, const Lexicon& known,
    const std::function<void(int64_t done, int64_t total)>& progress = {});

}  // namespace lydia::text
