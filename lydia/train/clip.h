// Gradient clipping. Parameters without a gradient are passed over.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia::train {

// The norm of all elements together, as a 0-d tensor (f64 if there is an f64 tensor, else f32).
Tensor get_total_norm(const Tensors& tensors, double norm_type = 2,
                      bool error_if_nonfinite = false);
// Multiplies the gradients by max_norm / (total_norm + 1e-6) where that is less than 1.
void clip_grads_with_norm(const Tensors& parameters, double max_norm, const Tensor& total_norm);
// Both; returns the norm there was. With error_if_nonfinite an infinite or NaN norm is an Error.
Tensor clip_grad_norm(const Tensors& parameters, double max_norm, double norm_type = 2,
                      bool error_if_nonfinite = false);
// Brings every element of the gradients into [-clip_value, clip_value].
void clip_grad_value(const Tensors& parameters, double clip_value);

}  // namespace lydia::train
