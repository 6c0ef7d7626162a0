// The geometry that the three convolution kernels share, and their two ways to compute.
#pragma once

#include "lydia/ops/conv.h"

namespace lydia::cpu {

// One or two spatial dimensions come as three, with leading ones of size 1.
struct ConvShape {
  int64_t batch, in_channels, out_channels, groups;  // channels per group
  int64_t in[3], kernel[3], out[3], stride[3], padding[3], dilation[3];
};

// Contiguous operands of one dtype; the map's result among them. `bias` may be undefined.
struct ConvTensors {
  Tensor x, w, y, bias;
};

enum class ConvMap { Forward, GradInput, GradWeight };

ConvShape conv_shape(const Dims& x, const Dims& w, const Dims& y, const ConvolutionAttrs& attrs);

// Loops over the kernel's taps, any numeric dtype, any geometry.
void conv_direct(ConvMap map, const ConvShape& shape, const ConvTensors& t);
// f32 through oneDNN. False, with nothing computed, for what it does not offer.
bool conv_onednn(ConvMap map, const ConvShape& shape, const ConvTensors& t);

}  // namespace lydia::cpu
