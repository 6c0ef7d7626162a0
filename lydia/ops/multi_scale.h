// Multiplies tensors by a number, in place and in one pass, and says whether all of them held
// finite numbers before: what gradient clipping and loss scaling are made of.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

bool multi_scale(const Tensors& tensors, double factor);

// What the kernel gets: outputs are the tensors and one f32 element, set to 1 where all was finite.
struct MultiScaleAttrs {
  double factor;
};

}  // namespace lydia
