// layer_norm over the last dimensions: y = (x - mean) / sqrt(var + eps) * weight + bias, with the
// biased variance (Ba, Kiros, Hinton 2016).
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

struct LayerNormAttrs {
  int64_t width = 1;  // elements normalised together
  double eps = 1e-5;
};

// `shape` are the trailing sizes of x; weight and bias have that shape or are undefined. f16/bf16
// compute in f32.
Tensor layer_norm(const Tensor& x, const Dims& shape, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);

}  // namespace lydia
