#include "lydia/models/agiformer/generate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/sort.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

constexpr double kColdest = 1e6;  // of 1 / temperature: beyond it floats tell nothing apart
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor last_column(const Tensor& x) { return narrow(x, 1, x.size(1) - 1, 1); }

// Leading pad tokens, where the configuration has one: bool [B, S], or undefined.
Tensor mask_of_padding(const Tensor& text, const AgiformerConfig& c) {
  if (c.pad_id < 0) return {};
  LYDIA_CHECK(all(ne(last_column(text), c.pad_id)).item<bool>(), ValueError,
              "generate: expected prompts padded on the left, got one that ends in the pad token ",
              c.pad_id, "; `mask` tells padding from text");
  const Tensor begun = cummax(ne(text, c.pad_id).to(DType::I64), 1).first;
  return begun.to(DType::Bool);
}

// What follows a prompt follows its last token, which is therefore a real one.
void check_mask(const Tensor& mask, const Dims& prompt) {
  LYDIA_CHECK(mask.sizes() == prompt && !mask.is_floating_point(), ValueError,
              "generate: mask: expected bools or integers ", prompt, " as the prompt, got ",
              mask.dtype(), " ", mask.sizes());
  const Tensor real = ne(mask, 0).to(DType::I64);
  LYDIA_CHECK(all(last_column(real)).item<bool>() && equal(real, cummax(real, 1).first), ValueError,
              "generate: mask: expected padding on the left only and a token behind it");
}

// Evaluation mode, and back.
class EvalGuard {
 public:
  explicit EvalGuard(nn::Module& module) : module_(module), training_(module.training()) {
    if (training_) module_.eval();
  }
  ~EvalGuard() {
    if (training_) module_.train();
  }
  EvalGuard(const EvalGuard&) = delete;
  EvalGuard& operator=(const EvalGuard&) = delete;

 private:
  nn::Module& module_;
  const bool training_;
};

}  // namespace

void check_options(const GenerationOptions& o, const AgiformerConfig& c) {
  LYDIA_CHECK(o.max_new_tokens >= 0, ValueError,
              "generate: max_new_tokens: expected at least 0, got ", o.max_new_tokens);
  LYDIA_CHECK(o.temperature >= 0 && o.temperature < kInfinity, ValueError,
              "generate: temperature: expected at least 0, got ", o.temperature);
  LYDIA_CHECK(o.top_k >= 0, ValueError, "generate: top_k: expected at least 0, got ", o.top_k);
  LYDIA_CHECK(o.top_p > 0 && o.top_p <= 1, ValueError,
              "generate: top_p: expected above 0, up to 1, got ", o.top_p);
  LYDIA_CHECK(o.repetition_penalty >= 1e-3 && o.repetition_penalty <= 1e3, ValueError,
              "generate: repetition_penalty: expected 0.001 to 1000, got ", o.repetition_penalty);
  LYDIA_CHECK(o.eos >= -1 && o.eos < c.vocab_size, ValueError,
              "generate: eos: expected -1 (none) or a token below ", c.vocab_size, ", got ", o.eos);
  LYDIA_CHECK(c.causal, ValueError, "generate: expected a causal model, got an encoder");
}

Tensor sample(const Tensor& given, const Tensor& history, const SamplingOptions& o,
              Generator* generator) {
  Tensor logits = given.to(DType::F32);
  LYDIA_CHECK(std::isfinite(amax(logits).item<double>()), Error,
              "generate: expected finite logits, got ", amax(logits).item<double>(),
              "; the model's weights are damaged or its training diverged");
  if (o.repetition_penalty != 1) {
    const Tensor seen = gather(logits, 1, history);
    logits =
        scatter(logits, 1, history,
                where(gt(seen, 0), seen * (1 / o.repetition_penalty), seen * o.repetition_penalty));
  }
  if (o.temperature == 0) return argmax(logits, 1);
  logits = logits * std::min(1 / o.temperature, kColdest);
  const int64_t all = logits.size(1), k = o.top_k > 0 ? std::min(o.top_k, all) : all;
  const auto [value, token] = topk(logits, k);
  Tensor p = softmax(value, 1);
  if (o.top_p < 1) p = where(lt(cumsum(p, 1) - p, o.top_p), p, 0.0);
  return squeeze(gather(token, 1, multinomial(p, 1, false, generator)), {1});
}

