// Images read at the places of a grid, and the grid of an affine map (Jaderberg et al. 2015).
//
// grid_sample: x [N, C, H, W], grid [N, Ho, Wo, 2] of (x, y) give [N, C, Ho, Wo]; the same with
// depth: x [N, C, D, H, W], grid [N, Do, Ho, Wo, 3]. -1 and 1 in the grid are the image's edges, or
// with align_corners the centres of its outermost pixels. NaN in the grid counts as -1.
#pragma once

#include <string>

#include "lydia/core/tensor.h"

namespace lydia {

// mode: bilinear, nearest (half to even), or for images bicubic (Keys 1981, a = -3/4).
// padding_mode, for what lies outside: zeros, border (the nearest pixel), reflection.
struct GridSampleOptions {
  std::string mode = "bilinear", padding_mode = "zeros";
  bool align_corners = false;
};
Tensor grid_sample(const Tensor& x, const Tensor& grid, const GridSampleOptions& options = {});

// theta [N, 2, 3], sizes [N, C, H, W] give [N, H, W, 2]; theta [N, 3, 4], sizes [N, C, D, H, W]
// give [N, D, H, W, 3]: theta (x, y, 1) at each pixel's place.
Tensor affine_grid(const Tensor& theta, const Dims& sizes, bool align_corners = false);

}  // namespace lydia
