// Row kernels of float division with remainder (f64, and f32 in double).
//
// With q = trunc(a / b), a - q b is exact by FMA as long as q is below 2^52, and q is at most one
// too large. Lanes beyond that, and infinite ones, go to std::fmod.
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_divide.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

template <class D, class V>
HWY_INLINE V vfmod(D d, V a, V b) {
  return hn::Set(d, std::fmod(hn::GetLane(a), hn::GetLane(b)));
}

#else

template <class D, class V>
HWY_INLINE V vfmod(D d, V a, V b) {
  const V q = hn::Trunc(hn::Div(a, b));
  V rest = hn::NegMulAdd(q, b, a);
  const auto past = hn::Lt(hn::Mul(hn::CopySign(set(d, 1), a), rest), hn::Zero(d));
  rest = hn::IfThenElse(past, hn::Add(rest, hn::CopySign(b, a)), rest);
  rest = hn::CopySign(rest, a);
  const auto fine = hn::And(hn::Lt(hn::Abs(q), set(d, 0x1p52)), hn::Lt(hn::Abs(b), hn::Inf(d)));
  if (HWY_LIKELY(hn::AllTrue(d, fine))) return rest;
  HWY_ALIGN double x[hn::MaxLanes(d)];
  HWY_ALIGN double y[hn::MaxLanes(d)];
  hn::Store(a, d, x);
  hn::Store(b, d, y);
  for (size_t i = 0; i < hn::Lanes(d); ++i) x[i] = std::fmod(x[i], y[i]);
  return hn::Load(d, x);
}

#endif

LYDIA_ROW2(Fmod, vfmod(d, a, b))

// Whether a non-zero remainder has the other sign than the divisor.
template <class D, class V>
HWY_INLINE auto wrong_side(D d, V rest, V b) {
  const auto opposite = hn::Xor(hn::Lt(rest, hn::Zero(d)), hn::Lt(b, hn::Zero(d)));
  return hn::AndNot(hn::Eq(rest, hn::Zero(d)), opposite);
}

// The sign of the divisor, on a zero result too, as Python and NumPy have it.
struct Remainder : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b) const {
    const V rest = vfmod(d, a, b);
    const V moved = hn::IfThenElse(wrong_side(d, rest, b), hn::Add(rest, b), rest);
    return hn::IfThenElse(hn::Eq(moved, hn::Zero(d)), hn::CopySign(moved, b), moved);
  }
};

// floor(a / b) without the error of a rounded quotient: (a - remainder) / b, as in Python.
struct FloorDivide : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b) const {
    const V one = set(d, 1);
    const V plain = hn::Div(a, b);
    const V rest = vfmod(d, a, b);
    V quotient = hn::Div(hn::Sub(a, rest), b);
    quotient = hn::IfThenElse(wrong_side(d, rest, b), hn::Sub(quotient, one), quotient);
    V whole = hn::Floor(quotient);
    const auto up = hn::Gt(hn::Sub(quotient, whole), set(d, 0.5));
    whole = hn::IfThenElse(up, hn::Add(whole, one), whole);
    const V zero = hn::CopySign(hn::Zero(d), plain);
    whole = hn::IfThenElse(hn::Eq(quotient, hn::Zero(d)), zero, whole);
    return hn::IfThenElse(hn::Eq(b, hn::Zero(d)), plain, whole);
  }
};

template <class T>
RowFn float_divide(RowOp op) {
  switch (op) {
    case RowOp::fmod: return map_row<T, 2, Precise<Fmod, T>>;
    case RowOp::remainder: return map_row<T, 2, Precise<Remainder, T>>;
    case RowOp::floor_divide: return map_row<T, 2, Precise<FloorDivide, T>>;
    default: return nullptr;
  }
}

RowFn divide_row(RowOp op, DType t) {
  if (t == DType::F32) return float_divide<float>(op);
  if (t == DType::F64) return float_divide<double>(op);
  return nullptr;
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(divide_row);
}
RowFn divide_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(divide_row)(op, t); }
}  // namespace lydia::cpu
#endif
