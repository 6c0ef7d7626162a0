// The plain way to analyse and to inflect Turkish words: it walks the table of arcs and is meant to
// be obviously right. The tokenizer's lattice is compiled from the same table and tested against
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/turkish_lexicon.h"
#include "lydia/text/turkish_suffixes.h"

namespace lydia::text {

// Where a suffix begins, and which it is.
struct SuffixAt {
  Suffix suffix = Suffix::Plural;
  uint32_t begin = 0;  // in letters from the start of the word
  bool operator==(const SuffixAt&) const = default;
};

// One reading of a word: a root form, then suffixes up to the word's end.
struct Analysis {
  uint32_t root = 0;  // Lexicon::roots()
  std::vector<SuffixAt> suffixes;
};

struct AnalyseOptions {
  bool lexical = false;    // also arcs that make no new words
  bool derivation = true;  // false: inflection only, derived stems have to be roots
};

// All readings of a lower-case word, shorter roots first; none for a word that is not Turkish or
// whose root is not in the lexicon.
std::vector<Analysis> analyse(std::u32string_view word, const Lexicon& lexicon,
                              const AnalyseOptions& options = {});

// All readings of what stands behind an apostrophe: the suffixes of a name (digits: of a number)
// whatever its sound, as HTML'nin and 1923'te follow how the name is spoken.
std::vector<std::vector<SuffixAt>> analyse_tail(std::u32string_view tail, State start);

// The 23-type of the root and of each suffix. A third-person possessive behind a plural is the
// plural one (evler|i: of theirs).
std::vector<MorphType> morph_types(const Analysis& analysis, const Lexicon& lexicon);

// Whether a root is listed although regular inflection makes it of a shorter root of the lexicon: a
// causative in -DIr, a passive in -Il or -n, a verbal noun in -(y)Iş or -mA, a past in -DI
// (oluştur, kesil, giriş, açıklama, girdi). Of roots flagged lexical only. A tokenizer that cuts at
// every morpheme leaves them out.
bool is_regular_form(const Root& root, const Lexicon& lexicon);
// Whether a root that is no verb is spelled like a verb's aorist: gelir, yazar, korkmaz.
bool is_aorist(const Root& root, const Lexicon& lexicon);

// The word that these suffixes make of the root, and where they begin; nothing when the grammar
// does not allow them in this order.
struct Inflected {
  std::u32string word;
  std::vector<uint32_t> cuts;
};
std::optional<Inflected> inflect(const Root& root, std::span<const Suffix> suffixes);

// "kitap|lar|ımız|dan"
std::string with_bars(std::u32string_view word, std::span<const SuffixAt> suffixes);

}  // namespace lydia::text
