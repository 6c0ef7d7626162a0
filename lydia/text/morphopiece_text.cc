#include "lydia/text/morphopiece_text.h"

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

// Tokens of short runs, by thread: whatever was met last in a slot stays there. Only ever a memory
// of what WordEncoder says.
class RunCache {
 public:
  static constexpr size_t kMaxRun = 24, kMaxIds = 7;

  struct Slot {
    std::array<char, kMaxRun> run;
    uint32_t serial = 0;  // of the model; 0: nothing here
    uint8_t size, mode_and_kind, ids;
    uint8_t unused;
    std::array<int32_t, kMaxIds> id;
  };
  static_assert(sizeof(Slot) <= 64);

  Slot& slot(uint64_t hash) { return slots_[hash >> (64 - kBits)]; }

 private:
  static constexpr int kBits = 13;
  std::vector<Slot> slots_ = std::vector<Slot>(size_t{1} << kBits);
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

// The hash of a cached run takes its top bits, the word table all of them.
uint64_t spread_hash(uint64_t hash) { return hash * 0x9E3779B97F4A7C15u; }

bool starts_word(const MorphoPieceModel& model, std::span<const int32_t> ids) {
  for (const int32_t id : ids) {
    if (model.kind(id) != PieceKind::Marker) return (model.piece(id).flags & kStartsWord) != 0;
  }
  return false;
}

bool opens(const MorphoPieceModel& model, int32_t id) {
  return (model.piece(id).flags & kOpens) != 0;
}

// Feeds the runs of a text to a sink and takes care of the spaces between them. The sink has
//   run(text, kind) -> ids of the run (valid until the next call),
//   emit(ids, end of the run) and one(id, end): append them; `end` is where their bytes end.
template <class Sink>
void for_each_run(const MorphoPieceModel& model, std::string_view text, Sink& sink) {
  bool at_start = true;  // no space is implied here
  bool spaced = false;   // one space waits to be implied
  for (size_t at = 0; at < text.size();) {
    const Run run = next_run(text, at);
    if (run.kind == RunKind::Other) {
      size_t end = run.end;
      const bool before_word = end < text.size();
      spaced = before_word && text[end - 1] == ' ';
      if (spaced) --end;
      if (end > at) {
        const std::span<const int32_t> ids = sink.run(text.substr(at, end - at), run.kind);
        at_start = opens(model, ids.back());
        sink.emit(end);
      }
    } else {
      const std::span<const int32_t> ids = sink.run(text.substr(at, run.end - at), run.kind);
      if (!starts_word(model, ids)) {
        if (spaced) sink.space(at);
      } else if (at_start) {
        if (spaced) sink.space(at);
      } else if (!spaced) {
        sink.glue(at);
      }
      at_start = opens(model, ids.back());
      spaced = false;
      sink.emit(run.end);
    }
    at = run.end;
  }
}

// Ids alone, through the caches.
class IdSink {
 public:
  IdSink(const MorphoPieceModel& model, MorphMode mode, bool use_cache, const ReadingChoice& choice,
         std::vector<int32_t>& ids)
      : model_(model),
        scratch_(scratch_for(model)),
        mode_(mode),
        use_cache_(use_cache && choice.temperature == 0),
        choice_(choice),
        out_(ids),
        first_(ids.size()) {}

  std::span<const int32_t> run(std::string_view run, RunKind kind) {
    if (!use_cache_ || run.size() > RunCache::kMaxRun) {
      encode(run, kind);
      return found_ = ids_;
    }
    const uint64_t hash = hash_bytes(run);
    const auto mode_and_kind =
        static_cast<uint8_t>(static_cast<int>(mode_) * 4 + static_cast<int>(kind));
    RunCache::Slot& slot = scratch_.cache.slot(spread_hash(hash));
    if (slot.serial == model_.serial && slot.size == run.size() &&
        slot.mode_and_kind == mode_and_kind &&
        std::memcmp(slot.run.data(), run.data(), run.size()) == 0) {
      return found_ = std::span(slot.id).first(slot.ids);
    }
    const WordRecord* word = kind == RunKind::Word ? model_.find_word(run, hash) : nullptr;
    if (word != nullptr) {
      size_t first = word->ids_at;
      for (size_t m = 0; m < static_cast<size_t>(mode_); ++m) first += word->sizes[m];
      found_ = model_.word_ids.subspan(first, word->sizes[static_cast<size_t>(mode_)]);
    } else {
      encode(run, kind);
      found_ = ids_;
    }
    if (found_.size() > RunCache::kMaxIds) return found_;
    slot.serial = model_.serial;
    slot.size = static_cast<uint8_t>(run.size());
    slot.mode_and_kind = mode_and_kind;
    slot.ids = static_cast<uint8_t>(found_.size());
    std::memcpy(slot.run.data(), run.data(), run.size());
    std::copy(found_.begin(), found_.end(), slot.id.begin());
    return found_;
  }
  void emit(size_t) { out_.insert(out_.end(), found_.begin(), found_.end()); }
  void space(size_t) { out_.push_back(model_.header.space_piece); }
  void glue(size_t) { out_.push_back(MorphoPiece::kGlue); }

 private:
  void encode(std::string_view run, RunKind kind) {
    scratch_.tokens.clear();
    ReadingChoice choice = choice_;
    choice.seed += out_.size() - first_;  // each run draws for itself
    scratch_.encoder.encode(run, kind, mode_, choice, scratch_.tokens);
    ids_.clear();
    for (const Token& token : scratch_.tokens) ids_.push_back(token.id);
  }

  const MorphoPieceModel& model_;
  ThreadScratch& scratch_;
  MorphMode mode_;
  bool use_cache_;
  ReadingChoice choice_;
  std::vector<int32_t>& out_;
  size_t first_;
  std::span<const int32_t> found_;
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

  std::span<const int32_t> run(std::string_view run, RunKind kind) {
    scratch_.tokens.clear();
    const ReadingChoice choice{options_.temperature, options_.seed + out_.ids.size() - first_};
    scratch_.encoder.encode(run, kind, mode_, choice, scratch_.tokens);
    run_at_ = static_cast<size_t>(run.data() - text_.data());
    ids_.clear();
    for (const Token& token : scratch_.tokens) ids_.push_back(token.id);
    return ids_;
  }
  void emit(size_t) {
    for (const Token& token : scratch_.tokens) add(token, run_at_ + token.end);
    ++words_;
  }
  void space(size_t at) {
    const int32_t id = model_.header.space_piece;
    add({id, 0, static_cast<MorphType>(model_.piece(id).type)}, at);
    ++words_;
  }
  void glue(size_t at) {
    add({MorphoPiece::kGlue, 0, MorphType::Special, SemanticCategory::Special}, at);
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
  IdSink sink(model, mode_of(model, options), options.use_cache,
              {options.temperature, options.seed}, ids);
  for_each_run(model, text, sink);
}

void encode_spans(const MorphoPieceModel& model, std::string_view text, uint32_t base,
                  const MorphEncodeOptions& options, int32_t& words, MorphEncoding& encoding) {
  SpanSink sink(model, text, base, mode_of(model, options), options, words, encoding);
  for_each_run(model, text, sink);
}

}  // namespace lydia::text
