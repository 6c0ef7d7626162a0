// Elementwise ops: out[i] = f(a[i], b[i], ...) with NumPy broadcasting and PyTorch's promotion.
//
// A Scalar operand never widens the dtype within its category (float32 * 2.5 stays float32), nor
// does a 0-d tensor beside one with dimensions. Each function has an in-place form.
#pragma once

#include <optional>

#include "lydia/ops/op.h"

namespace lydia {

struct PointwiseAttrs {
  DType compute;            // what the row computes in
  DType result;             // what the row gives: compute, or bool
  bool mask_first = false;  // input 0 is a bool mask (where)
  double values[3] = {0, 0, 0};
};

// PyTorch's result_type of two tensors, or a tensor and a number.
DType result_type(const Tensor& a, const Tensor& b);
DType result_type(const Tensor& a, Scalar b);
// The floating dtype an op such as exp or true division works in: `t` if floating, else the
// default.
DType float_type(DType t);
// `value` as a 0-d tensor beside `like`, of the dtype PyTorch would compute in.
Tensor wrap_scalar(Scalar value, const Tensor& like);

// Runs pointwise op `op`: broadcasts, makes the output of `result` dtype, computes in `compute`.
// With `mask_first`, input 0 stays bool.
struct PointwiseTypes {
  DType compute, result;
  bool mask_first = false;
};
Tensor pointwise(Op op, std::initializer_list<const Tensor*> in, PointwiseTypes types,
                 std::initializer_list<double> values = {});
// In-place form: op computed on `self` and written back to it, by the rules of inplace.h. TypeError
// where the result's dtype can't be cast to self's.
const Tensor& pointwise_(Op op, const Tensor& self, std::initializer_list<const Tensor*> others,
                         PointwiseTypes types, std::initializer_list<double> values = {});
// The same where self is not the first input: `in` lists all of them, &self included.
const Tensor& pointwise_into(Op op, const Tensor& self, std::initializer_list<const Tensor*> in,
                             PointwiseTypes types, std::initializer_list<double> values = {});

#define LYDIA_BINARY(name)                                    \
  Tensor name(const Tensor& a, const Tensor& b);              \
  Tensor name(const Tensor& a, Scalar b);                     \
  Tensor name(Scalar a, const Tensor& b);                     \
  const Tensor& name##_(const Tensor& self, const Tensor& b); \
  const Tensor& name##_(const Tensor& self, Scalar b);
#define LYDIA_UNARY(name)       \
  Tensor name(const Tensor& x); \
  const Tensor& name##_(const Tensor& self);

// ---- arithmetic (pointwise_binary.cc)

// a + alpha * b, a - alpha * b
Tensor add(const Tensor& a, const Tensor& b, Scalar alpha);
Tensor sub(const Tensor& a, const Tensor& b, Scalar alpha);
const Tensor& add_(const Tensor& self, const Tensor& b, Scalar alpha);
const Tensor& sub_(const Tensor& self, const Tensor& b, Scalar alpha);
LYDIA_BINARY(add)
LYDIA_BINARY(sub)
LYDIA_BINARY(mul)
LYDIA_BINARY(div)  // true division: integers give the default float dtype
// Quotient and remainders; integers stay integers, and an integer divisor of 0 is an Error.
LYDIA_BINARY(floor_divide)  // rounds towards minus infinity
LYDIA_BINARY(remainder)     // a - b floor(a / b): the sign of b
LYDIA_BINARY(fmod)          // a - b trunc(a / b): the sign of a
enum class Rounding { none, trunc, floor };
Tensor div(const Tensor& a, const Tensor& b, Rounding rounding);
// a^b; integers stay integers and wrap.
LYDIA_BINARY(pow)
// a^b in float64
Tensor float_power(const Tensor& a, const Tensor& b);
Tensor float_power(const Tensor& a, Scalar b);
Tensor float_power(Scalar a, const Tensor& b);

// a + value * b * c, a + value * b / c
Tensor addcmul(const Tensor& a, const Tensor& b, const Tensor& c, Scalar value = 1);
Tensor addcdiv(const Tensor& a, const Tensor& b, const Tensor& c, Scalar value = 1);
const Tensor& addcmul_(const Tensor& self, const Tensor& b, const Tensor& c, Scalar value = 1);
const Tensor& addcdiv_(const Tensor& self, const Tensor& b, const Tensor& c, Scalar value = 1);
// a + w (b - a)
Tensor lerp(const Tensor& a, const Tensor& b, const Tensor& w);
Tensor lerp(const Tensor& a, const Tensor& b, Scalar w);
const Tensor& lerp_(const Tensor& self, const Tensor& b, const Tensor& w);
const Tensor& lerp_(const Tensor& self, const Tensor& b, Scalar w);

// ---- comparisons, logic, bits (pointwise_compare.cc, pointwise_logic.cc)

LYDIA_BINARY(eq)
LYDIA_BINARY(ne)
LYDIA_BINARY(lt)
LYDIA_BINARY(le)
LYDIA_BINARY(gt)
LYDIA_BINARY(ge)
LYDIA_BINARY(logical_and)
LYDIA_BINARY(logical_or)
LYDIA_BINARY(logical_xor)
LYDIA_UNARY(logical_not)
LYDIA_UNARY(isnan)
LYDIA_UNARY(isinf)
LYDIA_UNARY(isfinite)
LYDIA_UNARY(isposinf)
LYDIA_UNARY(isneginf)
LYDIA_UNARY(signbit)
// Integers and bool only.
LYDIA_BINARY(bitwise_and)
LYDIA_BINARY(bitwise_or)
LYDIA_BINARY(bitwise_xor)
LYDIA_UNARY(bitwise_not)
LYDIA_BINARY(left_shift)
LYDIA_BINARY(right_shift)  // keeps the sign
// |a - b| <= atol + rtol |b|; equal infinities are close, NaNs only with `equal_nan`.
Tensor isclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
               bool equal_nan = false);
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8,
              bool equal_nan = false);
