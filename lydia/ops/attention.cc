#include "lydia/ops/attention.h"

#include <cmath>
#include <limits>

#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/op.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/random.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

constexpr const char* kName = "scaled_dot_product_attention";
constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_arguments(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                     const AttentionOptions& o) {
  check_defined(kName, q, "query");
  check_defined(kName, k, "key");
  check_defined(kName, v, "value");
  check_same_device(kName, q, k);
  check_same_device(kName, q, v);
  LYDIA_CHECK(is_floating(q.dtype()) && q.dtype() == k.dtype() && q.dtype() == v.dtype(), TypeError,
              kName, ": expected query, key and value of one floating dtype, got ", q.dtype(), ", ",
              k.dtype(), " and ", v.dtype());
  LYDIA_CHECK(q.ndim() >= 2 && k.ndim() >= 2 && v.ndim() >= 2, ValueError, kName,
              ": expected at least 2 dimensions, got shapes ", q.sizes(), ", ", k.sizes(), " and ",
              v.sizes());
  LYDIA_CHECK(q.size(-1) == k.size(-1) && k.size(-2) == v.size(-2), ValueError, kName,
              ": expected query [.., L, E], key [.., S, E] and value [.., S, V], got ", q.sizes(),
              ", ", k.sizes(), " and ", v.sizes());
  LYDIA_CHECK(o.dropout_p >= 0 && o.dropout_p <= 1, ValueError, kName,
              ": expected dropout_p from 0 to 1, got ", o.dropout_p);
  if (!mask.defined()) return;
  check_same_device(kName, q, mask);
  LYDIA_CHECK(!o.is_causal, ValueError, kName,
              ": expected either attn_mask or is_causal, got both");
  LYDIA_CHECK(mask.dtype() == DType::Bool || is_floating(mask.dtype()), TypeError, kName,
              ": expected a bool or floating attn_mask, got ", mask.dtype());
}

Dims leading(const Tensor& t) {
  Dims d = t.sizes();
  d.resize(d.size() - 2);
  return d;
}

Dims joined(Dims lead, int64_t a, int64_t b) {
  lead.push_back(a);
  lead.push_back(b);
  return lead;
}

// x [lead, a, b] as four dimensions: all but the last of `lead` in one.
Tensor as_heads(const Tensor& x, const Dims& lead) {
  const Tensor full = expand(x, joined(lead, x.size(-2), x.size(-1)));
  const int64_t heads = lead.empty() ? 1 : lead.back();
  int64_t batch = 1;
  for (size_t i = 0; i + 1 < lead.size(); ++i) batch *= lead[i];
  return full.ndim() == 4 ? full : reshape(full, {batch, heads, x.size(-2), x.size(-1)});
}

// The common leading dimensions of q and of k, v. Without gqa they are the same.
struct Leading {
  Dims q, kv;
};
Leading broadcast_leading(const Tensor& q, const Tensor& k, const Tensor& v, bool gqa) {
  const Dims kv = broadcast_shapes(kName, leading(k), leading(v));
  if (!gqa) {
    const Dims all = broadcast_shapes(kName, leading(q), kv);
    return {all, all};
  }
  LYDIA_CHECK(q.ndim() >= 3 && k.ndim() >= 3 && v.ndim() >= 3, ValueError, kName,
              ": expected a head dimension with enable_gqa, got shapes ", q.sizes(), " and ",
              k.sizes());
  const int64_t heads = q.size(-3), kv_heads = std::max(k.size(-3), v.size(-3));
  LYDIA_CHECK(kv_heads > 0 && heads % kv_heads == 0, ValueError, kName,
              ": expected query heads to be a multiple of the heads of key and value, got ", heads,
              " and ", kv_heads);
  Dims q_batch = leading(q), kv_batch = kv;
  q_batch.resize(q_batch.size() - 1);
  kv_batch.resize(kv_batch.size() - 1);
  const Dims batch = broadcast_shapes(kName, q_batch, kv_batch);
  Leading out{batch, batch};
  out.q.push_back(heads);
  out.kv.push_back(kv_heads);
  return out;
}

