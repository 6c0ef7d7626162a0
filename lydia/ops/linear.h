// linear: y = x Wᵀ + b, the map of a fully connected layer, as one kernel.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// x [..., in], weight [out, in] or [in], bias [out] or undefined -> [..., out]. One dtype for all;
// f16/bf16 accumulate in f32.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

}  // namespace lydia
