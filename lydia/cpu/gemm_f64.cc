// The matrix product's kernels for f64, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/gemm_f64.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/gemm_rows_inl.h"
#include "lydia/cpu/gemm_tiles_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

void tiles_f64(const GemmBlock<double, double>& block) { tiles(block); }
void dots_f64(const GemmBlock<double, double>& block) { dots(block); }
void axpy_f64(const GemmBlock<double, double>& block) { axpy(block); }

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {

HWY_EXPORT(tiles_f64);
HWY_EXPORT(dots_f64);
HWY_EXPORT(axpy_f64);

void gemm_tiles(const GemmBlock<double, double>& block) { HWY_DYNAMIC_DISPATCH(tiles_f64)(block); }
void gemm_dots(const GemmBlock<double, double>& block) { HWY_DYNAMIC_DISPATCH(dots_f64)(block); }
void gemm_axpy(const GemmBlock<double, double>& block) { HWY_DYNAMIC_DISPATCH(axpy_f64)(block); }

}  // namespace lydia::cpu
#endif
