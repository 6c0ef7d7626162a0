// Row kernels of exp, log, tanh, erf and what is made of them (f32, f64).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/rows_math.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/row_families.h"
#include "lydia/cpu/rows_inl.h"
#include "lydia/cpu/vec_erf_inl.h"
#include "lydia/cpu/vec_hyper_inl.h"
#include "lydia/cpu/vec_math_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {
namespace {  // the files of the rows share names such as Add

LYDIA_ROW1(Exp, vexp(d, x))
LYDIA_ROW1(Exp2, vexp2(d, x))
LYDIA_ROW1(Expm1, vexpm1(d, x))
LYDIA_ROW1(Log, vlog(d, x))
LYDIA_ROW1(Log2, vlog2(d, x))
LYDIA_ROW1(Log10, vlog10(d, x))
LYDIA_ROW1(Log1p, vlog1p(d, x))
LYDIA_ROW1(Tanh, vtanh(d, x))
LYDIA_ROW1(Erf, verf(d, x))
LYDIA_ROW1(Erfc, verfc(d, x))
LYDIA_ROW1(Logit, vlogit(d, x))
LYDIA_ROW2(XLogY, xlogy(d, a, b))
LYDIA_ROW2(LogAddExp, log_add_exp(d, a, b))
LYDIA_ROW2(LogAddExp2, log_add_exp2(d, a, b))
LYDIA_ROW2(Hypot, vhypot(d, a, b))
LYDIA_ROW2(PowForF32, pow_for_f32(d, a, b))

template <class T>
RowFn float_math(RowOp op) {
  switch (op) {
    case RowOp::exp: return map_row<T, 1, Exp>;
    case RowOp::exp2: return map_row<T, 1, Exp2>;
    case RowOp::expm1: return map_row<T, 1, Expm1>;
    case RowOp::log: return map_row<T, 1, Log>;
    case RowOp::log2: return map_row<T, 1, Log2>;
    case RowOp::log10: return map_row<T, 1, Log10>;
    case RowOp::log1p: return map_row<T, 1, Log1p>;
    case RowOp::tanh: return map_row<T, 1, Tanh>;
    case RowOp::erf: return map_row<T, 1, Erf>;
    case RowOp::erfc: return map_row<T, 1, Precise<Erfc, T>>;
    case RowOp::logit: return map_row<T, 1, Precise<Logit, T>>;
    case RowOp::xlogy: return map_row<T, 2, Precise<XLogY, T>>;
    case RowOp::logaddexp: return map_row<T, 2, Precise<LogAddExp, T>>;
    case RowOp::logaddexp2: return map_row<T, 2, Precise<LogAddExp2, T>>;
    case RowOp::hypot: return map_row<T, 2, Precise<Hypot, T>>;
    default: return nullptr;
  }
}

RowFn math_row(RowOp op, DType t) {
  // pow of f64 needs more than double: rows_special.cc.
  if (t == DType::F32 && op == RowOp::pow) return map_row<float, 2, InDouble<PowForF32>>;
  if (t == DType::F32) return float_math<float>(op);
  if (t == DType::F64) return float_math<double>(op);
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {
namespace {
HWY_EXPORT(math_row);
}
RowFn math_row(RowOp op, DType t) { return HWY_DYNAMIC_DISPATCH(math_row)(op, t); }
}  // namespace lydia::cpu
#endif
