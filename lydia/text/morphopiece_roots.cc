#include "lydia/text/morphopiece_roots.h"

#include <algorithm>

#include "lydia/core/utf8.h"
#include "lydia/io/text_lines.h"
#include "lydia/text/core_list.h"
#include "lydia/text/turkish_analysis.h"
#include "lydia/text/turkish_hunspell.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

// A root that someone wrote down by hand is likelier than one of a large dictionary.
constexpr double kListPrior = 3, kDictionaryPrior = 0.5;

std::vector<Root> read_list(const NamedText& list) {
  if (list.text.find('\t') != std::string::npos) return read_roots(list.text, list.name);
  std::vector<Root> roots;
  for (size_t at = io::text_start(list.text); at < list.text.size();) {
    const std::string_view line = io::take_line(list.text, at);
    if (line.empty() || line.front() == '#') continue;
    const std::u32string word = turkish_lower(decode_utf8(line));
    const bool letters = std::all_of(word.begin(), word.end(),
                                     [](char32_t letter) { return letter_code(letter) != 0; });
    if (letters) roots.push_back({word, MorphClass::Noun, {}, SemanticCategory::Unknown});
  }
  return roots;
}

// Dictionaries list a form in -sI of every other noun (doktorsu, "rather a doctor"), which hides
// the person of doktor|sun: such words are no roots when the noun is listed.
bool is_rather_a_root(const Root& root, const Lexicon& listed) {
  const std::u32string_view lemma = root.lemma;
  if (root.root_class != MorphClass::Noun && root.root_class != MorphClass::Adjective) return false;
  if (lemma.size() < 5 || lemma[lemma.size() - 2] != U's') return false;
  if (std::u32string_view(U"ıiuü").find(lemma.back()) == std::u32string_view::npos) return false;
  const std::u32string_view stem = lemma.substr(0, lemma.size() - 2);
  if (is_vowel(stem.back())) return false;
  const auto& entries = listed.find(stem);
  return std::any_of(entries.begin(), entries.end(), [&](const Lexicon::Entry& entry) {
    return listed.roots()[entry.root].root_class != MorphClass::Verb;
  });
}

bool is_from_noun(const Root& root, const Lexicon& listed) {
  if (root.root_class != MorphClass::Verb || root.lemma.size() < 4) return false;
  if (!root.lemma.ends_with(U"la") && !root.lemma.ends_with(U"le")) return false;
  const std::u32string_view noun = std::u32string_view(root.lemma).substr(0, root.lemma.size() - 2);
  return listed.has(noun, MorphClass::Noun) || listed.has(noun, MorphClass::Adjective);
}

}  // namespace

TrainLexicon collect_roots(bool core_list, const std::vector<NamedText>& lists,
                           std::string_view hunspell_dic, std::string_view hunspell_aff,
                           const std::function<void(int64_t, int64_t)>& progress) {
  Lexicon listed;
  listed.add(read_roots(closed_class_roots(), "closed classes"));
  if (core_list) {
    for (const CoreList& list : core_root_lists()) {
      listed.add(read_roots(list.tsv, std::string(list.name)));
    }
  }
  for (const NamedText& list : lists) listed.add(read_list(list));
  TrainLexicon lexicon;
  const auto add = [&](Root root, double prior) {
    if (is_regular_form(root, listed)) return;
    if (is_aorist(root, listed)) root.flags.add(RootFlag::Aorist);
    if (is_from_noun(root, listed)) root.flags.add(RootFlag::FromNoun);
    lexicon.roots.push_back(std::move(root));
    lexicon.priors.push_back(prior);
  };
  for (const Root& root : listed.roots()) add(root, kListPrior);
  if (hunspell_aff.empty()) return lexicon;
  for (const Root& root : read_hunspell(hunspell_dic, hunspell_aff, listed, progress)) {
    if (!is_rather_a_root(root, listed)) add(root, kDictionaryPrior);
  }
  return lexicon;
}

}  // namespace lydia::text
