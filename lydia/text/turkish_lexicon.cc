#include "lydia/text/turkish_lexicon.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

constexpr std::array<std::string_view, kRootFlags> kFlagNames = {
    "soft",     "drop",    "double",  "front",    "back",     "aor_i",   "aor_a",    "caus_t",
    "caus_ir",  "caus_ar", "caus_it", "caus_art", "caus_dir", "pass_il", "pass_n",   "pass_in",
    "compound", "abbrev",  "foreign", "time",     "lexical",  "aorist",  "from_noun"};

// Forms that no rule gives. Words that end in a possessive of their own (hepsi) take the cases of
// one; öteki those of -ki.
struct IrregularForm {
  std::u32string_view lemma, surface;
  State start;
};
constexpr IrregularForm kIrregular[] = {
    {U"ben", U"ben", State::PronounBen},
    {U"ben", U"ban", State::PronounDative},
    {U"sen", U"sen", State::PronounSen},
    {U"sen", U"san", State::PronounDative},
    {U"biz", U"biz", State::PronounBiz},
    {U"siz", U"siz", State::PronounSiz},
    {U"o", U"o", State::Predicate},
    {U"o", U"on", State::PronounOblique},
    {U"bu", U"bu", State::Predicate},
    {U"bu", U"bun", State::PronounOblique},
    {U"şu", U"şu", State::Predicate},
    {U"şu", U"şun", State::PronounOblique},
    {U"kendi", U"kendi", State::PronounOwn},
    {U"hepsi", U"hepsi", State::Compound},
    {U"biri", U"biri", State::Compound},
    {U"birisi", U"birisi", State::Compound},
    {U"birileri", U"birileri", State::Compound},
    {U"birbiri", U"birbiri", State::Compound},
    {U"hiçbiri", U"hiçbiri", State::Compound},
    {U"herbiri", U"herbiri", State::Compound},
    {U"çoğu", U"çoğu", State::Compound},
    {U"öteki", U"öteki", State::Relative},
    {U"beriki", U"beriki", State::Relative},
    {U"mı", U"mı", State::Question},
    {U"mi", U"mi", State::Question},
    {U"mu", U"mu", State::Question},
    {U"mü", U"mü", State::Question},
};

State start_of(MorphClass root_class) {
  switch (root_class) {
    case MorphClass::Verb: return State::Verb;
    case MorphClass::Number: return State::Num;
    case MorphClass::Adverb: return State::Adverb;
    case MorphClass::Postposition: return State::Predicate;
    case MorphClass::Conjunction:
    case MorphClass::Determiner: return State::Particle;
    case MorphClass::Interjection: return State::Interjection;
    default: return State::Noun;
  }
}

std::u32string without_last_vowel(std::u32string_view word) {
  for (size_t i = word.size(); i-- > 0;) {
    if (is_vowel(word[i])) {
      return std::u32string(word.substr(0, i)) + std::u32string(word.substr(i + 1));
    }
  }
  return std::u32string(word);
}

// What stands before a vowel: kitab, oğl, hakk, kayb (drop and soft), tıbb (soft and double).
std::u32string before_vowel(const Root& root) {
  std::u32string form = root.lemma;
  if (root.flags.has(RootFlag::Drop)) form = without_last_vowel(form);
  if (root.flags.has(RootFlag::Soft)) form = soften(form);
  if (root.flags.has(RootFlag::Double) && !form.empty()) form += form.back();
  return form;
}

// The harmony of the citation form (vakit gives vakt|i) with the end of the form itself.
Sound sound_of_form(const Root& root, std::u32string_view surface) {
  Sound sound = sound_of(root.lemma);
  if (root.flags.has(RootFlag::Front)) sound.back = false;
  if (root.flags.has(RootFlag::Back)) sound.back = true;
  sound.ending = sound_of(surface).ending;
  return sound;
}

