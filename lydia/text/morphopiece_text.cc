#include "lydia/text/morphopiece_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "lydia/text/morphopiece_cache.h"
#include "lydia/text/morphopiece_letters.h"

namespace lydia::text {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Bytes of the letter at `at`; 0 for anything else.
size_t letter_size(std::string_view text, size_t at) {
  const LetterAt letter = letter_at(text.data() + at, text.data() + text.size());
  return letter.code == 0 ? 0 : letter.size;
}

size_t end_of_letters(std::string_view text, size_t at) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* p = begin + at;
  while (p != end) {
    const LetterAt letter = letter_at(p, end);
    if (letter.code == 0) break;
    p += letter.size;
  }
  return static_cast<size_t>(p - begin);
}

size_t end_of_digits(std::string_view text, size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Behind an apostrophe at `at` and the letters that follow it; `at` when there is no such thing.
size_t end_of_suffix(std::string_view text, size_t at) {
  if (at == text.size() || (text[at] != '\'' && text[at] != '\xE2')) return at;
  const size_t size = apostrophe_size(text, at);
  if (size == 0 || at + size >= text.size()) return at;
  const size_t end = end_of_letters(text, at + size);
  return end == at + size ? at : end;
}

// The tokens of a run, and what the spaces around it must know.
struct RunTokens {
  std::span<const int32_t> ids;
  RunEdges edges;
};

// A run and the place it has among those that are looked at together.
struct TextRun {
  std::string_view text;  // without the space behind it that the next run may imply
  size_t first = 0;       // bytes up to an apostrophe
  RunKind kind = RunKind::Other;
  bool after_space = false;  // such a space is before it
  size_t place = 0;

  std::string_view first_part() const { return text.substr(0, first); }
};

// All that the tokens of a run depend on beside its text.
uint8_t how_of(const TextRun& run, bool glued, MorphMode mode) {
  return static_cast<uint8_t>(static_cast<int>(mode) * 8 + static_cast<int>(run.kind) * 2 +
                              static_cast<int>(glued));
}

constexpr size_t kAhead = kMaxFound;
constexpr size_t kBytesOfToken = 3;  // a guess that saves most of the growing

// Feeds the runs of a text to a sink and takes care of the spaces between them. The sink has
//   look_ahead(runs): these come next,
//   run(run, glued) -> RunEdges,
//   emit(): appends its tokens, space(at): appends a token that ends at byte `at`.
template <class Sink>
void for_each_run(std::string_view text, Sink& sink) {
  std::array<TextRun, kAhead> runs;
  bool at_start = true;  // no space is implied here
  bool spaced = false;   // one space waits to be implied
  for (size_t at = 0; at < text.size();) {
    size_t count = 0;
    while (count < kAhead && at < text.size()) {
      const Run run = next_run(text, at);
      const bool after_space = spaced;
      spaced = run.kind == RunKind::Other && run.end < text.size() && text[run.end - 1] == ' ';
      const size_t size = run.end - at - (spaced ? 1 : 0);
      if (size > 0) {
        runs[count] = {text.substr(at, size), run.first_end - at, run.kind, after_space, count};
        ++count;
      }
      at = run.end;
    }
    sink.look_ahead(std::span(runs).first(count));
    for (const TextRun& run : std::span(runs).first(count)) {
      const bool glued = run.kind != RunKind::Other && !run.after_space && !at_start;
      const RunEdges edges = sink.run(run, glued);
      if (run.after_space && (at_start || !edges.starts_word)) {
        sink.space(static_cast<size_t>(run.text.data() - text.data()));
      }
      at_start = edges.opens;
      sink.emit();
    }
  }
}

// Ids alone, through the caches.
class IdSink {
 public:
  IdSink(const MorphoPieceModel& model, std::string_view text, MorphMode mode, bool use_cache,
         const ReadingChoice& choice, std::vector<int32_t>& ids)
      : model_(model),
        scratch_(scratch_for(model)),
        end_(text.data() + text.size()),
        mode_(mode),
        use_cache_(use_cache && choice.temperature == 0),
        choice_(choice),
        out_(ids),
        first_(ids.size()) {
    const size_t wanted = first_ + text.size() / kBytesOfToken;
    if (wanted > out_.capacity()) out_.reserve(std::max(wanted, 2 * out_.capacity()));
  }

  // Brings what the runs will ask for nearer: slots of the cache, rows of the table of words, and
  // for words in neither their roots. Most of the time of new words is waiting for memory.
  void look_ahead(std::span<const TextRun> runs) {
    for (const TextRun& run : runs) {
      ahead_[run.place].roots = nullptr;
      if (!is_short(run)) continue;
      Ahead& ahead = ahead_[run.place];
      ahead.key = RunKey(run.text, static_cast<size_t>(end_ - run.text.data()));
      ahead.hash = ahead.key.hash(run.text.size());
      ahead.met = scratch_.cache.met(ahead.hash + how(run, false));
      if (ahead.met) __builtin_prefetch(&slot_of(run), 1);
    }
    size_t unknown = 0;
    std::array<const TextRun*, kAhead> words;
    for (const TextRun& run : runs) {
      Ahead& ahead = ahead_[run.place];
      ahead.row = nullptr;
      // Most that stand behind no space are glued.
      if (run.kind != RunKind::Word || is_cached(run, !run.after_space)) continue;
      words[unknown++] = &run;
      if (!is_short(run) || !run.after_space) continue;
      ahead.row = model_.word_slot(ahead.hash);
      if (ahead.row != nullptr) __builtin_prefetch(ahead.row);
    }
    size_t found = 0;
    for (const TextRun* run : std::span(words).first(unknown)) {
      if (const WordRecord* word = in_table(*run); word != nullptr) {
        __builtin_prefetch(model_.ids_of(*word, mode_).data());
        continue;
      }
      WordRoots& roots = scratch_.roots[found];
      if (!read_word(run->first_part(), roots.word)) continue;
      ahead_[run->place].roots = &roots;
      ++found;
    }
    find_roots(model_, std::span(scratch_.roots).first(found));
  }

  RunEdges run(const TextRun& run, bool glued) {
    if (is_cached(run, glued)) {
      const RunCache::Slot& slot = slot_of(run);
      tokens_ = {std::span(slot.id).first(slot.count), slot.edges};
    } else {
      tokens_ = look_up(run, glued);
      if (is_short(run) && ahead_[run.place].met) keep(run, glued);
    }
    return tokens_.edges;
  }
  void emit() {
    for (const int32_t id : tokens_.ids) out_.push_back(id);
  }
  void space(size_t) { out_.push_back(model_.header.space_piece); }

 private:
  struct Ahead {
    RunKey key;
    uint64_t hash = 0;
    bool met = false;
    const WordRecord* row = nullptr;  // that may be the run's
    const WordRoots* roots = nullptr;
  };

  void keep(const TextRun& run, bool glued) {
    if (tokens_.ids.size() > RunCache::kMaxIds) return;
    RunCache::Slot& slot = slot_of(run);
    slot.put(ahead_[run.place].key, run.text.size(), model_.serial, how(run, glued),
             tokens_.ids.size(), tokens_.edges);
    std::copy(tokens_.ids.begin(), tokens_.ids.end(), slot.id.begin());
  }

  // Whether the caches may know it.
  bool is_short(const TextRun& run) const {
    return use_cache_ && run.text.size() <= RunKey::kMaxRun;
  }
  uint8_t how(const TextRun& run, bool glued) const { return how_of(run, glued, mode_); }
  RunCache::Slot& slot_of(const TextRun& run) {
    return scratch_.cache.slot(ahead_[run.place].hash + how(run, false));
  }
  bool is_cached(const TextRun& run, bool glued) {
    return is_short(run) && ahead_[run.place].met &&
           slot_of(run).holds(ahead_[run.place].key, run.text.size(), model_.serial,
                              how(run, glued));
  }
  const WordRecord* in_table(const TextRun& run) const {
    const auto& [key, hash, met, row, roots] = ahead_[run.place];
    return row != nullptr && row->run == key.words && row->bytes == run.text.size() ? row : nullptr;
  }

  RunTokens look_up(const TextRun& run, bool glued) {
    Ahead& ahead = ahead_[run.place];
    if (ahead.row == nullptr && !glued && run.kind == RunKind::Word && is_short(run)) {
      ahead.row = model_.word_slot(ahead.hash);
    }
    const WordRecord* word = glued ? nullptr : in_table(run);
    if (word == nullptr) return encode(run, glued);
    return {model_.ids_of(*word, mode_), model_.edges_of(*word, mode_)};
  }

  RunTokens encode(const TextRun& run, bool glued) {
    scratch_.tokens.clear();
    ReadingChoice choice = choice_;
    choice.seed += out_.size() - first_;  // each run draws for itself
    const RunEdges edges = scratch_.encoder.encode(run.text, run.kind, glued, mode_, choice,
                                                   scratch_.tokens, ahead_[run.place].roots);
    ids_.clear();
    for (const Token& token : scratch_.tokens) ids_.push_back(token.id);
    return {ids_, edges};
  }

  const MorphoPieceModel& model_;
  EncodeScratch& scratch_;
  const char* end_;
  MorphMode mode_;
  bool use_cache_;
  ReadingChoice choice_;
  std::vector<int32_t>& out_;
  size_t first_;
  RunTokens tokens_;
  std::vector<int32_t> ids_;
  std::array<Ahead, kAhead> ahead_;
};

// Ids with where they come from, through a cache of their own.
class SpanSink {
 public:
  SpanSink(const MorphoPieceModel& model, std::string_view text, uint32_t base, MorphMode mode,
           const MorphEncodeOptions& options, int32_t& words, MorphEncoding& out)
      : model_(model),
        text_(text),
        scratch_(scratch_for(model)),
        base_(base),
        mode_(mode),
        options_(options),
        words_(words),
        out_(out),
        first_(out.ids.size()) {
    size_t wanted = first_ + text.size() / kBytesOfToken;
    if (wanted <= out.ids.capacity()) return;
    wanted = std::max(wanted, 2 * out.ids.capacity());
    out.ids.reserve(wanted);
    if (options.offsets) out.offsets.reserve(wanted), out.word_ids.reserve(wanted);
    if (options.types) out.types.reserve(wanted), out.categories.reserve(wanted);
  }

  void look_ahead(std::span<const TextRun>) {}
  RunEdges run(const TextRun& run, bool glued) {
    run_at_ = static_cast<size_t>(run.text.data() - text_.data());
    if (!options_.use_cache || options_.temperature > 0 || run.text.size() > RunKey::kMaxRun) {
      return encode(run, glued);
    }
    const RunKey key(run.text, text_.size() - run_at_);
    const uint8_t how = how_of(run, glued, mode_);
    SpanCache::Slot& slot = scratch_.spans.slot(key.hash(run.text.size()) + how);
    if (!slot.holds(key, run.text.size(), model_.serial, how)) {
      const RunEdges edges = encode(run, glued);
      if (tokens_.size() > SpanCache::kMaxTokens) return edges;
      slot.put(key, run.text.size(), model_.serial, how, tokens_.size(), edges);
      std::copy(tokens_.begin(), tokens_.end(), slot.token.begin());
    }
    tokens_ = std::span(slot.token).first(slot.count);
    return slot.edges;
  }
  void emit() {
    for (const Token& token : tokens_) add(token, run_at_ + token.end);
    ++words_;
  }
  void space(size_t at) {
    const int32_t id = model_.header.space_piece;
    add({id, 0, model_.traits(id).type}, at);
    ++words_;
  }

 private:
  RunEdges encode(const TextRun& run, bool glued) {
    scratch_.tokens.clear();
    const ReadingChoice choice{options_.temperature, options_.seed + out_.ids.size() - first_};
    const RunEdges edges =
        scratch_.encoder.encode(run.text, run.kind, glued, mode_, choice, scratch_.tokens);
    tokens_ = scratch_.tokens;
    return edges;
  }
  void add(const Token& token, size_t end) {
    // A marker is empty: the space before it is the next token's.
    const bool is_empty = model_.kind(token.id) == PieceKind::Marker;
    const auto to = is_empty ? at_ : static_cast<uint32_t>(end);
    out_.ids.push_back(token.id);
    if (options_.offsets) {
      out_.offsets.push_back({base_ + at_, base_ + to});
      out_.word_ids.push_back(words_);
    }
    if (options_.types) {
      out_.types.push_back(token.type);
      out_.categories.push_back(token.category);
    }
    at_ = to;
  }

  const MorphoPieceModel& model_;
  std::string_view text_;
  EncodeScratch& scratch_;
  uint32_t base_, at_ = 0;
  MorphMode mode_;
  const MorphEncodeOptions& options_;
  int32_t& words_;
  MorphEncoding& out_;
  size_t first_, run_at_ = 0;
  std::span<const Token> tokens_;
};

MorphMode mode_of(const MorphoPieceModel& model, const MorphEncodeOptions& options) {
  return options.mode.value_or(static_cast<MorphMode>(model.header.mode));
}

}  // namespace

Run next_run(std::string_view text, size_t at) {
  if (letter_size(text, at) > 0) {
    const size_t first = end_of_letters(text, at);
    for (size_t end = first;;) {
      const size_t further = end_of_suffix(text, end);
      if (further == end) return {end, RunKind::Word, first};
      end = further;
    }
  }
  if (is_digit(text[at])) {
    const size_t first = end_of_digits(text, at);
    return {end_of_suffix(text, first), RunKind::Number, first};
  }
  while (at < text.size() && letter_size(text, at) == 0 && !is_digit(text[at])) {
    ++at;
  }
  return {at, RunKind::Other, at};
}

void encode_plain(const MorphoPieceModel& model, std::string_view text,
                  const MorphEncodeOptions& options, std::vector<int32_t>& ids) {
  IdSink sink(model, text, mode_of(model, options), options.use_cache,
              {options.temperature, options.seed}, ids);
  for_each_run(text, sink);
}

void encode_spans(const MorphoPieceModel& model, std::string_view text, uint32_t base,
                  const MorphEncodeOptions& options, int32_t& words, MorphEncoding& encoding) {
  SpanSink sink(model, text, base, mode_of(model, options), options, words, encoding);
  for_each_run(text, sink);
}

}  // namespace lydia::text
