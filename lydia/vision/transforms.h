// Image transforms on tensors [channels, height, width]. What is random draws its numbers from the
// stream it is given, so that the same stream gives the same picture.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lydia/core/philox_stream.h"
#include "lydia/core/tensor.h"

namespace lydia::vision {

// Integers scaled to [0, 1] (uint8 by 255, uint16 by 65535) as float32; floats as they are.
Tensor to_float(const Tensor& image);

// Resized by triangle filters, which widen when the picture shrinks, so that every input pixel
// counts (antialias); without it, plain bilinear interpolation. float32 and float64.
Tensor resize(const Tensor& image, int64_t height, int64_t width, bool antialias = true);

Tensor crop(const Tensor& image, int64_t top, int64_t left, int64_t height, int64_t width);
Tensor center_crop(const Tensor& image, int64_t height, int64_t width);
// `pixels` more on each side, holding `value`.
Tensor pad_border(const Tensor& image, int64_t pixels, double value = 0);
Tensor flip_horizontal(const Tensor& image);
// (image - mean[c]) / std[c]; one value stands for all channels. Floating images.
Tensor normalize(const Tensor& image, const std::vector<double>& mean,
                 const std::vector<double>& std);

// Output pixel (x, y), counted from the centre of the picture, is input pixel
// (m0 x + m1 y + m2, m3 x + m4 y + m5), bilinear between pixels, `fill` outside. float32, float64.
using AffineMatrix = std::array<double, 6>;
Tensor affine(const Tensor& image, const AffineMatrix& matrix, double fill = 0);

// A piece of that size from anywhere in the picture after padding it.
Tensor random_crop(const Tensor& image, int64_t height, int64_t width, int64_t padding,
                   PhiloxStream& random, double fill = 0);

struct RandomAffine {
  double degrees = 0;               // rotated by up to this either way
  double shift_x = 0, shift_y = 0;  // moved by up to these shares of width and height
  double min_scale = 1, max_scale = 1;
  double fill = 0;
};
Tensor random_affine(const Tensor& image, const RandomAffine& options, PhiloxStream& random);
Tensor random_flip(const Tensor& image, double probability, PhiloxStream& random);

}  // namespace lydia::vision