// The same shape and the same values.
bool equal(const Tensor& a, const Tensor& b);

// ---- choosing (pointwise_choose.cc)

LYDIA_BINARY(maximum)  // NaN where either is NaN
LYDIA_BINARY(minimum)
LYDIA_BINARY(fmax)  // the other one where one is NaN
LYDIA_BINARY(fmin)
// mask ? a : b; `mask` is bool.
Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b);
Tensor where(const Tensor& mask, const Tensor& a, Scalar b);
Tensor where(const Tensor& mask, Scalar a, const Tensor& b);
Tensor where(const Tensor& mask, Scalar a, Scalar b);
// x with `value` (a number, or a 0-d tensor) where `mask` is true; keeps x's dtype.
Tensor masked_fill(const Tensor& x, const Tensor& mask, const Tensor& value);
Tensor masked_fill(const Tensor& x, const Tensor& mask, Scalar value);
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, const Tensor& value);
const Tensor& masked_fill_(const Tensor& self, const Tensor& mask, Scalar value);
// min(max(x, lo), hi); a missing bound is open.
using Bound = std::optional<Scalar>;
Tensor clamp(const Tensor& x, Bound lo, Bound hi);
const Tensor& clamp_(const Tensor& self, Bound lo, Bound hi);
// Bounds as tensors; an undefined one is open.
Tensor clamp(const Tensor& x, const Tensor& lo, const Tensor& hi);
const Tensor& clamp_(const Tensor& self, const Tensor& lo, const Tensor& hi);
// NaN, inf and -inf replaced; by default with 0 and the largest and lowest finite values.
Tensor nan_to_num(const Tensor& x, double nan = 0, std::optional<double> posinf = std::nullopt,
                  std::optional<double> neginf = std::nullopt);
const Tensor& nan_to_num_(const Tensor& self, double nan = 0,
                          std::optional<double> posinf = std::nullopt,
                          std::optional<double> neginf = std::nullopt);
