// The inventory of Turkish suffixes (turkish_suffixes.inc) and the kinds of morphemes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lydia/text/morphopiece.h"
#include "lydia/text/turkish_phonology.h"

namespace lydia::text {

// What a morpheme is: the twelve kinds of roots first, then the kinds of suffixes.
enum class MorphClass : uint8_t {
  Noun,
  Proper,
  Verb,
  Adjective,
  Adverb,
  Pronoun,
  Number,
  Question,
  Postposition,
  Conjunction,
  Determiner,
  Interjection,
  Plural,
  Possessive,
  Case,
  Relative,
  Voice,
  Negation,
  Ability,
  Auxiliary,
  Tense,
  Copula,
  Person,
  Participle,
  VerbalNoun,
  Converb,
  NounDerivation,
  VerbDerivation,
  Numeral,
  Deverbal,
};
inline constexpr int kRootClasses = 12;
inline constexpr int kMorphClasses = 30;
std::string_view class_name(MorphClass morph_class);

// Pronouns and proper names are noun roots, numbers and determiners adjective roots; question
// particles, postpositions, conjunctions and interjections are Other. Only for root classes.
MorphType root_type(MorphClass root_class);

enum class Suffix : uint8_t {
#define LYDIA_SUFFIX(name, label, pattern, morph_class, type, need) name,
#include "lydia/text/turkish_suffixes.inc"
#undef LYDIA_SUFFIX
};

struct SuffixInfo {
  Suffix id;
  std::string_view name;   // "Poss3s"
  std::string_view label;  // "P3S"
  std::string_view pattern;
  MorphClass morph_class;
  MorphType type;
  Need need;
};

std::span<const SuffixInfo> all_suffixes();  // [static_cast<size_t>(id)]
const SuffixInfo& info(Suffix suffix);
std::optional<Suffix> suffix_named(std::string_view name);
// Suffixes of one pattern: the first of them, so that -DA the case and -DA the verb maker are one.
Suffix canonical_suffix(Suffix suffix);

// One way to write a suffix: the letters, what they want after them, and how the word now ends.
struct Allomorph {
  std::u32string letters;
  Need need = Need::Nothing;
  Sound after;
};

// After a stem of this sound: one way, or two for a suffix in K (k, and ğ before a vowel).
const std::vector<Allomorph>& allomorphs(Suffix suffix, const Sound& stem);

bool is_progressive(Suffix suffix);
bool is_passive(Suffix suffix);

}  // namespace lydia::text
