#include "lydia/text/morphopiece_letters.h"

#include <algorithm>

#include "lydia/core/utf8.h"
#include "lydia/text/turkish_phonology.h"

namespace lydia::text {
namespace {

constexpr int kMaxLetterBytes = 2;

struct Spelling {
  std::array<char, kMaxLetterBytes> bytes{};
  uint8_t size = 0;
  std::string_view view() const { return {bytes.data(), size}; }
};

struct Spellings {
  std::array<Spelling, kLetterCodes> lower, upper, upper_latin;
  std::array<uint8_t, kLetterCodes> folded{};
};

Spelling spell(char32_t letter) {
  const std::string text = encode_utf8(std::u32string_view(&letter, 1));
  Spelling spelling;
  spelling.size = static_cast<uint8_t>(text.size());
  std::copy(text.begin(), text.end(), spelling.bytes.begin());
  return spelling;
}

Spellings make_spellings() {
  Spellings spellings;
  for (uint8_t code = 1; code < kLetterCodes; ++code) {
    const char32_t letter = letter_of_code(code);
    spellings.lower[code] = spell(letter);
    spellings.upper[code] = spell(turkish_upper(letter));
    spellings.upper_latin[code] = letter == U'i' ? spell(U'I') : spellings.upper[code];
    spellings.folded[code] = letter_code(fold_circumflex(letter));
  }
  return spellings;
}

const Spellings kSpellings = make_spellings();

LetterTable make_table() {
  LetterTable table;
  for (const unsigned lead : {0xC3u, 0xC4u, 0xC5u}) {
    table.one[lead] = static_cast<uint8_t>(kFirstLead + lead - 0xC3u);
  }
  const auto enter = [&](std::string_view text, uint8_t value) {
    const auto first = static_cast<uint8_t>(text[0]);
    if (text.size() == 1) {
      table.one[first] = value;
    } else {
      table.two[first - 0xC3u][static_cast<uint8_t>(text[1]) & 0x3Fu] = value;
    }
  };
  for (uint8_t code = 1; code < kLetterCodes; ++code) {
    enter(kSpellings.lower[code].view(), code);
    enter(kSpellings.upper[code].view(), code | kUpperLetter);
  }
  return table;
}

// What a letter does to the sound of the stem it ends.
struct LetterSound {
  bool is_vowel = false, back = false, rounded = false;
  Ending ending = Ending::Vowel;
};

std::array<LetterSound, kLetterCodes> make_sounds() {
  std::array<LetterSound, kLetterCodes> sounds;
  for (uint8_t code = 1; code < kLetterCodes; ++code) {
    const char32_t letter = letter_of_code(code);
    const Sound sound = sound_of(std::u32string_view(&letter, 1));
    sounds[code] = {is_vowel(letter), sound.back, sound.rounded, sound.ending};
  }
  return sounds;
}

const std::array<LetterSound, kLetterCodes> kLetterSounds = make_sounds();

const uint8_t kLetterI = letter_code(U'ı'), kLetterDottedI = letter_code(U'i');
const uint64_t kCircumflexes = uint64_t{1} << letter_code(U'â') | uint64_t{1} << letter_code(U'î') |
                               uint64_t{1} << letter_code(U'û');

}  // namespace

const LetterTable kLetterTable = make_table();

std::string_view lower_letter(uint8_t code) { return kSpellings.lower[code].view(); }
std::string_view upper_letter(uint8_t code) { return kSpellings.upper[code].view(); }
std::string_view upper_letter_latin(uint8_t code) { return kSpellings.upper_latin[code].view(); }
uint8_t without_circumflex(uint8_t code) { return kSpellings.folded[code]; }

bool read_word(std::string_view run, Word& word) {
  const char* at = run.data();
  const char* const end = at + run.size();
  constexpr uint64_t kOne = 1;
  int size = 0, upper = 0;
  uint64_t codes = 0, capitals = 0;  // which there are
  word.code.fill(0);
  while (at != end) {
    const LetterAt letter = letter_at(at, end);
    if (letter.code == 0 || size == kMaxWordLetters) return false;
    const auto i = static_cast<size_t>(size);
    word.code[i] = letter.code;
    word.begin[i] = static_cast<uint8_t>(at - run.data());
    upper += letter.upper;
    codes |= kOne << letter.code;
    capitals |= static_cast<uint64_t>(letter.upper) << letter.code;
    at += letter.size;
    ++size;
  }
  word.size = size;
  word.begin[static_cast<size_t>(size)] = static_cast<uint8_t>(run.size());
  const bool first_upper = size > 0 && letter_at(run.data(), end).upper;
  word.letter_case = upper == 0                  ? LetterCase::Lower
                     : upper == 1 && first_upper ? LetterCase::Cap
                     : upper == size             ? LetterCase::Upper
                                                 : LetterCase::Mixed;
  word.may_be_latin = (capitals >> kLetterI & 1) != 0 && (capitals >> kLetterDottedI & 1) == 0;
  word.latin = false;
  word.has_circumflex = (codes & kCircumflexes) != 0;
  return true;
}

void read_latin(std::string_view run, Word& word) {
  for (int i = 0; i < word.size; ++i) {
    const auto at = static_cast<size_t>(i);
    if (run[word.begin[at]] == 'I') word.code[at] = kLetterDottedI;
  }
  word.latin = true;
}

void sounds_of(const Word& word, std::array<uint8_t, kMaxWordLetters + 1>& sounds) {
  Sound sound;
  int vowels = 0;
  sounds[0] = static_cast<uint8_t>(sound.id());
  for (int i = 0; i < word.size; ++i) {
    const LetterSound& letter = kLetterSounds[word.code[static_cast<size_t>(i)]];
    if (letter.is_vowel) {
      ++vowels;
      sound.back = letter.back;
      sound.rounded = letter.rounded;
    }
    sound.many = vowels > 1;
    sound.ending = letter.ending;
    sounds[static_cast<size_t>(i) + 1] = static_cast<uint8_t>(sound.id());
  }
}

int count_leading_consonants(const Word& word) {
  int i = 0;
  while (i < word.size && !kLetterSounds[word.code[static_cast<size_t>(i)]].is_vowel) ++i;
  return i;
}

void append_lower(const Word& word, int first, int last, std::string& out) {
  for (int i = first; i < last; ++i) out += lower_letter(word.code[static_cast<size_t>(i)]);
}

std::string letter_codes(std::string_view text) {
  std::string codes;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const LetterAt letter = letter_at(at, end);
    if (letter.code == 0) return {};
    codes += static_cast<char>(letter.code);
    at += letter.size;
  }
  return codes;
}

std::string letters_of_codes(std::string_view codes) {
  std::string out;
  for (const char code : codes) out += lower_letter(static_cast<uint8_t>(code));
  return out;
}

}  // namespace lydia::text
