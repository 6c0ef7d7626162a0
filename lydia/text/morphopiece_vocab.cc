#include "lydia/text/morphopiece_vocab.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_set>

#include "lydia/core/error.h"
#include "lydia/core/utf8.h"
#include "lydia/text/morphopiece_letters.h"
#include "lydia/text/morphopiece_sequences.h"
#include "lydia/text/morphopiece_spelling.h"
#include "lydia/text/morphopiece_word.h"

namespace lydia::text {
namespace {

// Shares of what is left behind the fixed pieces.
constexpr double kSpellingShare = 0.10, kSymbolShare = 0.01, kDigitShare = 0.01;
constexpr double kRootShare = 0.40;  // in a compact vocabulary; else all the rest
constexpr double kUsedRoot = 10;
constexpr int64_t kLeastSymbol = 2;  // occurrences
constexpr size_t kMaxTableWords = 50000;
constexpr double kLexiconWeight = 0.02;  // of a root that the text does not have, as an example
constexpr size_t kMaxDigits = 3;

std::string visible(std::string_view text) {
  std::string name;
  for (const char c : text) {
    switch (c) {
      case ' ': name += "<space>"; break;
      case '\n': name += "<newline>"; break;
      case '\r': name += "<return>"; break;
      case '\t': name += "<tab>"; break;
      default: name += c;
    }
  }
  return name;
}

bool is_white(std::string_view text) {
  return text.find_first_not_of(" \n\r\t") == std::string_view::npos;
}

class VocabBuilder {
 public:
  VocabBuilder(const RunCounts& counts, const CompiledGrammar& grammar, const MorphCounts& morphs,
               const std::vector<double>& priors, const VocabOptions& options, ModelTables& tables)
      : counts_(counts),
        grammar_(grammar),
        morphs_(morphs),
        priors_(priors),
        options_(options),
        tables_(tables),
        glued_words_(counts.glued(counts.words_behind)),
        glued_numbers_(counts.glued(counts.numbers_behind)) {
    for (const PieceRecord& piece : tables.pieces) {
      taken_.insert(tables.strings.substr(piece.name.at, piece.name.size));
    }
  }

  void run(const std::function<void(int64_t, int64_t)>& progress) {
    constexpr int64_t kStages = 5;
    add_characters();
    const auto fixed = static_cast<int64_t>(tables_.pieces.size());
    LYDIA_CHECK(options_.size >= fixed + kLeastRest, ValueError,
                "train: expected a vocabulary of at least ", fixed + kLeastRest,
                " (bytes, suffixes, letters and ", kLeastRest, " more), got ", options_.size);
    rest_ = static_cast<size_t>(options_.size - fixed);
    progress(1, kStages);
    add_digits();
    add_symbols();
    add_roots();
    progress(2, kStages);
    add_spellings();
    finish_spellings();
    progress(3, kStages);
    if (options_.mode == MorphMode::Compact) add_sequences();
    add_more_roots();
    progress(4, kStages);
    add_words();
    progress(kStages, kStages);
  }

 private:
  static constexpr int64_t kLeastRest = 256;

  struct RootPiece {
    double weight = 0;
    int32_t lemma = 0;
    std::vector<uint32_t> records;
  };

  size_t room() const {
    return static_cast<size_t>(options_.size) -
           std::min(tables_.pieces.size(), static_cast<size_t>(options_.size));
  }

  // do_(run, glued, count): what is glued and what is not are counted apart.
  template <class Do>
  static void for_each_run(const TextCounts& all, const TextCounts& glued, const Do& do_) {
    for (const auto& [run, count] : all) {
      const auto at = glued.find(run);
      const int64_t behind = at == glued.end() ? 0 : at->second;
      if (count > behind) do_(run, false, count - behind);
      if (behind > 0) do_(run, true, behind);
    }
  }
  template <class Do>
  void for_each_word(const Do& do_) const {
    for_each_run(counts_.words, glued_words_, do_);
  }
  template <class Do>
  void for_each_number(const Do& do_) const {
    for_each_run(counts_.numbers, glued_numbers_, do_);
  }

