// Activations written with other ops.
#include <cmath>
#include <limits>

#include "lydia/ops/activation.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/inplace.h"
#include "lydia/ops/view.h"

namespace lydia {
namespace {

void check_float(const char* op, const Tensor& x) {
  check_defined(op, x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError, op, ": expected a floating-point tensor, got ",
              x.dtype());
}

void check_number(const char* op, const Tensor& x) {
  check_defined(op, x, "input");
  LYDIA_CHECK(x.dtype() != DType::Bool, TypeError, op, ": expected numbers, got bool");
}

// x between the bounds, whose gradient is 0 on them as well (clamp's is 1 there). Integers keep
// their dtype, and the bounds lose their fractions.
Tensor hard_clamp(const Tensor& x, double lo, double hi) {
  if (!is_floating(x.dtype())) return clamp(x, std::trunc(lo), std::trunc(hi)).to(x.dtype());
  return where(ge(x, hi), hi, threshold(x, lo, lo));
}

}  // namespace

Tensor hardtanh(const Tensor& x, double lo, double hi) {
  check_number("hardtanh", x);
  LYDIA_CHECK(is_signed(x.dtype()) || lo >= 0, ValueError,
              "hardtanh: expected a min_val of at least 0 for ", x.dtype(), ", got ", lo);
  LYDIA_CHECK(lo <= hi, ValueError, "hardtanh: expected min_val <= max_val, got ", lo, " and ", hi);
  return hard_clamp(x, lo, hi);
}
Tensor relu6(const Tensor& x) {
  check_number("relu6", x);
  return hard_clamp(x, 0, 6);
}
Tensor hardsigmoid(const Tensor& x) {
  check_float("hardsigmoid", x);
  return hard_clamp(x + 3, 0, 6) / 6;
}
Tensor hardswish(const Tensor& x) {
  check_float("hardswish", x);
  return x * hard_clamp(x + 3, 0, 6) / 6;
}
Tensor mish(const Tensor& x) {
  check_float("mish", x);
  return x * tanh(softplus(x, 1, std::numeric_limits<double>::infinity()));
}
// The constants that keep mean 0 and variance 1 (Klambauer et al. 2017, arXiv:1706.02515).
Tensor selu(const Tensor& x) { return elu(x, 1.6732632423543772) * 1.0507009873554805; }
Tensor softsign(const Tensor& x) {
  check_number("softsign", x);
  return x / (abs(x) + 1);
}
Tensor logsigmoid(const Tensor& x) {
  check_float("logsigmoid", x);
  return -softplus(-x, 1, std::numeric_limits<double>::infinity());
}
Tensor tanhshrink(const Tensor& x) {
  check_number("tanhshrink", x);
  return x - tanh(x);
}
Tensor celu(const Tensor& x, double alpha) {
  check_float("celu", x);
  LYDIA_CHECK(alpha != 0, ValueError, "celu: expected an alpha other than 0");
  return where(gt(x, 0), x, expm1(clamp(x, std::nullopt, 0) / alpha) * alpha);
}
Tensor softshrink(const Tensor& x, double lambda) {
  check_float("softshrink", x);
  LYDIA_CHECK(lambda >= 0, ValueError, "softshrink: expected lambd >= 0, got ", lambda);
  const Tensor moved = where(gt(x, lambda), x - lambda, x + lambda);
  return where(le(abs(x), lambda), 0, moved);
}
Tensor hardshrink(const Tensor& x, double lambda) {
  check_float("hardshrink", x);
  return where(le(abs(x), lambda), 0, x);
}

Tensor prelu(const Tensor& x, const Tensor& weight) {
  check_float("prelu", x);
  check_float("prelu", weight);
  const int64_t channels = x.ndim() > 1 ? x.sizes()[1] : 1;
  LYDIA_CHECK(weight.numel() == 1 || (weight.ndim() == 1 && weight.numel() == channels), ValueError,
              "prelu: expected 1 weight or one per channel (", channels, "), got shape ",
              weight.sizes());
  Dims sizes(static_cast<size_t>(x.ndim()), 1);
  if (x.ndim() > 1) sizes[1] = weight.numel();
  return where(gt(x, 0), x, reshape(weight, sizes) * x);
}

Tensor glu(const Tensor& x, int64_t dim) {
  check_float("glu", x);
  LYDIA_CHECK(x.ndim() > 0, ValueError, "glu: expected at least one dimension, got a 0-d tensor");
  const int d = wrap_dim("glu", dim, x.ndim());
  const int64_t size = x.sizes()[static_cast<size_t>(d)];
  LYDIA_CHECK(size % 2 == 0, ValueError, "glu: expected an even size in dimension ", dim, ", got ",
              size);
  return narrow(x, d, 0, size / 2) * sigmoid(narrow(x, d, size / 2, size / 2));
}

namespace {

// What an in-place form computes on: the graph must not keep memory that is about to be rewritten.
Tensor source_of(const char* op, const Tensor& self) {
  check_inplace(op, self);
  return grad_enabled() && self.requires_grad() ? clone(self) : self;
}

}  // namespace

#define LYDIA_IN_PLACE(name)                                         \
  const Tensor& name##_(const Tensor& self) {                        \
    return write_inplace(#name, self, name(source_of(#name, self))); \
  }
LYDIA_IN_PLACE(relu6)
LYDIA_IN_PLACE(hardsigmoid)
LYDIA_IN_PLACE(hardswish)
LYDIA_IN_PLACE(mish)
LYDIA_IN_PLACE(selu)
LYDIA_IN_PLACE(softsign)
LYDIA_IN_PLACE(logsigmoid)
LYDIA_IN_PLACE(tanhshrink)
const Tensor& hardtanh_(const Tensor& self, double lo, double hi) {
  return write_inplace("hardtanh", self, hardtanh(source_of("hardtanh", self), lo, hi));
}
const Tensor& celu_(const Tensor& self, double alpha) {
  return write_inplace("celu", self, celu(source_of("celu", self), alpha));
}

}  // namespace lydia
