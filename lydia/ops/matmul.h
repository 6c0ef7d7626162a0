// Matrix products. matmul follows NumPy: 1-d operands are a row or column, leading dimensions
// broadcast as a batch. Both operands must have one dtype; f16/bf16 accumulate in f32.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

Tensor matmul(const Tensor& a, const Tensor& b);

}  // namespace lydia
