#include "lydia/text/tokenizer.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#include "lydia/core/error.h"
#include "lydia/core/threads.h"
#include "lydia/core/utf8.h"

namespace lydia::text {
namespace {

// f(i) for i below `count`, on `threads` threads; the first exception is thrown on.
template <class F>
void for_each_on_threads(size_t count, int threads, const F& f) {
  LYDIA_CHECK(threads >= 0 && threads <= kMaxThreads, ValueError, "tokenizer: expected 0 to ",
              kMaxThreads, " threads, got ", threads);
  if (threads == 0) threads = get_num_threads();
  const size_t workers = std::min(count, static_cast<size_t>(threads));
  if (workers <= 1) {
    for (size_t i = 0; i < count; ++i) f(i);
    return;
  }
  std::atomic<size_t> next = 0;
  std::exception_ptr error;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (size_t i; (i = next.fetch_add(1)) < count;) f(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!error) error = std::current_exception();
      next = count;
    }
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < workers; ++i) others.emplace_back(work);
  work();
  others.clear();  // waits for them
  if (error) std::rethrow_exception(error);
}

// How many tokens of two texts stay when both together may have `budget`: the shorter text is kept
// whole where it can be, else both get half and the longer one what is over.
std::pair<size_t, size_t> share_longest_first(size_t a, size_t b, size_t budget) {
  if (a + b <= budget) return {a, b};
  const bool swapped = a > b;
  const size_t shorter = std::min(a, b);
  size_t keep_short = shorter, keep_long = budget - std::min(shorter, budget);
  if (keep_long < shorter) {
    keep_short = budget / 2;
    keep_long = budget - keep_short;
  }
  return swapped ? std::pair{keep_long, keep_short} : std::pair{keep_short, keep_long};
}

// The same for any strategy. Throws ValueError when the text it may cut is too short.
std::pair<size_t, size_t> share(const Truncation& how, size_t a, size_t b, bool pair,
                                size_t budget) {
  if (a + b <= budget) return {a, b};
  const auto cut = [&](const char* which, size_t cut_one, size_t kept) {
    LYDIA_CHECK(kept <= budget, ValueError, "tokenizer: expected max_length with room for the ",
                which, " text, which ",
                which == std::string_view("second") ? "only_first" : "only_second",
                " keeps whole: it has ", kept, " tokens, the room is ", budget);
    return std::min(cut_one, budget - kept);
  };
  switch (how.strategy) {
    case TruncationStrategy::OnlyFirst: return {cut("second", a, b), b};
    case TruncationStrategy::OnlySecond:
      LYDIA_CHECK(pair, ValueError,
                  "tokenizer: expected a pair of texts for truncation \"only_second\", got one");
      return {a, cut("first", b, a)};
    case TruncationStrategy::LongestFirst: return share_longest_first(a, b, budget);
  }
  return {a, b};
}

// Of a truncated pair: each part of one text goes with each of the other.
constexpr size_t kMaxParts = 65536;

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<const TokenizerModel> model) : model_(std::move(model)) {
  size_ = model_->vocab_size();
  const SpecialIds special = model_->special_ids();
  if (special.bos >= 0) frame_.before = {special.bos};
  if (special.eos >= 0) frame_.between = frame_.after = {special.eos};
}

void Tokenizer::set_frame(TokenFrame frame) {
  for (const auto* ids : {&frame.before, &frame.between, &frame.after})
    for (const int32_t id : *ids) id_to_token(id);
  frame_ = std::move(frame);
}

int64_t Tokenizer::add_tokens(const std::vector<AddedToken>& tokens) {
  int32_t size = size_;
  const auto all = std::make_shared<AddedTokens>(*added_);  // copies keep the ones they have
  for (const AddedToken& token : tokens) {
    const std::optional<int32_t> known = model_->token_to_id(token.content);
    LYDIA_CHECK(known || size < std::numeric_limits<int32_t>::max(), ValueError,
                "tokenizer: expected room for another token, got none");
    // The model's special tokens stay what they are.
    if (known && model_->is_special(*known) && !token.special) continue;
    if (all->add(token, known.value_or(size)) && !known) ++size;
  }
  added_ = all;
  return size - std::exchange(size_, size);
}

int32_t Tokenizer::size() const { return size_; }

std::string_view Tokenizer::id_to_token(int32_t id) const {
  if (id >= 0 && id < model_->vocab_size()) return model_->id_to_token(id);
  const AddedToken* token = added_->find(id);
  LYDIA_CHECK(token, IndexError, "tokenizer: expected an id from 0 to ", size_ - 1, ", got ", id);
  return token->content;
}

std::optional<int32_t> Tokenizer::token_to_id(std::string_view token) const {
  if (const AddedToken* added = added_->find(token)) return added->id;
  return model_->token_to_id(token);
}

