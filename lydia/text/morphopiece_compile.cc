#include "lydia/text/morphopiece_compile.h"

#include <algorithm>
#include <cmath>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/turkish_letters.h"
#include "lydia/text/turkish_morphotactics.h"

namespace lydia::text {
namespace {

constexpr size_t kMaxArcLetters = 8;

std::string codes_of(std::u32string_view letters) {
  std::string codes;
  for (const char32_t letter : letters) codes += static_cast<char>(letter_code(letter));
  return codes;
}

// The flags that arcs of a bare root ask about.
RootFlags asked_flags(RootFlags flags, State start) {
  RootFlags asked;
  const auto keep = [&](std::initializer_list<RootFlag> list) {
    for (const RootFlag flag : list) {
      if (flags.has(flag)) asked.add(flag);
    }
  };
  using enum RootFlag;
  if (start == State::Verb) {
    keep({AorI, AorA, CausT, CausIr, CausAr, CausIt, CausArt, CausDir, PassIl, PassN, PassIn});
  } else {
    keep({Time, Aorist});
  }
  return asked;
}

// Sounds of names that are read in a way their letters do not tell.
bool is_spoken_sound(const Sound& sound) { return sound.many && sound.ending != Ending::VowelY; }

int32_t to_cost(double nats) {
  return static_cast<int32_t>(
      std::clamp(std::lround(nats * kCostUnit), long{-kMaxCost}, long{kMaxCost}));
}

}  // namespace

MorphCounts::MorphCounts(size_t suffixes, size_t lemmas)
    : roots(lemmas), classes(kRootClasses + static_cast<int>(suffixes) + 1) {
  bigrams.resize(static_cast<size_t>(classes) * static_cast<size_t>(classes));
}

CompiledGrammar::CompiledGrammar(std::vector<Root> roots) : roots_(std::move(roots)) {}

uint32_t CompiledGrammar::intern(const Key& key) {
  const auto [at, is_new] = ids_.try_emplace(key, static_cast<uint32_t>(keys_.size()));
  if (is_new) keys_.push_back(key);
  return at->second;
}

void CompiledGrammar::add_arcs(const Key& key, const Sound& sound, std::vector<RawArc>& arcs) {
  for (const Arc& arc : arcs_from(key.state)) {
    if (arc.lexical || !holds(arc.when, sound, RootFlags(key.flags))) continue;
    for (const Allomorph& form : allomorphs(arc.suffix, sound)) {
      if (!meets(key.need, form.letters, is_progressive(arc.suffix), is_passive(arc.suffix)))
        continue;
      const Key target = {arc.to, static_cast<uint8_t>(form.after.id()), form.need, 0,
                          static_cast<int16_t>(suffix_class(static_cast<size_t>(arc.suffix)))};
      LYDIA_CHECK(!form.letters.empty() && form.letters.size() <= kMaxArcLetters, Error, "suffix ",
                  info(arc.suffix).name, ": expected 1 to ", kMaxArcLetters, " letters, got ",
                  form.letters.size());
      arcs.push_back({arc.suffix, codes_of(form.letters), intern(target)});
    }
  }
}

void CompiledGrammar::expand(uint32_t state) {
  const Key key = keys_[state];
  std::vector<RawArc> arcs;
  for (int id = 0; id < Sound::kCount; ++id) {
    const Sound sound = Sound::of_id(id);
    if (key.sound == id || (key.sound == kAnySound && is_spoken_sound(sound))) {
      add_arcs(key, sound, arcs);
    }
  }
  std::sort(arcs.begin(), arcs.end());
  arcs.erase(std::unique(arcs.begin(), arcs.end()), arcs.end());
  arcs_.push_back(std::move(arcs));
}

// Each form under its spelling, and without circumflexes, which many leave out. Forms of one lemma
// stay together.
void CompiledGrammar::add_roots(ModelTables& tables) {
  struct Form {
    std::string codes;
    RootRecord record;
  };
  std::vector<Form> forms;
  std::vector<std::pair<std::string, size_t>> lemma_forms;  // surface, index in `forms`
  tables.lemmas = {0};
  for (size_t r = 0; r < roots_.size(); ++r) {
    const Root& root = roots_[r];
    for (const RootForm& form : root_forms(root)) {
      const Key key = {form.start, form.opaque ? kAnySound : static_cast<uint8_t>(form.sound.id()),
                       form.need, asked_flags(root.flags, form.start).bits(),
                       static_cast<int16_t>(root.root_class)};
      RootRecord record = {};
      record.state = intern(key);
      record.piece = -1;
      record.lemma = static_cast<int32_t>(r);
      record.type = static_cast<uint8_t>(root_type(root.root_class));
      record.category = static_cast<uint8_t>(root.category);
      record.root_class = static_cast<uint8_t>(root.root_class);
      const std::u32string folded = fold_circumflex(form.surface);
      lemma_forms.emplace_back(encode_utf8(form.surface), forms.size());
      forms.push_back({codes_of(form.surface), record});
      if (folded != form.surface) forms.push_back({codes_of(folded), record});
    }
    tables.lemmas.push_back(static_cast<uint32_t>(lemma_forms.size()));
  }
  std::vector<size_t> order(forms.size()), place(forms.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return forms[a].codes < forms[b].codes; });
  std::vector<std::pair<std::string, int32_t>> keys;
  tables.roots.clear();
  for (const size_t i : order) {
    if (keys.empty() || keys.back().first != forms[i].codes) {
      keys.emplace_back(forms[i].codes, static_cast<int32_t>(tables.roots.size()));
    } else {
      tables.roots.back().more = 1;
    }
    place[i] = tables.roots.size();
    tables.roots.push_back(forms[i].record);
  }
  tables.root_trie = build_trie(keys);
  for (const auto& [surface, form] : lemma_forms) {
    tables.lemma_forms.push_back({tables.text(surface), static_cast<uint32_t>(place[form])});
  }
}

