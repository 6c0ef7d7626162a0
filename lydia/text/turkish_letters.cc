#include "lydia/text/turkish_letters.h"

#include "lydia/core/utf8.h"

namespace lydia::text {
namespace {

constexpr std::u32string_view kLetters(U"\0abcçdefgğhıijklmnoöpqrsştuüvwxyzâîû", kLetterCodes);
constexpr std::u32string_view kLower = U"çğıiöşüâîû";
constexpr std::u32string_view kUpper = U"ÇĞIİÖŞÜÂÎÛ";

bool in(std::u32string_view set, char32_t letter) {
  return set.find(letter) != std::u32string_view::npos;
}

}  // namespace

char32_t turkish_lower(char32_t letter) {
  if (const size_t at = kUpper.find(letter); at != std::u32string_view::npos) return kLower[at];
  return letter >= U'A' && letter <= U'Z' ? letter + 32 : letter;
}

char32_t turkish_upper(char32_t letter) {
  if (const size_t at = kLower.find(letter); at != std::u32string_view::npos) return kUpper[at];
  return letter >= U'a' && letter <= U'z' ? letter - 32 : letter;
}

std::u32string turkish_lower(std::u32string_view text) {
  std::u32string out(text);
  for (char32_t& letter : out) letter = turkish_lower(letter);
  return out;
}

std::string turkish_lower(std::string_view utf8) {
  return encode_utf8(turkish_lower(decode_utf8(utf8)));
}

uint8_t letter_code(char32_t lower) {
  static_assert(kLetters.back() == U'û');
  const size_t at = lower == 0 ? 0 : kLetters.find(lower);
  return at == std::u32string_view::npos ? uint8_t{0} : static_cast<uint8_t>(at);
}

char32_t letter_of_code(uint8_t code) { return kLetters[code]; }

bool is_vowel(char32_t lower) { return in(U"aeıioöuüâîû", lower); }
bool is_back(char32_t vowel) { return in(U"aıouâû", vowel); }
bool is_rounded(char32_t vowel) { return in(U"oöuüû", vowel); }
bool is_voiceless(char32_t lower) { return in(U"fstkçşhp", lower); }

char32_t fold_circumflex(char32_t lower) {
  switch (lower) {
    case U'â': return U'a';
    case U'î': return U'i';
    case U'û': return U'u';
    default: return lower;
  }
}

std::u32string fold_circumflex(std::u32string_view lower) {
  std::u32string out(lower);
  for (char32_t& letter : out) letter = fold_circumflex(letter);
  return out;
}

}  // namespace lydia::text
