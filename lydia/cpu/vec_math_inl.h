// Vector exp, log and what hangs on them (f32, f64). Errors are a few units in the last place; NaN,
// infinities, zeros and subnormals come out as IEEE 754 wants. Without FMA (the baseline) the C
// library computes instead. Included once per instruction set.
//
//   exp:   x = n ln2 + r, |r| <= ln2/2;  e^x = 2^n (1 + r + r^2 P(r))
//   log:   x = 2^e m, m in [3/4, 3/2), f = m - 1;  log x = e ln2 + log(1 + f)
//   tanh:  with t = expm1(-2|x|), tanh |x| = -t / (t + 2)

#if defined(LYDIA_CPU_VEC_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_VEC_MATH_INL_H_
#undef LYDIA_CPU_VEC_MATH_INL_H_
#else
#define LYDIA_CPU_VEC_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>
#include <cstddef>

#include "lydia/cpu/math_coefs.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Without FMA: v<name>(d, x) by std::<name>.
#define LYDIA_STD(name)                           \
  template <class D, class V>                     \
  HWY_INLINE V v##name(D d, V x) {                \
    return hn::Set(d, std::name(hn::GetLane(x))); \
  }

template <class D>
constexpr bool kIsF32 = sizeof(hn::TFromD<D>) == 4;

#if HWY_TARGET == HWY_SCALAR

LYDIA_STD(exp)
LYDIA_STD(exp2)
LYDIA_STD(expm1)
LYDIA_STD(tanh)
LYDIA_STD(log)
LYDIA_STD(log2)
LYDIA_STD(log10)
LYDIA_STD(log1p)
template <class D, class V>
HWY_INLINE V log1p_unit(D d, V x) {
  return vlog1p(d, x);
}

#else

// c[0] + c[1] x + ... + c[N-1] x^(N-1)
template <size_t I = 0, class D, class V, class T, size_t N>
HWY_INLINE V poly(D d, V x, const T (&c)[N]) {
  if constexpr (I + 1 == N) {
    return hn::Set(d, c[I]);
  } else {
    return hn::MulAdd(poly<I + 1>(d, x, c), x, hn::Set(d, c[I]));
  }
}

// ln 2 as hi + lo. hi has trailing zeros, so that n * hi is exact.
template <class D>
HWY_INLINE hn::Vec<D> ln2_hi(D d) {
  return set(d, kIsF32<D> ? 0x1.62e4p-1 : 0x1.62e42fefa38p-1);
}
template <class D>
HWY_INLINE hn::Vec<D> ln2_lo(D d) {
  return set(d, kIsF32<D> ? 0x1.7f7d1cp-20 : 0x1.ef35793c7673p-45);
}

// Keeps x in [lo, hi]; NaN stays NaN, since x86 min and max return their second operand then.
template <class D, class V>
HWY_INLINE V keep_within(D d, V x, double lo, double hi) {
  return hn::Min(set(d, hi), hn::Max(set(d, lo), x));
}

// The integer nearest to a small x, as a float and (in the low bits) as an integer of its width.
// Adding 1.5 * 2^(mantissa bits) leaves the integer in the low bits of the sum.
template <class D>
struct Rounded {
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;
  V value;
  hn::Vec<DI> bits;
};
template <class D, class V>
HWY_INLINE Rounded<D> round_small(D d, V x, V scale) {
  const V magic = set(d, kIsF32<D> ? 0x1.8p23 : 0x1.8p52);
  const V sum = hn::MulAdd(x, scale, magic);
  return {hn::Sub(sum, magic), hn::BitCast(hn::RebindToSigned<D>(), sum)};
}

// 2^n for an integer n whose low bits are `bits`; n must be the exponent of a normal number.
template <class D, class VI>
HWY_INLINE hn::Vec<D> pow2(D d, VI bits) {
  constexpr int kMantissa = kIsF32<D> ? 23 : 52;
  constexpr int kBias = kIsF32<D> ? 127 : 1023;
  const hn::RebindToSigned<D> di;
  return hn::BitCast(d, hn::ShiftLeft<kMantissa>(hn::Add(bits, hn::Set(di, kBias))));
}

