#include "lydia/models/agiformer/model.h"

#include <array>
#include <cmath>

#include "lydia/autograd/grad_mode.h"
#include "lydia/core/error.h"
#include "lydia/models/agiformer/perception.h"
#include "lydia/nn/init.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/scan.h"
#include "lydia/ops/view.h"

namespace lydia::models {

// The tokens of a pass: what stands before the text, then the text. Padding before the text goes
// before all, where distances and windows do not see it; text tokens keep their places.
struct Agiformer::Sequence {
  Tensor x;            // [B, prefix + S, d]
  Tensor order;        // int64 [B, prefix + S], where padding went to the front; or undefined
  int64_t prefix = 0;  // tokens of other modalities
  Tensor real;         // bool [B, prefix + S], or undefined: all
  std::vector<std::string> modalities;
};

namespace {

// bool [B, S] of a mask; undefined where all tokens are real.
Tensor real_tokens(const Tensor& mask, const Dims& sizes) {
  if (!mask.defined()) return {};
  LYDIA_CHECK(mask.sizes() == sizes && !mask.is_floating_point(), ValueError,
              "AGIFORMER: mask: expected bools or integers ", sizes, ", got ", mask.dtype(), " ",
              mask.sizes());
  const Tensor real = mask.dtype() == DType::Bool ? mask : ne(mask, 0);
  return all(real).item<bool>() ? Tensor() : real;
}

// Padding that only follows real tokens, which a causal pass never sees.
bool only_trailing(const Tensor& real) {
  const int64_t n = real.size(1);
  if (n < 2) return all(real).item<bool>();
  return !any(lt(narrow(real, 1, 0, n - 1).to(DType::I64),
                 narrow(real, 1, 1, n - 1).to(DType::I64)))
              .item<bool>();
}

// For real [B, S] behind a prefix: which place comes where when the padding before each text goes
// first. Undefined where there is none.
Tensor padding_first(const Tensor& real, int64_t prefix) {
  const Tensor padding = eq(cummax(real.to(DType::I64), 1).first, 0);
  if (!any(padding).item<bool>()) return {};
  const Tensor count = sum(padding.to(DType::I64), {1}, true);
  const Tensor at = unsqueeze(arange(0, prefix + real.size(1)), 0);
  return where(lt(at, count), at + prefix, where(lt(at, count + prefix), at - count, at));
}

// Rows `order` [B, n] along dimension 1 of x [B, n, ...].
Tensor in_order(const Tensor& x, const Tensor& order) {
  if (!order.defined()) return x;
  const Tensor rows = order + unsqueeze(arange(0, x.size(0)) * x.size(1), 1);
  return reshape(index_select(flatten(x, 0, 1), 0, flatten(rows)), x.sizes());
}

void check_text(const Tensor& text, const AgiformerConfig& c, int64_t past) {
  LYDIA_CHECK(text.ndim() == 2 && text.dtype() == DType::I64, ValueError,
              "AGIFORMER: text: expected int64 ids [batch, length], got ", text.dtype(), " ",
              text.sizes());
  LYDIA_CHECK(text.size(0) > 0, ValueError, "AGIFORMER: text: expected at least one sequence");
  LYDIA_CHECK(text.size(1) > 0, ValueError, "AGIFORMER: text: expected at least one token");
  LYDIA_CHECK(past + text.size(1) <= c.max_seq_len, ValueError,
              "AGIFORMER: text: expected at most max_seq_len = ", c.max_seq_len,
              " tokens in a segment, got ", past + text.size(1),
              "; pass long texts in segments with `state`, or raise max_seq_len");
  const int64_t low = amin(text).item<int64_t>(), high = amax(text).item<int64_t>();
  LYDIA_CHECK(low >= 0 && high < c.vocab_size, ValueError,
              "AGIFORMER: text: expected ids from 0 to ", c.vocab_size - 1, ", got ",
              low < 0 ? low : high);
}

// Ids that come beside those of the text.
void check_beside(const Tensor& ids, const char* name, int64_t count, const Tensor& text) {
  if (!ids.defined()) return;
  LYDIA_CHECK(ids.dtype() == DType::I64 && ids.sizes() == text.sizes(), ValueError,
              "AGIFORMER: ", name, ": expected int64 ", text.sizes(), " as the text, got ",
              ids.dtype(), " ", ids.sizes());
  if (ids.numel() == 0) return;
  const int64_t low = amin(ids).item<int64_t>(), high = amax(ids).item<int64_t>();
  LYDIA_CHECK(low >= 0 && high < count, ValueError, "AGIFORMER: ", name,
              ": expected ids from 0 to ", count - 1, ", got ", low < 0 ? low : high);
}

}  // namespace

Agiformer::Agiformer(const AgiformerConfig& c)
    : config((c.check(), c)),
      tokens_(child<nn::Embedding>("tokens", c.vocab_size, c.d_model)),
      norm_(child<nn::LayerNorm>("norm", Dims{c.d_model})) {
  if (c.use_multimodal) perception_ = &child<Perception>("perception", config);
  if (c.use_memory) memory_ = &child<Memory>("memory", config);
  nn::ModuleList& blocks = child<nn::ModuleList>("blocks");
  for (int64_t i = 0; i < c.n_layers; ++i) blocks_.push_back(&blocks.add<Block>(config));
  if (c.use_introspection) introspection_ = &child<Introspection>("introspection", config);
  reset_parameters();
}

Agiformer::~Agiformer() = default;

// Embeddings are scaled by sqrt(d) on the way in and tied to the head: the stream and the logits
// start with a deviation of 1/2. What blocks add starts smaller, the more of them there are.
void Agiformer::reset_parameters() {
  nn::init::normal_(tokens_.weight, 0, 0.5 / std::sqrt(static_cast<double>(config.d_model)));
  const NoGradGuard guard;
  const double scale = 1 / std::sqrt(2.0 * static_cast<double>(config.n_layers));
  for (Block* block : blocks_)
    for (auto& [name, value] : block->named_parameters())
      if (name.ends_with("out.weight") || name.ends_with("down.weight")) mul_(value, scale);
}

Agiformer::Sequence Agiformer::embed(const AgiformerInput& in, Cache* cache) {
  LYDIA_CHECK(in.text.defined() || in.image.defined() || in.audio.defined() || in.video.defined(),
              ValueError, "AGIFORMER: expected text, image, audio or video, got none");
  const bool beside =
      in.mask.defined() || in.morpho_types.defined() || in.semantic_categories.defined();
  LYDIA_CHECK(in.text.defined() || !beside, ValueError,
              "AGIFORMER: mask, morpho_types, semantic_categories: expected text beside them, got "
              "none");
  Sequence s;
  Tensor text;
  if (in.text.defined()) {
    const int64_t past = cache ? cache->text_tokens : 0;
    check_text(in.text, config, past);
    check_beside(in.morpho_types, "morpho_types", LanguageExpert::kMorphemeTypes, in.text);
    check_beside(in.semantic_categories, "semantic_categories", LanguageExpert::kCategories,
                 in.text);
    text = tokens_(in.text) * std::sqrt(static_cast<double>(config.d_model));
    text = dropout(text, config.dropout, training());
    s.real = real_tokens(in.mask, in.text.sizes());
    s.modalities.push_back("text");
  }
  if (!perception_) {
    LYDIA_CHECK(!in.image.defined() && !in.audio.defined() && !in.video.defined(), ValueError,
                "AGIFORMER: image, audio and video need use_multimodal=True");
    s.x = text;
    return s;
  }
  Perceived seen = perception_->forward({in.image, in.audio, in.video}, text, s.real, cache);
  for (const std::string& kind : seen.modalities) s.modalities.push_back(kind);
  s.prefix = seen.prefix;
  s.x = seen.x;
  if (s.real.defined() && s.prefix > 0) {
    s.order = padding_first(s.real, s.prefix);
    s.real = cat(std::array{ones({s.x.size(0), s.prefix}, DType::Bool), s.real}, 1);
    s.x = in_order(s.x, s.order), s.real = in_order(s.real, s.order);
  }
  return s;
}

Flow Agiformer::make_flow(const Sequence& s, const AgiformerInput& in, Cache* cache) const {
  Flow f{config};
  f.batch = s.x.size(0), f.tokens = s.x.size(1), f.past = cache ? cache->tokens : 0;
  f.causal = config.causal, f.training = training(), f.cache = cache;
  f.real = s.real;
  f.valid =
      s.real.defined() && config.causal && !cache && only_trailing(s.real) ? Tensor() : s.real;
  Tensor start;  // real tokens before this pass
  if (cache) {
    f.valid = extended(cache->value(this), f.valid, f.batch, f.past, f.tokens);
    start = f.valid.defined() ? sum(narrow(f.valid, 1, 0, f.past).to(DType::I64), {1}, true)
                              : full({1, 1}, f.past, DType::I64);
  }
  f.position = s.real.defined() ? clamp(cumsum(s.real.to(DType::I64), 1) - 1, 0, std::nullopt)
                                : unsqueeze(arange(0, f.tokens), 0);
  if (start.defined()) f.position = f.position + start;
  const auto after_prefix = [&](const Tensor& ids) {
    if (!ids.defined() || s.prefix == 0) return ids;
    return in_order(cat(std::array{zeros({f.batch, s.prefix}, DType::I64), ids}, 1), s.order);
  };
  const auto known = [&](const Tensor& given, const Tensor& of_tokens) {
    if (given.defined() || !of_tokens.defined() || !in.text.defined()) return given;
    return reshape(index_select(of_tokens, 0, flatten(in.text)), in.text.sizes());
  };
  f.morpho_types = after_prefix(known(in.morpho_types, token_types_));
  f.semantic_categories = after_prefix(known(in.semantic_categories, token_categories_));
  return f;
}

Tensor Agiformer::run_blocks(Tensor x, const Flow& flow, AgiformerInfo& info) {
  Tensor summary;
  for (Block* block : blocks_) {
    if (block != blocks_.back()) summary = summary.defined() ? summary + x : x;
    info.routers.emplace_back();
    x = block->forward(x, flow, info.routers.back());
  }
  if (!introspection_) return x;
  const auto earlier = static_cast<double>(blocks_.size() - 1);
  summary = summary.defined() ? summary * (1 / earlier) : x;
  return introspection_->forward(x, summary, flow, info.introspection);
}

Tensor Agiformer::forward(const Tensor& text) {
  AgiformerInput input;
  input.text = text;
  return forward(input).logits;
}

AgiformerOutput Agiformer::forward(const AgiformerInput& input, const MemoryState& given,
                                   Cache* cache) {
  const Sequence s = embed(input, cache);
  const Flow flow = make_flow(s, input, cache);
  AgiformerOutput out;
  out.info.modalities = s.modalities;
  LYDIA_CHECK(memory_ || !given.defined(), ValueError,
              "AGIFORMER: state: expected none, use_memory is off");
  MemoryState state;
  Tensor x = s.x;
  if (memory_) {
    out.info.memory.present = true;
    state = memory_->prepared(given, flow.batch);
    x = memory_->read(x, flow, state, out.info.memory);
  }
  out.stream = run_blocks(x, flow, out.info);
  const Tensor states = norm_(out.stream);
  if (memory_ && !cache) out.state = memory_->write(states, flow, state, out.info.memory);
  const bool text_too = input.text.defined();
  if (cache) {
    cache->tokens += flow.tokens;
    if (text_too) cache->text_tokens += input.text.size(1);
    if (memory_) cache->rows(memory_).append(states);
  }
  out.states =
      text_too && s.prefix > 0 ? narrow(states, 1, s.prefix, flow.tokens - s.prefix) : states;
  out.logits = linear(out.states, tokens_.weight);
  return out;
}

void Agiformer::set_morphology(const Tensor& types, const Tensor& categories) {
  for (const Tensor& t : {types, categories})
    LYDIA_CHECK(t.dtype() == DType::I64 && t.sizes() == Dims({config.vocab_size}), ValueError,
                "AGIFORMER: set_morphology: expected int64 of the ", config.vocab_size,
                " tokens, got ", t.dtype(), " ", t.sizes());
  token_types_ = types, token_categories_ = categories;
}

void Agiformer::load_vision(const std::string& directory) {
  LYDIA_CHECK(perception_, ValueError, "AGIFORMER: load_vision: use_multimodal is off");
  perception_->vision().load_clip(directory);
}

void Agiformer::freeze_vision() {
  if (perception_) perception_->vision().requires_grad_(false);
}

MemoryState Agiformer::commit(Cache& cache, const MemoryState& state) {
  if (!memory_) return {};
  const Tensor states = cache.rows(memory_).kept();
  if (!states.defined()) return state;
  Flow flow{config};
  flow.batch = states.size(0), flow.tokens = states.size(1);
  flow.real = cache.value(this);
  MemoryInfo info;
  return memory_->write(clone(states), flow, state, info);
}

}  // namespace lydia::models
