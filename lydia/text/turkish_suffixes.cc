#include "lydia/text/turkish_suffixes.h"

#include <array>

namespace lydia::text {
namespace {

constexpr SuffixInfo kSuffixes[] = {
#define LYDIA_SUFFIX(name, label, pattern, morph_class, type, need) \
  {Suffix::name, #name, label, pattern, MorphClass::morph_class, MorphType::type, Need::need},
#include "lydia/text/turkish_suffixes.inc"
#undef LYDIA_SUFFIX
};

constexpr std::array<std::string_view, kMorphClasses> kClassNames = {"noun",
                                                                     "proper",
                                                                     "verb",
                                                                     "adj",
                                                                     "adv",
                                                                     "pron",
                                                                     "num",
                                                                     "ques",
                                                                     "postp",
                                                                     "conj",
                                                                     "det",
                                                                     "interj",
                                                                     "plural",
                                                                     "possessive",
                                                                     "case",
                                                                     "relative",
                                                                     "voice",
                                                                     "negation",
                                                                     "ability",
                                                                     "auxiliary",
                                                                     "tense",
                                                                     "copula",
                                                                     "person",
                                                                     "participle",
                                                                     "verbal noun",
                                                                     "converb",
                                                                     "noun derivation",
                                                                     "verb derivation",
                                                                     "numeral",
                                                                     "deverbal"};

std::vector<Allomorph> spell(const SuffixInfo& suffix, const SuffixPattern& pattern,
                             const Sound& stem) {
  const std::u32string letters = pattern.realise(stem);
  if (!pattern.softens()) return {{letters, suffix.need, sound_after(stem, letters)}};
  const std::u32string soft = soften(letters);
  return {{letters, Need::NoVowel, sound_after(stem, letters)},
          {soft, Need::Vowel, sound_after(stem, soft)}};
}

// [suffix][Sound::id()]
std::vector<std::vector<std::vector<Allomorph>>> spell_all() {
  std::vector<std::vector<std::vector<Allomorph>>> table;
  for (const SuffixInfo& each : kSuffixes) {
    const SuffixPattern pattern(each.pattern);
    auto& row = table.emplace_back();
    for (int id = 0; id < Sound::kCount; ++id) {
      row.push_back(spell(each, pattern, Sound::of_id(id)));
    }
  }
  return table;
}

}  // namespace

std::string_view class_name(MorphClass morph_class) {
  return kClassNames[static_cast<size_t>(morph_class)];
}

MorphType root_type(MorphClass root_class) {
  switch (root_class) {
    case MorphClass::Noun:
    case MorphClass::Proper:
    case MorphClass::Pronoun: return MorphType::NounRoot;
    case MorphClass::Verb: return MorphType::VerbRoot;
    case MorphClass::Adjective:
    case MorphClass::Number:
    case MorphClass::Determiner: return MorphType::AdjectiveRoot;
    case MorphClass::Adverb: return MorphType::AdverbRoot;
    default: return MorphType::Other;
  }
}

std::span<const SuffixInfo> all_suffixes() { return kSuffixes; }

const SuffixInfo& info(Suffix suffix) { return kSuffixes[static_cast<size_t>(suffix)]; }

std::optional<Suffix> suffix_named(std::string_view name) {
  for (const SuffixInfo& each : kSuffixes) {
    if (each.name == name) return each.id;
  }
  return std::nullopt;
}

Suffix canonical_suffix(Suffix suffix) {
  for (const SuffixInfo& each : kSuffixes) {
    if (each.pattern == info(suffix).pattern) return each.id;
  }
  return suffix;
}

const std::vector<Allomorph>& allomorphs(Suffix suffix, const Sound& stem) {
  static const auto table = spell_all();
  return table[static_cast<size_t>(suffix)][static_cast<size_t>(stem.id())];
}

bool is_progressive(Suffix suffix) { return suffix == Suffix::Prog; }

bool is_passive(Suffix suffix) {
  return suffix == Suffix::PassIl || suffix == Suffix::PassIn || suffix == Suffix::PassN;
}

}  // namespace lydia::text
