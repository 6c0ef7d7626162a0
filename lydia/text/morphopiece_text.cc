#include "lydia/text/morphopiece_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <memory>

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
  const size_t size = apostrophe_size(text, at);
  if (size == 0 || at + size >= text.size()) return at;
  const size_t end = end_of_letters(text, at + size);
  return end == at + size ? at : end;
}

// The tokens of a run, and what the spaces around it must know.
struct RunTokens {
  std::span<const int32_t> ids;
  bool starts_word = false;  // implies a space before it
  bool opens = false;        // none is implied behind it
};

// Tokens of short runs, by thread: whatever was met last in a slot stays there. Only ever a memory
// of what WordEncoder says.
class RunCache {
 public:
  static constexpr size_t kMaxIds = 8;

  struct alignas(64) Slot {
    std::array<uint64_t, 3> run;
    uint32_t serial = 0;  // of the model; 0: nothing here
    uint8_t size, mode_and_kind, ids, flags;
    std::array<int32_t, kMaxIds> id;
  };
  static_assert(sizeof(Slot) == 64);

  Slot& slot(uint64_t hash) { return slots_[hash & (kSlots - 1)]; }

 private:
  static constexpr size_t kSlots = size_t{1} << 14;
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
};

struct ThreadScratch {
  explicit ThreadScratch(const MorphoPieceModel& model) : encoder(model) {}
  WordEncoder encoder;
  RunCache cache;
  std::vector<Token> tokens;
};

ThreadScratch& scratch_for(const MorphoPieceModel& model) {
  thread_local std::unique_ptr<ThreadScratch> scratch;
  if (scratch == nullptr) scratch = std::make_unique<ThreadScratch>(model);
  scratch->encoder.bind(model);
  return *scratch;
}

bool starts_word(const MorphoPieceModel& model, std::span<const int32_t> ids) {
  for (const int32_t id : ids) {
    if (model.kind(id) != PieceKind::Marker) return (model.piece(id).flags & kStartsWord) != 0;
  }
  return false;
}

RunTokens tokens_of_run(const MorphoPieceModel& model, std::span<const int32_t> ids) {
  return {ids, starts_word(model, ids), (model.piece(ids.back()).flags & kOpens) != 0};
}

