#include "lydia/text/turkish_morphotactics.h"

#include <array>
#include <initializer_list>
#include <vector>

namespace lydia::text {
namespace {

// A set of states, so that one row of the table serves all states that share it.
class States {
 public:
  constexpr States(State state) : bits_(bit(state)) {}
  constexpr States(std::initializer_list<State> states) {
    for (const State state : states) bits_ |= bit(state);
  }
  constexpr bool has(State state) const { return (bits_ & bit(state)) != 0; }
  friend constexpr States operator|(States a, States b) { return States(a.bits_ | b.bits_); }

 private:
  static_assert(kStates <= 64);
  constexpr explicit States(uint64_t bits) : bits_(bits) {}
  static constexpr uint64_t bit(State state) { return uint64_t{1} << static_cast<int>(state); }
  uint64_t bits_ = 0;
};

struct Row {
  States from;
  Suffix suffix;
  State to;
  When when = When::Always;
  bool lexical = false;
};

using enum State;
using S = Suffix;
using W = When;

constexpr States kNominals = {Noun, Num};
constexpr States kPronouns = {PronounBen, PronounSen, PronounBiz, PronounSiz};
constexpr States kCaseBearers =
    kNominals | States{Adverb, Plural, Possessed, Participle, BoundParticiple};
constexpr States kN = {Possessed3, Compound, Relative, PronounOwn};  // cases begin with n
constexpr States kPossessable = kNominals | States{Participle, BoundParticiple, DikParticiple};
// What may be a predicate: "evdeyim", "güzeldi".
constexpr States kPredicates =
    kNominals | kPronouns | States{Adverb,          Predicate, Question,   PronounOwn, Compound,
                                   Plural,          Possessed, Possessed3, Locative,   Genitive,
                                   PronounGenitive, Oblique,   Relative,   Participle};
constexpr States kStems = {Verb, DerivedVerb, Causative, Voiced, Reciprocal, Able, Auxiliary};
constexpr States kPlainStems = {Verb,   DerivedVerb, Causative,
                                Voiced, Reciprocal,  Auxiliary};  // not yet able
constexpr States kAll = kStems | States{Negative};
constexpr States kLongTenses = {Tense, Aorist};

constexpr Row kRows[] = {
    // ---- nouns: derivation
    {kNominals, S::With, Noun},
    {kNominals | kPronouns | States{PronounOblique, CompoundBase}, S::Without, Noun},
    {kNominals | States{Adverb, Aorist, NegativeAorist, Infinitive, Predicate, PronounOwn}, S::Ness,
     Noun},
    {kNominals, S::Agent, Noun},
    {CompoundBase, S::With, Noun},
    {CompoundBase, S::Agent, Noun},
    {Noun, S::Pertaining, Noun},
    {Noun, S::Diminutive, Noun},
    {Noun, S::PoorLittle, Noun, W::AfterConsonant},  // kura|cağız would hide kur|acağ|ız
    {Noun, S::Like, Noun},
    {Noun, S::ColourLike, Noun, W::Always, true},
    {Noun, S::Fellow, Noun, W::Always, true},
    {{Noun, Possessed, Possessed3}, S::Family, Noun},
    {Num, S::Ordinal, Noun},
    {Num, S::Each, Adverb},
    {Noun, S::Become, DerivedVerb},
    {Noun, S::Acquire, DerivedVerb},
    {Noun, S::Do, Verb, W::Always, true},
    {Noun, S::DoShort, OnlyProgressive, W::AfterConsonant, true},
    {Noun, S::Grow, Verb, W::Always, true},
    {Noun, S::Desire, Verb, W::Always, true},
    {Noun, S::Resound, Verb, W::Always, true},

    // ---- nouns: number and possession
    {kPossessable | States{Adverb, Interjection, CompoundBase, PronounOblique, PronounBiz,
                           PronounSiz, PronounOwn, Relative},
     S::Plural, Plural},
    {kPossessable | States{Plural, CompoundBase, PronounOwn}, S::Poss1s, Possessed},
    {kPossessable | States{Plural, CompoundBase, PronounOwn}, S::Poss2s, Possessed},
    {kPossessable | States{Plural, CompoundBase, PronounOwn}, S::Poss1p, Possessed},
    {kPossessable | States{Plural, CompoundBase, PronounOwn}, S::Poss2p, Possessed},
    {kPossessable | States{Plural, PronounOwn, Adverb}, S::Poss3s, Possessed3},
    {kPossessable | States{CompoundBase, PronounOwn}, S::Poss3p, Possessed3},

    // ---- nouns: case
    {kCaseBearers | kPronouns | States{PronounOblique}, S::Acc, Accusative},
    {kCaseBearers | States{PronounBiz, PronounSiz, PronounOblique}, S::Dat, Oblique},
    {kCaseBearers | kPronouns | States{PronounOblique}, S::Loc, Locative},
    {kCaseBearers | kPronouns | States{PronounOblique, DikParticiple, Infinitive}, S::Abl, Oblique},
    {kCaseBearers | kN, S::Gen, Genitive},
    {PronounOblique, S::Gen, PronounGenitive},
    {{PronounBen, PronounBiz}, S::GenPronoun, PronounGenitive},
    {{PronounSen, PronounSiz}, S::Gen, PronounGenitive},
    {PronounDative, S::DatPronoun, Oblique},
    {kCaseBearers | kN | States{PronounGenitive, Infinitive}, S::Ins, Oblique},
    {kCaseBearers | kPronouns | States{PronounOblique}, S::Equ, Oblique},
    {kN, S::AccN, Accusative},
    {kN, S::DatN, Oblique},
    {kN, S::LocN, Locative},
    {kN, S::AblN, Oblique},
    {kN, S::EquN, Oblique},
    {{Locative, Genitive, PronounGenitive}, S::Rel, Relative},
    {{Noun, Adverb, Compound, Predicate}, S::Rel, Relative, W::Time},
    {{Noun, Adverb}, S::RelRounded, Relative, W::TimeRounded},

    // ---- predicates: copula and person
    {kPredicates | States{Infinitive, LongPerson, Tense, Aorist, Tense3p, CopulaEvidential},
     S::CopDir, CopulaDir},
    {kPredicates | kLongTenses |
         States{CopulaRoot, Infinitive, NegativeAorist, Tense3p, Past, Past3p, Conditional,
                Optative},
     S::CopPast, CopulaPast, W::NotAorist},
    {kPredicates | kLongTenses |
         States{CopulaRoot, Infinitive, NegativeAorist, Tense3p, Conditional, Optative},
     S::CopEvid, CopulaEvidential, W::NotAorist},
    {kPredicates | kLongTenses |
         States{CopulaRoot, Infinitive, NegativeAorist, Tense3p, Past, Past3p, ShortPerson,
                CopulaPast, CopulaEvidential},
     S::CopCond, CopulaConditional, W::NotAorist},
    {kPredicates | kLongTenses | States{CopulaRoot, NegativeAorist, Tense3p}, S::While, Closed,
     W::NotAorist},
    {kPredicates | kLongTenses | States{CopulaEvidential, Optative}, S::Long1s, LongPerson,
     W::NotAorist},
    {kPredicates | kLongTenses | States{NegativeAorist, CopulaEvidential, Optative}, S::Long2s,
     LongPerson, W::NotAorist},
    {kPredicates | kLongTenses | States{CopulaEvidential}, S::Long1p, LongPerson, W::NotAorist},
    {kPredicates | kLongTenses | States{NegativeAorist, CopulaEvidential, Optative}, S::Long2p,
     LongPerson, W::NotAorist},
    {kLongTenses | States{NegativeAorist, Optative, Locative, Genitive, Oblique, Predicate},
     S::Person3p, Tense3p},
    {{CopulaPast, CopulaConditional, CopulaEvidential, CopulaDir}, S::Person3p, Closed},
    {{Past, Conditional}, S::Person3p, Past3p},
    {{Past, Conditional, CopulaPast, CopulaConditional}, S::Short1s, ShortPerson},
    {{Past, Conditional, CopulaPast, CopulaConditional}, S::Short2s, ShortPerson},
    {{Past, Conditional, CopulaPast, CopulaConditional}, S::Short1p, ShortPerson},
    {{Past, Conditional, CopulaPast, CopulaConditional}, S::Short2p, ShortPerson},

    // ---- verbs: voice
    {{Verb, Causative, Reciprocal}, S::CausT, Causative, W::CausT},
    {{Verb, DerivedVerb, Causative, Voiced, Reciprocal}, S::CausDir, Causative, W::CausDir},
    {Verb, S::CausIr, Causative, W::CausIr},
    {Verb, S::CausAr, Causative, W::CausAr},
    {Verb, S::CausIt, Causative, W::CausIt},
    {Verb, S::CausArt, Causative, W::CausArt},
    {{Verb, DerivedVerb, Causative, Voiced, Reciprocal}, S::PassIl, Voiced, W::PassIl},
    {Verb, S::PassIn, Voiced, W::PassIn},
    {Verb, S::PassN, Voiced, W::PassN},
    {Verb, S::Refl, Voiced, W::Refl},
    {Verb, S::Recip, Reciprocal},

    // ---- verbs: ability, negation, auxiliaries
    {kPlainStems | States{Negative}, S::Able, Able},
    {kPlainStems, S::Unable, UnableA},
    {kPlainStems | States{UnableA}, S::Neg, Negative},
    {kPlainStems | States{UnableA}, S::NegShort, OnlyProgressive},
    {kPlainStems, S::Swiftly, Auxiliary},
    {kPlainStems, S::KeepOn, Auxiliary},
    {kPlainStems, S::Stay, Auxiliary},
    {kPlainStems, S::EverSince, Auxiliary},
    {kPlainStems, S::Almost, Auxiliary},
    {kPlainStems, S::Leave, Auxiliary},

    // ---- verbs: tense and mood
    {kStems | States{OnlyProgressive}, S::Prog, Tense},
    {kAll, S::ProgFormal, Tense},
    {kAll, S::Fut, Tense},
    {kAll, S::Evid, Tense},
    {kAll, S::Nec, Tense},
    {kStems, S::AorR, Aorist, W::AorR},
    {kStems, S::AorIr, Aorist, W::AorIr},
    {kStems, S::AorAr, Aorist, W::AorAr},
    {Negative, S::AorZ, NegativeAorist},
    {Negative, S::Short1s, ShortPerson},
    {Negative, S::Long1p, LongPerson},
    {kAll, S::Past, Past},
    {kAll, S::Cond, Conditional},
    {kAll, S::Opt, Optative},
    {kAll, S::Opt1p, Closed},
    {kAll, S::Imp3s, Closed},
    {kAll, S::Imp3p, Closed},
    {kAll, S::Imp2p, Closed},
    {kAll, S::ImpPolite, Closed},
    {kAll, S::ImpPlea, Closed},
    {kAll, S::ImpPleaPolite, Closed},

    // ---- verbs: participles, verbal nouns, converbs
    {kAll, S::PartAn, Participle},
    {kAll, S::PartDik, DikParticiple},
    {kAll, S::PartAcak, BoundParticiple},
    {kAll, S::PartMis, BoundParticiple},
    {kAll, S::PartAsi, Participle, W::Always, true},
    {kAll, S::Inf, Infinitive},
    {kAll, S::NounMa, Participle},
    {kAll, S::NounIs, Participle},
    {kAll, S::ConvArak, ConverbArak},
    {ConverbArak, S::Abl, Closed},
    {kAll, S::ConvIp, Closed},
    {kAll, S::ConvInca, ConverbInca},
    {ConverbInca, S::Dat, Closed},
    {kAll, S::ConvMadan, Closed},
    {kAll, S::ConvDikca, Closed},
    {kAll, S::ConvAli, Closed},
    {kAll, S::ConvAsiya, Closed},
    {kAll, S::ConvMaksizin, Closed},
    {kLongTenses | States{NegativeAorist, CopulaEvidential, LongPerson, Noun}, S::ConvCasina,
     Closed, W::NotAorist},
    {kStems, S::Doer, Noun},
    {Verb, S::DeverbalGin, Noun, W::Always, true},
    {Verb, S::DeverbalKin, Noun, W::Always, true},
    {Verb, S::DeverbalGi, Noun, W::Always, true},
    {Verb, S::DeverbalKi, Noun, W::Always, true},
    {Verb, S::DeverbalIm, Noun, W::Always, true},
    {Verb, S::DeverbalIn, Noun, W::Always, true},
    {Verb, S::DeverbalAk, Noun, W::Always, true},
    {Verb, S::DeverbalMaca, Noun, W::Always, true},
    {Verb, S::DeverbalGac, Noun, W::Always, true},
    {Verb, S::DeverbalKac, Noun, W::Always, true},
};

struct ArcTable {
  std::vector<Arc> arcs;
  std::array<size_t, kStates + 1> begin = {};

