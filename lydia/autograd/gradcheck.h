// Checks gradients against finite differences: the test every gradient rule must pass.
#pragma once

#include <functional>

#include "lydia/core/tensor.h"

namespace lydia {

using TensorFunction = std::function<Tensors(const Tensors&)>;

struct GradcheckOptions {
  double eps = 1e-6;   // step of the central difference
  double atol = 1e-5;  // |analytic - numeric| <= atol + rtol |numeric|
  double rtol = 1e-3;
};

// Compares d(outputs)/d(inputs) of `f` with central differences, for each float64 input that
// requires grad, along every input element and a fixed set of output weights. Throws Error naming
// the first input and element that disagree.
void gradcheck(const TensorFunction& f, const Tensors& inputs, GradcheckOptions options = {});
// The same for the gradients themselves: second derivatives.
void gradgradcheck(const TensorFunction& f, const Tensors& inputs, GradcheckOptions options = {});

}  // namespace lydia