// Feeds the runs of a text to a sink and takes care of the spaces between them. The sink has
//   run(text, kind, glued) -> RunTokens (valid until the next call),
//   emit(): appends them, space(at): appends a token that ends at byte `at`.
template <class Sink>
void for_each_run(std::string_view text, Sink& sink) {
  bool at_start = true;  // no space is implied here
  bool spaced = false;   // one space waits to be implied
  for (size_t at = 0; at < text.size();) {
    const Run run = next_run(text, at);
    if (run.kind == RunKind::Other) {
      size_t end = run.end;
      spaced = end < text.size() && text[end - 1] == ' ';
      if (spaced) --end;
      if (end > at) {
        at_start = sink.run(text.substr(at, end - at), run.kind, false).opens;
        sink.emit();
      }
    } else {
      const bool glued = !spaced && !at_start;
      const RunTokens tokens = sink.run(text.substr(at, run.end - at), run.kind, glued);
      if (spaced && (at_start || !tokens.starts_word)) sink.space(at);
      at_start = tokens.opens;
      spaced = false;
      sink.emit();
    }
    at = run.end;
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

  const RunTokens& run(std::string_view run, RunKind kind, bool glued) {
    if (!use_cache_ || run.size() > RunKey::kMaxRun) return tokens_ = encode(run, kind, glued);
    const auto mode_and_kind = static_cast<uint8_t>(
        static_cast<int>(mode_) * 8 + static_cast<int>(kind) * 2 + static_cast<int>(glued));
    const RunKey key(run, static_cast<size_t>(end_ - run.data()));
    const uint64_t hash = key.hash(run.size());
    RunCache::Slot& slot = scratch_.cache.slot(hash + mode_and_kind);
    if (slot.run == key.words && slot.serial == model_.serial && slot.size == run.size() &&
        slot.mode_and_kind == mode_and_kind) {
      return tokens_ = {std::span(slot.id).first(slot.ids), (slot.flags & 1) != 0,
                        (slot.flags & 2) != 0};
    }
    tokens_ = look_up(run, kind, glued, key, hash);
    if (tokens_.ids.size() > RunCache::kMaxIds) return tokens_;
    slot.run = key.words;
    slot.serial = model_.serial;
    slot.size = static_cast<uint8_t>(run.size());
    slot.mode_and_kind = mode_and_kind;
    slot.ids = static_cast<uint8_t>(tokens_.ids.size());
    slot.flags = static_cast<uint8_t>((tokens_.starts_word ? 1 : 0) | (tokens_.opens ? 2 : 0));
    std::copy(tokens_.ids.begin(), tokens_.ids.end(), slot.id.begin());
    return tokens_;
  }
  void emit() {
    for (const int32_t id : tokens_.ids) out_.push_back(id);
  }
  void space(size_t) { out_.push_back(model_.header.space_piece); }

 private:
  static constexpr size_t kBytesOfToken = 3;  // a guess that saves most of the growing

  RunTokens look_up(std::string_view run, RunKind kind, bool glued, const RunKey& key,
                    uint64_t hash) {
    const WordRecord* word =
        kind == RunKind::Word && !glued ? model_.find_word(key, run.size(), hash) : nullptr;
    if (word == nullptr) return encode(run, kind, glued);
    size_t first = word->ids_at;
    for (size_t m = 0; m < static_cast<size_t>(mode_); ++m) first += word->sizes[m];
    return tokens_of_run(model_,
                         model_.word_ids.subspan(first, word->sizes[static_cast<size_t>(mode_)]));
  }

  RunTokens encode(std::string_view run, RunKind kind, bool glued) {
    scratch_.tokens.clear();
    ReadingChoice choice = choice_;
    choice.seed += out_.size() - first_;  // each run draws for itself
    scratch_.encoder.encode(run, kind, glued, mode_, choice, scratch_.tokens);
    ids_.clear();
    for (const Token& token : scratch_.tokens) ids_.push_back(token.id);
    return tokens_of_run(model_, ids_);
  }

  const MorphoPieceModel& model_;
  ThreadScratch& scratch_;
  const char* end_;
  MorphMode mode_;
  bool use_cache_;
  ReadingChoice choice_;
  std::vector<int32_t>& out_;
  size_t first_;
  RunTokens tokens_;
  std::vector<int32_t> ids_;
};

// Ids with where they come from, straight from the encoder.
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
        first_(out.ids.size()) {}

  RunTokens run(std::string_view run, RunKind kind, bool glued) {
    scratch_.tokens.clear();
    const ReadingChoice choice{options_.temperature, options_.seed + out_.ids.size() - first_};
    scratch_.encoder.encode(run, kind, glued, mode_, choice, scratch_.tokens);
    run_at_ = static_cast<size_t>(run.data() - text_.data());
    ids_.clear();
    for (const Token& token : scratch_.tokens) ids_.push_back(token.id);
    return tokens_of_run(model_, ids_);
  }
  void emit() {
    for (const Token& token : scratch_.tokens) add(token, run_at_ + token.end);
    ++words_;
  }
  void space(size_t at) {
    const int32_t id = model_.header.space_piece;
    add({id, 0, static_cast<MorphType>(model_.piece(id).type)}, at);
    ++words_;
  }

 private:
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
  ThreadScratch& scratch_;
  uint32_t base_, at_ = 0;
  MorphMode mode_;
  const MorphEncodeOptions& options_;
  int32_t& words_;
  MorphEncoding& out_;
  size_t first_, run_at_ = 0;
  std::vector<int32_t> ids_;
};

MorphMode mode_of(const MorphoPieceModel& model, const MorphEncodeOptions& options) {
  return options.mode.value_or(static_cast<MorphMode>(model.header.mode));
}

}  // namespace

Run next_run(std::string_view text, size_t at) {
  if (letter_size(text, at) > 0) {
    size_t end = end_of_letters(text, at);
    for (;;) {
      const size_t further = end_of_suffix(text, end);
      if (further == end) return {end, RunKind::Word};
      end = further;
    }
  }
  if (is_digit(text[at])) {
    return {end_of_suffix(text, end_of_digits(text, at)), RunKind::Number};
  }
  while (at < text.size() && letter_size(text, at) == 0 && !is_digit(text[at])) {
    ++at;
  }
  return {at, RunKind::Other};
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
