// The p-norm of all elements of a list of tensors together: (sum |x|^p)^(1/p), or max |x|.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// 0 for no tensors. `p` > 0 or infinity. Sums are made in pieces of fixed size and joined in
// double, so the result does not depend on the number of threads.
double multi_norm(const Tensors& tensors, double p = 2);

// What the kernel gets; its output is one f64 element, the sum of |x|^p or max |x|.
struct MultiNormAttrs {
  double p;
};

}  // namespace lydia
