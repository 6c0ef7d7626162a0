// Vector erf, erfc and the normal distribution (f32, f64), on top of vec_math_inl.h.
//
//   a >= 0.6:   erfc(a) = e^(-a^2) t P(t) with t = 1 / (1 + 0.35 a); a^2 is kept to double width
//   |x| < 0.6:  erf(x) = x + x (2/sqrt(pi) - 1 + x^2 P(x^2))
//   Phi(x) = erfc(-x / sqrt(2)) / 2

#if defined(LYDIA_CPU_VEC_ERF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_VEC_ERF_INL_H_
#undef LYDIA_CPU_VEC_ERF_INL_H_
#else
#define LYDIA_CPU_VEC_ERF_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>

#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Phi(x) and its derivative, the density phi(x).
template <class D>
struct Normal {
  hn::Vec<D> cdf, density;
};

#if HWY_TARGET == HWY_SCALAR

LYDIA_STD(erf)
LYDIA_STD(erfc)

template <class D, class V>
HWY_INLINE Normal<D> normal(D d, V x) {
  const double value = hn::GetLane(x);
  return {set(d, 0.5 * std::erfc(value * -0.70710678118654752440)),
          set(d, 0.39894228040143267794 * std::exp(-0.5 * value * value))};
}

#else

// Beyond this erfc rounds to 0.
template <class D>
constexpr double kErfcEnd = kIsF32<D> ? 10.1 : 27.3;

// e^(a^2) erfc(a) for 0.6 <= a <= kErfcEnd.
template <class D, class V>
HWY_INLINE V erfc_scaled(D d, V a) {
  const V t = hn::Div(set(d, 1), hn::MulAdd(a, set(d, 0.35), set(d, 1)));
  if constexpr (kIsF32<D>) {
    const V u = hn::MulSub(t, hn::Set(d, kErfcScaleF32), hn::Set(d, kErfcShiftF32));
    return hn::Mul(t, poly(d, u, kErfcF32));
  } else {
    const V u = hn::MulSub(t, hn::Set(d, kErfcScaleF64), hn::Set(d, kErfcShiftF64));
    return hn::Mul(t, poly(d, u, kErfcF64));
  }
}

// erfc(|x|) for 0.6 <= |x|
template <class D, class V>
HWY_INLINE V erfc_far(D d, V x) {
  const V a = hn::Min(set(d, kErfcEnd<D>), hn::Abs(x));  // NaN stays
  const V square = hn::Mul(a, a);
  const V lost = hn::MulSub(a, a, square);
  const auto e = exp_parts(d, hn::Neg(square), hn::Neg(lost));
  return scale(d, hn::Mul(e.mantissa, erfc_scaled(d, a)), e.n);
}

// erf(x) / x for z = x^2, |x| <= 0.6, less `base`, which is close to erf's slope 2 / sqrt(pi).
template <class D, class V>
HWY_INLINE V erf_slope(D d, V z, double base) {
  const V rest = set(d, 1.1283791670955125739 - base);
  if constexpr (kIsF32<D>) {
    return hn::MulAdd(z, poly(d, z, kErfF32), rest);
  } else {
    return hn::MulAdd(z, poly(d, z, kErfF64), rest);
  }
}

// erf(x) for |x| <= 0.6
template <class D, class V>
HWY_INLINE V erf_near(D d, V x) {
  return hn::MulAdd(x, erf_slope(d, hn::Mul(x, x), 1), x);
}

template <class D, class V>
HWY_INLINE V verfc(D d, V x) {
  const V c = erfc_far(d, x);
  const V far = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Sub(set(d, 2), c), c);
  const auto near = hn::Lt(hn::Abs(x), set(d, 0.6));
  return hn::IfThenElse(near, hn::Sub(set(d, 1), erf_near(d, x)), far);
}

template <class D, class V>
HWY_INLINE V verf(D d, V x) {
  const V far = hn::CopySign(hn::Sub(set(d, 1), erfc_far(d, x)), x);
  return hn::IfThenElse(hn::Lt(hn::Abs(x), set(d, 0.6)), erf_near(d, x), far);
}

// a^2 = x^2 / 2 is taken from x itself: |x| / sqrt(2) is rounded too coarsely for that.
template <class D, class V>
HWY_INLINE Normal<D> normal(D d, V x) {
  constexpr double kRootHalf = 0.70710678118654752440;
  const V half = set(d, 0.5);
  const V size = hn::Min(set(d, kErfcEnd<D> / kRootHalf), hn::Abs(x));
  const V square = hn::Mul(size, size);
  const V lost = hn::MulSub(size, size, square);
  const auto e = exp_parts(d, hn::Mul(square, hn::Neg(half)), hn::Mul(lost, hn::Neg(half)));
  const V scaled = erfc_scaled(d, hn::Mul(size, set(d, kRootHalf)));
  const V tail = scale(d, hn::Mul(e.mantissa, hn::Mul(scaled, half)), e.n);
  const V density = scale(d, hn::Mul(e.mantissa, set(d, 0.39894228040143267794)), e.n);
  const V far = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), tail, hn::Sub(set(d, 1), tail));
  const V slope = erf_slope(d, hn::Mul(square, half), 0);
  const V near = hn::MulAdd(hn::Mul(x, set(d, kRootHalf / 2)), slope, half);
  return {hn::IfThenElse(hn::Lt(size, set(d, 0.6 / kRootHalf)), near, far), density};
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_VEC_ERF_INL_H_
