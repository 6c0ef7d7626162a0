// Reductions over some or all dimensions. No dims means all; keepdim leaves them with size 1.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

struct ReduceAttrs {
  Dims dims;  // wrapped, sorted
  bool keepdim = false;
};

// Integers and bool sum to int64 unless `dtype` says otherwise; f16/bf16 accumulate in f32.
Tensor sum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
           std::optional<DType> dtype = std::nullopt);
Tensor mean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = std::nullopt);
// Sums x down to a shape that broadcasts to x's.
Tensor sum_to_size(const Tensor& x, const Dims& sizes);

// The shape after reducing wrapped `dims` of `sizes`.
Dims reduced_sizes(const Dims& sizes, const Dims& dims, bool keepdim);
// Puts the reduced dimensions back as size 1, so that a gradient broadcasts over the input.
Tensor restore_dims(const Tensor& reduced, const ReduceAttrs& attrs);

}  // namespace lydia
