// Rearrangements of images, written with views.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// [.., C r^2, H, W] -> [.., C, H r, W r] (Shi et al. 2016), and back.
Tensor pixel_shuffle(const Tensor& x, int64_t upscale_factor);
Tensor pixel_unshuffle(const Tensor& x, int64_t downscale_factor);

// Each list has 1 or 2 entries.
struct FoldOptions {
  Dims kernel, dilation{1}, padding{0}, stride{1};
};
// torch.nn.functional's unfold: x [N, C, H, W] (or without N) as columns [N, C kh kw, L], one per
// position of the kernel.
Tensor im2col(const Tensor& x, const FoldOptions& options);
// torch.nn.functional's fold, the adjoint: columns added up into [N, C, *output_size].
Tensor col2im(const Tensor& columns, const Dims& output_size, const FoldOptions& options);

}  // namespace lydia
