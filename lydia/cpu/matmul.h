// What the matrix product ops share: a floating-point product into contiguous memory of its dtype.
#pragma once

#include <type_traits>

#include "lydia/core/tensor.h"
#include "lydia/cpu/convert.h"
#include "lydia/cpu/gemm.h"
#include "lydia/cpu/parallel.h"

namespace lydia::cpu {

// f16 and bf16 are summed in f32.
template <class T>
using SumOf = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;

// out[batch, m, n], contiguous, = op(A) op(B) + bias. g.c is filled in here.
template <class T>
void float_product(Gemm<T, SumOf<T>> g, T* out) {
  g.c = {nullptr, g.n, 1, g.m * g.n};
  if constexpr (std::is_same_v<T, SumOf<T>>) {
    g.c.data = out;
    gemm(g);
  } else {
    const Tensor sums = empty({g.batch, g.m, g.n}, DType::F32);
    g.c.data = sums.data<float>();
    gemm(g);
    const ConvertFn round = convert_fn(DType::F32, dtype_of<T>());
    parallel_for(0, sums.numel(), kGrain, [&](int64_t first, int64_t last) {
      round(g.c.data + first, out + first, last - first);
    });
  }
}

}  // namespace lydia::cpu
