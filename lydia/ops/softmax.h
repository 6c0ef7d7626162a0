// softmax: y = exp(x - max) / sum(exp(x - max)) along one dimension; log_softmax its logarithm.
// Rows whose maximum is -inf give NaN, as in PyTorch.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

struct SoftmaxAttrs {
  int64_t dim = -1;  // wrapped
};

// `dtype` converts the input first; integers need it.
Tensor softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);
Tensor log_softmax(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);

}  // namespace lydia
