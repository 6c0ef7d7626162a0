// Row kernels of the trigonometric and hyperbolic functions and their inverses (f32, f64).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_trig.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"
#include "lydia/cpu/vec_hyper_inl.h"
#include "lydia/cpu/vec_trig_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

LYDIA_ROW1(Sin, vsin(d, x))
LYDIA_ROW1(Cos, vcos(d, x))
LYDIA_ROW1(Tan, vtan(d, x))
LYDIA_ROW1(Asin, vasin(d, x))
LYDIA_ROW1(Acos, vacos(d, x))
LYDIA_ROW1(Atan, vatan(d, x))
LYDIA_ROW2(Atan2, vatan2(d, a, b))
LYDIA_ROW1(Sinh, vsinh(d, x))
LYDIA_ROW1(Cosh, vcosh(d, x))
LYDIA_ROW1(Asinh, vasinh(d, x))
LYDIA_ROW1(Acosh, vacosh(d, x))
LYDIA_ROW1(Atanh, vatanh(d, x))

// sin(pi x) / (pi x), with sin(pi x) = +-sin(pi (x - k)) for the nearest integer k, so that whole
// numbers give an exact 0.
struct Sinc : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V pi = set(d, 3.14159265358979323846);
    const V k = hn::Round(x);
    const V half = hn::Mul(k, set(d, 0.5));
    const V sine = vsin(d, hn::Mul(pi, hn::Sub(x, k)));
    const V numerator = hn::IfThenElse(hn::Eq(half, hn::Floor(half)), sine, hn::Neg(sine));
    V y = hn::Div(numerator, hn::Mul(pi, x));
    y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), set(d, 1), y);
    return hn::IfThenZeroElse(hn::Eq(hn::Abs(x), hn::Inf(d)), y);
  }
};

template <class T>
RowFn float_trig(RowOp op) {
  switch (op) {
    case RowOp::sin: return map_row<T, 1, Sin>;
    case RowOp::cos: return map_row<T, 1, Cos>;
    case RowOp::tan: return map_row<T, 1, Tan>;
    case RowOp::sinc: return map_row<T, 1, Precise<Sinc, T>>;
    case RowOp::asin: return map_row<T, 1, Precise<Asin, T>>;
    case RowOp::acos: return map_row<T, 1, Precise<Acos, T>>;
    case RowOp::atan: return map_row<T, 1, Precise<Atan, T>>;
    case RowOp::atan2: return map_row<T, 2, Precise<Atan2, T>>;
    case RowOp::sinh: return map_row<T, 1, Precise<Sinh, T>>;
    case RowOp::cosh: return map_row<T, 1, Precise<Cosh, T>>;
    case RowOp::asinh: return map_row<T, 1, Precise<Asinh, T>>;
    case RowOp::acosh: return map_row<T, 1, Precise<Acosh, T>>;
    case RowOp::atanh: return map_row<T, 1, Precise<Atanh, T>>;
    default: return nullptr;
  }
}

RowFn trig_row(RowOp op, DType t) {
  if (t == DType::F32) return float_trig<float>(op);
  if (t == DType::F64) return float_trig<double>(op);
  return nullptr;
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(trig_row);
}
RowFn trig_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(trig_row)(op, t); }
}  // namespace lydia::cpu
#endif
