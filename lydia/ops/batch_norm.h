// Normalisation per channel and its relatives, by PyTorch's definitions:
//
//   y = (x - mean) / sqrt(var + eps) * weight + bias      x [N, C, *S], weight and bias [C]
//
// batch_norm takes mean and biased var over N and S (Ioffe, Szegedy 2015), group_norm over the
// channels of a group and S (Wu, He 2018), instance_norm over S (Ulyanov et al. 2016). f16 and bf16
// compute in f32.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

struct NormOptions {
  double momentum = 0.1;
  double eps = 1e-5;
};

// With `training` statistics come from x, and the running ones (when defined) move towards them by
// momentum, with the unbiased variance; else the running ones are used.
Tensor batch_norm(const Tensor& x, const Tensor& running_mean, const Tensor& running_var,
                  const Tensor& weight = {}, const Tensor& bias = {}, bool training = false,
                  const NormOptions& options = {});
Tensor group_norm(const Tensor& x, int64_t groups, const Tensor& weight = {},
                  const Tensor& bias = {}, double eps = 1e-5);
Tensor instance_norm(const Tensor& x, const Tensor& running_mean = {},
                     const Tensor& running_var = {}, const Tensor& weight = {},
                     const Tensor& bias = {}, bool use_input_stats = true,
                     const NormOptions& options = {});

// The op batch_norm itself normalises x [N, C, S] by its own statistics: inputs x, weight, bias;
// outputs y, mean [C], var [C] (biased; constants to autograd).
struct BatchNormAttrs {
  double eps = 1e-5;
};

}  // namespace lydia