Tensor GenerationSession::feed(const Tensor& tokens, const Tensor& mask, const Modalities& before) {
  LYDIA_CHECK(tokens.ndim() == 2 && tokens.size(0) > 0 && tokens.size(1) > 0, ValueError,
              "generate: expected a prompt [batch, length] of at least one token, got ",
              tokens.sizes());
  LYDIA_CHECK(!mask.defined() || mask.sizes() == tokens.sizes(), ValueError,
              "generate: mask: expected the prompt's ", tokens.sizes(), ", got ", mask.sizes());
  const int64_t n = tokens.size(1), longest = model_.config.max_seq_len;
  Tensor logits;
  for (int64_t start = 0; start < n;) {
    if (tokens_.defined() && tokens_.size(1) == longest) next_segment();
    const int64_t read_so_far = tokens_.defined() ? tokens_.size(1) : 0;
    const int64_t count = std::min(n - start, longest - read_so_far);
    const auto part = [&](const Tensor& t) {
      return t.defined() ? contiguous(narrow(t, 1, start, count)) : t;
    };
    logits = read(part(tokens), part(mask), start == 0 ? before : Modalities());
    start += count;
  }
  return logits;
}

Tensor GenerationSession::read(const Tensor& tokens, const Tensor& mask, const Modalities& before) {
  const bool first = !tokens_.defined();
  const auto joined = [](const Tensor& a, const Tensor& b) { return cat(std::array{a, b}, 1); };
  if (mask.defined() || mask_.defined()) {
    const auto known = [](const Tensor& m, const Tensor& like) {
      return m.defined() ? m : ones(like.sizes(), DType::Bool);
    };
    const Tensor now = known(mask.defined() ? mask.to(DType::Bool) : mask, tokens);
    mask_ = first ? now : joined(known(mask_, tokens_), now);
  }
  tokens_ = first ? tokens : joined(tokens_, tokens);
  if (first) before_ = before;
  AgiformerInput in;
  in.text = use_cache_ ? tokens : tokens_;
  in.mask = use_cache_ ? mask : mask_;
  if (first || !use_cache_)
    in.image = before_.image, in.audio = before_.audio, in.video = before_.video;
  const AgiformerOutput out = model_.forward(in, state_, use_cache_ ? &cache_ : nullptr);
  after_ = out.state;
  return select(out.logits, 1, out.logits.size(1) - 1);
}

MemoryState GenerationSession::finish() {
  if (!tokens_.defined()) return state_;
  return use_cache_ ? model_.commit(cache_, state_) : after_;
}

void GenerationSession::next_segment() {
  const Tensor tokens = tokens_, mask = mask_;
  if (model_.config.use_memory) state_ = finish();
  cache_.clear();
  tokens_ = mask_ = {};
  before_ = {};
  if (model_.config.use_memory || tokens.size(1) < 2) return;
  const int64_t kept = tokens.size(1) / 2;
  const auto last = [&](const Tensor& t) {
    return t.defined() ? contiguous(narrow(t, 1, t.size(1) - kept, kept)) : t;
  };
  read(last(tokens), last(mask), {});
}

Tensor generate(Agiformer& model, const Tensor& text, const GenerationOptions& o,
                const Tensor& given_mask, const Modalities& before, const Streamer& streamer,
                MemoryState* state) {
  check_options(o, model.config);
  const NoGradGuard no_grad;
  const EvalGuard eval(model);
  Generator own(o.seed.value_or(0));
  Generator* const generator = o.seed ? &own : nullptr;
  GenerationSession session(model, state ? *state : MemoryState(), o.use_cache);
  const bool some = text.ndim() == 2 && text.numel() > 0;  // else feed() says what is wrong
  if (some && given_mask.defined()) check_mask(given_mask, text.sizes());
  const Tensor mask =
      given_mask.defined() || !some ? given_mask : mask_of_padding(text, model.config);
  Tensor logits = session.feed(text, mask, before);
  Tensors tokens{text};
  Tensor done = zeros({text.size(0)}, DType::Bool);
  for (int64_t i = 0; i < o.max_new_tokens; ++i) {
    const Tensor history = o.repetition_penalty == 1 ? Tensor() : cat(tokens, 1);
    Tensor next = sample(logits, history, o, generator);
    if (o.eos >= 0) {
      next = where(done, o.eos, next);
      done = done | eq(next, o.eos);
    }
    tokens.push_back(unsqueeze(next, 1));
    const bool ended = (streamer && !streamer(next)) || (o.eos >= 0 && all(done).item<bool>());
    const bool last = ended || i + 1 == o.max_new_tokens;
    // The last token is read where something is to remember it.
    if (!last || state) logits = session.feed(unsqueeze(next, 1));
    if (last) break;
  }
  if (state) *state = session.finish().detached();
  return cat(tokens, 1);
}

}  // namespace lydia::models
