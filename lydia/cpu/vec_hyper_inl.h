// Vector hyperbolic functions and their inverses, powers and the like, for f64 (f32 rows compute in
// double), on top of vec_math_inl.h.
//
//   sinh:   x + x^3 P(x^2) for |x| < 1, else h - 1/(4h) with h = e^|x| / 2; cosh: h + 1/(4h)
//   asinh:  log1p(x + x^2 / (1 + sqrt(x^2 + 1)));  acosh: log1p(t + sqrt(2t + t^2)), t = x - 1
//   atanh:  log1p(2x / (1 - x)) / 2

#if defined(LYDIA_CPU_VEC_HYPER_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_VEC_HYPER_INL_H_
#undef LYDIA_CPU_VEC_HYPER_INL_H_
#else
#define LYDIA_CPU_VEC_HYPER_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>

#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

LYDIA_STD(sinh)
LYDIA_STD(cosh)
LYDIA_STD(asinh)
LYDIA_STD(acosh)
LYDIA_STD(atanh)

#else

// e^x / 2 for 0 <= x, without overflow where e^x alone would.
template <class D, class V>
HWY_INLINE V half_exp(D d, V x) {
  auto e = exp_parts(d, hn::Min(set(d, 711), x));
  e.n.value = hn::Sub(e.n.value, set(d, 1));
  e.n.bits = hn::Sub(e.n.bits, hn::Set(hn::RebindToSigned<D>(), 1));
  return scale(d, e.mantissa, e.n);
}

template <class D, class V>
HWY_INLINE V vsinh(D d, V x) {
  const V size = hn::Abs(x);
  const V z = hn::Mul(x, x);
  const V small = hn::MulAdd(hn::Mul(size, z), poly(d, z, kSinhF64), size);
  const V h = half_exp(d, size);
  const V large = hn::Sub(h, hn::Div(set(d, 0.25), h));
  return hn::CopySign(hn::IfThenElse(hn::Lt(size, set(d, 1)), small, large), x);
}

template <class D, class V>
HWY_INLINE V vcosh(D d, V x) {
  const V h = half_exp(d, hn::Abs(x));
  return hn::Add(h, hn::Div(set(d, 0.25), h));
}

// log(2 |x|) stands in for asinh and acosh where x^2 would overflow.
template <class D, class V>
HWY_INLINE V log_twice(D d, V size) {
  return hn::Add(vlog(d, size), set(d, 0.69314718055994530942));
}

template <class D, class V>
HWY_INLINE V vasinh(D d, V x) {
  const V one = set(d, 1);
  const V size = hn::Abs(x);
  const V z = hn::Mul(x, x);
  const V root = hn::Sqrt(hn::Add(z, one));
  const V small = vlog1p(d, hn::Add(size, hn::Div(z, hn::Add(one, root))));
  const auto huge = hn::Gt(size, set(d, 0x1p30));
  return hn::CopySign(hn::IfThenElse(huge, log_twice(d, size), small), x);
}

template <class D, class V>
HWY_INLINE V vacosh(D d, V x) {
  const V t = hn::Sub(x, set(d, 1));
  const V root = hn::Sqrt(hn::Mul(t, hn::Add(t, set(d, 2))));
  const V small = vlog1p(d, hn::Add(t, root));
  const V y = hn::IfThenElse(hn::Gt(x, set(d, 0x1p30)), log_twice(d, x), small);
  return hn::IfThenElse(hn::Ge(t, hn::Zero(d)), y, hn::NaN(d));
}

template <class D, class V>
HWY_INLINE V vatanh(D d, V x) {
  const V size = hn::Abs(x);
  const V ratio = hn::Div(hn::Add(size, size), hn::Sub(set(d, 1), size));
  return hn::CopySign(hn::Mul(vlog1p(d, ratio), set(d, 0.5)), x);
}

#endif

