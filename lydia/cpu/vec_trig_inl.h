// Vector sines, tangents and their inverses, on top of vec_math_inl.h. sin, cos and tan exist for
// f32 and f64; the others for f64 (f32 rows compute in double). NaN, infinities, signed zeros as
// IEEE 754.
//
//   |x| = n pi/2 + r, |r| <= pi/4; sin and cos of r by polynomials, n mod 4 picks and signs one
//   asin:  x + x^3 P(x^2) for |x| <= 1/2, else pi/2 - 2 asin(sqrt((1 - |x|) / 2))
//   atan:  the argument is folded by 1/x and by (x - 1)/(x + 1) into |x| <= tan(pi/8)

#if defined(LYDIA_CPU_VEC_TRIG_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef LYDIA_CPU_VEC_TRIG_INL_H_
#undef LYDIA_CPU_VEC_TRIG_INL_H_
#else
#define LYDIA_CPU_VEC_TRIG_INL_H_
#endif

#include <hwy/highway.h>

#include <cmath>

#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR

LYDIA_STD(sin)
LYDIA_STD(cos)
LYDIA_STD(tan)
LYDIA_STD(asin)
LYDIA_STD(acos)
LYDIA_STD(atan)

template <class D, class V>
HWY_INLINE V vatan2(D d, V y, V x) {
  return hn::Set(d, std::atan2(hn::GetLane(y), hn::GetLane(x)));
}

#else

// Up to here three parts of pi/2 reduce |x| exactly enough; larger lanes go to the C library.
template <class D>
constexpr double kTrigEnd = kIsF32<D> ? 1e5 : 1e9;

// sin and cos of r, and n, in whose low bits the quadrant is.
template <class D>
struct SinCos {
  hn::Vec<D> sin, cos;
  hn::Vec<hn::RebindToSigned<D> > n;
};

template <class D, class V>
HWY_INLINE SinCos<D> sin_cos(D d, V size) {
  constexpr bool f32 = kIsF32<D>;
  const auto n = round_small(d, size, set(d, 0.63661977236758134308));
  V r = hn::NegMulAdd(n.value, set(d, f32 ? 0x1.921fb6p+0 : 0x1.921fb54442d18p+0), size);
  r = hn::NegMulAdd(n.value, set(d, f32 ? -0x1.777a5cp-25 : 0x1.1a62633145c07p-54), r);
  r = hn::NegMulAdd(n.value, set(d, f32 ? -0x1.ee59dap-50 : -0x1.f1976b7ed8fbcp-110), r);
  const V z = hn::Mul(r, r);
  const V one_less = hn::NegMulAdd(z, set(d, 0.5), set(d, 1));
  if constexpr (f32) {
    return {hn::MulAdd(hn::Mul(r, z), poly(d, z, kSinF32), r),
            hn::MulAdd(hn::Mul(z, z), poly(d, z, kCosF32), one_less), n.bits};
  } else {
    // 1 - z/2 is rounded: what it lost is added back with the tail.
    const V lost = hn::NegMulAdd(z, set(d, 0.5), hn::Sub(set(d, 1), one_less));
    const V tail = hn::MulAdd(hn::Mul(z, z), poly(d, z, kCosF64), lost);
    return {hn::MulAdd(hn::Mul(r, z), poly(d, z, kSinF64), r), hn::Add(one_less, tail), n.bits};
  }
}

// sin(r) for even n, cos(r) for odd n, negative where bit 1 of n is set: sin(r + n pi/2).
template <class D, class VI>
HWY_INLINE hn::Vec<D> pick_quadrant(D d, const SinCos<D>& parts, VI n) {
  const hn::RebindToSigned<D> di;
  const auto odd = hn::RebindMask(d, hn::TestBit(n, hn::Set(di, 1)));
  constexpr int kToSign = 8 * sizeof(hn::TFromD<D>) - 2;
  const auto sign = hn::BitCast(d, hn::ShiftLeft<kToSign>(hn::And(n, hn::Set(di, 2))));
  return hn::Xor(hn::IfThenElse(odd, parts.cos, parts.sin), sign);
}

// y, with f(x) in the lanes where |x| is too large (or NaN).
template <auto f, class D, class V>
HWY_INLINE V mend_large(D d, V x, V y) {
  using T = hn::TFromD<D>;
  const auto fine = hn::Lt(hn::Abs(x), set(d, kTrigEnd<D>));
  if (HWY_LIKELY(hn::AllTrue(d, fine))) return y;
  HWY_ALIGN T from[hn::MaxLanes(d)];
  HWY_ALIGN T to[hn::MaxLanes(d)];
  hn::Store(x, d, from);
  hn::Store(y, d, to);
  for (size_t i = 0; i < hn::Lanes(d); ++i) {
    if (!(std::fabs(from[i]) < static_cast<T>(kTrigEnd<D>))) to[i] = f(from[i]);
  }
  return hn::Load(d, to);
}

template <class T>
using Unary = T (*)(T);

template <class D, class V>
HWY_INLINE V vsin(D d, V x) {
  const auto parts = sin_cos(d, hn::Abs(x));
  const V sign = hn::And(x, hn::SignBit(d));
  const V y = hn::Xor(pick_quadrant(d, parts, parts.n), sign);
  return mend_large<Unary<hn::TFromD<D> >(std::sin)>(d, x, y);
}

template <class D, class V>
HWY_INLINE V vcos(D d, V x) {
  const auto parts = sin_cos(d, hn::Abs(x));
  const V y = pick_quadrant(d, parts, hn::Add(parts.n, hn::Set(hn::RebindToSigned<D>(), 1)));
  return mend_large<Unary<hn::TFromD<D> >(std::cos)>(d, x, y);
}

