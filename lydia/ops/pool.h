// Pooling over the last 1, 2 or 3 dimensions of [N, C, *S] or [C, *S], by PyTorch's definitions.
//
// Output i of a dimension sees the elements i stride - padding + k dilation, k < kernel, that
// exist. ceil_mode adds a last window that starts inside the input or its padding. Adaptive pooling
// sees floor(i in / out) .. ceil((i + 1) in / out).
#pragma once

#include <optional>
#include <vector>

#include "lydia/ops/resample.h"

namespace lydia {

// Lists have one entry, or one per dimension. An empty stride means the kernel size.
struct PoolOptions {
  Dims kernel{}, stride{}, padding{0}, dilation{1};
  bool ceil_mode = false;
};

// The largest element of each window (NaN counts as largest) and where it lies, as an int64 index
// into the flattened *S; the first of equals. Numeric dtypes; averages take floating ones.
struct MaxPooled {
  Tensor values, indices;
};
MaxPooled max_pool1d(const Tensor& x, const PoolOptions& o);
MaxPooled max_pool2d(const Tensor& x, const PoolOptions& o);
MaxPooled max_pool3d(const Tensor& x, const PoolOptions& o);
// Entries of `sizes` that are -1 keep the input's size.
MaxPooled adaptive_max_pool1d(const Tensor& x, const Dims& sizes);
MaxPooled adaptive_max_pool2d(const Tensor& x, const Dims& sizes);
MaxPooled adaptive_max_pool3d(const Tensor& x, const Dims& sizes);

struct AvgPoolOptions {
  PoolOptions window;             // without dilation
  bool count_include_pad = true;  // divide by the window's size, padding included
  std::optional<int64_t> divisor_override;
};
Tensor avg_pool1d(const Tensor& x, const AvgPoolOptions& o);
Tensor avg_pool2d(const Tensor& x, const AvgPoolOptions& o);
Tensor avg_pool3d(const Tensor& x, const AvgPoolOptions& o);
Tensor adaptive_avg_pool1d(const Tensor& x, const Dims& sizes);
Tensor adaptive_avg_pool2d(const Tensor& x, const Dims& sizes);
Tensor adaptive_avg_pool3d(const Tensor& x, const Dims& sizes);
SampleMapPtr adaptive_average_map(int64_t in, int64_t out);

// One dimension of a max pooling: output i sees begin, begin + step, ... below end.
struct PoolWindow {
  int64_t begin, end;
};
struct PoolAxis {
  int64_t in = 1, step = 1;
  std::vector<PoolWindow> windows{{0, 1}};
};
struct MaxPoolAttrs {
  PoolAxis axes[3];  // missing dimensions first, of size 1
  int spatial = 1;
};

// Elements of x's planes (its last dimensions, flattened) at `indices`: x [.., *S], indices [..,
// *T]. max_pool_grad is its adjoint: g [.., *T] added up at those places of zeros [.., *S].
struct PlaneAttrs {
  int spatial = 1;
  Dims sizes;  // of the planes of max_pool_grad's result, as a whole shape
};
Tensor max_pool_pick(const Tensor& x, const Tensor& indices, int spatial);
Tensor max_pool_grad(const Tensor& g, const Tensor& indices, const Dims& sizes, int spatial);

}  // namespace lydia
