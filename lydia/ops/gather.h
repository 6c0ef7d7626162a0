// Gathers and scatters along one dimension, with an index of the values' shape (PyTorch's gather
// and scatter family).
//
//   gather:  out[i, j, k] = x[i, index[i, j, k], k]                          (dim = 1)
//   scatter: out = self, then out[i, index[i, j, k], k] = or op= src[i, j, k]
// index: any integer dtype, negative counts from the end, no larger than src and, outside dim, than
// self. Of duplicates the last one along dim wins; sums run in that order on any thread count.
#pragma once

#include <string_view>

#include "lydia/core/tensor.h"

namespace lydia {

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index);
// x and index broadcast against each other outside dim.
Tensor take_along_dim(const Tensor& x, const Tensor& index, std::optional<int64_t> dim = {});

Tensor scatter(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& self, int64_t dim, const Tensor& index, Scalar value);
Tensor scatter_add(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
// reduce: "sum", "mean", "prod", "amax" or "amin". Without include_self the old values at the
// indexed places do not count. amax and amin share the gradient evenly among ties; the second
// derivative of prod is that of the factors that are not zero.
Tensor scatter_reduce(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src,
                      std::string_view reduce, bool include_self = true);
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
const Tensor& scatter_(const Tensor& self, int64_t dim, const Tensor& index, Scalar value);
const Tensor& scatter_add_(const Tensor& self, int64_t dim, const Tensor& index, const Tensor& src);
const Tensor& scatter_reduce_(const Tensor& self, int64_t dim, const Tensor& index,
                              const Tensor& src, std::string_view reduce, bool include_self = true);

enum class Reduction : uint8_t { Set, Sum, Prod, Max, Min };
struct ScatterAttrs {
  int64_t dim = 0;
  Reduction reduction = Reduction::Set;
  bool include_self = true;
};

}  // namespace lydia
