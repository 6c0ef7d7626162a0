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

int64_t packed_elements_f64(const GemmBlock<double, double>& block) {
  return packed_elements(block);
}
void pack_all_f64(const GemmBlock<double, double>& block, double* to) { pack_all(block, to); }
void tiles_packed_f64(const GemmBlock<double, double>& block, const double* packed) {
  tiles_packed(block, packed);
}

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

HWY_EXPORT(packed_elements_f64);
HWY_EXPORT(pack_all_f64);
HWY_EXPORT(tiles_packed_f64);

int64_t gemm_packed_elements(const GemmBlock<double, double>& block) {
  return HWY_DYNAMIC_DISPATCH(packed_elements_f64)(block);
}
void gemm_pack(const GemmBlock<double, double>& block, double* to) {
  HWY_DYNAMIC_DISPATCH(pack_all_f64)(block, to);
}
void gemm_tiles_packed(const GemmBlock<double, double>& block, const double* packed) {
  HWY_DYNAMIC_DISPATCH(tiles_packed_f64)(block, packed);
}

}  // namespace lydia::cpu
#endif
