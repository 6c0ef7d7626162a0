// Convolution over the last 1, 2 or 3 dimensions, by PyTorch's definition (a cross-correlation):
//
//   y[n, o, i] = bias[o] + sum over c, k of w[o, c, k] x[n, g C/G + c, i stride - padding + k
//   dilation]
//
// with x [N, C, *S], w [O, C/G, *K], y [N, O, *T]; G groups, g the group of o; i and k run over all
// spatial dimensions, and x is 0 outside. A missing batch dimension is allowed. f16 and bf16
// compute in f32.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "lydia/core/tensor.h"

namespace lydia {

// Sizes, or "valid" (none) or "same" (output as large as the input; an odd rest goes to the end).
using ConvPadding = std::variant<Dims, std::string>;

// One number serves all dimensions.
struct ConvOptions {
  Dims stride{1};
  ConvPadding padding = Dims{0};
  Dims dilation{1};
  int64_t groups = 1;
};
struct ConvTransposeOptions {
  Dims stride{1}, padding{0}, output_padding{0};
  int64_t groups = 1;
  Dims dilation{1};
};

Tensor conv1d(const Tensor& x, const Tensor& w, const Tensor& bias = {}, const ConvOptions& o = {});
Tensor conv2d(const Tensor& x, const Tensor& w, const Tensor& bias = {}, const ConvOptions& o = {});
Tensor conv3d(const Tensor& x, const Tensor& w, const Tensor& bias = {}, const ConvOptions& o = {});

// The adjoint map of conv (its gradient with respect to x) as a layer: x [N, C, *S],
// w [C, O/G, *K], y [N, O, *((S - 1) stride - 2 padding + dilation (K - 1) + output_padding + 1)].
Tensor conv_transpose1d(const Tensor& x, const Tensor& w, const Tensor& bias = {},
                        const ConvTransposeOptions& o = {});
Tensor conv_transpose2d(const Tensor& x, const Tensor& w, const Tensor& bias = {},
                        const ConvTransposeOptions& o = {});
Tensor conv_transpose3d(const Tensor& x, const Tensor& w, const Tensor& bias = {},
                        const ConvTransposeOptions& o = {});

// `padding` is what lies before the first element; what lies after the last follows from the sizes
// of input and output. Each list has one entry per spatial dimension.
struct ConvolutionAttrs {
  Dims stride, padding, dilation;
  int64_t groups = 1;
  Dims out_sizes;  // of the op's result
};

// The three maps that a convolution is made of, each bilinear and the others' adjoint:
// y of (x, w), dx of (dy, w), dw of (x, dy). Arguments have a batch dimension.
Tensor convolution(const Tensor& x, const Tensor& w, const Tensor& bias,
                   const ConvolutionAttrs& attrs);
Tensor convolution_grad_input(const Tensor& dy, const Tensor& w, const ConvolutionAttrs& attrs);
Tensor convolution_grad_weight(const Tensor& x, const Tensor& dy, const ConvolutionAttrs& attrs);

}  // namespace lydia