// x^y by e^(y log |x|), which in double is exact enough for f32 results; IEEE 754's special cases.
template <class D, class V>
HWY_INLINE V pow_for_f32(D d, V x, V y) {
  const V one = set(d, 1);
  const V size = hn::Abs(x);
  V result = vexp(d, hn::Mul(y, vlog(d, size)));
  const auto is_one = hn::Or(hn::Eq(y, hn::Zero(d)), hn::Eq(size, one));
  result = hn::IfThenElse(is_one, one, result);
  const auto whole = hn::Eq(y, hn::Floor(y));
  const V half = hn::Mul(y, set(d, 0.5));
  const auto odd = hn::AndNot(hn::Eq(half, hn::Floor(half)), whole);
  const auto minus = hn::Lt(hn::CopySign(one, x), hn::Zero(d));
  result = hn::IfThenElse(hn::And(minus, odd), hn::Neg(result), result);
  const auto finite = hn::And(hn::Lt(size, hn::Inf(d)), hn::Gt(size, hn::Zero(d)));
  const auto bad = hn::AndNot(whole, hn::And(minus, hn::And(finite, hn::Eq(y, y))));
  result = hn::IfThenElse(bad, hn::NaN(d), result);
  // pow(1, NaN) = pow(NaN, 0) = 1, any other NaN stays; -1 to a NaN is one of those.
  return hn::IfThenElse(hn::And(hn::And(minus, hn::IsNaN(y)), hn::Eq(size, one)), y, result);
}

// sqrt(a^2 + b^2) by the ratio of the smaller to the larger; infinite if either is.
template <class D, class V>
HWY_INLINE V vhypot(D d, V a, V b) {
  const V x = hn::Abs(a), y = hn::Abs(b);
  const auto swap = hn::Lt(x, y);
  const V large = hn::IfThenElse(swap, y, x);
  const V small = hn::IfThenElse(swap, x, y);
  const V ratio = hn::Div(small, hn::IfThenElse(hn::Eq(large, hn::Zero(d)), set(d, 1), large));
  const V root = hn::Mul(large, hn::Sqrt(hn::MulAdd(ratio, ratio, set(d, 1))));
  const auto infinite = hn::Or(hn::Eq(x, hn::Inf(d)), hn::Eq(y, hn::Inf(d)));
  return hn::IfThenElse(infinite, hn::Inf(d), root);
}

// max(a, b) + log1p(e^-|a - b|); equal infinities stay.
template <class D, class V>
HWY_INLINE V log_add_exp(D d, V a, V b) {
  const V large = hn::IfThenElse(hn::Lt(a, b), b, a);
  const V tail = log1p_unit(d, vexp(d, hn::Neg(hn::Abs(hn::Sub(a, b)))));
  const V equal = hn::Add(a, set(d, 0.69314718055994530942));
  return hn::IfThenElse(hn::Eq(a, b), equal, hn::Add(large, tail));
}
template <class D, class V>
HWY_INLINE V log_add_exp2(D d, V a, V b) {
  const V large = hn::IfThenElse(hn::Lt(a, b), b, a);
  const V tail = log1p_unit(d, vexp2(d, hn::Neg(hn::Abs(hn::Sub(a, b)))));
  const V sum = hn::MulAdd(tail, set(d, 1.4426950408889634074), large);
  return hn::IfThenElse(hn::Eq(a, b), hn::Add(a, set(d, 1)), sum);
}

// x log(y); 0 for x = 0 unless y is NaN.
template <class D, class V>
HWY_INLINE V xlogy(D d, V x, V y) {
  const auto zero = hn::And(hn::Eq(x, hn::Zero(d)), hn::Eq(y, y));
  return hn::IfThenElse(zero, hn::Zero(d), hn::Mul(x, vlog(d, y)));
}

// log(x / (1 - x)); towards 1/2 and beyond by log1p((2x - 1) / (1 - x)), whose numerator is exact.
template <class D, class V>
HWY_INLINE V vlogit(D d, V x) {
  const V one = set(d, 1);
  const V rest = hn::Sub(one, x);
  const V above = hn::Sub(hn::Add(x, x), one);
  const V low = vlog(d, hn::Div(x, rest));
  return hn::IfThenElse(hn::Lt(x, set(d, 0.25)), low, vlog1p(d, hn::Div(above, rest)));
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_VEC_HYPER_INL_H_
