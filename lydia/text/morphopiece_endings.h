// Words that never repeat share their endings, and those are cut the same way whatever is before.
//
// A guess: which tails it may take is told by the letters that the trie of tails has walked from
// the end, and what they cost beside each other by the sound of the stem in front of these letters.
// Suffixes behind an apostrophe: by their letters and the sound before it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/morphopiece_model.h"

namespace lydia::text {

// The stems that a guess may take: the whole word, and those behind which stands a tail.
struct Guesses {
  struct Stem {
    uint8_t letters;
    int32_t tail_cost;
  };
  uint64_t key = 0;  // equal keys: equal tails and sounds, from the end
  int stems = 0;
  std::array<Stem, kMaxWordLetters + 1> list;  // the whole word first
  std::array<uint8_t, kMaxWordLetters + 1> sounds;
};

Guesses guesses_for(const MorphoPieceModel& model, const Word& word);

// The sound before an apostrophe (-1: any) and the letters behind it; 0 when they are too many.
uint64_t suffix_key(const Word& word, int sound);

// How a word with some key was cut, counted from its end.
struct KnownEnding {
  static constexpr size_t kMax = 6;

  uint64_t key = 0;
  uint32_t serial = 0;  // of the model; 0: nothing here
  int32_t cost = 0;     // but for the letters of an unknown stem
  bool found = false;
  uint8_t suffixes = 0;
  std::array<uint8_t, kMax> letters{};  // from the beginning of a suffix to the end of the word
  std::array<int32_t, kMax> arcs{};
};

// What was met last in a slot stays there.
class EndingCache {
 public:
  KnownEnding& slot(uint64_t key) { return slots_[key * 0x9E3779B97F4A7C15u >> (64 - kBits)]; }

 private:
  static constexpr int kBits = 11;
  std::vector<KnownEnding> slots_ = std::vector<KnownEnding>(size_t{1} << kBits);
};

}  // namespace lydia::text
