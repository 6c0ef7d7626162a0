#include "lydia/models/agiformer/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "lydia/models/agiformer/rotary.h"
#include "lydia/ops/activation.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/gather.h"
#include "lydia/ops/index_select.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

// [B, n, heads, D] -> [B, heads, n, D]
Tensor by_head(const Tensor& x) { return transpose(x, 1, 2); }

Tensor column(const Tensor& x, const Dims& sizes) { return expand(unsqueeze(x, -1), sizes); }

// Rows `at` [B, L] along dimension 1 of x [B, n, ...]: [B, L, ...].
Tensor rows_at(const Tensor& x, const Tensor& at) {
  const int64_t batch = at.size(0);
  const Tensor base = unsqueeze(arange(0, batch) * x.size(1), 1);
  const Tensor found = index_select(flatten(x, 0, 1), 0, flatten(at + base));
  Dims sizes = x.sizes();
  sizes[1] = at.size(1);
  return reshape(found, sizes);
}

// Queries, keys and values with the columns that stand for what KeyTerms adds to the scores.
struct Scores {
  Tensor q, k, v;  // [B, heads, n, D]
  double scale;

  // `bias` [B or 1, heads, n] is added to the score of each key.
  void add_bias(const Tensor& bias) {
    Dims of_q = q.sizes(), of_k = k.sizes();
    of_q[3] = of_k[3] = 1;
    q = cat(std::array{q, ones(of_q, q.dtype())}, 3);
    k = cat(std::array{k, column(bias.to(k.dtype()) * (1 / scale), of_k)}, 3);
  }

  // One key more, in front, that weighs e^logit [B, heads, L] for each query; its value is a
  // column of its own, which shows the weight.
  void add_key(const Tensor& logit) {
    const auto zero = [&](const Tensor& like, int64_t rows, int64_t width) {
      Dims sizes = like.sizes();
      sizes[2] = rows, sizes[3] = width;
      return zeros(sizes, like.dtype());
    };
    const auto with_key = [&](const Tensor& x) {
      const Tensor wide = cat(std::array{x, zero(x, x.size(2), 1)}, 3);
      const Tensor key = cat(std::array{zero(x, 1, x.size(3)), zero(x, 1, 1) + 1.0}, 3);
      return cat(std::array{key, wide}, 2);
    };
    q = cat(std::array{q, unsqueeze(logit.to(q.dtype()) * (1 / scale), -1)}, 3);
    k = with_key(k);
    v = with_key(v);
  }
};

}  // namespace

Attention::Attention(const AgiformerConfig& config, int64_t window)
    : qkv(child<nn::Linear>("qkv", config.d_model, 3 * config.d_model)),
      out(child<nn::Linear>("out", config.d_model, config.d_model)),
      heads_(config.n_heads),
      width_(config.head_width()),
      window_(window),
      linear_(config.use_linear_attention) {}

Tensor Attention::forward(const Tensor& x, const Flow& flow) {
  return reshape(forward(x, flow, Routed(flow.batch, flow.tokens)), x.sizes());
}

Tensor Attention::forward(const Tensor& x, const Flow& flow, const Routed& routed,
                          const KeyTerms& terms) {
  Tensor mixed;
  if (linear_) {
    mixed = linear(x, flow, routed, terms);
  } else {
    const Projected p = project(x, flow, routed, terms);
    if (routed.count() == 0) return zeros({0, x.size(2)}, x.dtype());
    mixed = softmax_attention(p, flow, routed, terms);
  }
  return out(mixed);
}

Attention::Projected Attention::project(const Tensor& x, const Flow& flow, const Routed& routed,
                                        const KeyTerms& terms) {
  const int64_t b = flow.batch, n = flow.tokens;
  Projected p;
  if (routed.all()) {
    const RotatedQkv parts = rotary_qkv(reshape(qkv(x), {b, n, 3, heads_, width_}), flow.past);
    p.q = parts.q, p.k = parts.k, p.v = parts.v;
  } else {
    const Tensor kv = reshape(keys_and_values(x), {b, n, 2, heads_, width_});
    const Tensor q = reshape(queries(routed.of(x)), {-1, heads_, width_});
    p.q = rotary_at(q, routed.rows() % n + flow.past);
    p.k = rotary(select(kv, 2, 0), flow.past), p.v = select(kv, 2, 1);
  }
  if (terms.bias.defined()) p.bias = transpose(terms.bias, 1, 2);
  if (flow.cache) {
    const int64_t limit = window_ > 0 ? window_ + n - 1 : 0;
    p.k = flow.cache->rows(this, 0).append(p.k, limit);
    p.v = flow.cache->rows(this, 1).append(p.v, limit);
    if (p.bias.defined()) p.bias = flow.cache->rows(this, 2).append(p.bias, limit);
  }
  p.first_key = flow.keys() - p.k.size(1);
  return p;
}