// y * 2^n, rounded once, for every n that exp needs: the result may be subnormal or infinite.
template <class D, class V>
HWY_INLINE V scale(D d, V y, const Rounded<D>& n) {
#if HWY_TARGET == HWY_AVX3
  (void)d;
  if constexpr (kIsF32<D>) {
    return V{_mm512_scalef_ps(y.raw, n.value.raw)};
  } else {
    return V{_mm512_scalef_pd(y.raw, n.value.raw)};
  }
#else
  // In two halves, each of which is a normal number. The bits of n are sign-extended first.
  const hn::RebindToSigned<D> di;
  const auto magic = hn::BitCast(di, set(d, kIsF32<D> ? 0x1.8p23 : 0x1.8p52));
  const auto whole = hn::Sub(n.bits, magic);
  const auto half = hn::ShiftRight<1>(whole);
  return hn::Mul(hn::Mul(y, pow2(d, half)), pow2(d, hn::Sub(whole, half)));
#endif
}

// e^r - 1 for |r| <= ln2 / 2.
template <class D, class V>
HWY_INLINE V expm1_reduced(D d, V r) {
  if constexpr (kIsF32<D>) {
    return hn::MulAdd(hn::Mul(r, r), poly(d, r, kExpF32), r);
  } else {
    return hn::MulAdd(hn::Mul(r, r), poly(d, r, kExpF64), r);
  }
}

// e^x = mantissa 2^n, for an x that is already within the range of keep_within.
template <class D>
struct ExpParts {
  hn::Vec<D> mantissa;
  Rounded<D> n;
};
template <class D, class V>
HWY_INLINE ExpParts<D> exp_parts(D d, V x) {
  const auto n = round_small(d, x, set(d, 1.4426950408889634074));
  const V r = hn::NegMulAdd(n.value, ln2_lo(d), hn::NegMulAdd(n.value, ln2_hi(d), x));
  return {hn::Add(expm1_reduced(d, r), set(d, 1)), n};
}

// The same of x = a b, whose rounding error would grow with x: the fused multiply-add keeps it.
template <class D, class V>
HWY_INLINE ExpParts<D> exp_product(D d, V a, V b) {
  const auto n = round_small(d, hn::Mul(a, b), set(d, 1.4426950408889634074));
  const V r = hn::NegMulAdd(n.value, ln2_lo(d), hn::MulSub(a, b, hn::Mul(n.value, ln2_hi(d))));
  return {hn::Add(expm1_reduced(d, r), set(d, 1)), n};
}

template <class D, class V>
HWY_INLINE V vexp(D d, V x) {
  x = keep_within(d, x, kIsF32<D> ? -104 : -746, kIsF32<D> ? 89 : 710);
  const auto n = round_small(d, x, set(d, 1.4426950408889634074));
  const V r = hn::NegMulAdd(n.value, ln2_lo(d), hn::NegMulAdd(n.value, ln2_hi(d), x));
  return scale(d, hn::Add(expm1_reduced(d, r), set(d, 1)), n);
}

template <class D, class V>
HWY_INLINE V vexp2(D d, V x) {
  x = keep_within(d, x, kIsF32<D> ? -151 : -1076, kIsF32<D> ? 128 : 1024);
  const auto n = round_small(d, x, set(d, 1));
  const V r = hn::Mul(hn::Sub(x, n.value), set(d, 0.69314718055994530942));
  return scale(d, hn::Add(expm1_reduced(d, r), set(d, 1)), n);
}

// 2^n (e^r - 1) + (2^n - 1), computed with 2^(n-1) so that the largest n does not overflow.
template <class D, class V>
HWY_INLINE V vexpm1(D d, V x) {
  const V zero_or_x = x;
  x = keep_within(d, x, kIsF32<D> ? -20 : -40, kIsF32<D> ? 89 : 710);
  const auto n = round_small(d, x, set(d, 1.4426950408889634074));
  const V r = hn::NegMulAdd(n.value, ln2_lo(d), hn::NegMulAdd(n.value, ln2_hi(d), x));
  const V half_power = pow2(d, hn::Sub(n.bits, hn::Set(hn::RebindToSigned<D>(), 1)));
  const V half = hn::MulAdd(half_power, expm1_reduced(d, r), hn::Sub(half_power, set(d, 0.5)));
  return hn::IfThenElse(hn::Eq(zero_or_x, hn::Zero(d)), zero_or_x, hn::Add(half, half));
}

// e^x - 1 for x <= 0 only, without the care for overflow and -0.
template <class D, class V>
HWY_INLINE V expm1_negative(D d, V x) {
  x = hn::Max(set(d, kIsF32<D> ? -20 : -40), x);
  const auto n = round_small(d, x, set(d, 1.4426950408889634074));
  const V r = hn::NegMulAdd(n.value, ln2_lo(d), hn::NegMulAdd(n.value, ln2_hi(d), x));
  const V power = pow2(d, n.bits);
  return hn::MulAdd(power, expm1_reduced(d, r), hn::Sub(power, set(d, 1)));
}