bool Tokenizer::is_special(int32_t id) const {
  if (const AddedToken* added = added_->find(id)) return added->special;
  return model_->is_special(id);
}

int64_t Tokenizer::frame_size(bool pair) const {
  return static_cast<int64_t>(frame_.before.size() + frame_.after.size() +
                              (pair ? frame_.between.size() : 0));
}

// Encodes a part of a text that begins at byte `at` of it.
void Tokenizer::append_model(std::string_view text, size_t at, const TokenizeOptions& options,
                             ModelTokens& out) const {
  if (text.empty()) return;
  ModelTokens tokens = model_->encode(text, {.spans = options.details,
                                             .types = options.types,
                                             .parse_special = options.parse_special,
                                             .mode = options.mode,
                                             .temperature = options.temperature,
                                             .seed = options.seed + at});
  const int32_t first_word = out.words.empty() ? 0 : out.words.back() + 1;
  out.ids.insert(out.ids.end(), tokens.ids.begin(), tokens.ids.end());
  for (const TextSpan& span : tokens.spans)
    out.spans.push_back(
        {static_cast<uint32_t>(span.begin + at), static_cast<uint32_t>(span.end + at)});
  out.types.insert(out.types.end(), tokens.types.begin(), tokens.types.end());
  out.categories.insert(out.categories.end(), tokens.categories.begin(), tokens.categories.end());
  for (const int32_t word : tokens.words) out.words.push_back(word < 0 ? word : word + first_word);
}

Encoding Tokenizer::encode_text(std::string_view text, const TokenizeOptions& options,
                                int32_t type) const {
  LYDIA_CHECK(text.size() < std::numeric_limits<uint32_t>::max(), ValueError,
              "tokenizer: expected a text below 4 GiB, got ", text.size(), " bytes");
  ModelTokens tokens;
  size_t at = 0;
  while (const auto match = added_->next(text, at)) {
    append_model(text.substr(at, match->begin - at), at, options, tokens);
    tokens.ids.push_back(match->token->id);
    if (options.types) {
      tokens.types.push_back(model_->added_class().type);
      tokens.categories.push_back(model_->added_class().category);
    }
    if (options.details) {
      tokens.spans.push_back(
          {static_cast<uint32_t>(match->begin), static_cast<uint32_t>(match->end)});
      tokens.words.push_back(tokens.words.empty() ? 0 : tokens.words.back() + 1);
    }
    at = match->end;
  }
  append_model(text.substr(at), at, options, tokens);

  Encoding out;
  const size_t size = tokens.ids.size();
  out.ids = std::move(tokens.ids);
  out.type_ids.assign(size, type);
  out.sequence_ids.assign(size, type);
  out.special_tokens_mask.assign(size, 0);
  out.attention_mask.assign(size, 1);
  out.types = std::move(tokens.types);
  out.categories = std::move(tokens.categories);
  if (!options.details) return out;
  out.offsets = to_code_points(text, tokens.spans);
  out.byte_offsets = std::move(tokens.spans);
  out.word_ids = std::move(tokens.words);
  out.tokens.reserve(size);
  for (const int32_t id : out.ids) out.tokens.emplace_back(id_to_token(id));
  return out;
}

void Tokenizer::add_special(Encoding& out, std::span<const int32_t> ids, int32_t type) const {
  for (const int32_t id : ids) out.add_special(id, id_to_token(id), type, model_->special_class());
}

Encoding Tokenizer::framed(const Encoding& a, const Encoding* b, bool add_special_tokens) const {
  Encoding out;
  const auto add = [&](std::span<const int32_t> ids, int32_t type) {
    if (add_special_tokens) add_special(out, ids, type);
  };
  add(frame_.before, 0);
  out.append(a);
  if (b) {
    add(frame_.between, 0);
    out.append(*b);
  }
  add(frame_.after, b ? 1 : 0);
  return out;
}

