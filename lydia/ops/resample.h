// Weighted sums along one dimension: y[.., i, ..] = sum over taps t of i of w_t x[.., index_t, ..].
// Average pooling and interpolation are such sums in each of their dimensions, one after the other;
// the gradient is the same sum with the map turned round. f16 and bf16 compute in f32.
#pragma once

#include <memory>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

// A sparse matrix [out, in], row by row: the taps of output i are begin[i] .. begin[i + 1].
struct SampleMap {
  int64_t in = 0;
  std::vector<int64_t> begin{0}, index;
  std::vector<double> weight;

  int64_t out() const { return static_cast<int64_t>(begin.size()) - 1; }
  void add_tap(int64_t from, double w) {
    index.push_back(from);
    weight.push_back(w);
  }
  void end_output() { begin.push_back(static_cast<int64_t>(index.size())); }
};
using SampleMapPtr = std::shared_ptr<const SampleMap>;

struct ResampleAttrs {
  int64_t dim = 0;
  SampleMapPtr map;
};
Tensor resample(const Tensor& x, int64_t dim, const SampleMapPtr& map);
// Along the last maps.size() dimensions.
Tensor resample_last(const Tensor& x, const std::vector<SampleMapPtr>& maps);

// x [N, C, *S] resized by `mode`: nearest, nearest-exact, linear, bilinear, bicubic, trilinear,
// area. Output i of a dimension sits at input position (i + 1/2) r - 1/2 with r = in / out (1 /
// scale_factor where that was given), or at i (in - 1) / (out - 1) with align_corners. bicubic is
// Keys' convolution with a = -3/4 (Keys 1981).
struct InterpolateOptions {
  std::vector<int64_t> size;  // one of the two is empty
  std::vector<double> scale_factor;
  std::string mode = "nearest";
  std::optional<bool> align_corners;  // only for linear and cubic modes
  bool recompute_scale_factor = false;
};
Tensor interpolate(const Tensor& x, const InterpolateOptions& options);

}  // namespace lydia
