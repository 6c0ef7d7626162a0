// Triangles and diagonals of the last two dimensions.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// x where column - row <= diagonal (tril) or >= diagonal (triu), else 0.
Tensor tril(const Tensor& x, int64_t diagonal = 0);
Tensor triu(const Tensor& x, int64_t diagonal = 0);
const Tensor& tril_(const Tensor& self, int64_t diagonal = 0);
const Tensor& triu_(const Tensor& self, int64_t diagonal = 0);
// Rows and columns of the triangle of a rows x cols matrix, row by row: int64 [2, count].
Tensor tril_indices(int64_t rows, int64_t cols, int64_t offset = 0);
Tensor triu_indices(int64_t rows, int64_t cols, int64_t offset = 0);
// 1-d: a matrix with x on a diagonal; 2-d: that diagonal.
Tensor diag(const Tensor& x, int64_t diagonal = 0);
// The last dimension of x on the diagonal of two new dimensions.
Tensor diag_embed(const Tensor& x, int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1);
Tensor trace(const Tensor& x);

struct TriangleAttrs {
  int64_t diagonal = 0;
};

}  // namespace lydia