template <class D, class V>
HWY_INLINE V vtanh(D d, V x) {
  const V t = expm1_negative(d, hn::Mul(hn::Abs(x), set(d, -2)));
  return hn::CopySign(hn::Div(t, hn::Add(t, set(d, 2))), x);
}

// x = 2^exponent * mantissa, mantissa in [3/4, 3/2). For x = 0 and +inf the exponent is infinite;
// for x < 0 the mantissa is NaN.
template <class D>
struct Split {
  hn::Vec<D> exponent, mantissa;
};

#if HWY_TARGET == HWY_AVX3
HWY_INLINE hn::Vec512<float> get_exponent(hn::Vec512<float> x) { return {_mm512_getexp_ps(x.raw)}; }
HWY_INLINE hn::Vec512<double> get_exponent(hn::Vec512<double> x) {
  return {_mm512_getexp_pd(x.raw)};
}
HWY_INLINE hn::Vec512<float> get_mantissa(hn::Vec512<float> x) {
  return {_mm512_getmant_ps(x.raw, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan)};
}
HWY_INLINE hn::Vec512<double> get_mantissa(hn::Vec512<double> x) {
  return {_mm512_getmant_pd(x.raw, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_nan)};
}
template <class D, class V>
HWY_INLINE Split<D> split(D d, V x) {
  x = hn::Add(x, hn::Zero(d));  // -0 would give mantissa -1
  const V mantissa = get_mantissa(x);
  const V exponent = get_exponent(x);
  const auto low = hn::Lt(mantissa, set(d, 1));
  return {hn::IfThenElse(low, hn::Add(exponent, set(d, 1)), exponent), mantissa};
}
#else
template <class D, class V>
HWY_INLINE Split<D> split(D d, V x) {
  constexpr int kMantissa = kIsF32<D> ? 23 : 52;
  const hn::RebindToSigned<D> di;
  const auto tiny = hn::Lt(x, set(d, kIsF32<D> ? 0x1p-126 : 0x1p-1022));
  const V scaled = hn::IfThenElse(tiny, hn::Mul(x, set(d, 0x1p60)), x);
  // Counting from 3/4 makes the exponent field of the difference the exponent sought.
  const auto offset = hn::BitCast(di, set(d, 0.75));
  const auto above = hn::Sub(hn::BitCast(di, scaled), offset);
  const auto field = hn::And(above, hn::BitCast(di, hn::Neg(hn::Inf(d))));
  const V mantissa = hn::BitCast(d, hn::Sub(hn::BitCast(di, scaled), field));
  // The field, without its position, as a float: added to a magic number's low bits.
  const auto magic = hn::BitCast(di, set(d, kIsF32<D> ? 0x1.8p23 : 0x1.8p52));
  const V whole = hn::Sub(hn::BitCast(d, hn::Add(hn::ShiftRight<kMantissa>(field), magic)),
                          hn::BitCast(d, magic));
  V exponent = hn::IfThenElse(tiny, hn::Sub(whole, set(d, 60)), whole);
  exponent = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(hn::Inf(d)), exponent);
  exponent = hn::IfThenElse(hn::Eq(x, hn::Inf(d)), x, exponent);
  const auto good = hn::Ge(x, hn::Zero(d));
  const V safe = hn::IfThenElse(hn::IsInf(exponent), set(d, 1), mantissa);
  return {exponent, hn::IfThenElse(good, safe, hn::NaN(d))};
}
#endif

// log(1 + f) - f for f in [-1/4, 1/2]: f32 by a polynomial; f64 by 2 atanh(s) with s = f / (2 + f),
// where 2s = f - s f.
template <class D, class V>
HWY_INLINE V log1p_tail(D d, V f) {
  const V f2 = hn::Mul(f, f);
  if constexpr (kIsF32<D>) {
    return hn::Mul(f2, hn::MulSub(poly(d, f, kLogF32), f, set(d, 0.5)));
  } else {
    const V s = hn::Div(f, hn::Add(set(d, 2), f));
    const V s2 = hn::Mul(s, s);
    const V half_f2 = hn::Mul(f2, set(d, 0.5));
    // s (f^2/2 + s^2 P) - f^2/2: the small part of the series, in an order that cancels nothing.
    return hn::MulSub(s, hn::MulAdd(s2, poly(d, s2, kLogF64), half_f2), half_f2);
  }
}