// x where x > level, else value.
Tensor threshold(const Tensor& x, double level, double value);
const Tensor& threshold_(const Tensor& self, double level, double value);

// ---- one input (pointwise_unary.cc, pointwise_math.cc)

LYDIA_UNARY(neg)
LYDIA_UNARY(positive)
LYDIA_UNARY(abs)
LYDIA_UNARY(sign)
LYDIA_UNARY(sgn)
LYDIA_UNARY(square)
LYDIA_UNARY(sqrt)
LYDIA_UNARY(rsqrt)
LYDIA_UNARY(reciprocal)
LYDIA_UNARY(ceil)
LYDIA_UNARY(floor)
LYDIA_UNARY(round)  // half to even
Tensor round(const Tensor& x, int decimals);
LYDIA_UNARY(trunc)
LYDIA_UNARY(frac)  // x - trunc(x)
LYDIA_UNARY(deg2rad)
LYDIA_UNARY(rad2deg)
LYDIA_UNARY(exp)
LYDIA_UNARY(exp2)
LYDIA_UNARY(expm1)
LYDIA_UNARY(log)
LYDIA_UNARY(log2)
LYDIA_UNARY(log10)
LYDIA_UNARY(log1p)
LYDIA_UNARY(sin)
LYDIA_UNARY(cos)
LYDIA_UNARY(tan)
LYDIA_UNARY(asin)
LYDIA_UNARY(acos)
LYDIA_UNARY(atan)
LYDIA_UNARY(sinh)
LYDIA_UNARY(cosh)
LYDIA_UNARY(tanh)
LYDIA_UNARY(asinh)
LYDIA_UNARY(acosh)
LYDIA_UNARY(atanh)

// ---- special functions (pointwise_special.cc)

LYDIA_UNARY(erf)
LYDIA_UNARY(erfc)
LYDIA_UNARY(erfinv)
LYDIA_UNARY(lgamma)                            // log |Gamma(x)|
LYDIA_UNARY(digamma)                           // its derivative
Tensor polygamma(int order, const Tensor& x);  // the order-th derivative of digamma
LYDIA_UNARY(sinc)                              // sin(pi x) / (pi x)
LYDIA_UNARY(logit)                             // log(x / (1 - x))
Tensor logit(const Tensor& x, double eps);     // with x clamped to [eps, 1 - eps] first
LYDIA_BINARY(atan2)
LYDIA_BINARY(hypot)
LYDIA_BINARY(copysign)
LYDIA_BINARY(nextafter)
LYDIA_BINARY(logaddexp)   // log(e^a + e^b)
LYDIA_BINARY(logaddexp2)  // log2(2^a + 2^b)
LYDIA_BINARY(xlogy)       // a log(b), 0 where a is 0
LYDIA_BINARY(ldexp)       // a 2^b
LYDIA_BINARY(heaviside)   // 0 below 0, b at 0, 1 above
LYDIA_BINARY(gcd)
LYDIA_BINARY(lcm)

// ---- activations (activation.cc); more in ops/activation.h

LYDIA_UNARY(sigmoid)
LYDIA_UNARY(relu)

#define LYDIA_OPERATOR(symbol, name)                                                     \
  inline Tensor operator symbol(const Tensor& a, const Tensor& b) { return name(a, b); } \
  inline Tensor operator symbol(const Tensor& a, Scalar b) { return name(a, b); }        \
  inline Tensor operator symbol(Scalar a, const Tensor& b) { return name(a, b); }
LYDIA_OPERATOR(+, add)
LYDIA_OPERATOR(-, sub)
LYDIA_OPERATOR(*, mul)
LYDIA_OPERATOR(/, div)
LYDIA_OPERATOR(%, remainder)
LYDIA_OPERATOR(&, bitwise_and)
LYDIA_OPERATOR(|, bitwise_or)
LYDIA_OPERATOR(^, bitwise_xor)
inline Tensor operator-(const Tensor& x) { return neg(x); }
inline Tensor operator~(const Tensor& x) { return bitwise_not(x); }
#undef LYDIA_OPERATOR

}  // namespace lydia