void CompiledGrammar::add_suffix_pieces(ModelTables& tables) {
  for (const auto& arcs : arcs_) {
    for (const RawArc& arc : arcs) suffix_pieces_.try_emplace({arc.suffix, arc.codes}, -1);
  }
  for (auto& [key, piece] : suffix_pieces_) {
    const SuffixInfo& suffix = info(key.first);
    const std::string text = letters_of_codes(key.second);
    const std::string name = text + ":" + std::string(suffix.name);
    piece = tables.add_piece(PieceKind::Suffix, text, name, suffix.type, kHasLetters,
                             static_cast<int32_t>(key.first));
  }
  tables.header.first_canonical = static_cast<int32_t>(tables.pieces.size());
  for (const SuffixInfo& suffix : all_suffixes()) {
    // The spelling for when the automaton does not know what would be right.
    const auto spelled = suffix_pieces_.lower_bound({suffix.id, ""});
    const bool used = spelled != suffix_pieces_.end() && spelled->first.first == suffix.id;
    tables.add_piece(PieceKind::Canonical, used ? letters_of_codes(spelled->first.second) : "",
                     "<" + std::string(suffix.name) + ">", suffix.type, kHasLetters,
                     static_cast<int32_t>(suffix.id));
  }
}

void CompiledGrammar::add_states(ModelTables& tables) {
  tables.letters.clear();
  for (size_t s = 0; s < keys_.size(); ++s) {
    StateRecord record = {};
    record.letters_at = static_cast<uint32_t>(tables.letters.size());
    record.final_cost = may_end(keys_[s].state) && may_end(keys_[s].need) ? 0 : kNever;
    int last = -1;
    for (const RawArc& raw : arcs_[s]) {
      const int first = raw.codes[0];
      if (first != last) tables.letters.push_back(static_cast<uint32_t>(tables.arcs.size()));
      last = first;
      record.first_letters |= uint64_t{1} << first;
      ArcRecord arc = {};
      for (size_t i = 0; i < raw.codes.size(); ++i) {
        arc.letters |= uint64_t{static_cast<uint8_t>(raw.codes[i])} << (8 * i);
      }
      arc.target = raw.target;
      arc.piece = suffix_pieces_.at({raw.suffix, raw.codes});
      arc.suffix = static_cast<uint16_t>(raw.suffix);
      arc.size = static_cast<uint16_t>(raw.codes.size());
      tables.arcs.push_back(arc);
    }
    tables.letters.push_back(static_cast<uint32_t>(tables.arcs.size()));
    tables.states.push_back(record);
  }
}