// e ln2 + log(1 + f)
template <class D, class V>
HWY_INLINE V log_from_parts(D d, V e, V f) {
  const V low = hn::MulAdd(e, ln2_lo(d), log1p_tail(d, f));
  return hn::MulAdd(e, ln2_hi(d), hn::Add(low, f));
}

template <class D, class V>
HWY_INLINE V vlog(D d, V x) {
  const Split<D> parts = split(d, x);
  return log_from_parts(d, parts.exponent, hn::Sub(parts.mantissa, set(d, 1)));
}

// log of m in base b, m = 1 + f, where per_ln = 1 / ln b.
template <class D, class V>
HWY_INLINE V mantissa_log(D d, V m, double per_ln) {
  const V f = hn::Sub(m, set(d, 1));
  return hn::Mul(hn::Add(log1p_tail(d, f), f), set(d, per_ln));
}
template <class D, class V>
HWY_INLINE V vlog2(D d, V x) {
  const Split<D> parts = split(d, x);
  return hn::Add(parts.exponent, mantissa_log(d, parts.mantissa, 1.4426950408889634074));
}
template <class D, class V>
HWY_INLINE V vlog10(D d, V x) {
  const Split<D> parts = split(d, x);
  const V hi = set(d, kIsF32<D> ? 0x1.344p-2 : 0x1.34413509f78p-2);  // log10(2) = hi + lo
  const V lo = set(d, kIsF32<D> ? 0x1.3509f8p-18 : 0x1.fef311f12b358p-46);
  const V low = mantissa_log(d, parts.mantissa, 0.43429448190325182765);
  return hn::MulAdd(parts.exponent, hi, hn::MulAdd(parts.exponent, lo, low));
}

// With e the exponent of 1 + x (rounded) and p = 2^-e: log(1 + x) = e ln2 + log(1 + f) for
// f = (1 + x) p - 1 = x p + (p - 1), which rounds once. p may be subnormal, so it comes as 4p / 4.
template <class D, class V>
HWY_INLINE V vlog1p(D d, V x) {
  const V one = set(d, 1);
  const V quarter = set(d, 0.25);
  const V e = split(d, hn::Add(one, x)).exponent;
  const hn::RebindToSigned<D> di;
  const V p4 = pow2(d, hn::Add(round_small(d, e, set(d, -1)).bits, hn::Set(di, 2)));
  const V f = hn::MulAdd(hn::Mul(x, quarter), p4, hn::MulSub(p4, quarter, one));
  const auto finite = hn::Lt(hn::Abs(e), hn::Inf(d));
  const V y = log_from_parts(d, e, hn::IfThenElseZero(finite, f));
  return hn::IfThenElse(hn::Ge(x, set(d, -1)), hn::CopySign(y, x), hn::NaN(d));
}

// log(1 + x) for 0 <= x <= 1 (or NaN): f = x or, beyond 1/2, f = (1 + x) / 2 - 1 and ln2 more.
template <class D, class V>
HWY_INLINE V log1p_unit(D d, V x) {
  const V half = set(d, 0.5);
  const auto large = hn::Gt(x, half);
  const V f = hn::IfThenElse(large, hn::MulSub(x, half, half), x);
  return log_from_parts(d, hn::IfThenElseZero(large, set(d, 1)), f);
}

#endif  // HWY_TARGET == HWY_SCALAR

// 1 / (1 + e^-x), by e^-|x|, which cannot overflow.
template <class D, class V>
HWY_INLINE V vsigmoid(D d, V x) {
  const V one = set(d, 1);
  const V e = vexp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), e, one), hn::Add(one, e));
}

// sigmoid(x) and 1 - sigmoid(x), neither by a difference that cancels.
template <class D>
struct SigmoidPair {
  hn::Vec<D> value, rest;
};
template <class D, class V>
HWY_INLINE SigmoidPair<D> sigmoid_pair(D d, V x) {
  const V one = set(d, 1);
  const V e = vexp(d, hn::Neg(hn::Abs(x)));
  const V large = hn::Div(one, hn::Add(one, e));
  const V small = hn::Mul(e, large);
  const auto negative = hn::Lt(x, hn::Zero(d));
  return {hn::IfThenElse(negative, small, large), hn::IfThenElse(negative, large, small)};
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_VEC_MATH_INL_H_