Encoding Tokenizer::encode(const TextInput& input, const TokenizeOptions& options) const {
  const bool pair = input.pair.has_value();
  std::vector<Encoding> first = {encode_text(input.text, options, 0)}, second;
  if (pair) second = {encode_text(*input.pair, options, 1)};
  if (options.truncation) {
    const Truncation& how = *options.truncation;
    const int64_t extra = options.add_special_tokens ? frame_size(pair) : 0;
    LYDIA_CHECK(how.max_length >= extra && how.stride >= 0, ValueError,
                "tokenizer: expected max_length of at least the ", extra,
                " special tokens and stride of at least 0, got ", how.max_length, " and ",
                how.stride);
    const auto [keep_first, keep_second] = share(how, first[0].size(), pair ? second[0].size() : 0,
                                                 pair, static_cast<size_t>(how.max_length - extra));
    const auto cut = [&](std::vector<Encoding>& parts, size_t keep) {
      if (parts.empty() || parts[0].size() <= keep) return;
      LYDIA_CHECK(keep == 0 || how.stride < static_cast<int64_t>(keep), ValueError,
                  "tokenizer: expected stride below the ", keep,
                  " tokens that a part has room for, got ", how.stride);
      parts =
          split_into_parts(parts[0], keep, static_cast<size_t>(how.stride), how.side, how.overflow);
    };
    cut(first, keep_first);
    cut(second, keep_second);
    LYDIA_CHECK(first.size() * std::max<size_t>(second.size(), 1) <= kMaxParts, ValueError,
                "tokenizer: expected at most ", kMaxParts, " parts of a truncated pair, got ",
                first.size(), " of the first text times ", second.size(), " of the second");
  }
  Encoding out;
  for (size_t i = 0; i < first.size(); ++i) {
    for (size_t j = 0; j < std::max<size_t>(second.size(), 1); ++j) {
      Encoding one = framed(first[i], pair ? &second[j] : nullptr, options.add_special_tokens);
      if (!options.details) one.drop_details();
      if (!options.types) one.drop_types();
      if (i + j == 0)
        out = std::move(one);
      else
        out.overflowing.push_back(std::move(one));
    }
  }
  if (options.padding) pad_to(out, *options.padding, out.size());
  return out;
}

void Tokenizer::pad_to(Encoding& encoding, const Padding& padding, size_t longest) const {
  LYDIA_CHECK(padding.length >= 0 && padding.multiple_of >= 0, ValueError,
              "tokenizer: expected a padding length and a multiple of at least 0, got ",
              padding.length, " and ", padding.multiple_of);
  const int32_t id = model_->special_ids().pad;
  LYDIA_CHECK(id >= 0, ValueError, "tokenizer: expected a model with a padding token, which ",
              model_->kind(), " has not");
  size_t length = padding.length > 0 ? static_cast<size_t>(padding.length) : longest;
  if (padding.multiple_of > 0) {
    const auto multiple = static_cast<size_t>(padding.multiple_of);
    length = (length + multiple - 1) / multiple * multiple;
  }
  pad(encoding, length, padding.side, id, id_to_token(id), model_->padding_class());
}

std::vector<Encoding> Tokenizer::encode_batch(std::span<const TextInput> inputs,
                                              const TokenizeOptions& options, int threads) const {
  std::vector<Encoding> out(inputs.size());
  TokenizeOptions unpadded = options;
  unpadded.padding.reset();
  for_each_on_threads(inputs.size(), threads, [&](size_t i) {
    TokenizeOptions own = unpadded;
    own.seed += i;  // equal texts of a batch are cut independently
    out[i] = encode(inputs[i], own);
  });
  if (!options.padding) return out;
  size_t longest = 0;
  for (const Encoding& encoding : out) {
    longest = std::max(longest, encoding.size());
    for (const Encoding& part : encoding.overflowing) longest = std::max(longest, part.size());
  }
  for (Encoding& encoding : out) pad_to(encoding, *options.padding, longest);
  return out;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  const auto decoder = model_->decoder(skip_special);
  std::string out;
  for (const int32_t id : ids) {
    const AddedToken* added = added_->empty() ? nullptr : added_->find(id);
    if (!added) {
      decoder->push(id, out);
      continue;
    }
    decoder->finish(out);  // texts before and behind an added token were encoded apart
    if (!added->special || !skip_special) out += added->content;
  }
  decoder->finish(out);
  return out;
}

std::vector<std::string> Tokenizer::decode_batch(std::span<const std::vector<int32_t>> batch,
                                                 bool skip_special, int threads) const {
  std::vector<std::string> out(batch.size());
  for_each_on_threads(batch.size(), threads,
                      [&](size_t i) { out[i] = decode(batch[i], skip_special); });
  return out;
}

DecodeStream::DecodeStream(const Tokenizer& tokenizer, bool skip_special)
    : tokenizer_(tokenizer),
      skip_special_(skip_special),
      decoder_(tokenizer.model().decoder(skip_special)) {}

std::string DecodeStream::push(int32_t id) {
  const AddedTokens& all = tokenizer_.added_tokens();
  if (const AddedToken* added = all.empty() ? nullptr : all.find(id)) {
    decoder_->finish(held_);
    if (!added->special || !skip_special_) held_ += added->content;
  } else {
    decoder_->push(id, held_);
  }
  // A character that begins in the last three bytes and is not whole stays behind.
  size_t end = held_.size();
  for (size_t back = 1; back <= std::min<size_t>(3, held_.size()); ++back) {
    const auto byte = static_cast<unsigned char>(held_[held_.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;  // the middle of a character
    const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC2 ? 2 : 1;
    if (length > back && byte < 0xF5) end = held_.size() - back;
    break;
  }
  std::string out = held_.substr(0, end);
  held_.erase(0, end);
  return out;
}

std::string DecodeStream::finish() {
  decoder_->finish(held_);
  return std::exchange(held_, std::string());
}

}  // namespace lydia::text
