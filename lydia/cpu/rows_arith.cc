// Row kernels of float arithmetic, choosing and rounding (f32, f64), and of `where` (every dtype).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_arith.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {  // the files of the rows share names such as Add

LYDIA_ROW2(Add, hn::Add(a, b))
LYDIA_ROW2(Sub, hn::Sub(a, b))
LYDIA_ROW2(Mul, hn::Mul(a, b))
LYDIA_ROW2(Div, hn::Div(a, b))
LYDIA_ROW2(Maximum, max_nan(a, b))
LYDIA_ROW2(Minimum, min_nan(a, b))
LYDIA_ROW2(Fmax, hn::IfThenElse(hn::IsNaN(a), b, hn::IfThenElse(hn::IsNaN(b), a, hn::Max(a, b))))
LYDIA_ROW2(Fmin, hn::IfThenElse(hn::IsNaN(a), b, hn::IfThenElse(hn::IsNaN(b), a, hn::Min(a, b))))
LYDIA_ROW2(CopySign, hn::CopySign(a, b))

LYDIA_ROW1(Neg, hn::Neg(x))
LYDIA_ROW1(Abs, hn::Abs(x))
LYDIA_ROW1(Positive, x)
LYDIA_ROW1(Square, hn::Mul(x, x))
LYDIA_ROW1(Sqrt, hn::Sqrt(x))
LYDIA_ROW1(Rsqrt, hn::Div(set(d, 1), hn::Sqrt(x)))
LYDIA_ROW1(Reciprocal, hn::Div(set(d, 1), x))
LYDIA_ROW1(Ceil, hn::Ceil(x))
LYDIA_ROW1(Floor, hn::Floor(x))
LYDIA_ROW1(Round, hn::Round(x))
LYDIA_ROW1(Trunc, hn::Trunc(x))
LYDIA_ROW1(Frac, hn::Sub(x, hn::Trunc(x)))
LYDIA_ROW1(DegToRad, hn::Mul(x, set(d, 0.017453292519943295769)))
LYDIA_ROW1(RadToDeg, hn::Mul(x, set(d, 57.295779513082320877)))

// NaN and both zeros give +0, as in PyTorch.
LYDIA_ROW1(Sign, hn::IfThenElse(hn::Gt(x, hn::Zero(d)), set(d, 1),
                                hn::IfThenElseZero(hn::Lt(x, hn::Zero(d)), set(d, -1))))

LYDIA_ROW2(Heaviside, hn::IfThenElse(hn::Gt(a, hn::Zero(d)), set(d, 1),
                                     hn::IfThenElse(hn::Eq(a, hn::Zero(d)), b,
                                                    hn::IfThenZeroElse(hn::Lt(a, hn::Zero(d)), a))))

// Exact at both ends, as in PyTorch: counts from the nearer end.
struct Lerp : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b, V w) const {
    const V span = hn::Sub(b, a);
    const auto near_a = hn::Lt(hn::Abs(w), set(d, 0.5));
    return hn::IfThenElse(near_a, hn::MulAdd(w, span, a),
                          hn::NegMulAdd(span, hn::Sub(set(d, 1), w), b));
  }
};

struct AddScaled : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b) const {
    return hn::MulAdd(attr(d, 0), b, a);
  }
};

struct AddCMul : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b, V c) const {
    return hn::MulAdd(hn::Mul(attr(d, 0), b), c, a);
  }
};

struct AddCDiv : Attrs<1> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V a, V b, V c) const {
    return hn::Add(a, hn::Div(hn::Mul(attr(d, 0), b), c));
  }
};

struct Clamp : Attrs<2> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return min_nan(max_nan(x, attr(d, 0)), attr(d, 1));
  }
};

LYDIA_ROW3(ClampTensor, min_nan(max_nan(a, b), c))

struct NanToNum : Attrs<3> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    const V inf = hn::Inf(d);
    x = hn::IfThenElse(hn::Eq(x, inf), attr(d, 1), x);
    x = hn::IfThenElse(hn::Eq(x, hn::Neg(inf)), attr(d, 2), x);
    return hn::IfThenElse(hn::IsNaN(x), attr(d, 0), x);
  }
};

