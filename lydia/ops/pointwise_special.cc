// Special functions of one and two tensors: dtype and gradient rules.
#include <cmath>

#include "lydia/ops/copy.h"
#include "lydia/ops/pointwise_macros.h"

namespace lydia {

LYDIA_DEFINE_UNARY(erf, as_float)
LYDIA_DEFINE_UNARY(erfc, as_float)
LYDIA_DEFINE_UNARY(erfinv, as_full_float)
LYDIA_DEFINE_UNARY(lgamma, as_float)
LYDIA_DEFINE_UNARY(digamma, as_float)
LYDIA_DEFINE_UNARY(sinc, as_float)
LYDIA_DEFINE_UNARY(logit, as_float)

Tensor polygamma(int order, const Tensor& x) {
  check_defined("polygamma", x, "input");
  LYDIA_CHECK(order >= 0, ValueError, "polygamma: expected an order of at least 0, got ", order);
  if (order == 0) return digamma(x);
  return pointwise(Op::polygamma, {&x}, as_float("polygamma", x.dtype()),
                   {static_cast<double>(order)});
}

Tensor logit(const Tensor& x, double eps) {
  check_defined("logit", x, "input");
  return logit(clamp(to(x, float_type(x.dtype())), eps, 1 - eps));
}

namespace {

// (cos(pi x) - sinc(x)) / x, and its limit 0 at 0.
Tensor sinc_grad(const Tensor& g, const Tensor& x) {
  const Tensor zero = eq(x, 0);
  const Tensor safe = where(zero, 1, x);
  return where(zero, 0, mul(g, div(cos(safe * M_PI) - sinc(safe), safe)));
}

Tensor polygamma_grad(const GradContext& c, const Tensor& g) {
  const int order = static_cast<int>(c.attrs<PointwiseAttrs>().values[0]);
  return mul(g, polygamma(order + 1, c.in(0)));
}

}  // namespace

LYDIA_RULE(erf, kIn(0), {mul(g, exp(neg(square(c.in(0)))) * M_2_SQRTPI)})
LYDIA_RULE(erfc, kIn(0), {mul(g, exp(neg(square(c.in(0)))) * -M_2_SQRTPI)})
LYDIA_RULE(erfinv, kOut(0), {mul(g, exp(square(c.out())) * (1 / M_2_SQRTPI))})
LYDIA_RULE(lgamma, kIn(0), {mul(g, digamma(c.in(0)))})
LYDIA_RULE(digamma, kIn(0), {mul(g, polygamma(1, c.in(0)))})
LYDIA_RULE(polygamma, kIn(0), {polygamma_grad(c, g)})
LYDIA_RULE(sinc, kIn(0), {sinc_grad(g, c.in(0))})
LYDIA_RULE(logit, kIn(0), {div(g, c.in(0) * (1 - c.in(0)))})

// ---- two inputs --------------------------------------------------------------------------------

namespace {

// Halves compute in float32, whose neighbours round back to the number itself.
PointwiseTypes no_half(const char* op, DType t) {
  LYDIA_CHECK(t == DType::F32 || t == DType::F64, TypeError, op,
              ": expected float32 or float64, got ", t);
  return {t, t};
}

}  // namespace

LYDIA_DEFINE_BINARY(atan2, as_float)
LYDIA_DEFINE_BINARY(hypot, only_float)
LYDIA_DEFINE_BINARY(copysign, as_float)
LYDIA_DEFINE_BINARY(nextafter, no_half)
LYDIA_DEFINE_BINARY(logaddexp, only_float)
LYDIA_DEFINE_BINARY(logaddexp2, only_float)
LYDIA_DEFINE_BINARY(xlogy, as_float)
LYDIA_DEFINE_BINARY(ldexp, as_float)
LYDIA_DEFINE_BINARY(heaviside, no_bool)
LYDIA_DEFINE_BINARY(gcd, only_integer)
LYDIA_DEFINE_BINARY(lcm, only_integer)

namespace {

// The gradient of sqrt(a^2 + b^2), or of atan2: `part` of it for each input that needs one.
template <class A, class B>
Tensors each(const GradContext& c, A&& first, B&& second) {
  return {c.needs(0) ? first() : Tensor(), c.needs(1) ? second() : Tensor()};
}

Tensors atan2_grad(const GradContext& c, const Tensor& g) {
  const Tensor a = c.in(0), b = c.in(1), length = square(a) + square(b);
  const Tensor scaled = div(g, where(eq(length, 0), 1, length));  // at the origin: 0
  return each(
      c, [&] { return mul(scaled, b); }, [&] { return neg(mul(scaled, a)); });
}

// d(x log y)/dx = log y, but 0 where x is 0 and log y is not a number to multiply with.
Tensors xlogy_grad(const GradContext& c, const Tensor& g) {
  const Tensor x = c.in(0), y = c.in(1);
  return each(
      c,
      [&] {
        const Tensor flat = logical_and(eq(x, 0), le(y, 0));
        return where(flat, 0, mul(g, log(where(flat, 1, y))));
      },
      [&] { return mul(g, div(x, y)); });
}

}  // namespace

LYDIA_RULE(atan2, kIn(0) | kIn(1), atan2_grad(c, g))
LYDIA_RULE(hypot, kIn(0) | kIn(1) | kOut(0),
           each(
               c, [&] { return mul(g, div(c.in(0), c.out())); },
               [&] { return mul(g, div(c.in(1), c.out())); }))
// |a| with b's sign: the slope in a is the product of both signs, 0 at a = 0.
LYDIA_RULE(copysign, kIn(0) | kOut(0),
           each(
               c, [&] { return mul(g, mul(sign(c.in(0)), sign(c.out()))); },
               [&] { return zeros_like(g); }))
LYDIA_RULE(logaddexp, kIn(0) | kIn(1),
           each(
               c, [&] { return mul(g, sigmoid(c.in(0) - c.in(1))); },
               [&] { return mul(g, sigmoid(c.in(1) - c.in(0))); }))
LYDIA_RULE(logaddexp2, kIn(0) | kIn(1),
           each(
               c, [&] { return mul(g, sigmoid((c.in(0) - c.in(1)) * M_LN2)); },
               [&] { return mul(g, sigmoid((c.in(1) - c.in(0)) * M_LN2)); }))
LYDIA_RULE(xlogy, kIn(0) | kIn(1), xlogy_grad(c, g))
LYDIA_RULE(ldexp, kIn(1) | kOut(0),
           each(
               c, [&] { return ldexp(g, c.in(1)); }, [&] { return mul(g, c.out() * M_LN2); }))
LYDIA_NO_GRAD(nextafter)
LYDIA_NO_GRAD(heaviside)
LYDIA_NO_GRAD(gcd)
LYDIA_NO_GRAD(lcm)

}  // namespace lydia
