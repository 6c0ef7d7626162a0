// Selecting and writing along one dimension by a 1-d index, by a mask, or by flat position. All are
// written with index and index_put.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// x[:, .., index, .., :] with index in dimension dim.
Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index);
// x with x[.., index, ..] += alpha * src; duplicates add up.
Tensor index_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src,
                 Scalar alpha = 1);
Tensor index_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src);
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value);
const Tensor& index_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src,
                         Scalar alpha = 1);
const Tensor& index_copy_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
const Tensor& index_fill_(const Tensor& self, int64_t dim, const Tensor& index,
                          const Tensor& value);

// The elements where mask is true, 1-d; x and mask broadcast against each other.
Tensor masked_select(const Tensor& x, const Tensor& mask);
// x with the places where mask is true taken from src, in row-major order of both.
Tensor masked_scatter(const Tensor& x, const Tensor& mask, const Tensor& src);
const Tensor& masked_scatter_(const Tensor& self, const Tensor& mask, const Tensor& src);

// x seen as 1-d: x.flat[index], in the shape of index.
Tensor take(const Tensor& x, const Tensor& index);
Tensor put(const Tensor& x, const Tensor& index, const Tensor& src, bool accumulate = false);
const Tensor& put_(const Tensor& self, const Tensor& index, const Tensor& src,
                   bool accumulate = false);

}  // namespace lydia
