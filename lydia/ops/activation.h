// The gradients of activations as ops of their own, so that training runs one fused row each.
// Each takes the upstream gradient and what the rule saved (the result y, or the input x).
#pragma once

#include "lydia/ops/pointwise.h"

namespace lydia {

Tensor tanh_grad(const Tensor& g, const Tensor& y);     // g (1 - y^2)
Tensor sigmoid_grad(const Tensor& g, const Tensor& y);  // g y (1 - y)
Tensor relu_grad(const Tensor& g, const Tensor& y);     // g where y > 0, else 0

}  // namespace lydia
