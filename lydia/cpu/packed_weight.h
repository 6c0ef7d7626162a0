// Weights in the layout that a kernel computes in, made once per weight instead of once per call.
#pragma once

#include <functional>

#include "lydia/core/tensor.h"

namespace lydia::cpu {

// What `pack` makes of `weight`; `layout` names the form it gives. Under inference_mode the result
// stays with the weight's storage and is found again until the weight changes in place; without it,
// and for memory that others may write to, each call packs.
Tensor packed_weight(const Tensor& weight, int64_t layout, const std::function<Tensor()>& pack);

}  // namespace lydia::cpu
