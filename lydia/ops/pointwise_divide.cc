// Quotients, remainders and powers of two tensors: checks, promotion and gradient rules.
#include "lydia/ops/autocast.h"
#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise_macros.h"
#include "lydia/ops/reduce.h"

namespace lydia {
namespace {

// Integers have no infinity to give: a divisor of 0 is an error, as in PyTorch, where anything is
// divided by it.
void nonzero_divisor(const char* op, DType t, const Tensor& a, const Tensor& b) {
  if (!is_integral(t) || a.numel() == 0) return;
  LYDIA_CHECK(sum(eq(b, 0)).item<int64_t>() == 0, Error, op, ": integer division by zero");
}

}  // namespace

LYDIA_DEFINE_BINARY_CHECKED(floor_divide, no_bool, nonzero_divisor)
LYDIA_DEFINE_BINARY_CHECKED(remainder, no_bool, nonzero_divisor)
LYDIA_DEFINE_BINARY_CHECKED(fmod, no_bool, nonzero_divisor)

// Steps are flat almost everywhere.
LYDIA_RULE(floor_divide, 0, {zeros_like(g), zeros_like(g)})
LYDIA_RULE(remainder, kIn(0) | kIn(1),
           {g, c.needs(1) ? neg(mul(g, div(c.in(0), c.in(1), Rounding::floor))) : Tensor()})
LYDIA_RULE(fmod, kIn(0) | kIn(1),
           {g, c.needs(1) ? neg(mul(g, div(c.in(0), c.in(1), Rounding::trunc))) : Tensor()})

Tensor div(const Tensor& a, const Tensor& b, Rounding rounding) {
  if (rounding == Rounding::none) return div(a, b);
  if (rounding == Rounding::floor) return floor_divide(a, b);
  check_defined("div", a, "input");
  check_defined("div", b, "other");
  const DType t = result_type(a, b);
  if (is_floating(t)) return trunc(div(a, b));
  return floor_divide(sub(a, fmod(a, b)), b);  // without a rest the two roundings agree
}

// ---- powers ------------------------------------------------------------------------------------

namespace {

// Powers that have a cheaper op of their own, in value and in gradient.
std::optional<Tensor> easy_power(const Tensor& x, Scalar exponent) {
  const double e = exponent.to<double>();
  if (e == 2 && (is_floating(x.dtype()) || (is_integral(x.dtype()) && !exponent.is_float())))
    return square(x);
  if (!is_floating(x.dtype())) return std::nullopt;
  if (e == 0.5) return sqrt(x);
  if (e == -0.5) return rsqrt(x);
  if (e == -1) return reciprocal(x);
  if (e == 3) return mul(square(x), x);
  return std::nullopt;
}

void check_exponent(DType t, Scalar exponent) {
  LYDIA_CHECK(is_floating(t) || exponent.to<double>() >= 0, ValueError,
              "pow: expected a non-negative exponent for integers, got ", exponent);
}

// d(a^b)/da = b a^(b-1): nothing where b is 0, whatever a.
Tensor power_grad_base(const Tensor& g, const Tensor& a, const Tensor& b) {
  const Tensor zero = eq(b, 0);
  return where(zero, 0, mul(g, mul(b, pow(a, sub(b, 1)))));
}

// d(a^b)/db = a^b log(a): 0 where a is 0 and b is not negative.
Tensor power_grad_exponent(const Tensor& g, const Tensor& a, const Tensor& b, const Tensor& y) {
  const Tensor flat = logical_and(eq(a, 0), ge(b, 0));
  return where(flat, 0, mul(g, mul(y, log(where(flat, 1, a)))));
}

}  // namespace

Tensor pow(const Tensor& a, const Tensor& b) {
  LYDIA_FULL_PRECISION(pow, a, b);
  check_defined("pow", a, "input");
  check_defined("pow", b, "exponent");
  return pointwise(Op::pow, {&a, &b}, no_bool("pow", result_type(a, b)));
}
Tensor pow(const Tensor& a, Scalar b) {
  LYDIA_FULL_PRECISION(pow, a, b);
  check_defined("pow", a, "input");
  if (std::optional<Tensor> easy = easy_power(a, b)) return *easy;
  const Tensor w = wrap_scalar(b, a);
  check_exponent(w.dtype(), b);
  return pointwise(Op::pow, {&a, &w}, no_bool("pow", w.dtype()));
}
Tensor pow(Scalar a, const Tensor& b) {
  LYDIA_FULL_PRECISION(pow, a, b);
  check_defined("pow", b, "exponent");
  const Tensor w = wrap_scalar(a, b);
  return pointwise(Op::pow, {&w, &b}, no_bool("pow", w.dtype()));
}
const Tensor& pow_(const Tensor& self, const Tensor& b) {
  check_defined("pow", self, "self");
  check_defined("pow", b, "exponent");
  return pointwise_(Op::pow, self, {&b}, no_bool("pow", result_type(self, b)));
}
const Tensor& pow_(const Tensor& self, Scalar b) {
  check_defined("pow", self, "self");
  if (b.to<double>() == 2 && result_type(self, b) == self.dtype()) return square_(self);
  const Tensor w = wrap_scalar(b, self);
  check_exponent(w.dtype(), b);
  return pointwise_(Op::pow, self, {&w}, no_bool("pow", w.dtype()));
}
LYDIA_RULE_BY_INPUT(pow, kIn(0) | kIn(1), kIn(0) | kIn(1) | kOut(0),
                    {c.needs(0) ? power_grad_base(g, c.in(0), c.in(1)) : Tensor(),
                     c.needs(1) ? power_grad_exponent(g, c.in(0), c.in(1), c.out()) : Tensor()})

Tensor float_power(const Tensor& a, const Tensor& b) {
  check_defined("float_power", a, "input");
  check_defined("float_power", b, "exponent");
  return pow(to(a, DType::F64), to(b, DType::F64));
}
Tensor float_power(const Tensor& a, Scalar b) {
  check_defined("float_power", a, "input");
  return pow(to(a, DType::F64), b);
}
Tensor float_power(Scalar a, const Tensor& b) {
  check_defined("float_power", b, "exponent");
  return pow(a, to(b, DType::F64));
}

}  // namespace lydia
