// The backward walk: gradients of outputs with respect to leaves or chosen inputs.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

struct BackwardOptions {
  bool retain_graph = false;  // keep saved values for another backward
  bool create_graph =
      false;  // record the walk itself, for higher derivatives; implies retain_graph
  bool allow_unused = false;  // grad(): an undefined result for inputs the outputs do not depend on
};

// Adds d(root)/d(leaf) into leaf.grad() for each leaf. An undefined gradient counts as 1, which
// needs a root of one element. With `inputs`, only these tensors' grad() grow.
void backward(const Tensor& root, const Tensor& gradient = {}, BackwardOptions options = {});
void backward(const Tensors& roots, const Tensors& gradients = {}, BackwardOptions options = {},
              const Tensors& inputs = {});

// d(outputs)/d(inputs), touching no leaf's grad().
Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients = {},
             BackwardOptions options = {});

}  // namespace lydia