Tensor Attention::softmax_attention(const Projected& p, const Flow& flow, const Routed& routed,
                                    const KeyTerms& terms) {
  const int64_t b = flow.batch, n = flow.tokens;
  Tensors parts;
  if (routed.all()) {
    const int64_t step = window_ > 0 ? window_ : n;
    for (int64_t begin = 0; begin < n; begin += step) {
      const int64_t end = std::min(begin + step, n);
      const Tensor q = by_head(narrow(p.q, 1, begin, end - begin));
      parts.push_back(by_head(block_attention(p, flow, nullptr, q, begin, end, terms)));
    }
    const Tensor all = parts.size() == 1 ? parts[0] : cat(parts, 1);
    return reshape(all, {b * n, heads_ * width_});
  }
  for (const Routed::Block& block : routed.blocks()) {
    if (block.rows == 0) continue;
    const Tensor rows = narrow(p.q, 0, block.first, block.rows);
    const Tensor side_by_side = index_select(rows, 0, block.from);
    const Tensor q = by_head(reshape(side_by_side, {b, block.width, heads_, width_}));
    const Tensor mixed =
        by_head(block_attention(p, flow, &block, q, block.begin, block.end, terms));
    parts.push_back(
        index_select(reshape(mixed, {b * block.width, heads_ * width_}), 0, block.back));
  }
  return parts.size() == 1 ? parts[0] : cat(parts, 0);
}

// q [B, heads, L, D] of the places [begin, end), all of them or those of `block`.
Tensor Attention::block_attention(const Projected& p, const Flow& flow, const Routed::Block* block,
                                  const Tensor& q, int64_t begin, int64_t end,
                                  const KeyTerms& terms) {
  const int64_t from = flow.past + begin, to_end = flow.past + end;
  int64_t low = p.first_key, high = flow.causal ? to_end : flow.keys();
  if (window_ > 0) {
    low = std::max(low, from - window_ + 1);
    if (!flow.causal) high = std::min(high, to_end + window_ - 1);
  }
  const auto cut = [&](const Tensor& x) { return narrow(x, 1, low - p.first_key, high - low); };
  Scores s{q, by_head(cut(p.k)), by_head(cut(p.v)), 1 / std::sqrt(static_cast<double>(width_))};

  const bool whole = block == nullptr;
  const bool narrow_window = window_ == 0 || high - low <= window_;
  const bool free = !flow.valid.defined() && !terms.boosted.defined() && narrow_window && whole;
  const bool square = free && flow.causal && low == from;
  const bool sees_all = free && (!flow.causal || q.size(2) == 1);
  const Tensor place = (whole ? unsqueeze(arange(begin, end), 0) : block->place) + flow.past;

  Tensor mask;  // [B or 1, 1, L, keys]
  if (!square && !sees_all) {
    const Tensor key = arange(low, high), at = unsqueeze(place, -1);
    if (flow.causal) mask = le(key, at);
    const auto also = [&](const Tensor& m) { mask = mask.defined() ? mask & m : m; };
    if (!narrow_window) also(gt(key, at - window_));
    if (!narrow_window && !flow.causal) also(lt(key, at + window_));
    if (flow.valid.defined()) also(unsqueeze(narrow(flow.valid, 1, low, high - low), 1));
    if (mask.defined()) mask = unsqueeze(mask, 1);
  }

  Tensor bias;  // [B or 1, heads, keys]
  if (p.bias.defined()) bias = transpose(cut(p.bias), 1, 2);
  if (terms.decay.defined()) {
    const Tensor distance = arange(low - high + 1, 1).to(q.dtype());
    const Tensor fade = reshape(terms.decay, {1, -1, 1}) * distance;
    bias = bias.defined() ? bias + fade : fade;
  }
  Tensor boosted_value;
  if (terms.boosted.defined()) {
    const Tensor key = whole ? narrow(terms.boosted, 1, begin, end - begin)
                             : gather(terms.boosted, 1, block->place);
    Tensor there = ge(key, low);
    if (window_ > 0) there = there & gt(key, place - window_);
    const Tensor at = where(there, key - low, 0);
    boosted_value = by_head(rows_at(cut(p.v), at));
    Tensor score = sum(q * by_head(rows_at(cut(p.k), at)), {-1}) * s.scale;
    if (bias.defined()) {
      const Tensor all = expand(bias, {q.size(0), heads_, high - low});
      score = score + transpose(rows_at(transpose(all, 1, 2), at), 1, 2);
    }
    if (bias.defined()) s.add_bias(bias);
    s.add_key(score + reshape(terms.boost, {1, -1, 1}));
    const Tensor seen = reshape(there, {q.size(0), 1, q.size(2), 1});
    const Tensor full = expand(mask, {q.size(0), 1, q.size(2), high - low});
    mask = cat(std::array{seen, full}, 3);
  } else if (bias.defined()) {
    s.add_bias(bias);
  }
  const Tensor mixed =
      scaled_dot_product_attention(s.q, s.k, s.v, mask, {.is_causal = square, .scale = s.scale});
  if (!boosted_value.defined()) return mixed;
  return narrow(mixed, 3, 0, width_) + narrow(mixed, 3, width_, 1) * boosted_value;
}

