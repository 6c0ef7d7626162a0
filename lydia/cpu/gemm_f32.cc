// The matrix product's kernels with f32 sums, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "lydia/cpu/gemm_f32.cc"
#include "lydia/cpu/each_isa_inl.h"
#include "lydia/cpu/gemm_rows_inl.h"
#include "lydia/cpu/gemm_tiles_inl.h"

HWY_BEFORE_NAMESPACE();
namespace lydia::cpu {
namespace HWY_NAMESPACE {

void tiles_f32(const GemmBlock<float, float>& block) { tiles(block); }
void tiles_f16(const GemmBlock<Half, float>& block) { tiles(block); }
void tiles_bf16(const GemmBlock<BFloat16, float>& block) { tiles(block); }
void dots_f32(const GemmBlock<float, float>& block) { dots(block); }
void dots_f16(const GemmBlock<Half, float>& block) { dots(block); }
void dots_bf16(const GemmBlock<BFloat16, float>& block) { dots(block); }
void axpy_f32(const GemmBlock<float, float>& block) { axpy(block); }
void axpy_f16(const GemmBlock<Half, float>& block) { axpy(block); }
void axpy_bf16(const GemmBlock<BFloat16, float>& block) { axpy(block); }

int64_t packed_elements_f32(const GemmBlock<float, float>& block) { return packed_elements(block); }
void pack_all_f32(const GemmBlock<float, float>& block, float* to) { pack_all(block, to); }
void tiles_packed_f32(const GemmBlock<float, float>& block, const float* packed) {
  tiles_packed(block, packed);
}

}  // namespace HWY_NAMESPACE
}  // namespace lydia::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lydia::cpu {

HWY_EXPORT(tiles_f32);
HWY_EXPORT(tiles_f16);
HWY_EXPORT(tiles_bf16);
HWY_EXPORT(dots_f32);
HWY_EXPORT(dots_f16);
HWY_EXPORT(dots_bf16);
HWY_EXPORT(axpy_f32);
HWY_EXPORT(axpy_f16);
HWY_EXPORT(axpy_bf16);

void gemm_tiles(const GemmBlock<float, float>& block) { HWY_DYNAMIC_DISPATCH(tiles_f32)(block); }
void gemm_tiles(const GemmBlock<Half, float>& block) { HWY_DYNAMIC_DISPATCH(tiles_f16)(block); }
void gemm_tiles(const GemmBlock<BFloat16, float>& block) {
  HWY_DYNAMIC_DISPATCH(tiles_bf16)(block);
}
void gemm_dots(const GemmBlock<float, float>& block) { HWY_DYNAMIC_DISPATCH(dots_f32)(block); }
void gemm_dots(const GemmBlock<Half, float>& block) { HWY_DYNAMIC_DISPATCH(dots_f16)(block); }
void gemm_dots(const GemmBlock<BFloat16, float>& block) { HWY_DYNAMIC_DISPATCH(dots_bf16)(block); }
void gemm_axpy(const GemmBlock<float, float>& block) { HWY_DYNAMIC_DISPATCH(axpy_f32)(block); }
void gemm_axpy(const GemmBlock<Half, float>& block) { HWY_DYNAMIC_DISPATCH(axpy_f16)(block); }
void gemm_axpy(const GemmBlock<BFloat16, float>& block) { HWY_DYNAMIC_DISPATCH(axpy_bf16)(block); }

HWY_EXPORT(packed_elements_f32);
HWY_EXPORT(pack_all_f32);
HWY_EXPORT(tiles_packed_f32);

int64_t gemm_packed_elements(const GemmBlock<float, float>& block) {
  return HWY_DYNAMIC_DISPATCH(packed_elements_f32)(block);
}
void gemm_pack(const GemmBlock<float, float>& block, float* to) {
  HWY_DYNAMIC_DISPATCH(pack_all_f32)(block, to);
}
void gemm_tiles_packed(const GemmBlock<float, float>& block, const float* packed) {
  HWY_DYNAMIC_DISPATCH(tiles_packed_f32)(block, packed);
}

}  // namespace lydia::cpu
#endif
