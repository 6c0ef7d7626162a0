#include "lydia/text/turkish_phonology.h"

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

Ending ending_of(char32_t last) {
  if (is_vowel(last)) return Ending::Vowel;
  if (last == U'l') return Ending::L;
  if (last == U'r') return Ending::R;
  return is_voiceless(last) ? Ending::Voiceless : Ending::Voiced;
}

char32_t high_vowel(bool back, bool rounded) {
  if (back) return rounded ? U'u' : U'ı';
  return rounded ? U'ü' : U'i';
}

// Whether the letter in parentheses is said after this stem, and as what: su takes y for any buffer
// and keeps the vowel behind it (su|yum).
std::u32string first_letter(char32_t letter, const Sound& stem) {
  const bool is_suffix_vowel = letter == U'I' || letter == U'A';
  if (stem.ending == Ending::VowelY) {
    return is_suffix_vowel ? std::u32string{U'y', letter} : std::u32string{U'y'};
  }
  return is_suffix_vowel == stem.ends_in_vowel() ? std::u32string{} : std::u32string{letter};
}

}  // namespace

Sound Sound::of_id(int id) {
  return {.back = (id & 2) != 0,
          .rounded = (id & 1) != 0,
          .ending = static_cast<Ending>(id / 8),
          .many = (id & 4) != 0};
}

Sound sound_of(std::u32string_view stem) {
  Sound sound;
  int vowels = 0;
  for (const char32_t letter : stem) {
    if (!is_vowel(letter)) continue;
    ++vowels;
    sound.back = is_back(letter);
    sound.rounded = is_rounded(letter);
  }
  sound.many = vowels > 1;
  if (!stem.empty()) sound.ending = ending_of(stem.back());
  return sound;
}

bool meets(Need need, std::u32string_view suffix, bool progressive, bool passive) {
  // A vowel before -(I)yor falls (söyle, söyl|üyor); only di- and yi- take -yor.
  if (progressive && suffix.front() == U'y') return need == Need::BufferY;
  switch (need) {
    case Need::Nothing: return true;
    case Need::Vowel: return is_vowel(suffix.front());
    case Need::NoVowel: return !is_vowel(suffix.front());
    case Need::Progressive: return progressive;
    case Need::BufferY: return suffix.front() == U'y';
    case Need::Passive: return passive && is_vowel(suffix.front());
    case Need::NoPassive: return !passive;
  }
  return false;
}

bool may_end(Need need) {
  return need == Need::Nothing || need == Need::NoVowel || need == Need::NoPassive;
}

SuffixPattern::SuffixPattern(std::string_view utf8) : letters_(decode_utf8(utf8)) {
  if (letters_.size() > 2 && letters_[0] == U'(' && letters_[2] == U')') {
    optional_first_ = true;
    letters_ = letters_.substr(1, 1) + letters_.substr(3);
  }
  softens_ = !letters_.empty() && letters_.back() == U'K';
  bool known = !letters_.empty();
  for (const char32_t letter : letters_) {
    known = known && (letter_code(letter) != 0 ||
                      std::u32string_view(U"AIDCK").find(letter) != std::u32string_view::npos);
  }
  LYDIA_CHECK(known, ValueError, "suffix pattern: expected Turkish letters and A I D C K, got '",
              utf8, "'");
}

std::u32string SuffixPattern::realise(const Sound& stem) const {
  std::u32string rest = letters_;
  if (optional_first_) rest = first_letter(letters_[0], stem) + letters_.substr(1);
  std::u32string out;
  bool back = stem.back;
  bool rounded = stem.rounded;
  bool voiceless = stem.ending == Ending::Voiceless;
  for (char32_t letter : rest) {
    switch (letter) {
      case U'A': letter = back ? U'a' : U'e'; break;
      case U'I': letter = high_vowel(back, rounded); break;
      case U'D': letter = voiceless ? U't' : U'd'; break;
      case U'C': letter = voiceless ? U'ç' : U'c'; break;
      case U'K': letter = U'k'; break;
      default: break;
    }
    if (is_vowel(letter)) {
      back = is_back(letter);
      rounded = is_rounded(letter);
    }
    voiceless = is_voiceless(letter);
    out += letter;
  }
  return out;
}

Sound sound_after(const Sound& stem, std::u32string_view suffix) {
  Sound sound = stem;
  for (const char32_t letter : suffix) {
    if (!is_vowel(letter)) continue;
    sound.back = is_back(letter);
    sound.rounded = is_rounded(letter);
  }
  if (!suffix.empty()) sound.ending = ending_of(suffix.back());
  sound.many = true;
  return sound;
}

std::u32string soften(std::u32string_view stem) {
  std::u32string out(stem);
  if (out.empty()) return out;
  const bool after_n = out.size() > 1 && out[out.size() - 2] == U'n';
  switch (out.back()) {
    case U'p': out.back() = U'b'; break;
    case U'ç': out.back() = U'c'; break;
    case U't': out.back() = U'd'; break;
    case U'k': out.back() = after_n ? U'g' : U'ğ'; break;
    case U'g': out.back() = U'ğ'; break;
    default: break;
  }
  return out;
}

std::u32string harden(std::u32string_view stem) {
  std::u32string out(stem);
  if (out.empty()) return out;
  switch (out.back()) {
    case U'b': out.back() = U'p'; break;
    case U'c': out.back() = U'ç'; break;
    case U'ğ': out.back() = U'k'; break;
    default: break;
  }
  return out;
}

}  // namespace lydia::text
