// Turkish letters: case by the Turkish rule, the kinds of vowels and consonants that the phonology
// asks about, and one small number per letter for tables. Words of the Turkish analyser are lower
// case std::u32string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lydia::text {

// I <-> ı and İ <-> i; ASCII and ç ğ ö ş ü â î û as everywhere; every other character is itself.
char32_t turkish_lower(char32_t letter);
char32_t turkish_upper(char32_t letter);
std::u32string turkish_lower(std::u32string_view text);
std::string turkish_lower(std::string_view utf8);

// 1 to 35 for the letters a to z, ç ğ ı ö ş ü and â î û in lower case; 0 for everything else.
inline constexpr int kLetterCodes = 36;
uint8_t letter_code(char32_t lower);
char32_t letter_of_code(uint8_t code);  // 0 for code 0; `code` below kLetterCodes

bool is_vowel(char32_t lower);
bool is_back(char32_t vowel);       // a ı o u â û
bool is_rounded(char32_t vowel);    // o ö u ü û
bool is_voiceless(char32_t lower);  // f s t k ç ş h p: a suffix D or C hardens after it

// â î û without their circumflex: `hâl` and `hal` find each other in a lexicon.
char32_t fold_circumflex(char32_t lower);
std::u32string fold_circumflex(std::u32string_view lower);

}  // namespace lydia::text