std::vector<RootForm> verb_forms(const Root& root) {
  const std::u32string& lemma = root.lemma;
  const auto form = [&](const std::u32string& surface, Need need) {
    return RootForm{surface, State::Verb, sound_of_form(root, surface), need, false};
  };
  if (lemma == U"i") {  // i|di, i|miş: as behind a consonant
    Sound sound = sound_of(lemma);
    sound.ending = Ending::Voiced;
    return {{lemma, State::CopulaRoot, sound, Need::Nothing, false}};
  }
  if (lemma == U"de" || lemma == U"ye") {
    return {form(lemma, Need::Nothing), form({lemma[0], U'i'}, Need::BufferY)};
  }
  if (is_vowel(lemma.back())) {
    const std::u32string shorter = lemma.substr(0, lemma.size() - 1);
    return {form(lemma, Need::Nothing),
            {shorter, State::Verb, sound_of(shorter), Need::Progressive, false}};
  }
  const std::u32string changed = before_vowel(root);
  if (changed == lemma) return {form(lemma, Need::Nothing)};
  if (root.flags.has(RootFlag::Drop)) {
    return {form(lemma, Need::NoPassive), form(changed, Need::Passive)};
  }
  return {form(lemma, Need::NoVowel), form(changed, Need::Vowel)};
}

// buzdolabı itself, and buzdolap-, buzdolab- for plural and possessives.
std::vector<RootForm> compound_forms(const Root& root) {
  const std::u32string& lemma = root.lemma;
  std::vector<RootForm> forms = {
      {lemma, State::Compound, sound_of_form(root, lemma), Need::Nothing, false}};
  std::u32string base = lemma.substr(0, lemma.size() - 1);
  if (base.size() > 2 && base.back() == U's' && is_vowel(base[base.size() - 2])) base.pop_back();
  const std::u32string hard = harden(base);
  const auto add = [&](const std::u32string& surface, Need need) {
    forms.push_back({surface, State::CompoundBase, sound_of(surface), need, false});
  };
  add(hard, hard == base ? Need::Nothing : Need::NoVowel);
  if (hard != base) add(base, Need::Vowel);
  return forms;
}

// Nouns whose last vowel takes y where others take s, n or lose the suffix's vowel.
bool takes_y(std::u32string_view lemma) {
  return lemma == U"su" || lemma == U"akarsu" || lemma == U"ne";
}

std::vector<RootForm> nominal_forms(const Root& root) {
  const State start = start_of(root.root_class);
  RootForm citation{root.lemma, start, sound_of_form(root, root.lemma), Need::Nothing, false};
  if (takes_y(root.lemma)) citation.sound.ending = Ending::VowelY;
  citation.opaque = root.flags.has(RootFlag::Abbrev) || root.flags.has(RootFlag::Foreign);
  const std::u32string changed = before_vowel(root);
  if (changed == root.lemma) return {citation};
  citation.need = Need::NoVowel;
  RootForm altered = citation;
  altered.surface = changed;
  altered.sound = sound_of_form(root, changed);
  altered.need = Need::Vowel;
  return {citation, altered};
}

std::optional<MorphClass> root_class_named(std::string_view name) {
  for (int i = 0; i < kRootClasses; ++i) {
    const auto each = static_cast<MorphClass>(i);
    if (class_name(each) == name) return each;
  }
  return std::nullopt;
}

