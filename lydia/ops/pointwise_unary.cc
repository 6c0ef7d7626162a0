// Elementwise functions of one tensor: signs, roots, rounding. Dtype and gradient rules.
#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(neg, no_bool)
LYDIA_DEFINE_UNARY(positive, no_bool)
LYDIA_DEFINE_UNARY(abs, no_bool)
LYDIA_DEFINE_UNARY(sign, same_type)
LYDIA_DEFINE_UNARY(sgn, same_type)
LYDIA_DEFINE_UNARY(sqrt, as_float)
LYDIA_DEFINE_UNARY(rsqrt, as_full_float)
LYDIA_DEFINE_UNARY(reciprocal, as_full_float)
LYDIA_DEFINE_UNARY(ceil, no_bool)
LYDIA_DEFINE_UNARY(floor, no_bool)
LYDIA_DEFINE_UNARY(round, no_bool)
LYDIA_DEFINE_UNARY(trunc, no_bool)
LYDIA_DEFINE_UNARY(frac, only_float)
LYDIA_DEFINE_UNARY(deg2rad, as_float)
LYDIA_DEFINE_UNARY(rad2deg, as_float)

namespace {

// True * True is 1, an int64, as in PyTorch.
PointwiseTypes square_types(const char*, DType t) {
  const DType result = t == DType::Bool ? DType::I64 : t;
  return {result, result};
}

}  // namespace

LYDIA_DEFINE_UNARY(square, square_types)

LYDIA_RULE(neg, 0, {neg(g)})
LYDIA_RULE(positive, 0, {g})
LYDIA_RULE(abs, kIn(0), {mul(g, sign(c.in(0)))})
LYDIA_RULE(square, kIn(0), {mul(g, mul(c.in(0), 2))})
LYDIA_RULE(sqrt, kOut(0), {div(g, mul(c.out(), 2))})
LYDIA_RULE(rsqrt, kOut(0), {mul(mul(g, -0.5), pow(c.out(), 3))})
LYDIA_RULE(reciprocal, kOut(0), {neg(mul(g, square(c.out())))})
LYDIA_RULE(frac, 0, {g})
LYDIA_RULE(deg2rad, 0, {mul(g, M_PI / 180)})
LYDIA_RULE(rad2deg, 0, {mul(g, 180 / M_PI)})

// Steps are flat almost everywhere.
LYDIA_RULE(sign, 0, {zeros_like(g)})
LYDIA_RULE(sgn, 0, {zeros_like(g)})
LYDIA_RULE(ceil, 0, {zeros_like(g)})
LYDIA_RULE(floor, 0, {zeros_like(g)})
LYDIA_RULE(round, 0, {zeros_like(g)})
LYDIA_RULE(trunc, 0, {zeros_like(g)})

Tensor round(const Tensor& x, int decimals) {
  if (decimals == 0) return round(x);
  check_defined("round", x, "input");
  LYDIA_CHECK(is_floating(x.dtype()), TypeError,
              "round: expected a floating-point tensor with decimals, got ", x.dtype());
  const double scale = std::pow(10.0, std::abs(decimals));
  return decimals > 0 ? div(round(mul(x, scale)), scale) : mul(round(div(x, scale)), scale);
}

}  // namespace lydia
