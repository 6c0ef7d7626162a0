// Which Turkish suffix may follow which: a finite automaton over morphemes, as a table of arcs.
//
// A word is a root form (turkish_lexicon.h) in its start state, then arcs to a state that may end a
// word. An arc says which suffix, where to, and when; the phonology says how the suffix is written.
// The whole situation between two morphemes is small: State, Sound and Need (turkish_phonology.h),
// and, on a bare root, its flags.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "lydia/text/turkish_phonology.h"
#include "lydia/text/turkish_suffixes.h"

namespace lydia::text {

// What is special about a root; the names in a root list are in lower case (soft, caus_ir, ...).
enum class RootFlag : uint8_t {
  Soft,  // final p ç t k soften before a vowel: kitap, kitab|ı
  Drop,  // the last vowel falls before a vowel: oğul, oğl|u; of verbs before -Il: çevir, çevr|il
  Double,  // the last consonant doubles before a vowel: hak, hakk|ı
  Front,   // takes front vowels after a back one: saat|ler, rol|ü
  Back,    // the reverse
  AorI,    // a short verb with -Ir: gel|ir
  AorA,    // a long verb with -Ar: vazgeç|er; verbs that soften have it by rule: kaybed|er
  CausT,
  CausIr,
  CausAr,
  CausIt,
  CausArt,
  CausDir,  // the causative where the rule does not give it
  PassIl,
  PassN,
  PassIn,    // the passive, likewise
  Compound,  // ends in a lexical -(s)I: buzdolabı, buzdolap|lar
  Abbrev,    // read letter by letter: any vowel may follow
  Foreign,   // spoken otherwise than written: any vowel may follow
  Time,      // takes -ki directly: dün|kü
  Lexical,   // a derivation kept whole: konuşma
  Aorist,    // a noun that is a verb's aorist too (gelir): a copula goes on the verb, gel|ir|di
  FromNoun,  // a verb in -lA of a listed noun (taşla), rarer than the noun: taş|lar, not taşla|r
};
inline constexpr int kRootFlags = 23;

// A set of flags.
class RootFlags {
 public:
  constexpr RootFlags() = default;
  constexpr explicit RootFlags(uint32_t bits) : bits_(bits) {}
  constexpr bool has(RootFlag flag) const { return (bits_ >> static_cast<int>(flag) & 1) != 0; }
  constexpr void add(RootFlag flag) { bits_ |= 1U << static_cast<int>(flag); }
  constexpr uint32_t bits() const { return bits_; }
  constexpr bool operator==(const RootFlags&) const = default;

 private:
  uint32_t bits_ = 0;
};

enum class State : uint8_t {
  // Where roots start.
  Noun,          // nouns, names, adjectives, most pronouns, nouns made by a suffix
  Num,           // numbers: as Noun, and -(I)ncI, -(ş)Ar
  Adverb,        // few derivations
  Predicate,     // o, bu, değil, postpositions: copula only
  Interjection,  // plural only
  Particle,      // conjunctions, determiners: nothing
  Question,      // mı, mi, mu, mü
  PronounBen,
  PronounSen,
  PronounBiz,
  PronounSiz,
  PronounOblique,  // on-, bun-, şun-: not a word by itself
  PronounDative,   // ban-, san-: likewise
  PronounOwn,      // kendi
  Compound,        // buzdolabı
  CompoundBase,    // buzdolap-: not a word by itself
  Verb,            // verb roots
  CopulaRoot,      // i- of idi, imiş, ise, iken
  // Within nouns.
  Plural,
  Possessed,
  Possessed3,
  Accusative,
  Locative,
  Genitive,
  PronounGenitive,
  Oblique,
  Relative,
  // Within verbs.
  DerivedVerb,  // güzel|leş: not an imperative by itself
  Causative,
  Voiced,
  Reciprocal,
  Able,
  Auxiliary,
  UnableA,
  Negative,
  OnlyProgressive,
  // Predicates.
  Tense,
  Aorist,
  NegativeAorist,
  Past,
  Conditional,
  Optative,
  Tense3p,
  Past3p,
  ShortPerson,
  LongPerson,
  CopulaPast,
  CopulaEvidential,
  CopulaConditional,
  CopulaDir,
  // Nouns and adverbs made of verbs.
  Participle,
  BoundParticiple,
  DikParticiple,
  Infinitive,
  ConverbInca,
  ConverbArak,
  Closed,  // nothing may follow
};
inline constexpr int kStates = static_cast<int>(State::Closed) + 1;
std::string_view state_name(State state);
bool may_end(State state);

// What an arc asks of the stem. The rules of voice and aorist look at the root's own flags first:
// a root with a causative flag takes that causative and no other.
enum class When : uint8_t {
  Always,
  AfterConsonant,
  CausT,    // by rule: two syllables or more, ending in a vowel, l or r
  CausDir,  // by rule: all others
  CausIr,
  CausAr,
  CausIt,
  CausArt,  // flagged roots only
  PassN,    // by rule: after a vowel
  PassIn,   // by rule: after l
  PassIl,   // by rule: all others
  Refl,     // after a consonant that is not l, where the passive is another suffix
  AorR,     // after a vowel
  AorIr,    // two syllables or more
  AorAr,    // all others
  Time,
  TimeRounded,  // flagged roots; gün and dün take -kü
  NotAorist,    // no flagged roots
};

struct Arc {
  State from = State::Noun;
  Suffix suffix = Suffix::Plural;
  State to = State::Noun;
  When when = When::Always;
  // An old derivation that makes no new words (gör|gü, su|sa): for inflect(), not for analyse().
  bool lexical = false;
};

std::span<const Arc> all_arcs();  // by state, in the order of the table
std::span<const Arc> arcs_from(State state);
// `flags` are the root's on a bare root, and none after any suffix.
bool holds(When when, const Sound& stem, RootFlags flags);

}  // namespace lydia::text
