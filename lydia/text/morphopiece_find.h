// Where roots of the lexicon end in a word; for several words at once, as each step through the
// lexicon waits for memory and the steps of different words can wait together.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// Roots that are the first `letters` letters of a word: the record at `first` and those behind it.
struct RootEnd {
  uint32_t first;
  uint8_t letters;
};
struct RootEnds {
  Rests rests;
  int size = 0;
  std::array<RootEnd, kMaxWordLetters> list;  // the shortest first
};

struct WordRoots {
  Word word;
  RootEnds ends;
};

// Only those behind which suffixes can read the rest of the word.
void find_roots(const MorphoPieceModel& model, const Word& word, RootEnds& ends);
// The same for all of them, at most kMaxFound; what is found is on its way into the cache.
inline constexpr size_t kMaxFound = 32;
void find_roots(const MorphoPieceModel& model, std::span<WordRoots> words);

}  // namespace lydia::text
