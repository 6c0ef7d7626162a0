// rms_norm over the last dimensions: y = x / sqrt(mean(x^2) + eps) * weight (Zhang, Sennrich 2019).
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

struct RmsNormAttrs {
  int64_t width = 1;
  double eps = 1e-6;
};

// `shape` are the trailing sizes of x; weight has that shape or is undefined. eps defaults to the
// dtype's machine epsilon, as in PyTorch.
Tensor rms_norm(const Tensor& x, const Dims& shape, const Tensor& weight = {},
                std::optional<double> eps = std::nullopt);

}  // namespace lydia