// Copies key heads so that each query head has its own: [B, K, S, E] -> [B, H, S, E].
Tensor repeat_heads(const Tensor& x, int64_t heads) {
  const int64_t share = heads / x.size(1);
  if (share == 1) return x;
  const Tensor wide = expand(unsqueeze(x, 2), {x.size(0), x.size(1), share, x.size(2), x.size(3)});
  return reshape(wide, {x.size(0), heads, x.size(2), x.size(3)});
}

// What a mask or causality adds to the scores: 0 or -inf, or the mask itself. Undefined for none.
Tensor additive_mask(const Tensor& mask, bool causal, int64_t queries, int64_t keys, DType dtype) {
  if (mask.defined()) return mask.dtype() == DType::Bool ? log(to(mask, dtype)) : to(mask, dtype);
  if (!causal) return {};
  const Tensor seen = empty({queries, keys}, dtype);
  visit_dtype(dtype, [&](auto tag) {
    auto* at = static_cast<decltype(tag)*>(seen.data_ptr());
    for (int64_t i = 0; i < queries; ++i)
      for (int64_t j = 0; j < keys; ++j)
        *at++ = decltype(tag)(j <= i ? 0.f : -std::numeric_limits<float>::infinity());
  });
  return seen;
}

Tensor scores_of(const Tensor& q, const Tensor& k, const Tensor& added, double scale) {
  const Tensor scores = matmul(q, transpose(k, -2, -1)) * scale;
  return added.defined() ? scores + added : scores;
}

// The softmax weights written with other ops, where derivatives of derivatives or dropout are
// wanted. `lse` is a constant near the true one (+inf in rows without keys): the division makes the
// rest exact.
Tensor weights(const Tensor& scores, const Tensor& lse) {
  const Tensor top = unsqueeze(lse.detach(), -1);
  const Tensor p = exp(scores - top);
  const Tensor none = to(eq(top, kInfinity), scores.dtype());
  return p / (sum(p, {-1}, true) + none);
}

struct Gradients {
  Tensor q, k, v, mask;
};
// Differentiable gradients. The rule's inputs are as the op's.
Gradients composite_grad(const Tensor& grad, const Tensor& q, const Tensor& k, const Tensor& v,
                         const Tensor& mask, const Tensor& lse, const AttentionAttrs& attrs) {
  const Tensor keys = repeat_heads(k, q.size(1)), values = repeat_heads(v, q.size(1));
  const Tensor added = additive_mask(mask, attrs.causal, q.size(2), k.size(2), q.dtype());
  const Tensor p = weights(scores_of(q, keys, added, attrs.scale), lse);
  const Tensor error = matmul(grad, transpose(values, -2, -1));
  const Tensor ds = p * (error - sum(error * p, {-1}, true));
  const auto joined_heads = [](const Tensor& x, const Tensor& like) {
    const int64_t share = x.size(1) / like.size(1);
    if (share == 1) return x;
    return sum(reshape(x, {x.size(0), like.size(1), share, x.size(2), x.size(3)}), {2});
  };
  return {matmul(ds, keys) * attrs.scale,
          joined_heads(matmul(transpose(ds, -2, -1), q) * attrs.scale, k),
          joined_heads(matmul(transpose(p, -2, -1), grad), v), ds};
}