template <class D, class V>
HWY_INLINE V vtan(D d, V x) {
  const auto parts = sin_cos(d, hn::Abs(x));
  const auto odd = hn::RebindMask(d, hn::TestBit(parts.n, hn::Set(hn::RebindToSigned<D>(), 1)));
  const V above = hn::IfThenElse(odd, hn::Neg(parts.cos), parts.sin);
  const V below = hn::IfThenElse(odd, parts.sin, parts.cos);
  const V y = hn::Xor(hn::Div(above, below), hn::And(x, hn::SignBit(d)));
  return mend_large<Unary<hn::TFromD<D> >(std::tan)>(d, x, y);
}

constexpr double kHalfPiHi = 0x1.921fb54442d18p+0, kHalfPiLo = 0x1.1a62633145c07p-54;

// asin(s) - s for 0 <= s <= 1/2.
template <class D, class V>
HWY_INLINE V asin_tail(D d, V s) {
  const V z = hn::Mul(s, s);
  return hn::Mul(hn::Mul(s, z), poly(d, z, kAsinF64));
}

template <class D, class V>
HWY_INLINE V vasin(D d, V x) {
  const V size = hn::Abs(x);
  const auto near = hn::Le(size, set(d, 0.5));
  const V folded = hn::Sqrt(hn::NegMulAdd(size, set(d, 0.5), set(d, 0.5)));
  const V s = hn::IfThenElse(near, size, folded);
  const V tail = asin_tail(d, s);
  const V far =
      hn::Sub(set(d, kHalfPiHi), hn::MulSub(set(d, 2), hn::Add(s, tail), set(d, kHalfPiLo)));
  return hn::CopySign(hn::IfThenElse(near, hn::Add(s, tail), far), x);
}

template <class D, class V>
HWY_INLINE V vacos(D d, V x) {
  const V size = hn::Abs(x);
  const auto near = hn::Le(size, set(d, 0.5));
  const V folded = hn::Sqrt(hn::NegMulAdd(size, set(d, 0.5), set(d, 0.5)));
  const V s = hn::IfThenElse(near, size, folded);
  const V tail = asin_tail(d, s);
  // |x| <= 1/2: pi/2 - asin(x); x > 1/2: 2 asin(folded); x < -1/2: pi - 2 asin(folded)
  const V signed_tail = hn::CopySign(tail, x);
  const V middle = hn::Sub(set(d, kHalfPiHi), hn::Add(x, hn::Sub(signed_tail, set(d, kHalfPiLo))));
  const V twice = hn::Mul(set(d, 2), hn::Add(s, tail));
  const V left = hn::Sub(set(d, 2 * kHalfPiHi), hn::Sub(twice, set(d, 2 * kHalfPiLo)));
  const V side = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), left, twice);
  return hn::IfThenElse(near, middle, side);
}

// atan(above / below) for 0 <= above, 0 < below, by the quotient that is small: base +
// atan(quotient).
template <class D, class V>
HWY_INLINE V atan_quotient(D d, V above, V below) {
  const auto large = hn::Gt(above, hn::Mul(below, set(d, 2.4142135623730950488)));
  const auto middle = hn::Gt(above, hn::Mul(below, set(d, 0.41421356237309504880)));
  V num = hn::IfThenElse(middle, hn::Sub(above, below), above);
  V den = hn::IfThenElse(middle, hn::Add(above, below), below);
  num = hn::IfThenElse(large, hn::Neg(below), num);
  den = hn::IfThenElse(large, above, den);
  V hi = hn::IfThenElseZero(middle, set(d, kHalfPiHi / 2));
  hi = hn::IfThenElse(large, set(d, kHalfPiHi), hi);
  V lo = hn::IfThenElseZero(middle, set(d, kHalfPiLo / 2));
  lo = hn::IfThenElse(large, set(d, kHalfPiLo), lo);
  const V q = hn::Div(num, den);
  const V z = hn::Mul(q, q);
  const V tail = hn::MulAdd(hn::Mul(q, z), poly(d, z, kAtanF64), lo);
  return hn::Add(hi, hn::Add(q, tail));
}

template <class D, class V>
HWY_INLINE V vatan(D d, V x) {
  return hn::CopySign(atan_quotient(d, hn::Abs(x), set(d, 1)), x);
}

// The angle of (|x|, |y|) in the first quadrant, mirrored into x's and y's.
template <class D, class V>
HWY_INLINE V vatan2(D d, V y, V x) {
  const V above = hn::Abs(y), below = hn::Abs(x);
  // inf / inf counts as 1 / 1 and 0 / 0 as 0 / 1. NaN stays.
  const auto both_inf = hn::And(hn::Eq(above, hn::Inf(d)), hn::Eq(below, hn::Inf(d)));
  const auto both_zero = hn::And(hn::Eq(above, hn::Zero(d)), hn::Eq(below, hn::Zero(d)));
  // Sums of the largest numbers would overflow.
  const auto huge = hn::Gt(hn::Max(above, below), set(d, 0x1p1000));
  const V shrink = hn::IfThenElse(huge, set(d, 0x1p-100), set(d, 1));
  const V num = hn::IfThenElse(both_inf, set(d, 1), hn::Mul(above, shrink));
  const V den = hn::IfThenElse(hn::Or(both_inf, both_zero), set(d, 1), hn::Mul(below, shrink));
  const V angle = atan_quotient(d, num, den);
  const V mirrored = hn::Sub(set(d, 2 * kHalfPiHi), hn::Sub(angle, set(d, 2 * kHalfPiLo)));
  const V negative = hn::CopySign(set(d, 1), x);  // x < 0, -0 included
  return hn::CopySign(hn::IfThenElse(hn::Lt(negative, hn::Zero(d)), mirrored, angle), y);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#endif  // LYDIA_CPU_VEC_TRIG_INL_H_
