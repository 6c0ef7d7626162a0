// The backward walk: gradients of outputs with respect to leaves or chosen inputs.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

struct BackwardOptions {
  bool retain_graph = false;  // keep saved values for another backward
  bool create_graph = false;  // record the walk itself, for higher derivatives; implies retain_graph
  bool allow_unused = false;  // grad(): an undefined result for inputs the outputs do not depend on
};

// Adds d(root)/d(leaf) into leaf.grad() for each leaf. An undefined gradient counts as 1, which
// needs a root of one element.
void backward(const Tensor& root, const Tensor& gradient = {}, BackwardOptions options = {});
void backward(const Tensors& roots, const Tensors& gradients = {}, BackwardOptions options = {});

// d(outputs)/d(inputs), touching no leaf's grad().
Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& gradients = {},
             BackwardOptions options = {});

// Runs `hook` on the gradient of `t` in each backward; a defined result replaces the gradient.
// Returns an id for remove_hook.
uint64_t register_hook(const Tensor& t, TensorHook hook);
void remove_hook(const Tensor& t, uint64_t id);
// Keeps the gradient of a computed tensor in t.grad() too.
void retain_grad(const Tensor& t);

// Anomaly mode: every recorded op remembers where it was made, and a gradient with NaN stops the
// walk with an error that names the forward op and that place.
void set_detect_anomaly(bool enabled, TraceFn trace = nullptr);
bool anomaly_enabled();

}  // namespace lydia
