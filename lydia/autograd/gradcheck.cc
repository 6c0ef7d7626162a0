#include "lydia/autograd/gradcheck.h"

#include <cmath>

#include "lydia/autograd/backward.h"
#include "lydia/autograd/grad_mode.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

// Fixed, irregular weights: a sum of outputs with these catches any wrong entry of the Jacobian.
Tensor weights_like(const Tensor& t, int salt) {
  Tensor w = empty(t.sizes(), DType::F64);
  auto* p = w.data<double>();
  for (int64_t i = 0; i < w.numel(); ++i)
    p[i] = std::sin(0.7 + 1.3 * static_cast<double>(i + 1) + 2.1 * salt) + 0.2;
  return to(w, t.dtype());
}

std::vector<size_t> float_outputs(const Tensors& out) {
  std::vector<size_t> at;
  for (size_t i = 0; i < out.size(); ++i)
    if (out[i].defined() && is_floating(out[i].dtype())) at.push_back(i);
  return at;
}

double weighted_value(const TensorFunction& f, const Tensors& inputs) {
  const NoGradGuard guard;
  const Tensors out = f(inputs);
  double total = 0;
  for (size_t i : float_outputs(out))
    total += sum(mul(out[i], weights_like(out[i], static_cast<int>(i)))).item<double>();
  return total;
}

// One input with its own dense memory, so that a step moves one element only.
Tensors dense_inputs(const Tensors& inputs) {
  Tensors out;
  for (const Tensor& x : inputs) {
    if (!x.defined()) {
      out.push_back(x);
      continue;
    }
    LYDIA_CHECK(!x.requires_grad() || x.dtype() == DType::F64, TypeError,
                "gradcheck: expected float64 inputs, got ", x.dtype());
    Tensor copy = clone(x.detach());
    if (x.requires_grad()) copy.set_requires_grad();
    out.push_back(copy);
  }
  return out;
}

void compare(const TensorFunction& f, const Tensors& inputs, size_t which, const Tensor& analytic,
             GradcheckOptions o) {
  const Tensor& x = inputs[which];
  const Tensor dense = analytic.defined() ? contiguous(analytic.detach()) : zeros_like(x);
  auto* value = x.data<double>();
  const auto* got = dense.data<double>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double kept = value[i];
    value[i] = kept + o.eps;
    const double above = weighted_value(f, inputs);
    value[i] = kept - o.eps;
    const double below = weighted_value(f, inputs);
    value[i] = kept;
    const double numeric = (above - below) / (2 * o.eps);
    LYDIA_CHECK(std::fabs(got[i] - numeric) <= o.atol + o.rtol * std::fabs(numeric), Error,
                "gradcheck: gradient of input ", which, " at element ", i, ": expected ", numeric,
                " (finite difference), got ", got[i]);
  }
}

}  // namespace

void gradcheck(const TensorFunction& f, const Tensors& inputs, GradcheckOptions options) {
  const Tensors x = dense_inputs(inputs);
  const EnableGradGuard guard;
  const Tensors out = f(x);
  Tensors roots, gradients, wanted;
  std::vector<size_t> wanted_at;
  for (size_t i : float_outputs(out))
    if (out[i].requires_grad()) {
      roots.push_back(out[i]);
      gradients.push_back(weights_like(out[i], static_cast<int>(i)));
    }
  for (size_t i = 0; i < x.size(); ++i)
    if (x[i].defined() && x[i].requires_grad()) {
      wanted.push_back(x[i]);
      wanted_at.push_back(i);
    }
  LYDIA_CHECK(!wanted.empty(), ValueError, "gradcheck: expected an input that requires grad");
  LYDIA_CHECK(!roots.empty(), Error,
              "gradcheck: no output depends on the inputs that require grad");
  BackwardOptions options_for_grad;
  options_for_grad.allow_unused = true;
  const Tensors analytic = grad(roots, wanted, gradients, options_for_grad);
  for (size_t i = 0; i < wanted.size(); ++i) compare(f, x, wanted_at[i], analytic[i], options);
}

void gradgradcheck(const TensorFunction& f, const Tensors& inputs, GradcheckOptions options) {
  const TensorFunction gradient = [&](const Tensors& x) {
    const EnableGradGuard guard;
    Tensors leaves, wanted;
    for (const Tensor& t : x) {
      // Under finite differences the inputs come without a graph of their own.
      leaves.push_back(t);
      if (t.defined() && t.requires_grad()) wanted.push_back(t);
    }
    const Tensors out = f(leaves);
    Tensors roots, gradients;
    for (size_t i : float_outputs(out))
      if (out[i].requires_grad()) {
        roots.push_back(out[i]);
        gradients.push_back(weights_like(out[i], 10 + static_cast<int>(i)));
      }
    Tensors result = grad(roots, wanted, gradients, {true, true, true});
    for (size_t i = 0; i < result.size(); ++i)
      if (!result[i].defined()) result[i] = zeros_like(wanted[i]);
    return result;
  };
  // Where the first derivative does not depend on the inputs, the second is zero: nothing to walk.
  const EnableGradGuard guard;
  const Tensors first = gradient(inputs);
  bool depends = false;
  for (const Tensor& t : first) depends |= t.requires_grad();
  if (depends) gradcheck(gradient, inputs, options);
}

}  // namespace lydia
