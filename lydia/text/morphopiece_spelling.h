// Which pieces spell what is in no lexicon, learned from examples.
//
// A unigram model over pieces (T. Kudo, "Subword Regularization", ACL 2018): candidates are the
// frequent substrings; each round spells all examples by the cheapest pieces, counts which were
// used and keeps the most useful ones.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lydia::text {

struct SpellingExample {
  std::string text;
  double weight = 1;
  bool starts_word = true;
};

struct LearnedPiece {
  std::string text;
  bool initial = false;  // starts a word
  double weight = 0;     // how often it was used
};

// At most `count` pieces of two characters or more, the most useful first. Characters (UTF-8
// sequences) are never cut. Deterministic.
std::vector<LearnedPiece> learn_spelling(const std::vector<SpellingExample>& examples,
                                         size_t count);

}  // namespace lydia::text
