// matmul_integer: out[i, j] = sum over p of a[i, p] b[p, j], u8 · s8 -> s32.
#include "lydia/cpu/gemm_int8.h"
#include "lydia/cpu/kernels.h"

namespace lydia::cpu {

void matmul_integer(const KernelCall& call) {
  const Tensor &a = call.in(0), &b = call.in(1), &out = call.out();
  if (out.numel() == 0) return;
  gemm({a.size(0),
        b.size(1),
        a.size(1),
        {static_cast<const uint8_t*>(a.data_ptr()), a.stride(0), a.stride(1)},
        {static_cast<const int8_t*>(b.data_ptr()), b.stride(0), b.stride(1)},
        {static_cast<int32_t*>(out.data_ptr()), out.stride(0), out.stride(1)}});
}

}  // namespace lydia::cpu
