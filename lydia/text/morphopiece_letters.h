// Words as letter codes (turkish_letters.h), read from UTF-8: what the lexicon and the automaton of
// suffixes walk over. A code stands for the lower case letter; everything without one is no letter
// here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "lydia/text/turkish_letters.h"

namespace lydia::text {

// What stands at the start of some text.
struct LetterAt {
  uint8_t code = 0;  // by the Turkish rule: I is ı, İ is i
  uint8_t size = 1;  // bytes
  bool upper = false;
};

// Letters of one byte by that byte, those of two by the last six bits of the second and which of
// the lead bytes C3, C4, C5 the first is: `one` of it is kFirstLead and the following. Capital
// letters have bit kUpperLetter.
inline constexpr uint8_t kUpperLetter = 0x80, kFirstLead = 0x40, kLetterCode = 0x3F;
struct LetterTable {
  std::array<uint8_t, 256> one{};
  std::array<std::array<uint8_t, 64>, 3> two{};
};
extern const LetterTable kLetterTable;

inline LetterAt letter_at(const char* at, const char* end) {
  uint8_t value = kLetterTable.one[static_cast<uint8_t>(*at)], size = 1;
  if ((value & kFirstLead) != 0) {
    if (at + 1 == end) return {};
    const auto second = static_cast<uint8_t>(at[1]);
    if ((second & 0xC0) != 0x80) return {};
    value = kLetterTable.two[value - kFirstLead][second & 0x3Fu];
    if (value == 0) return {};
    size = 2;
  }
  return {static_cast<uint8_t>(value & kLetterCode), size, (value & kUpperLetter) != 0};
}

// The spelling of a code.
std::string_view lower_letter(uint8_t code);
std::string_view upper_letter(uint8_t code);        // i -> İ, ı -> I
std::string_view upper_letter_latin(uint8_t code);  // i -> I
// The code of â is that of a for matching, and so on.
uint8_t without_circumflex(uint8_t code);

// Which way a word is capitalised.
enum class LetterCase : uint8_t { Lower, Cap, Upper, Mixed };

// At most kMaxWordLetters letters of one run.
inline constexpr int kMaxWordLetters = 80;

struct Word {
  int size = 0;  // letters
  LetterCase letter_case = LetterCase::Lower;
  bool may_be_latin = false;  // some I, and no İ: i is possible
  bool latin = false;         // read so
  bool has_circumflex = false;
  std::array<uint8_t, kMaxWordLetters + 18> code;  // zeros behind the end
  std::array<uint8_t, kMaxWordLetters + 2> begin;  // bytes before letter i; [size]: all
};

// Reads a run of at most kMaxWordLetters letters; false, with the word undefined, when it is longer
// or holds anything else.
bool read_word(std::string_view run, Word& word);
// The same word with I read as i instead of ı. Only when it may be.
void read_latin(std::string_view run, Word& word);
// The sounds of all beginnings (Sound::id of turkish_phonology.h): [i] is that of the first i
// letters.
void sounds_of(const Word& word, std::array<uint8_t, kMaxWordLetters + 1>& sounds);
// How many letters stand before the first vowel.
int count_leading_consonants(const Word& word);
// Letters [first, last) in lower case, appended.
void append_lower(const Word& word, int first, int last, std::string& out);
// The codes of a lower case text; empty when something in it is no letter.
std::string letter_codes(std::string_view text);
std::string letters_of_codes(std::string_view codes);

}  // namespace lydia::text
