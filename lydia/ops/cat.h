// Joining tensors. cat: one after another along an existing dimension; stack: along a new one.
// dtypes promote; as in PyTorch, cat ignores tensors of shape [0].
#pragma once

#include <span>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

Tensor cat(std::span<const Tensor> tensors, int64_t dim = 0);
Tensor stack(std::span<const Tensor> tensors, int64_t dim = 0);
// Along the first dimension for 1-d tensors, else the second / first / third (NumPy's names).
Tensor hstack(std::span<const Tensor> tensors);
Tensor vstack(std::span<const Tensor> tensors);
Tensor dstack(std::span<const Tensor> tensors);
Tensor column_stack(std::span<const Tensor> tensors);

Tensor atleast_1d(const Tensor& x);
Tensor atleast_2d(const Tensor& x);
Tensor atleast_3d(const Tensor& x);

struct CatAttrs {
  int64_t dim = 0;
  std::vector<int64_t> starts;  // where each input begins along dim, and the end
};

}  // namespace lydia
