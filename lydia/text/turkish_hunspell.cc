#include "lydia/text/turkish_hunspell.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/turkish_analysis.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(at, begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

int number(std::string_view digits) {
  int value = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// The dictionary, unfolded only where it is asked.
class Forms {
 public:
  struct Word {
    std::u32string letters;
    bool name = false;          // written with a capital, and with an apostrophe before suffixes
    std::vector<int> suffixes;  // sorted numbers of the .aff file
  };

  Forms(std::string_view dic, std::string_view aff) {
    read_suffixes(aff);
    for (std::string_view line : split(dic, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      add(line);
    }
  }

  const std::vector<Word>& words() const { return words_; }

  // How many suffixes the dictionary lists for a word: the more, the more common it is.
  size_t uses(const std::u32string& word) const {
    const auto at = index_.find(word);
    return at == index_.end() ? 0 : words_[at->second].suffixes.size();
  }

  // Whether a lower-case string is one of the forms: as it stands, or as a word and its suffix.
  bool has(const std::u32string& form) const {
    if (index_.contains(form)) return true;
    for (size_t length = 1; length < form.size(); ++length) {
      const auto suffix = suffixes_.find(form.substr(length));
      if (suffix == suffixes_.end()) continue;
      const auto at = index_.find(form.substr(0, length));
      if (at == index_.end()) continue;
      const std::vector<int>& taken = words_[at->second].suffixes;
      if (std::binary_search(taken.begin(), taken.end(), suffix->second)) return true;
    }
    return false;
  }

 private:
  // "SFX 27 0 ler ."; headers and rules that take letters away say nothing here.
  void read_suffixes(std::string_view aff) {
    for (const std::string_view line : split(aff, '\n')) {
      const std::vector<std::string_view> fields = split(line, ' ');
      if (fields.size() < 5 || fields[0] != "SFX" || fields[2] != "0") continue;
      suffixes_[decode_utf8(fields[3])] = number(fields[1]);
      if (fields[3].starts_with('\'')) apostrophe_suffixes_.insert(number(fields[1]));
    }
    LYDIA_CHECK(!suffixes_.empty(), ValueError,
                "read_hunspell: expected SFX rules with plain suffixes in the .aff file, got none");
  }

  void add(std::string_view line) {
    const size_t slash = std::min(line.find('/'), line.size());
    std::u32string letters = decode_utf8(line.substr(0, slash));
    const size_t apostrophe = std::min(letters.find(U'\''), letters.size());
    bool has_apostrophe = apostrophe < letters.size();
    letters.resize(apostrophe);
    if (letters.empty()) return;
    Word word;
    word.letters = turkish_lower(letters);
    for (const char32_t letter : word.letters) {
      if (letter_code(letter) == 0) return;
    }
    if (slash < line.size()) {
      for (const std::string_view flag : split(line.substr(slash + 1), ',')) {
        word.suffixes.push_back(number(flag));
        has_apostrophe = has_apostrophe || apostrophe_suffixes_.contains(word.suffixes.back());
      }
    }
    word.name = has_apostrophe && word.letters[0] != letters[0];
    std::sort(word.suffixes.begin(), word.suffixes.end());
    const auto [at, is_new] = index_.try_emplace(word.letters, words_.size());
    if (is_new) {
      words_.push_back(std::move(word));
      return;
    }
    Word& old = words_[at->second];  // Ata and ata: one word, and no name
    old.name = old.name && word.name;
    std::vector<int> both;
    std::set_union(old.suffixes.begin(), old.suffixes.end(), word.suffixes.begin(),
                   word.suffixes.end(), std::back_inserter(both));
    old.suffixes = std::move(both);
  }

  std::vector<Word> words_;
  std::unordered_map<std::u32string, size_t> index_;
  std::unordered_map<std::u32string, int> suffixes_;
  std::unordered_set<int> apostrophe_suffixes_;
};

bool has_vowel(std::u32string_view word) {
  return std::any_of(word.begin(), word.end(), [](char32_t letter) { return is_vowel(letter); });
}

class RootFinder {
 public:
  RootFinder(const Forms& forms, const Lexicon& known)
      : forms_(forms), known_roots_(known.roots().size()), lexicon_(known) {}

  using Progress = std::function<void(int64_t done, int64_t total)>;

  std::vector<Root> find(const Progress& progress) {
    // Shorter words first: what explains a word is shorter than it is.
    for (const Forms::Word& word : forms_.words()) order_.push_back(&word);
    std::stable_sort(order_.begin(), order_.end(), [](const auto* a, const auto* b) {
      return a->letters.size() < b->letters.size();
    });
    int64_t done = 0;
    const auto total = 3 * static_cast<int64_t>(order_.size());
    const auto each = [&](void (RootFinder::*find_in)(const Forms::Word&)) {
      for (const Forms::Word* word : order_) {
        if (done % kProgressStep == 0 && progress) progress(done, total);
        (this->*find_in)(*word);
        ++done;
      }
    };
    each(&RootFinder::find_verbs);
    each(&RootFinder::find_noun);
    each(&RootFinder::find_other);
    if (progress) progress(total, total);
    return std::move(found_);
  }

 private:
  static constexpr int64_t kProgressStep = 4096;

  bool attested(const Root& root, std::initializer_list<Suffix> suffixes) const {
    const auto form = inflect(root, std::vector<Suffix>(suffixes));
    return form && forms_.has(form->word);
  }

  // The first of some variants of a root whose form with this suffix is attested.
  std::optional<RootFlags> attested_flags(
      Root root, Suffix suffix,
      std::initializer_list<std::initializer_list<RootFlag>> variants) const {
    const RootFlags before = root.flags;
    for (const auto& variant : variants) {
      root.flags = before;
      for (const RootFlag flag : variant) root.flags.add(flag);
      if (attested(root, {suffix})) return root.flags;
    }
    return std::nullopt;
  }

  // The short pronouns are few and frequent: on|a and bun|a are not the verbs onamak and bunamak.
  bool is_pronoun_form(const std::u32string& word) const {
    for (const Analysis& reading : analyse(word, lexicon_, {.derivation = false})) {
      const Root& root = lexicon_.roots()[reading.root];
      if (root.root_class == MorphClass::Pronoun && root.lemma.size() <= 3) return true;
    }
    return false;
  }

  // What is not found is known all the same: it explains its own inflected forms.
  void keep(const Root& root) {
    if (lexicon_.has(root.lemma, root.root_class)) return;
    if (!is_pronoun_form(root.lemma)) found_.push_back(root);
    lexicon_.add(root);
  }

  // The infinitive is a word of its own, or folded into the stem.
  void find_verbs(const Forms::Word& word) {
    const std::u32string& letters = word.letters;
    const size_t size = letters.size();
    if (size > 3 && letters[size - 3] == U'm' && letters[size - 1] == U'k') {
      find_verb(letters.substr(0, size - 3));
    }
    if (!word.suffixes.empty()) find_verb(letters);
  }

  void find_verb(const std::u32string& stem) {
    using enum RootFlag;
    Root root{stem, MorphClass::Verb, {}, SemanticCategory::Action};
    if (!has_vowel(root.lemma) || lexicon_.has(root.lemma, MorphClass::Verb)) return;
    if (!attested(root, {Suffix::Inf}) || !attested(root, {Suffix::Past})) return;
    const auto flags = attested_flags(root, Suffix::Prog, {{}, {Soft}});
    if (!flags) return;
    root.flags = *flags;
    const std::u32string infinitive = inflect(root, std::vector{Suffix::Inf})->word;
    for (const Analysis& reading : analyse(infinitive, lexicon_, {.derivation = false})) {
      if (is_inflected_stem(stem, reading)) return;
    }
    read_aorist(root);
    keep(root);
  }

  // A verb with a voice, a negation or an auxiliary before -mAk. Reciprocals and reflexives are
  // mostly verbs of their own (buluş, bürün), and so is a verb in -lAn that is much more common
  // than the one in -lA (kaynaklan).
  bool is_inflected_stem(const std::u32string& stem, const Analysis& reading) const {
    for (const SuffixAt& at : reading.suffixes) {
      if (at.suffix == Suffix::PassN && reading.root >= known_roots_ &&
          forms_.uses(stem) > 2 * forms_.uses(lexicon_.roots()[reading.root].lemma)) {
        continue;
      }
      if (at.suffix != Suffix::Inf && at.suffix != Suffix::Recip && at.suffix != Suffix::Refl) {
        return true;
      }
    }
    return false;
  }

  // -Ar of short verbs and -Ir of long ones are the rule; a flag is for the others.
  void read_aorist(Root& root) const {
    using enum RootFlag;
    const bool regular = attested(root, {Suffix::AorAr}) || attested(root, {Suffix::AorIr}) ||
                         attested(root, {Suffix::AorR});
    if (regular) return;
    if (const auto flags = attested_flags(root, Suffix::AorIr, {{AorI}})) root.flags = *flags;
    if (const auto flags = attested_flags(root, Suffix::AorAr, {{AorA}})) root.flags = *flags;
  }

  // Whether a suffix may have another -lAr behind it although no root does: participles, verbal
  // nouns and -ki as nouns, tenses and some cases as predicates.
  static bool takes_plural(Suffix suffix) {
    switch (info(suffix).morph_class) {
      case MorphClass::Relative:
      case MorphClass::Participle:
      case MorphClass::VerbalNoun:
      case MorphClass::Tense:
      case MorphClass::Copula:
      case MorphClass::Person:
      case MorphClass::Plural: return true;
      case MorphClass::Case:
        return suffix != Suffix::Acc && suffix != Suffix::AccN && suffix != Suffix::Dat &&
               suffix != Suffix::DatN && suffix != Suffix::Equ && suffix != Suffix::EquN;
      default: return false;
    }
  }

  // Forms of a sentence's predicate take no accusative: desen is a noun beside de|se|n, öğe beside
  // öğ|e. (Some tenses are participles too, and do.)
  static bool is_predicate(Suffix suffix) {
    const MorphClass kind = info(suffix).morph_class;
    return kind == MorphClass::Copula || kind == MorphClass::Person || suffix == Suffix::Opt ||
           suffix == Suffix::Cond;
  }

  bool is_inflected(const std::u32string& word, bool takes_accusative) const {
    bool derived = false;
    bool inflected = false;
    for (const Analysis& reading : analyse(word, lexicon_)) {
      if (reading.suffixes.empty() || reading.suffixes[0].begin < 2) continue;
      const Suffix last = reading.suffixes.back().suffix;
      if (last == Suffix::Poss3s && reading.suffixes[0].begin > 2) return true;
      const bool derives = info(last).morph_class == MorphClass::NounDerivation;
      if (!derives && takes_plural(last)) {
        if (reading.suffixes[0].begin == 2 && is_predicate(last) && takes_accusative) continue;
        return true;
      }
      (derives ? derived : inflected) = true;
    }
    return derived && inflected;  // amac|ı, which ama|cı would hide
  }

  static bool is_nominal(MorphClass root_class) {
    return root_class == MorphClass::Noun || root_class == MorphClass::Proper ||
           root_class == MorphClass::Adjective || root_class == MorphClass::Adverb ||
           root_class == MorphClass::Pronoun || root_class == MorphClass::Number;
  }

  bool is_known(const std::u32string& word) const {
    for (const Lexicon::Entry& entry : lexicon_.find(word)) {
      const Root& root = lexicon_.roots()[entry.root];
      if (root.lemma == word && is_nominal(root.root_class)) return true;
    }
    return false;
  }

  // How a noun changes before a vowel. A form that another word explains proves no change: mastı is
  // mas|tı, not the accusative of masat; and -tI, -lI are suffixes, so a doubled t or l says
  // nothing of long words (optimist|ti).
  std::optional<RootFlags> accusative_flags(const Root& root) const {
    using enum RootFlag;
    if (const auto flags = attested_flags(root, Suffix::Acc, {{}, {Soft}, {Front}})) return flags;
    for (const auto& changes :
         {std::vector{Drop}, {Double}, {Drop, Soft}, {Soft, Double}, {Drop, Front}}) {
      Root changed = root;
      for (const RootFlag flag : changes) changed.flags.add(flag);
      const auto form = inflect(changed, std::vector{Suffix::Acc});
      const bool doubles = changed.flags.has(Double);
      const char32_t last = root.lemma.back();
      if (doubles && sound_of(root.lemma).many && (last == U't' || last == U'l')) continue;
      if (!form || !forms_.has(form->word)) continue;
      if (analyse(form->word, lexicon_).empty()) return changed.flags;
    }
    return std::nullopt;
  }

  void find_noun(const Forms::Word& word) {
    using enum RootFlag;
    Root root{word.letters,
              word.name ? MorphClass::Proper : MorphClass::Noun,
              {},
              SemanticCategory::Unknown};
    if (root.lemma.size() < 2 || !has_vowel(root.lemma) || is_known(root.lemma)) return;
    if (word.name) {
      if (!explained(root.lemma)) keep(root);
      return;
    }
    const auto plural = attested_flags(root, Suffix::Plural, {{}, {Front}, {Back}});
    if (!plural) return;
    root.flags = *plural;
    const auto accusative = accusative_flags(root);
    if (is_inflected(root.lemma, accusative.has_value())) return;
    if (accusative) {
      root.flags = *accusative;
    } else if (root.flags == RootFlags()) {
      root.flags = by_rule(root.lemma);
    }
    keep(root);
  }

  // Whether the grammar has a reading of the word; a bare derivation (kronluk) is a root of its
  // own.
  bool explained(const std::u32string& word) const {
    for (const Analysis& reading : analyse(word, lexicon_)) {
      if (reading.suffixes.empty()) return true;
      const MorphClass last = info(reading.suffixes.back().suffix).morph_class;
      if (last != MorphClass::NounDerivation && last != MorphClass::Deverbal) return true;
    }
    return false;
  }

  // The dictionary lists stems for the sake of their suffixes: yabancılaş is no word by itself.
  bool is_verb_stem(const std::u32string& word) const {
    const std::u32string infinitive = word + (sound_of(word).back ? U"mak" : U"mek");
    for (const Analysis& reading : analyse(infinitive, lexicon_)) {
      if (!reading.suffixes.empty() && reading.suffixes.back().suffix == Suffix::Inf) return true;
    }
    return false;
  }

  void find_other(const Forms::Word& word) {
    using enum RootFlag;
    if (word.name || word.letters.size() < 3 || !has_vowel(word.letters)) return;
    if (is_known(word.letters) || explained(word.letters) || is_verb_stem(word.letters)) return;
    Root root{word.letters, MorphClass::Noun, {}, SemanticCategory::Unknown};
    Root compound = root;
    compound.flags.add(Compound);
    const bool high = std::u32string_view(U"ıiuü").find(root.lemma.back()) != std::u32string::npos;
    if (high && !attested(root, {Suffix::Acc}) && attested(compound, {Suffix::AccN})) {
      keep(compound);
      return;
    }
    const auto accusative = accusative_flags(root);
    root.flags = accusative ? *accusative : by_rule(root.lemma);
    keep(root);
  }

  // A k behind a vowel softens in words of two syllables or more.
  static RootFlags by_rule(const std::u32string& word) {
    RootFlags flags;
    const Sound sound = sound_of(word);
    if (sound.many && word.back() == U'k' && is_vowel(word[word.size() - 2])) {
      flags.add(RootFlag::Soft);
    }
    return flags;
  }

  const Forms& forms_;
  const size_t known_roots_;  // the first roots of lexicon_
  Lexicon lexicon_;           // what is known by now
  std::vector<const Forms::Word*> order_;
  std::vector<Root> found_;
};

}  // namespace

std::vector<Root> read_hunspell(std::string_view dic, std::string_view aff, const Lexicon& known,
                                const std::function<void(int64_t done, int64_t total)>& progress) {
  const Forms forms(dic, aff);
  return RootFinder(forms, known).find(progress);
}

}  // namespace lydia::text
