#include "lydia/text/morphopiece_letters.h"

#include <algorithm>

#include "lydia/core/utf8.h"

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

const uint8_t kLetterI = letter_code(U'ı'), kLetterDottedI = letter_code(U'i');

}  // namespace

const LetterTable kLetterTable = make_table();

std::string_view lower_letter(uint8_t code) { return kSpellings.lower[code].view(); }
std::string_view upper_letter(uint8_t code) { return kSpellings.upper[code].view(); }
std::string_view upper_letter_latin(uint8_t code) { return kSpellings.upper_latin[code].view(); }
uint8_t without_circumflex(uint8_t code) { return kSpellings.folded[code]; }

bool read_word(std::string_view run, Word& word) {
  const char* at = run.data();
  const char* const end = at + run.size();
  int size = 0;
  uint32_t upper = 0;
  bool dotless_capital = false, dotted_capital = false;
  while (at != end) {
    const LetterAt letter = letter_at(at, end);
    if (letter.code == 0 || size == kMaxWordLetters) return false;
    const auto i = static_cast<size_t>(size);
    word.code[i] = letter.code;
    word.begin[i] = static_cast<uint8_t>(at - run.data());
    if (letter.upper) {
      upper |= 1u << size;
      dotless_capital |= letter.code == kLetterI;
      dotted_capital |= letter.code == kLetterDottedI;
    }
    at += letter.size;
    ++size;
  }
  word.size = size;
  word.begin[static_cast<size_t>(size)] = static_cast<uint8_t>(run.size());
  for (size_t i = static_cast<size_t>(size); i < word.code.size(); ++i) word.code[i] = 0;
  const uint32_t all = size == 0 ? 0 : ~uint32_t{0} >> (32 - size);
  word.letter_case = upper == 0     ? LetterCase::Lower
                     : upper == 1   ? LetterCase::Cap
                     : upper == all ? LetterCase::Upper
                                    : LetterCase::Mixed;
  word.may_be_latin = dotless_capital && !dotted_capital;
  word.latin = false;
  return true;
}

void read_latin(std::string_view run, Word& word) {
  for (int i = 0; i < word.size; ++i) {
    const auto at = static_cast<size_t>(i);
    if (run[word.begin[at]] == 'I') word.code[at] = kLetterDottedI;
  }
  word.latin = true;
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
