#include "lydia/models/agiformer/linear_attention.h"

#include <algorithm>
#include <array>

#include "lydia/core/error.h"
#include "lydia/ops/cat.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/creation.h"
#include "lydia/ops/matmul.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"
#include "lydia/ops/triangle.h"
#include "lydia/ops/view.h"

namespace lydia::models {
namespace {

// e^(-decay * steps) as [H, n, 1] for steps [n].
Tensor faded(const Tensor& decay, const Tensor& steps) {
  return exp(-reshape(decay, {-1, 1, 1}) * reshape(steps, {1, -1, 1}));
}

// Weights between the tokens of one chunk, [H, n, n] or [n, n].
Tensor within(const Tensor& decay, int64_t n, DType dtype) {
  const Tensor seen = tril(ones({n, n}, dtype));
  if (!decay.defined()) return seen;
  const Tensor at = arange(0, n, 1, dtype);
  const Tensor distance = clamp(unsqueeze(at, 1) - unsqueeze(at, 0), 0, std::nullopt);
  return seen * exp(-reshape(decay, {-1, 1, 1}) * distance);
}

LinearInputs piece(const LinearInputs& in, int64_t start, int64_t n) {
  const auto cut = [&](const Tensor& x) { return narrow(x, 2, start, n); };
  return {cut(in.q), cut(in.k), cut(in.rotated_q), cut(in.rotated_k), cut(in.v), in.decay};
}

LinearFraction chunk_sums(const LinearInputs& in, const LinearState& state) {
  const int64_t n = in.q.size(2);
  const Tensor weight = within(in.decay, n, in.q.dtype());
  const auto products = [](const Tensor& q, const Tensor& k) {
    return matmul(q, transpose(k, -2, -1));
  };
  LinearFraction out{matmul(products(in.rotated_q, in.rotated_k) * weight, in.v),
                     sum(products(in.q, in.k) * weight, {-1}, true)};
  if (!state.sum.defined()) return out;
  Tensor before = matmul(in.rotated_q, state.sum), norm = matmul(in.q, state.norm);
  if (in.decay.defined()) {
    const Tensor fade = faded(in.decay, arange(1, n + 1, 1, in.q.dtype()));
    before = before * fade, norm = norm * fade;
  }
  return {out.numerator + before, out.denominator + norm};
}

void add_chunk(const LinearInputs& in, LinearState& state) {
  const int64_t n = in.q.size(2);
  Tensor k = in.k, rotated = in.rotated_k;
  if (in.decay.defined()) {
    const Tensor fade = faded(in.decay, arange(n - 1, -1, -1, in.q.dtype()));
    k = k * fade, rotated = rotated * fade;
  }
  const Tensor added = matmul(transpose(rotated, -2, -1), in.v);
  const Tensor norm = unsqueeze(sum(k, {2}), -1);
  if (!state.sum.defined()) {
    state = {added, norm};
    return;
  }
  if (in.decay.defined()) {
    const Tensor fade = exp(in.decay * static_cast<double>(-n));
    const Tensor by_head = reshape(fade, {-1, 1, 1});
    state = {state.sum * by_head + added, state.norm * by_head + norm};
  } else {
    state = {state.sum + added, state.norm + norm};
  }
}

}  // namespace

Tensor LinearFraction::value() const { return numerator / (denominator + kLinearEps); }

LinearFraction LinearFraction::operator+(const LinearFraction& other) const {
  return {numerator + other.numerator, denominator + other.denominator};
}

LinearFraction linear_attention(const LinearInputs& in, bool causal, LinearState* state,
                                int64_t chunk) {
  if (!causal) {
    LYDIA_CHECK(!in.decay.defined() && !state, ValueError,
                "linear_attention: expected no decay and no state without causality");
    LinearState all;
    add_chunk(in, all);
    return {matmul(in.rotated_q, all.sum), matmul(in.q, all.norm)};
  }
  LinearState own;
  LinearState& sums = state ? *state : own;
  const int64_t length = in.q.size(2);
  Tensors above, below;
  for (int64_t start = 0; start < length; start += chunk) {
    const LinearInputs now = piece(in, start, std::min(chunk, length - start));
    const LinearFraction part = chunk_sums(now, sums);
    above.push_back(part.numerator), below.push_back(part.denominator);
    if (state || start + chunk < length) add_chunk(now, sums);
  }
  if (above.size() == 1) return {above[0], below[0]};
  return {cat(above, 2), cat(below, 2)};
}

Tensor linear_attention_quadratic(const LinearInputs& in, bool causal) {
  const int64_t n = in.q.size(2);
  const Tensor weight = causal ? within(in.decay, n, in.q.dtype()) : ones({n, n}, in.q.dtype());
  const Tensor w = matmul(in.rotated_q, transpose(in.rotated_k, -2, -1)) * weight;
  const Tensor u = matmul(in.q, transpose(in.k, -2, -1)) * weight;
  return matmul(w, in.v) / (sum(u, {-1}, true) + kLinearEps);
}

}  // namespace lydia::models