  // Names are told apart by a number where they must be.
  std::string name_of(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2; !taken_.insert(name).second; ++i) name = wanted + ":" + std::to_string(i);
    return name;
  }

  // A spelling piece in both tables: the trie and the vocabulary.
  void add_spelling(PieceKind kind, const std::string& text, bool initial, uint8_t flags,
                    double weight) {
    Spelled& spelled = spelled_[text];
    int32_t& slot = initial ? spelled.initial : spelled.inner;
    if (slot >= 0) return;
    const auto all_flags = static_cast<uint8_t>(flags | (initial ? kStartsWord : 0));
    slot = tables_.add_piece(kind, text, name_of((initial ? "▁" : "") + visible(text)),
                             MorphType::Other, all_flags);
    (initial ? spelled.initial_weight : spelled.inner_weight) = weight;
  }

  uint8_t opens(std::string_view marks) const { return counts_.opens(marks) ? kOpens : 0; }

  // What every text may have: letters in both cases, digits, ASCII punctuation, white space, and
  // the characters of the training text.
  void add_characters() {
    for (uint8_t code = 1; code < kLetterCodes; ++code) {
      for (const bool initial : {true, false}) {
        add_spelling(PieceKind::Spelling, std::string(lower_letter(code)), initial, kHasLetters, 1);
        add_spelling(PieceKind::Spelling, std::string(upper_letter(code)), initial, kHasLetters, 1);
      }
    }
    for (char digit = '0'; digit <= '9'; ++digit) {
      for (const bool initial : {true, false}) {
        add_spelling(PieceKind::Digits, std::string(1, digit), initial, 0, 1);
      }
    }
    spelled_[" "].inner = tables_.header.space_piece;
    spelled_[" "].inner_weight = 1;
    for (const char* space : {"\n", "\t", "\r\n", "\r", "  ", "    ", "\n\n", "        "}) {
      add_spelling(PieceKind::Space, space, false, kOpens, 1);
    }
    for (char c = '!'; c <= '~'; ++c) {
      const std::string text(1, c);
      if (letter_at(text.data(), text.data() + 1).code != 0 || (c >= '0' && c <= '9')) continue;
      add_spelling(PieceKind::Symbol, text, false, opens(text), 1);
    }
    std::map<std::string, int64_t> characters;
    for (const auto& [run, count] : counts_.others) {
      for (size_t at = 0; at < run.size();) {
        const CodePoint point = decode_code_point(run, at);
        if (point.valid && point.length > 1) characters[run.substr(at, point.length)] += count;
        at += point.length;
      }
    }
    for (const auto& [text, count] : characters) {
      if (count >= kLeastSymbol) {
        add_spelling(PieceKind::Symbol, text, false, opens(text), static_cast<double>(count));
      }
    }
  }