// Dropout falls on the weights, which this holds whole.
Tensor with_dropout(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask,
                    const AttentionAttrs& attrs, double dropout_p) {
  const Tensor keys = repeat_heads(k, q.size(1)), values = repeat_heads(v, q.size(1));
  const Tensor added = additive_mask(mask, attrs.causal, q.size(2), k.size(2), q.dtype());
  const Tensor scores = scores_of(q, keys, added, attrs.scale);
  const Tensor lse = logsumexp(scores.detach(), {-1});
  const Tensor p = weights(scores, where(eq(lse, -kInfinity), kInfinity, lse));
  return matmul(dropout(p, dropout_p), values);
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const Tensor& attn_mask, const AttentionOptions& o) {
  LYDIA_LOW_PRECISION(scaled_dot_product_attention, query, key, value, attn_mask, o);
  check_arguments(query, key, value, attn_mask, o);
  const DType dtype = query.dtype() == DType::F64 ? DType::F64 : DType::F32;
  const Leading lead = broadcast_leading(query, key, value, o.enable_gqa);
  const Tensor q = as_heads(to(query, dtype), lead.q), k = as_heads(to(key, dtype), lead.kv),
               v = as_heads(to(value, dtype), lead.kv);
  Tensor mask;
  if (attn_mask.defined()) {
    const Dims full = joined(lead.q, q.size(2), k.size(2));
    LYDIA_CHECK(broadcast_shapes(kName, attn_mask.sizes(), full) == full, ValueError, kName,
                ": expected an attn_mask that broadcasts to ", full, ", got ", attn_mask.sizes());
    mask = as_heads(
        expand(attn_mask.dtype() == DType::Bool ? attn_mask : to(attn_mask, dtype), full), lead.q);
  }
  const AttentionAttrs attrs{o.scale.value_or(1 / std::sqrt(static_cast<double>(q.size(3)))),
                             o.is_causal};
  Tensor out;
  if (o.dropout_p > 0) {
    out = with_dropout(q, k, v, mask, attrs, o.dropout_p);
  } else {
    out = empty({q.size(0), q.size(1), q.size(2), v.size(3)}, dtype, q.device());
    Tensor lse = empty({q.size(0), q.size(1), q.size(2)}, dtype, q.device());
    run(Op::scaled_dot_product_attention, {&q, &k, &v, &mask}, {&out, &lse}, attrs);
  }
  const Dims sizes = joined(lead.q, q.size(2), v.size(3));
  return to(out.sizes() == sizes ? out : reshape(out, sizes), query.dtype());
}

Tensors scaled_dot_product_attention_grad(const Tensor& grad, const Tensor& q, const Tensor& k,
                                          const Tensor& v, const Tensor& mask, const Tensor& out,
                                          const Tensor& lse, const AttentionAttrs& attrs) {
  const Tensor g = contiguous(grad);
  Tensor dq = empty(q.sizes(), q.dtype(), q.device()), dk = empty(k.sizes(), k.dtype(), k.device()),
         dv = empty(v.sizes(), v.dtype(), v.device());
  run(Op::scaled_dot_product_attention_grad, {&g, &q, &k, &v, &mask, &out, &lse}, {&dq, &dk, &dv},
      attrs);
  return {dq, dk, dv};
}

const GradRule scaled_dot_product_attention_rule = {
    [](const GradContext& c, const Tensors& g) -> Tensors {
      const auto& attrs = c.attrs<AttentionAttrs>();
      const Tensor mask = c.has_in(3) ? c.in(3) : Tensor();
      if (!grad_enabled() && !c.needs(3)) {
        Tensors d = scaled_dot_product_attention_grad(g[0], c.in(0), c.in(1), c.in(2), mask,
                                                      c.out(0), c.out(1), attrs);
        d.push_back({});
        return d;
      }
      const Gradients d = composite_grad(g[0], c.in(0), c.in(1), c.in(2), mask, c.out(1), attrs);
      return {d.q, d.k, d.v, c.needs(3) ? d.mask : Tensor()};
    },
    kIn(0) | kIn(1) | kIn(2) | kIn(3) | kOut(0) | kOut(1)};

// Second derivatives take the composite above instead.
const GradRule scaled_dot_product_attention_grad_rule = {};

}  // namespace lydia
