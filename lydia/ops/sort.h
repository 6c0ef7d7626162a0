// Sorting along one dimension. NaN counts as larger than everything; ties keep their order, so the
// result is the same on any thread count.
#pragma once

#include <utility>

#include "lydia/core/tensor.h"

namespace lydia {

using ValuesAndIndices = std::pair<Tensor, Tensor>;

ValuesAndIndices sort(const Tensor& x, int64_t dim = -1, bool descending = false);
Tensor argsort(const Tensor& x, int64_t dim = -1, bool descending = false);
// Sorted along the first dimension.
Tensor msort(const Tensor& x);
// The k largest (or smallest) in order, and where they were.
ValuesAndIndices topk(const Tensor& x, int64_t k, int64_t dim = -1, bool largest = true);
// The k-th smallest, k counting from 1.
ValuesAndIndices kthvalue(const Tensor& x, int64_t k, int64_t dim = -1, bool keepdim = false);
// The most frequent value along dim, the smallest of such, and the last place where it stands.
ValuesAndIndices mode(const Tensor& x, int64_t dim = -1, bool keepdim = false);
// The order that sorts the rows of a 2-d tensor lexicographically: int64 [rows].
Tensor lexsort(const Tensor& rows);

struct SortAttrs {
  int64_t dim = 0;
  bool descending = false;
};

}  // namespace lydia