void CompiledGrammar::fill(ModelTables& tables) {
  for (const SuffixInfo& suffix : all_suffixes()) {
    tables.suffixes.push_back({tables.text(suffix.label), static_cast<uint32_t>(suffix.type)});
  }
  add_roots(tables);
  for (int kind = 0; kind < kStemKinds; ++kind) {
    const bool verb = kind == 1;
    for (int id = 0; id < kSounds; ++id) {
      const auto root_class = verb ? MorphClass::Verb : MorphClass::Proper;
      tables.starts[static_cast<size_t>(kind * kSounds + id)] =
          static_cast<int32_t>(intern({verb ? State::Verb : State::Noun, static_cast<uint8_t>(id),
                                       Need::Nothing, 0, static_cast<int16_t>(root_class)}));
    }
  }
  for (uint32_t state = 0; state < keys_.size(); ++state) expand(state);
  add_suffix_pieces(tables);
  add_states(tables);
}

void CompiledGrammar::apply(const MorphCounts& counts, const std::vector<double>& priors,
                            const MorphWeights& weights, ModelTables& tables) const {
  constexpr double kBackOff = 5, kFloor = 0.5;
  const int classes = counts.classes, edge = counts.edge();
  const auto at = [&](int before, int after) {
    return counts.bigrams[static_cast<size_t>(before * classes + after)];
  };
  std::vector<double> followed(static_cast<size_t>(classes)),
      seen(static_cast<size_t>(classes), kFloor);
  double all = kFloor * classes;
  for (int before = 0; before < classes; ++before) {
    for (int after = 0; after < classes; ++after) {
      followed[static_cast<size_t>(before)] += at(before, after);
      seen[static_cast<size_t>(after)] += at(before, after);
      all += at(before, after);
    }
  }
  const auto bigram_cost = [&](int before, int after) {
    const double lower = seen[static_cast<size_t>(after)] / all;
    const double p =
        (at(before, after) + kBackOff * lower) / (followed[static_cast<size_t>(before)] + kBackOff);
    return -weights.beta * std::log(p);
  };
  std::vector<double> class_mass(kRootClasses);
  for (size_t r = 0; r < roots_.size(); ++r) {
    class_mass[static_cast<size_t>(roots_[r].root_class)] += counts.roots[r] + priors[r] + kFloor;
  }
  for (RootRecord& root : tables.roots) {
    const auto lemma = static_cast<size_t>(root.lemma);
    const auto root_class = static_cast<size_t>(roots_[lemma].root_class);
    const double p = (counts.roots[lemma] + priors[lemma] + kFloor) / class_mass[root_class];
    root.cost = to_cost(weights.alpha + bigram_cost(edge, static_cast<int>(root_class)) -
                        weights.gamma * std::log(p) -
                        weights.delta * static_cast<double>(roots_[lemma].lemma.size()) +
                        (roots_[lemma].flags.has(RootFlag::FromNoun) ? weights.from_noun : 0));
  }
  for (size_t s = 0; s < keys_.size(); ++s) {
    StateRecord& state = tables.states[s];
    const int before = keys_[s].last_class;
    if (state.final_cost != kNever) state.final_cost = to_cost(bigram_cost(before, edge));
    const auto rows = static_cast<size_t>(std::popcount(state.first_letters));
    for (uint32_t a = tables.letters[state.letters_at]; a < tables.letters[state.letters_at + rows];
         ++a) {
      ArcRecord& arc = tables.arcs[a];
      arc.cost = to_cost(weights.alpha + bigram_cost(before, suffix_class(arc.suffix)));
    }
  }
  tables.header.guess_cost = to_cost(weights.alpha + weights.guess);
  tables.header.guess_letter_cost = to_cost(weights.guess_letter);
}

}  // namespace lydia::text
