#include "lydia/text/morphopiece_endings.h"

#include <algorithm>

namespace lydia::text {
namespace {

constexpr int kMinStem = 3;  // letters of an unknown stem

}  // namespace

// A stem has letters enough and a vowel; the whole word is one too.
Guesses guesses_for(const MorphoPieceModel& model, const Word& word) {
  Guesses guesses;
  sounds_of(word, guesses.sounds);
  const auto add = [&](int letters, int32_t tail_cost) {
    guesses.list[static_cast<size_t>(guesses.stems++)] = {static_cast<uint8_t>(letters), tail_cost};
  };
  const int consonants = count_leading_consonants(word);
  const int least = std::min(std::max(kMinStem, consonants + 1), word.size);
  int32_t node = TrieView::kRoot;
  int shortest = word.size;
  add(word.size, 0);
  while (shortest > least) {
    const int32_t next = model.tail_trie.child(node, word.code[static_cast<size_t>(shortest) - 1]);
    if (next < 0) break;
    node = next;
    --shortest;
    const int32_t tail = model.tail_trie.value(node);
    if (tail >= 0) add(shortest, model.tail_costs[static_cast<size_t>(tail)]);
  }
  // The sounds of all longer stems follow from the shortest one's, from whether that has a vowel,
  // and from the letters behind it, which are the node's.
  const uint64_t sound = guesses.sounds[static_cast<size_t>(shortest)];
  const uint64_t has_vowel = shortest > consonants ? 1 : 0;
  guesses.key = (static_cast<uint64_t>(node) * kSounds + sound) * 2 + has_vowel;
  return guesses;
}

// Keys of guesses have no sign: tries are smaller.
uint64_t suffix_key(const Word& word, int sound) {
  constexpr int kMaxLetters = 9, kLetterBits = 6;
  static_assert(kLetterCodes <= 1 << kLetterBits);
  if (word.size > kMaxLetters) return 0;
  uint64_t key = uint64_t{1} << 6 | static_cast<uint64_t>(sound + 1);
  for (int i = 0; i < kMaxLetters; ++i) {
    key = key << kLetterBits | word.code[static_cast<size_t>(i)];
  }
  return key | uint64_t{1} << 63;
}

}  // namespace lydia::text
