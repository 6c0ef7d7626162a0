#include "lydia/text/turkish_analysis.h"

#include <algorithm>

#include "lydia/core/utf8.h"
#include "lydia/text/turkish_letters.h"

namespace lydia::text {
namespace {

// Where a walk stands between two morphemes.
struct Place {
  State state = State::Noun;
  Sound sound;
  Need need = Need::Nothing;
  RootFlags flags;  // of the root, before any suffix
};

bool allowed(const Arc& arc, const AnalyseOptions& options) {
  if (arc.lexical && !options.lexical) return false;
  const MorphClass kind = info(arc.suffix).morph_class;
  const bool derives = kind == MorphClass::NounDerivation || kind == MorphClass::VerbDerivation ||
                       kind == MorphClass::Deverbal;
  return options.derivation || !derives;
}

bool may_follow(const Place& place, const Arc& arc, std::u32string_view letters) {
  return holds(arc.when, place.sound, place.flags) &&
         meets(place.need, letters, is_progressive(arc.suffix), is_passive(arc.suffix));
}

// Depth first over arcs and allomorphs; each way to the word's end is handed to `found`.
template <class Found>
void walk(std::u32string_view word, size_t at, const Place& place, const AnalyseOptions& options,
          std::vector<SuffixAt>& path, const Found& found) {
  if (at == word.size()) {
    if (may_end(place.state) && may_end(place.need)) found(path);
    return;
  }
  for (const Arc& arc : arcs_from(place.state)) {
    if (!allowed(arc, options)) continue;
    for (const Allomorph& form : allomorphs(arc.suffix, place.sound)) {
      if (!word.substr(at).starts_with(form.letters)) continue;
      if (!may_follow(place, arc, form.letters)) continue;
      path.push_back({arc.suffix, static_cast<uint32_t>(at)});
      walk(word, at + form.letters.size(), {arc.to, form.after, form.need, {}}, options, path,
           found);
      path.pop_back();
    }
  }
}

// The sounds a form may have: its own, or all of them.
std::vector<Sound> sounds_of(const RootForm& form) {
  if (!form.opaque) return {form.sound};
  std::vector<Sound> all;
  for (int id = 0; id < Sound::kCount; ++id) {
    const Sound sound = Sound::of_id(id);
    if (sound.many && sound.ending != Ending::VowelY) all.push_back(sound);
  }
  return all;
}

template <class T>
void add_new(std::vector<T>& list, const T& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

std::optional<Inflected> inflect_from(Inflected word, const Place& place,
                                      std::span<const Suffix> suffixes) {
  if (suffixes.empty()) {
    if (may_end(place.state) && may_end(place.need)) return word;
    return std::nullopt;
  }
  for (const Arc& arc : arcs_from(place.state)) {
    if (arc.suffix != suffixes[0]) continue;
    for (const Allomorph& form : allomorphs(arc.suffix, place.sound)) {
      if (!may_follow(place, arc, form.letters)) continue;
      Inflected longer = word;
      longer.cuts.push_back(static_cast<uint32_t>(word.word.size()));
      longer.word += form.letters;
      const Place next{arc.to, form.after, form.need, {}};
      if (auto done = inflect_from(std::move(longer), next, suffixes.subspan(1))) return done;
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Analysis> analyse(std::u32string_view word, const Lexicon& lexicon,
                              const AnalyseOptions& options) {
  const std::u32string folded = fold_circumflex(word);
  std::vector<Analysis> readings;
  std::vector<SuffixAt> path;
  for (size_t length = 1; length <= folded.size(); ++length) {
    for (const Lexicon::Entry& entry : lexicon.find(folded.substr(0, length))) {
      std::vector<std::vector<SuffixAt>> paths;
      for (const Sound& sound : sounds_of(entry.form)) {
        const Place place{entry.form.start, sound, entry.form.need,
                          lexicon.roots()[entry.root].flags};
        walk(folded, length, place, options, path,
             [&](const std::vector<SuffixAt>& way) { add_new(paths, way); });
      }
      for (auto& way : paths) readings.push_back({entry.root, std::move(way)});
    }
  }
  return readings;
}

std::vector<std::vector<SuffixAt>> analyse_tail(std::u32string_view tail, State start) {
  std::vector<std::vector<SuffixAt>> readings;
  std::vector<SuffixAt> path;
  const std::u32string folded = fold_circumflex(tail);
  for (const Sound& sound :
       sounds_of({.surface = {}, .start = start, .sound = {}, .opaque = true})) {
    walk(folded, 0, {start, sound, Need::Nothing, {}}, {}, path,
         [&](const std::vector<SuffixAt>& way) { add_new(readings, way); });
  }
  return readings;
}

std::vector<MorphType> morph_types(const Analysis& analysis, const Lexicon& lexicon) {
  std::vector<MorphType> types = {root_type(lexicon.roots()[analysis.root].root_class)};
  for (size_t i = 0; i < analysis.suffixes.size(); ++i) {
    const Suffix suffix = analysis.suffixes[i].suffix;
    const bool after_plural = i > 0 && analysis.suffixes[i - 1].suffix == Suffix::Plural;
    types.push_back(suffix == Suffix::Poss3s && after_plural ? MorphType::Poss3p
                                                             : info(suffix).type);
  }
  return types;
}

bool is_regular_form(const Root& root, const Lexicon& lexicon) {
  if (!root.flags.has(RootFlag::Lexical)) return false;
  const bool is_verb = root.root_class == MorphClass::Verb;
  std::u32string word = root.lemma;  // of a verb its infinitive: voices are no words by themselves
  if (is_verb) word += sound_of(word).back ? U"mak" : U"mek";
  const size_t behind = is_verb ? 1 : 0;
  for (const Analysis& reading : analyse(word, lexicon, {.derivation = false})) {
    const auto& suffixes = reading.suffixes;
    if (suffixes.size() <= behind) continue;
    if (is_verb && suffixes.back().suffix != Suffix::Inf) continue;
    const Suffix last = suffixes[suffixes.size() - 1 - behind].suffix;
    if (is_verb ? last == Suffix::CausDir || last == Suffix::PassIl || last == Suffix::PassN
                : last == Suffix::NounIs || last == Suffix::NounMa || last == Suffix::Past) {
      return true;
    }
  }
  return false;
}

bool is_aorist(const Root& root, const Lexicon& lexicon) {
  if (root.root_class == MorphClass::Verb ||
      !(root.lemma.ends_with(U'r') || root.lemma.ends_with(U'z')))
    return false;
  const std::vector<Analysis> readings = analyse(root.lemma, lexicon, {.derivation = false});
  return std::any_of(readings.begin(), readings.end(), [](const Analysis& reading) {
    if (reading.suffixes.empty()) return false;
    const Suffix last = reading.suffixes.back().suffix;
    return last == Suffix::AorR || last == Suffix::AorIr || last == Suffix::AorAr ||
           last == Suffix::AorZ;
  });
}

std::optional<Inflected> inflect(const Root& root, std::span<const Suffix> suffixes) {
  for (const RootForm& form : root_forms(root)) {
    const Place place{form.start, form.sound, form.need, root.flags};
    if (auto word = inflect_from({form.surface, {}}, place, suffixes)) return word;
  }
  return std::nullopt;
}

std::string with_bars(std::u32string_view word, std::span<const SuffixAt> suffixes) {
  std::u32string out;
  size_t next = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    if (next < suffixes.size() && suffixes[next].begin == i) {
      out += U'|';
      ++next;
    }
    out += word[i];
  }
  return encode_utf8(out);
}

}  // namespace lydia::text