  ArcTable() {
    for (int i = 0; i < kStates; ++i) {
      const auto state = static_cast<State>(i);
      begin[static_cast<size_t>(i)] = arcs.size();
      for (const Row& row : kRows) {
        if (row.from.has(state)) {
          arcs.push_back({state, row.suffix, row.to, row.when, row.lexical});
        }
      }
    }
    begin[kStates] = arcs.size();
  }
};

const ArcTable& table() {
  static const ArcTable arcs;
  return arcs;
}

bool has_any(RootFlags flags, std::initializer_list<RootFlag> of) {
  for (const RootFlag flag : of) {
    if (flags.has(flag)) return true;
  }
  return false;
}

// Each voice: the root's own allomorph where it has one, the rule where it has none.
bool causative_holds(When when, const Sound& stem, RootFlags flags) {
  using enum RootFlag;
  switch (when) {
    case When::CausIr: return flags.has(CausIr);
    case When::CausAr: return flags.has(CausAr);
    case When::CausIt: return flags.has(CausIt);
    case When::CausArt: return flags.has(CausArt);
    default: break;
  }
  const bool by_t = when == When::CausT;
  if (has_any(flags, {CausT, CausIr, CausAr, CausIt, CausArt, CausDir})) {
    return flags.has(by_t ? CausT : CausDir);
  }
  const bool open = stem.ends_in_vowel() || stem.ending == Ending::L || stem.ending == Ending::R;
  return by_t == (stem.many && open);
}

bool passive_holds(When when, const Sound& stem, RootFlags flags) {
  using enum RootFlag;
  When rule = When::PassIl;
  if (flags.has(PassN) || stem.ends_in_vowel()) rule = When::PassN;
  if (flags.has(PassIn) || stem.ending == Ending::L) rule = When::PassIn;
  if (flags.has(PassIl)) rule = When::PassIl;
  return when == rule;
}

bool aorist_holds(When when, const Sound& stem, RootFlags flags) {
  using enum RootFlag;
  When rule = stem.many || flags.has(AorI) ? When::AorIr : When::AorAr;
  if (has_any(flags, {AorA, Soft})) rule = When::AorAr;
  if (stem.ends_in_vowel()) rule = When::AorR;
  return when == rule;
}

}  // namespace

std::string_view state_name(State state) {
  // clang-format off
  constexpr std::array<std::string_view, kStates> kNames = {
      "noun", "number", "adverb", "predicate", "interjection", "particle", "question", "ben",
      "sen", "biz", "siz", "oblique pronoun", "dative pronoun", "kendi", "compound",
      "compound base", "verb", "copula root", "plural", "possessed", "possessed 3", "accusative",
      "locative", "genitive", "pronoun genitive", "oblique", "relative", "derived verb",
      "causative", "voiced", "reciprocal", "able", "auxiliary", "unable", "negative",
      "only progressive", "tense", "aorist", "negative aorist", "past", "conditional", "optative",
      "tense 3p", "past 3p", "short person", "long person", "copula past", "copula evidential",
      "copula conditional", "copula dir", "participle", "bound participle", "dik participle",
      "infinitive", "converb inca", "converb arak", "closed",
  };
  // clang-format on
  return kNames[static_cast<size_t>(state)];
}

bool may_end(State state) {
  constexpr States kOpen = {CopulaRoot,      DerivedVerb,     PronounOblique,
                            PronounDative,   CompoundBase,    UnableA,
                            OnlyProgressive, BoundParticiple, DikParticiple};
  return !kOpen.has(state);
}

std::span<const Arc> all_arcs() { return table().arcs; }

std::span<const Arc> arcs_from(State state) {
  const ArcTable& arcs = table();
  const auto i = static_cast<size_t>(state);
  return std::span(arcs.arcs).subspan(arcs.begin[i], arcs.begin[i + 1] - arcs.begin[i]);
}

bool holds(When when, const Sound& stem, RootFlags flags) {
  switch (when) {
    case When::Always: return true;
    case When::AfterConsonant: return !stem.ends_in_vowel();
    case When::CausT:
    case When::CausDir:
    case When::CausIr:
    case When::CausAr:
    case When::CausIt:
    case When::CausArt: return causative_holds(when, stem, flags);
    case When::PassN:
    case When::PassIn:
    case When::PassIl: return passive_holds(when, stem, flags);
    case When::Refl: return !stem.ends_in_vowel() && stem.ending != Ending::L;
    case When::AorR:
    case When::AorIr:
    case When::AorAr: return aorist_holds(when, stem, flags);
    case When::NotAorist: return !flags.has(RootFlag::Aorist);
    case When::Time: return flags.has(RootFlag::Time) && (stem.back || !stem.rounded);
    case When::TimeRounded: return flags.has(RootFlag::Time) && !stem.back && stem.rounded;
  }
  return false;
}

}  // namespace lydia::text