// Queries of tokens that did not ask are zero; their results are dropped.
Tensor Attention::linear(const Tensor& x, const Flow& flow, const Routed& routed,
                         const KeyTerms& terms) {
  const int64_t b = flow.batch, n = flow.tokens, d = heads_ * width_;
  const Tensor kv = reshape(keys_and_values(x), {b, n, 2, heads_, width_});
  Tensor q = elu(queries(routed.of(x))) + 1.0;
  if (!routed.all()) q = index_copy(zeros({b * n, d}, q.dtype()), 0, routed.rows(), q);
  q = reshape(q, {b, n, heads_, width_});
  Tensor k = elu(select(kv, 2, 0)) + 1.0;
  if (flow.valid.defined()) {
    const Tensor real = narrow(flow.valid, 1, flow.past, n);
    k = k * reshape(real, {b, n, 1, 1}).to(k.dtype());
  }
  if (terms.bias.defined()) k = k * unsqueeze(exp(transpose(terms.bias, 1, 2)), -1);
  const Tensor v = select(kv, 2, 1);
  const Tensor rotated_k = rotary(k, flow.past);
  const LinearInputs in{by_head(q),         by_head(k), by_head(rotary(q, flow.past)),
                        by_head(rotated_k), by_head(v), terms.decay};
  LinearState state, *kept = nullptr;
  if (flow.cache) {
    state = {flow.cache->value(this, 0), flow.cache->value(this, 1)};
    kept = &state;
  }
  LinearFraction sums = linear_attention(in, flow.causal, kept);
  if (kept) flow.cache->value(this, 0) = state.sum, flow.cache->value(this, 1) = state.norm;
  if (terms.boosted.defined())
    sums = sums + boosted_part(in, cat(std::array{k, rotated_k, v}, 3), flow, terms);
  return routed.of(reshape(by_head(sums.value()), {b, n, d}));
}

// What the boosted key of each query adds, its weight being e^softplus(boost) - 1 = e^boost times
// the plain one. `rows` [B, tokens, heads, 3 D] holds k, rotated k and v.
LinearFraction Attention::boosted_part(const LinearInputs& in, const Tensor& rows, const Flow& flow,
                                       const KeyTerms& terms) {
  const int64_t limit = kLinearBoostReach + flow.tokens - 1;
  const Tensor all = flow.cache ? flow.cache->rows(this).append(rows, limit) : rows;
  const int64_t low = flow.keys() - all.size(1);
  const Tensor place = unsqueeze(arange(flow.past, flow.keys()), 0);
  const Tensor there = ge(terms.boosted, low) & gt(terms.boosted, place - kLinearBoostReach);
  const Tensor found = by_head(rows_at(all, where(there, terms.boosted - low, 0)));
  const auto part = [&](int64_t i) { return narrow(found, 3, i * width_, width_); };
  const Tensor gain = reshape(exp(terms.boost), {1, -1, 1, 1}) *
                      reshape(there, {flow.batch, 1, flow.tokens, 1}).to(in.q.dtype());
  return {sum(in.rotated_q * part(1), {-1}, true) * gain * part(2),
          sum(in.q * part(0), {-1}, true) * gain};
}

Tensor Attention::queries(const Tensor& x) {
  const int64_t d = heads_ * width_;
  return lydia::linear(x, narrow(qkv.weight, 0, 0, d), narrow(qkv.bias, 0, 0, d));
}

Tensor Attention::keys_and_values(const Tensor& x) {
  const int64_t d = heads_ * width_;
  return lydia::linear(x, narrow(qkv.weight, 0, d, 2 * d), narrow(qkv.bias, 0, d, 2 * d));
}

}  // namespace lydia::models