  // The `share` best of candidates by weight times what is saved.
  struct Candidate {
    std::string text;
    bool initial;
    double weight;
  };
  static void sort_by_gain(std::vector<Candidate>& candidates) {
    const auto gain = [](const Candidate& c) {
      return c.weight * static_cast<double>(c.text.size() - 1);
    };
    std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
      if (gain(a) != gain(b)) return gain(a) > gain(b);
      return std::tie(a.text, a.initial) < std::tie(b.text, b.initial);
    });
  }

  void add_digits() {
    std::map<std::pair<std::string, bool>, double> found;
    for_each_number([&](const std::string& run, bool glued, int64_t count) {
      const size_t size = std::min(run.find_first_not_of("0123456789"), run.size());
      for (size_t at = 0; at < size; at += kMaxDigits) {
        const std::string group = run.substr(at, std::min(kMaxDigits, size - at));
        if (group.size() > 1) found[{group, at == 0 && !glued}] += static_cast<double>(count);
      }
    });
    std::vector<Candidate> candidates;
    for (const auto& [key, weight] : found) candidates.push_back({key.first, key.second, weight});
    sort_by_gain(candidates);
    const auto limit = static_cast<size_t>(kDigitShare * static_cast<double>(rest_));
    if (candidates.size() > limit) candidates.resize(limit);
    for (const Candidate& c : candidates) {
      add_spelling(PieceKind::Digits, c.text, c.initial, 0, c.weight);
    }
  }

  // Runs of punctuation and spaces as they stand ("...", " (").
  void add_symbols() {
    std::vector<Candidate> candidates;
    for (const auto& [run, count] : counts_.others) {
      if (run.size() < 2 || run.size() > kMaxMarks || count < 4 * kLeastSymbol) continue;
      if (!is_valid_utf8(run)) continue;
      candidates.push_back({run, false, static_cast<double>(count)});
    }
    sort_by_gain(candidates);
    const auto limit = static_cast<size_t>(kSymbolShare * static_cast<double>(rest_));
    if (candidates.size() > limit) candidates.resize(limit);
    for (const Candidate& c : candidates) {
      add_spelling(is_white(c.text) ? PieceKind::Space : PieceKind::Symbol, c.text, false,
                   opens(c.text), c.weight);
    }
  }

  // How often the text has each root record.
  std::vector<double> root_uses() const {
    const MorphoPieceModel model(tables_.serialise(), "training");
    WordEncoder encoder(model);
    std::vector<double> uses(tables_.roots.size());
    for (const auto& [run, count] : counts_.words) {
      const PartEnd part = end_of_part(run, 0);
      const PartReading read =
          encoder.read_first(std::string_view(run).substr(0, part.end), part.apostrophe > 0);
      if (!read.readable || read.reading.morphs[0].root < 0) continue;
      uses[static_cast<size_t>(read.reading.morphs[0].root)] += static_cast<double>(count);
    }
    return uses;
  }

  // Roots by how often they are used, then those that someone listed by hand, the shorter before
  // the longer; each spelling of a class is one piece.
  void rank_roots() {
    const std::vector<double> uses = root_uses();
    std::map<std::pair<std::string, uint8_t>, RootPiece> found;
    for (size_t lemma = 0; lemma + 1 < tables_.lemmas.size(); ++lemma) {
      const uint32_t first = tables_.lemmas[lemma], last = tables_.lemmas[lemma + 1];
      for (uint32_t f = first; f < last; ++f) {
        const LemmaForm& form = tables_.lemma_forms[f];
        const RootRecord& record = tables_.roots[form.root];
        const std::string text = tables_.strings.substr(form.text.at, form.text.size);
        RootPiece& piece = found[{text, record.type}];
        const double prior = std::min(1.0, morphs_.roots[lemma]) + priors_[lemma];
        const double weight = kUsedRoot * uses[form.root] + prior * (f == first ? 1 : 0.5);
        if (weight > piece.weight) piece.lemma = static_cast<int32_t>(lemma);
        piece.weight = std::max(piece.weight, weight);
        piece.records.push_back(form.root);
      }
    }
    for (auto& [key, piece] : found) ranked_roots_.emplace_back(key.first, std::move(piece));
    std::stable_sort(ranked_roots_.begin(), ranked_roots_.end(), [](const auto& a, const auto& b) {
      if (a.second.weight != b.second.weight) return a.second.weight > b.second.weight;
      return a.first.size() < b.first.size();
    });
  }

  void add_root(const std::pair<std::string, RootPiece>& root) {
    const RootRecord& first = tables_.roots[root.second.records[0]];
    const Root& lemma = grammar_.roots()[static_cast<size_t>(root.second.lemma)];
    const int32_t id = tables_.add_piece(
        PieceKind::Root, root.first, name_of("▁" + root.first), static_cast<MorphType>(first.type),
        kStartsWord | kHasLetters, root.second.lemma, lemma.category);
    for (const uint32_t record : root.second.records) tables_.roots[record].piece = id;
  }

  void add_roots() {
    rank_roots();
    double share = kRootShare;
    if (options_.mode != MorphMode::Compact)
      share = 1 - kSpellingShare - kSymbolShare - kDigitShare;
    const auto limit =
        std::min(static_cast<size_t>(share * static_cast<double>(rest_)), ranked_roots_.size());
    for (; next_root_ < limit; ++next_root_) add_root(ranked_roots_[next_root_]);
  }

  void add_more_roots() {
    while (room() > 0 && next_root_ < ranked_roots_.size()) add_root(ranked_roots_[next_root_++]);
  }

  // What the text has that no token says: unknown stems, rare roots, words in mixed case; and, with
  // little weight, the other roots of the lexicon, so that new texts are spelled well too.
  void add_spellings() {
    const MorphoPieceModel model(tables_.serialise(), "training");
    WordEncoder encoder(model);
    std::map<std::pair<std::string, bool>, double> stems;  // a stem or word, whether it starts one
    for_each_word([&](const std::string& run, bool glued, int64_t count) {
      const auto weight = static_cast<double>(count);
      const PartEnd part = end_of_part(run, 0);
      const PartReading read =
          encoder.read_first(std::string_view(run).substr(0, part.end), part.apostrophe > 0);
      if (!read.readable) {
        stems[{run.substr(0, part.end), !glued}] += weight;
        return;
      }
      const ReadMorph& stem = read.reading.morphs[0];
      if (stem.root >= 0 && model.roots[static_cast<size_t>(stem.root)].piece >= 0) return;
      std::string text;
      append_lower(read.word, stem.begin, stem.end, text);
      stems[{text, !glued}] += weight;
    });
    for (size_t i = next_root_; i < ranked_roots_.size(); ++i) {
      stems[{ranked_roots_[i].first, true}] += kLexiconWeight;
    }
    std::vector<SpellingExample> examples;
    for (const auto& [stem, weight] : stems) {
      examples.push_back({stem.first, weight, stem.second});
    }
    const auto limit = static_cast<size_t>(kSpellingShare * static_cast<double>(rest_));
    for (const LearnedPiece& piece : learn_spelling(examples, std::min(limit, room()))) {
      if (piece.text.size() > kMaxPieceBytes) continue;
      add_spelling(PieceKind::Spelling, piece.text, piece.initial, kHasLetters, piece.weight);
    }
  }

  void finish_spellings() {
    constexpr double kPieceCost = 3;
    double total = 0;
    for (const auto& [text, s] : spelled_) total += s.initial_weight + s.inner_weight;
    const auto cost = [&](int32_t piece, double weight) {
      if (piece < 0) return kNever;
      const double nats = kPieceCost + std::log((total + 1) / (weight + 0.01));
      const auto value = static_cast<int32_t>(std::lround(nats * kCostUnit));
      tables_.pieces[static_cast<size_t>(piece)].score = value;
      return value;
    };
    std::vector<std::pair<std::string, int32_t>> keys;
    for (const auto& [text, s] : spelled_) {
      keys.emplace_back(text, static_cast<int32_t>(keys.size()));
      tables_.spellings.push_back(
          {s.initial, s.inner, cost(s.initial, s.initial_weight), cost(s.inner, s.inner_weight)});
    }
    tables_.piece_trie = build_trie(keys);
    tables_.header.byte_cost = kCostUnit * 24;
  }

  void add_sequences() {
    const MorphoPieceModel model(tables_.serialise(), "training");
    WordEncoder encoder(model);
    std::vector<CountedTokens> runs;
    std::vector<Token> tokens;
    const auto add_runs = [&](RunKind kind) {
      return [&, kind](const std::string& run, bool glued, int64_t count) {
        tokens.clear();
        encoder.encode(run, kind, glued, MorphMode::Morph, {}, tokens);
        if (tokens.size() < 2) return;
        CountedTokens counted{{}, count};
        for (const Token& token : tokens) counted.ids.push_back(token.id);
        runs.push_back(std::move(counted));
      };
    };
    for_each_word(add_runs(RunKind::Word));
    for_each_number(add_runs(RunKind::Number));
    std::vector<std::pair<std::vector<int32_t>, int32_t>> sequences;
    for (const ChosenSequence& each : choose_sequences(runs, room())) {
      sequences.emplace_back(each.ids, add_sequence(each.ids));
    }
    build_sequences(sequences, tables_);
  }

  // Its type is its head's: the root's, else the first suffix's.
  int32_t add_sequence(const std::vector<int32_t>& ids) {
    std::string text, name;
    int32_t head = -1;
    for (const int32_t id : ids) {
      const PieceRecord& part = tables_.pieces[static_cast<size_t>(id)];
      name += (name.empty() ? "" : "|") + tables_.strings.substr(part.name.at, part.name.size);
      text += tables_.strings.substr(part.text.at, part.text.size);
      const bool marker = part.kind == static_cast<uint8_t>(PieceKind::Marker);
      if (head < 0 && !marker) head = id;
    }
    const PieceRecord first = tables_.pieces[static_cast<size_t>(head < 0 ? ids[0] : head)];
    const PieceRecord last = tables_.pieces[static_cast<size_t>(ids.back())];
    const auto flags = static_cast<uint8_t>((first.flags & kStartsWord) | (last.flags & kOpens) |
                                            (first.flags & kHasLetters));
    if (text.size() > kMaxPieceBytes) text.clear();
    const int32_t id = tables_.add_piece(PieceKind::Sequence, text, name_of(name),
                                         static_cast<MorphType>(first.type), flags, -1,
                                         static_cast<SemanticCategory>(first.category));
    PieceRecord& record = tables_.pieces[static_cast<size_t>(id)];
    record.parts_at = static_cast<uint32_t>(tables_.parts.size());
    record.parts_size = static_cast<uint32_t>(ids.size());
    tables_.parts.insert(tables_.parts.end(), ids.begin(), ids.end());
    return id;
  }

  // What the text repeats need not be worked out again.
  void add_words() {
    std::vector<std::pair<std::string, int64_t>> frequent;
    for (const auto& [run, count] : counts_.words) {
      if (run.size() <= RunKey::kMaxRun) frequent.emplace_back(run, count);
    }
    std::stable_sort(frequent.begin(), frequent.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    if (frequent.size() > kMaxTableWords) frequent.resize(kMaxTableWords);
    const MorphoPieceModel model(tables_.serialise(), "training");
    WordEncoder encoder(model);
    std::vector<TableWord> words;
    std::vector<Token> tokens;
    for (const auto& [run, count] : frequent) {
      TableWord word{run, {}};
      for (size_t mode = 0; mode < 3; ++mode) {
        tokens.clear();
        encoder.encode(run, RunKind::Word, false, static_cast<MorphMode>(mode), {}, tokens);
        for (const Token& token : tokens) word.ids[mode].push_back(token.id);
      }
      words.push_back(std::move(word));
    }
    build_words(words, tables_);
  }

  struct Spelled {
    int32_t initial = -1, inner = -1;
    double initial_weight = 0, inner_weight = 0;
  };

  const RunCounts& counts_;
  const CompiledGrammar& grammar_;
  const MorphCounts& morphs_;
  const std::vector<double>& priors_;
  VocabOptions options_;
  ModelTables& tables_;
  TextCounts glued_words_, glued_numbers_;
  size_t rest_ = 0, next_root_ = 0;
  std::unordered_set<std::string> taken_;  // names
  std::map<std::string, Spelled> spelled_;
  std::vector<std::pair<std::string, RootPiece>> ranked_roots_;
};

}  // namespace

void build_vocabulary(const RunCounts& counts, const CompiledGrammar& grammar,
                      const MorphCounts& morphs, const std::vector<double>& priors,
                      const VocabOptions& options,
                      const std::function<void(int64_t, int64_t)>& progress, ModelTables& tables) {
  VocabBuilder(counts, grammar, morphs, priors, options, tables).run(progress);
}

}  // namespace lydia::text
