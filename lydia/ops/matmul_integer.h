// matmul_integer: the product of 8-bit integers that quantised models run on.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// a uint8 [..., k] times b int8 [k, n] -> int32 [..., n], without zero points (ONNX MatMulInteger
// with both at 0). Sums are exact up to k = 65,793 and wrap beyond. Not differentiable. Quickest
// where b is the transpose of a contiguous [n, k], k a multiple of 4.
Tensor matmul_integer(const Tensor& a, const Tensor& b);

}  // namespace lydia
