// Rows of a table: out[i.., :] = weight[indices[i..], :], for weight [V, D].
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

// The gradient does not reach row `padding_idx` (which may count from the end).
Tensor embedding(const Tensor& weight, const Tensor& indices,
                 std::optional<int64_t> padding_idx = std::nullopt);

struct EmbeddingAttrs {
  int64_t rows = 0;           // V
  int64_t padding = -1;       // no gradient for this row
  bool skip_padding = false;  // embedding: zeros for it, as embedding_grad's adjoint
};
// [V, D]: row v is the sum of the rows of g at which indices is v, in order.
Tensor embedding_grad(const Tensor& g, const Tensor& indices, int64_t rows, int64_t padding);

}  // namespace lydia
