// Reductions over some or all dimensions. No dims means all; keepdim leaves them with size 1.
// NaN wins in amax, amin, argmax and argmin; ties go to the first index.
#pragma once

#include <optional>
#include <utility>

#include "lydia/core/tensor.h"

namespace lydia {

struct ReduceAttrs {
  Dims dims;  // wrapped, sorted
  bool keepdim = false;
  double value = 0;  // norm: p; var: correction
};

// Integers and bool sum to int64 unless `dtype` says otherwise; f16/bf16 accumulate in f32.
Tensor sum(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
           std::optional<DType> dtype = std::nullopt);
Tensor prod(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = std::nullopt);
Tensor mean(const Tensor& x, const Dims& dims = {}, bool keepdim = false,
            std::optional<DType> dtype = std::nullopt);
// sum |x - mean|^2 / max(n - correction, 0)
Tensor var(const Tensor& x, const Dims& dims = {}, double correction = 1, bool keepdim = false);
Tensor std(const Tensor& x, const Dims& dims = {}, double correction = 1, bool keepdim = false);
// Extreme values; the gradient is shared evenly among ties. ValueError on an empty dimension.
Tensor amax(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor amin(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
// Index (int64) of the extreme value along `dim`, or in the flattened tensor.
Tensor argmax(const Tensor& x, std::optional<int64_t> dim = std::nullopt, bool keepdim = false);
Tensor argmin(const Tensor& x, std::optional<int64_t> dim = std::nullopt, bool keepdim = false);
// (values, indices) along dim; the gradient goes to the chosen element.
std::pair<Tensor, Tensor> max(const Tensor& x, int64_t dim, bool keepdim = false);
std::pair<Tensor, Tensor> min(const Tensor& x, int64_t dim, bool keepdim = false);
// Is any / are all elements nonzero: bool, or uint8 for uint8.
Tensor any(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor all(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor count_nonzero(const Tensor& x, const Dims& dims = {});
// (sum |x|^p)^(1/p); p = inf: max |x|; -inf: min |x|; 0: number of nonzeros.
Tensor vector_norm(const Tensor& x, double p = 2, const Dims& dims = {}, bool keepdim = false);
// log(sum(exp(x))), computed from the maximum down.
Tensor logsumexp(const Tensor& x, const Dims& dims, bool keepdim = false);
// Sum and mean of the elements that are not NaN.
Tensor nansum(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
Tensor nanmean(const Tensor& x, const Dims& dims = {}, bool keepdim = false);
// Sums x down to a shape that broadcasts to x's.
Tensor sum_to_size(const Tensor& x, const Dims& sizes);

// The shape after reducing wrapped `dims` of `sizes`.
Dims reduced_sizes(const Dims& sizes, const Dims& dims, bool keepdim);
// Puts the reduced dimensions back as size 1, so that a gradient broadcasts over the input.
Tensor restore_dims(const Tensor& reduced, const ReduceAttrs& attrs);
// How many elements each result is made of.
int64_t reduced_count(const Dims& sizes, const Dims& dims);

}  // namespace lydia
