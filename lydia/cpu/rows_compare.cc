// Row kernels with bool results: comparisons and logic (every compute dtype, bool as u8), and float
// predicates.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_compare.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {  // the files of the rows share names such as Add

// Not by hn::Ne, which on x86 is false for NaN.
template <class V>
HWY_INLINE auto differ(V a, V b) {
  return hn::Not(hn::Eq(a, b));
}

LYDIA_ROW2(Equal, hn::Eq(a, b))
LYDIA_ROW2(NotEqual, differ(a, b))
LYDIA_ROW2(Less, hn::Lt(a, b))
LYDIA_ROW2(Greater, hn::Gt(a, b))
LYDIA_ROW2(LessEqual, hn::Le(a, b))
LYDIA_ROW2(GreaterEqual, hn::Ge(a, b))
LYDIA_ROW2(IntLessEqual, hn::Not(hn::Gt(a, b)))
LYDIA_ROW2(IntGreaterEqual, hn::Not(hn::Lt(a, b)))

// Anything but zero is true, NaN included.
LYDIA_ROW2(LogicalAnd, hn::And(differ(a, hn::Zero(d)), differ(b, hn::Zero(d))))
LYDIA_ROW2(LogicalOr, hn::Or(differ(a, hn::Zero(d)), differ(b, hn::Zero(d))))
LYDIA_ROW2(LogicalXor, hn::Xor(differ(a, hn::Zero(d)), differ(b, hn::Zero(d))))
LYDIA_ROW1(LogicalNot, hn::Eq(x, hn::Zero(d)))

LYDIA_ROW1(IsNan, differ(x, x))
LYDIA_ROW1(IsInf, hn::Eq(hn::Abs(x), hn::Inf(d)))
LYDIA_ROW1(IsFinite, hn::Lt(hn::Abs(x), hn::Inf(d)))
LYDIA_ROW1(IsPosInf, hn::Eq(x, hn::Inf(d)))
LYDIA_ROW1(IsNegInf, hn::Eq(x, hn::Neg(hn::Inf(d))))

struct SignBit : NoAttrs {
  using NoAttrs::NoAttrs;
  template <class D, class V>
  HWY_INLINE auto operator()(D d, V x) const {
    const hn::RebindToSigned<D> di;
    return hn::RebindMask(d, hn::Lt(hn::BitCast(di, x), hn::Zero(di)));
  }
};

// Where the sign of an integer does not matter, T is its unsigned type.
template <class T>
RowFn signless(RowOp op) {
  switch (op) {
    case RowOp::eq: return mask_row<T, 2, Equal>;
    case RowOp::ne: return mask_row<T, 2, NotEqual>;
    case RowOp::logical_and: return mask_row<T, 2, LogicalAnd>;
    case RowOp::logical_or: return mask_row<T, 2, LogicalOr>;
    case RowOp::logical_xor: return mask_row<T, 2, LogicalXor>;
    case RowOp::logical_not: return mask_row<T, 1, LogicalNot>;
    default: return nullptr;
  }
}

template <class T>
RowFn float_compare(RowOp op) {
  switch (op) {
    case RowOp::isnan: return mask_row<T, 1, IsNan>;
    case RowOp::isinf: return mask_row<T, 1, IsInf>;
    case RowOp::isfinite: return mask_row<T, 1, IsFinite>;
    case RowOp::isposinf: return mask_row<T, 1, IsPosInf>;
    case RowOp::isneginf: return mask_row<T, 1, IsNegInf>;
    case RowOp::signbit: return mask_row<T, 1, SignBit>;
    case RowOp::lt: return mask_row<T, 2, Less>;
    case RowOp::le: return mask_row<T, 2, LessEqual>;
    case RowOp::gt: return mask_row<T, 2, Greater>;
    case RowOp::ge: return mask_row<T, 2, GreaterEqual>;
    default: return signless<T>(op);
  }
}

template <class T>
RowFn int_compare(RowOp op) {
  switch (op) {
    case RowOp::lt: return mask_row<T, 2, Less>;
    case RowOp::le: return mask_row<T, 2, IntLessEqual>;
    case RowOp::gt: return mask_row<T, 2, Greater>;
    case RowOp::ge: return mask_row<T, 2, IntGreaterEqual>;
    default: return signless<std::make_unsigned_t<T>>(op);
  }
}

RowFn compare_row(RowOp op, DType t) {
  switch (t) {
    case DType::Bool:
    case DType::U8: return int_compare<uint8_t>(op);
    case DType::U16: return int_compare<uint16_t>(op);
    case DType::U32: return int_compare<uint32_t>(op);
    case DType::U64: return int_compare<uint64_t>(op);
    case DType::I8: return int_compare<int8_t>(op);
    case DType::I16: return int_compare<int16_t>(op);
    case DType::I32: return int_compare<int32_t>(op);
    case DType::I64: return int_compare<int64_t>(op);
    case DType::F32: return float_compare<float>(op);
    case DType::F64: return float_compare<double>(op);
    default: return nullptr;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(compare_row);
}
RowFn compare_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(compare_row)(op, t); }
}  // namespace lydia::cpu
#endif