std::optional<SemanticCategory> category_named(std::string_view name) {
  for (int i = static_cast<int>(SemanticCategory::Place); i < kSemanticCategories; ++i) {
    const auto each = static_cast<SemanticCategory>(i);
    if (semantic_category_name(each) == name) return each;
  }
  return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

RootFlags parse_flags(std::string_view text, std::string_view where, size_t line) {
  RootFlags flags;
  if (text == "-") return flags;
  for (const std::string_view name : split(text, ',')) {
    const auto at = std::find(kFlagNames.begin(), kFlagNames.end(), name);
    LYDIA_CHECK(at != kFlagNames.end(), ValueError, "root list: expected a flag in line ", line,
                " of ", where, ", got '", name, "'");
    flags.add(static_cast<RootFlag>(at - kFlagNames.begin()));
  }
  return flags;
}

Root parse_root(std::string_view text, std::string_view where, size_t line) {
  const std::vector<std::string_view> fields = split(text, '\t');
  LYDIA_CHECK(fields.size() == 4, ValueError,
              "root list: expected root, class, flags and category in line ", line, " of ", where,
              ", got ", fields.size(), " fields");
  Root root;
  root.lemma = decode_utf8(fields[0]);
  bool letters = !root.lemma.empty();
  for (const char32_t letter : root.lemma) letters = letters && letter_code(letter) != 0;
  LYDIA_CHECK(letters, ValueError, "root list: expected lower-case Turkish letters in line ", line,
              " of ", where, ", got '", fields[0], "'");
  const auto root_class = root_class_named(fields[1]);
  LYDIA_CHECK(root_class, ValueError, "root list: expected a class in line ", line, " of ", where,
              ", got '", fields[1], "'");
  const auto category = category_named(fields[3]);
  LYDIA_CHECK(category, ValueError, "root list: expected a category in line ", line, " of ", where,
              ", got '", fields[3], "'");
  root.root_class = *root_class;
  root.flags = parse_flags(fields[2], where, line);
  root.category = *category;
  return root;
}

std::u32string lemma_key(std::u32string_view lemma, MorphClass root_class) {
  return std::u32string(lemma) + static_cast<char32_t>(root_class);
}

}  // namespace

std::vector<Root> read_roots(std::string_view tsv, std::string_view label) {
  std::vector<Root> roots;
  size_t line = 0;
  for (std::string_view text : split(tsv, '\n')) {
    ++line;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.front() == '#') continue;
    roots.push_back(parse_root(text, label, line));
  }
  return roots;
}

std::vector<RootForm> root_forms(const Root& root) {
  if (root.lemma.empty()) return {};
  if (root.root_class == MorphClass::Verb) return verb_forms(root);
  if (root.root_class == MorphClass::Pronoun || root.root_class == MorphClass::Question) {
    std::vector<RootForm> forms;
    for (const IrregularForm& form : kIrregular) {
      if (form.lemma != root.lemma) continue;
      const std::u32string surface(form.surface);
      forms.push_back({surface, form.start, sound_of(surface), Need::Nothing, false});
    }
    if (!forms.empty()) return forms;
  }
  if (root.flags.has(RootFlag::Compound) && root.lemma.size() > 2) return compound_forms(root);
  return nominal_forms(root);
}

void Lexicon::add(const Root& root) {
  const auto [at, is_new] = by_lemma_.try_emplace(lemma_key(root.lemma, root.root_class),
                                                  static_cast<uint32_t>(roots_.size()));
  const uint32_t index = at->second;
  if (is_new) {
    roots_.push_back(root);
  } else {
    Root& known = roots_[index];
    const RootFlags both(known.flags.bits() | root.flags.bits());
    if (both == known.flags) return;
    for (const RootForm& form : root_forms(known)) {
      auto& entries = by_surface_[fold_circumflex(form.surface)];
      std::erase_if(entries, [&](const Entry& entry) { return entry.root == index; });
    }
    known.flags = both;
  }
  for (const RootForm& form : root_forms(roots_[index])) {
    by_surface_[fold_circumflex(form.surface)].push_back({index, form});
  }
}

void Lexicon::add(const std::vector<Root>& roots) {
  for (const Root& root : roots) add(root);
}

const std::vector<Lexicon::Entry>& Lexicon::find(std::u32string_view surface) const {
  static const std::vector<Entry> none;
  const auto at = by_surface_.find(fold_circumflex(surface));
  return at == by_surface_.end() ? none : at->second;
}

bool Lexicon::has(std::u32string_view lemma, MorphClass root_class) const {
  return by_lemma_.contains(lemma_key(lemma, root_class));
}

}  // namespace lydia::text
