// MultiheadAttention.
#include "lydia/nn/attention.h"

#include <cmath>
#include <limits>

#include "lydia/nn/init.h"
#include "lydia/ops/attention.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/linear.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/softmax.h"
#include "lydia/ops/triangle.h"
#include "lydia/ops/view.h"

namespace lydia::nn {
namespace {

bool one_projection(int64_t embed, const MultiheadOptions& o) {
  return (o.kdim == 0 || o.kdim == embed) && (o.vdim == 0 || o.vdim == embed);
}

// True -> -inf, false -> 0; floating masks as they are.
Tensor as_added(const Tensor& mask, DType dtype) {
  if (mask.dtype() != DType::Bool) return mask;
  return masked_fill(zeros(mask.sizes(), dtype), mask, -std::numeric_limits<double>::infinity());
}

}  // namespace

MultiheadAttention::MultiheadAttention(int64_t embed, int64_t heads, const MultiheadOptions& o)
    : embed_dim(embed),
      num_heads(heads),
      options(o),
      in_proj_weight(parameter("in_proj_weight", {3 * embed, embed}, one_projection(embed, o))),
      q_proj_weight(parameter("q_proj_weight", {embed, embed}, !one_projection(embed, o))),
      k_proj_weight(
          parameter("k_proj_weight", {embed, o.kdim ? o.kdim : embed}, !one_projection(embed, o))),
      v_proj_weight(
          parameter("v_proj_weight", {embed, o.vdim ? o.vdim : embed}, !one_projection(embed, o))),
      in_proj_bias(parameter("in_proj_bias", {3 * embed}, o.bias)),
      out_proj(child<Linear>("out_proj", embed, embed, o.bias)) {
  LYDIA_CHECK(embed > 0 && heads > 0 && embed % heads == 0, ValueError,
              "MultiheadAttention: expected heads that divide ", embed, ", got ", heads);
  reset_parameters();
}

void MultiheadAttention::reset_parameters() {
  for (const Tensor& w : {in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight})
    if (w.defined()) init::xavier_uniform_(w);
  if (!in_proj_bias.defined()) return;
  init::zeros_(in_proj_bias);
  init::zeros_(out_proj.bias);
}

MultiheadAttention::Heads MultiheadAttention::project(const Tensor& query, const Tensor& key,
                                                      const Tensor& value) {
  const int64_t e = embed_dim;
  std::vector<Tensor> parts;
  if (in_proj_weight.defined() && query.is_same(key) && key.is_same(value)) {
    parts = chunk(linear(query, in_proj_weight, in_proj_bias), 3, -1);
  } else {
    const std::vector<Tensor> weights =
        in_proj_weight.defined() ? chunk(in_proj_weight, 3)
                                 : std::vector{q_proj_weight, k_proj_weight, v_proj_weight};
    const Tensor inputs[] = {query, key, value};
    for (size_t i = 0; i < 3; ++i)
      parts.push_back(linear(inputs[i], weights[i],
                             in_proj_bias.defined()
                                 ? narrow(in_proj_bias, 0, static_cast<int64_t>(i) * e, e)
                                 : Tensor()));
  }
  const auto heads = [&](const Tensor& t) {
    return transpose(reshape(t, {t.size(0), t.size(1), num_heads, e / num_heads}), 1, 2);
  };
  return {heads(parts[0]), heads(parts[1]), heads(parts[2])};
}

// One mask of "seen" bools or of numbers to add, for [N, heads, L, S]; undefined without masks.
Tensor MultiheadAttention::mask(const AttentionMasks& masks, int64_t batch, int64_t length,
                                int64_t keys, DType dtype) const {
  Tensor scores = masks.attn_mask, padding = masks.key_padding_mask;
  if (masks.is_causal && !scores.defined()) scores = triu(ones({length, keys}, DType::Bool), 1);
  if (scores.defined() && scores.ndim() == 3)
    scores = reshape(scores, {batch, num_heads, length, keys});
  if (padding.defined()) padding = reshape(padding, {batch, 1, 1, keys});
  if (!scores.defined() && !padding.defined()) return {};
  const auto is_bool = [](const Tensor& t) { return !t.defined() || t.dtype() == DType::Bool; };
  if (is_bool(scores) && is_bool(padding)) {
    if (!scores.defined() || !padding.defined())
      return logical_not(scores.defined() ? scores : padding);
    return logical_not(logical_or(scores, padding));
  }
  if (!scores.defined()) return padding;
  if (!padding.defined()) return scores;
  return add(as_added(scores, dtype), as_added(padding, dtype));
}

Tensor MultiheadAttention::finish(const Tensor& heads) {
  const Tensor joined = transpose(heads, 1, 2);
  const Tensor y = out_proj(reshape(joined, {joined.size(0), joined.size(1), embed_dim}));
  return options.batch_first ? y : transpose(y, 0, 1);
}

Tensor MultiheadAttention::forward(const Tensor& query, const Tensor& key, const Tensor& value,
                                   const AttentionMasks& masks) {
  const auto batched = [&](const Tensor& t) {
    LYDIA_CHECK(t.ndim() == 3, ValueError, "MultiheadAttention: expected 3 dimensions, got shape ",
                t.sizes());
    return options.batch_first ? t : transpose(t, 0, 1);
  };
  const Tensor q = batched(query);
  const bool one = query.is_same(key) && key.is_same(value);
  const Heads h = project(q, one ? q : batched(key), one ? q : batched(value));
  const bool causal = masks.is_causal && !masks.key_padding_mask.defined();
  AttentionOptions o;
  o.dropout_p = training() ? options.dropout : 0;
  o.is_causal = causal;
  const Tensor m = causal ? Tensor() : mask(masks, q.size(0), q.size(1), h.k.size(2), q.dtype());
  return finish(scaled_dot_product_attention(h.q, h.k, h.v, m, o));
}

std::pair<Tensor, Tensor> MultiheadAttention::forward_weights(const Tensor& query,
                                                              const Tensor& key,
                                                              const Tensor& value,
                                                              const AttentionMasks& masks,
                                                              bool average) {
  const auto batched = [&](const Tensor& t) {
    return options.batch_first ? t : transpose(t, 0, 1);
  };
  const Tensor q = batched(query);
  const Heads h = project(q, batched(key), batched(value));
  const double scale = 1 / std::sqrt(static_cast<double>(embed_dim / num_heads));
  Tensor scores = matmul(mul(h.q, scale), transpose(h.k, -2, -1));
  const Tensor m = mask(masks, q.size(0), q.size(1), h.k.size(2), q.dtype());
  if (m.defined())
    scores = add(scores, m.dtype() == DType::Bool ? as_added(logical_not(m), q.dtype()) : m);
  const Tensor weights = dropout(softmax(scores, -1), options.dropout, training());
  return {finish(matmul(weights, h.v)), average ? mean(weights, {1}) : weights};
}

}  // namespace lydia::nn
