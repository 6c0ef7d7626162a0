// Running reductions along one dimension; every output has x's shape.
#pragma once

#include <optional>
#include <utility>

#include "lydia/core/tensor.h"

namespace lydia {

// Integers and bool accumulate in int64 unless `dtype` says otherwise; f16/bf16 in f32.
Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype = std::nullopt);
// The largest (smallest) value so far and where it was: the last place of ties; NaN wins.
std::pair<Tensor, Tensor> cummax(const Tensor& x, int64_t dim);
std::pair<Tensor, Tensor> cummin(const Tensor& x, int64_t dim);
// y[k] = b[k] + a[k] * y[k - 1], with y[-1] = 0: the recurrence behind cumprod's gradient.
Tensor linear_scan(const Tensor& a, const Tensor& b, int64_t dim);
// log of the running sums of e^x, computed from the largest value so far. Floating dtypes.
Tensor logcumsumexp(const Tensor& x, int64_t dim);
// Differences of neighbours, n times.
Tensor diff(const Tensor& x, int64_t n = 1, int64_t dim = -1, const Tensor& prepend = {},
            const Tensor& append = {});

struct ScanAttrs {
  int64_t dim = 0;
};

}  // namespace lydia