struct Threshold : Attrs<2> {
  using Attrs::Attrs;
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    return hn::IfThenElse(hn::Le(x, attr(d, 0)), attr(d, 1), x);
  }
};

// out[i] = mask[i] ? a[i] : b[i], for any dtype of sizeof(T) bytes.
template <class T>
void where_row(const void* const* in, void* out, int64_t n, const double*) {
  using D = hn::ScalableTag<T>;
  const D d;
  const hn::Rebind<uint8_t, D> d8;
  const uint8_t* m = static_cast<const uint8_t*>(in[0]);
  const T* a = static_cast<const T*>(in[1]);
  const T* b = static_cast<const T*>(in[2]);
  T* y = static_cast<T*>(out);
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto mask = mask_from_bytes(d, hn::LoadU(d8, m + i));
    hn::StoreU(hn::IfThenElse(mask, hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, y + i);
  }
  for (; i < n; ++i) y[i] = m[i] ? a[i] : b[i];
}

RowFn where_for(DType t) {
  switch (t) {
    case DType::Bool:
    case DType::U8:
    case DType::I8: return where_row<uint8_t>;
    case DType::U16:
    case DType::I16:
    case DType::F16:
    case DType::BF16: return where_row<uint16_t>;
    case DType::U32:
    case DType::I32:
    case DType::F32: return where_row<uint32_t>;
    default: return where_row<uint64_t>;
  }
}

template <class T>
RowFn float_arith(RowOp op) {
  switch (op) {
    case RowOp::add: return map_row<T, 2, Add>;
    case RowOp::sub: return map_row<T, 2, Sub>;
    case RowOp::mul: return map_row<T, 2, Mul>;
    case RowOp::div: return map_row<T, 2, Div>;
    case RowOp::maximum: return map_row<T, 2, Maximum>;
    case RowOp::minimum: return map_row<T, 2, Minimum>;
    case RowOp::fmax: return map_row<T, 2, Fmax>;
    case RowOp::fmin: return map_row<T, 2, Fmin>;
    case RowOp::copysign: return map_row<T, 2, CopySign>;
    case RowOp::heaviside: return map_row<T, 2, Heaviside>;
    case RowOp::add_scaled: return map_row<T, 2, AddScaled>;
    case RowOp::lerp: return map_row<T, 3, Lerp>;
    case RowOp::addcmul: return map_row<T, 3, AddCMul>;
    case RowOp::addcdiv: return map_row<T, 3, AddCDiv>;
    case RowOp::clamp: return map_row<T, 1, Clamp>;
    case RowOp::clamp_tensor: return map_row<T, 3, ClampTensor>;
    case RowOp::nan_to_num: return map_row<T, 1, NanToNum>;
    case RowOp::threshold: return map_row<T, 1, Threshold>;
    case RowOp::neg: return map_row<T, 1, Neg>;
    case RowOp::abs: return map_row<T, 1, Abs>;
    case RowOp::sign:
    case RowOp::sgn: return map_row<T, 1, Sign>;
    case RowOp::positive: return map_row<T, 1, Positive>;
    case RowOp::square: return map_row<T, 1, Square>;
    case RowOp::sqrt: return map_row<T, 1, Sqrt>;
    case RowOp::rsqrt: return map_row<T, 1, Rsqrt>;
    case RowOp::reciprocal: return map_row<T, 1, Reciprocal>;
    case RowOp::ceil: return map_row<T, 1, Ceil>;
    case RowOp::floor: return map_row<T, 1, Floor>;
    case RowOp::round: return map_row<T, 1, Round>;
    case RowOp::trunc: return map_row<T, 1, Trunc>;
    case RowOp::frac: return map_row<T, 1, Frac>;
    case RowOp::deg2rad: return map_row<T, 1, DegToRad>;
    case RowOp::rad2deg: return map_row<T, 1, RadToDeg>;
    default: return nullptr;
  }
}

RowFn arith_row(RowOp op, DType t) {
  if (op == RowOp::where) return where_for(t);
  if (t == DType::F32) return float_arith<float>(op);
  if (t == DType::F64) return float_arith<double>(op);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(arith_row);
}
RowFn arith_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(arith_row)(op, t); }
}  // namespace lydia::cpu
#endif
