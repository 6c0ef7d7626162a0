// Vector erf, erfc and the normal distribution (f32, f64), on top of vec_math_inl.h.
//
//   a >= 0.6:   erfc(a) = e^(-a^2) t P(t) with t = 1 / (1 + 0.35 a)
//   |x| < 0.6:  erf(x) = x + x (2/sqrt(pi) - 1 + x^2 P(x^2))
//   Phi(-a) = e^(-a^2 / 2) t P(t) with t = 1 / (1 + 0.25 a), a >= 0; Phi(a) = 1 - Phi(-a)

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

// For a = |x|, kept below where it no longer counts: a, Phi(-a), and the density at a.
template <class D>
struct Normal {
  hn::Vec<D> a, tail, density;
};

#if HWY_TARGET == HWY_SCALAR

LYDIA_STD(erf)
LYDIA_STD(erfc)

template <class D, class V>
HWY_INLINE Normal<D> normal(D d, V x) {
  const double a = std::min(std::fabs(static_cast<double>(hn::GetLane(x))), 40.0);
  return {set(d, a), set(d, 0.5 * std::erfc(a * 0.70710678118654752440)),
          set(d, 0.39894228040143267794 * std::exp(-0.5 * a * a))};
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
  const auto e = exp_product(d, hn::Neg(a), a);
  return scale(d, hn::Mul(e.mantissa, erfc_scaled(d, a)), e.n);
}

// erf(x) for |x| <= 0.6
template <class D, class V>
HWY_INLINE V erf_near(D d, V x) {
  const V rest = set(d, 1.1283791670955125739 - 1);
  const V z = hn::Mul(x, x);
  if constexpr (kIsF32<D>) {
    return hn::MulAdd(x, hn::MulAdd(z, poly(d, z, kErfF32), rest), x);
  } else {
    return hn::MulAdd(x, hn::MulAdd(z, poly(d, z, kErfF64), rest), x);
  }
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

// Beyond this Phi(-a) rounds to 0.
template <class D>
constexpr double kPhiEnd = kIsF32<D> ? 14.3 : 38.7;

// e^(a^2 / 2) Phi(-a) for 0 <= a <= kPhiEnd.
template <class D, class V>
HWY_INLINE V phi_scaled(D d, V a) {
  const V t = hn::Div(set(d, 1), hn::MulAdd(a, set(d, 0.25), set(d, 1)));
  if constexpr (kIsF32<D>) {
    const V u = hn::MulSub(t, hn::Set(d, kPhiScaleF32), hn::Set(d, kPhiShiftF32));
    return hn::Mul(t, poly(d, u, kPhiF32));
  } else {
    const V u = hn::MulSub(t, hn::Set(d, kPhiScaleF64), hn::Set(d, kPhiShiftF64));
    return hn::Mul(t, poly(d, u, kPhiF64));
  }
}

template <class D, class V>
HWY_INLINE Normal<D> normal(D d, V x) {
  const V a = hn::Min(set(d, kPhiEnd<D>), hn::Abs(x));  // NaN stays
  const auto e = exp_product(d, hn::Mul(a, set(d, -0.5)), a);
  const V tail = scale(d, hn::Mul(e.mantissa, phi_scaled(d, a)), e.n);
  const V density = scale(d, hn::Mul(e.mantissa, set(d, 0.39894228040143267794)), e.n);
  return {a, tail, density};
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_VEC_ERF_INL_H_
