// Discrete Fourier transforms along one dimension. Until complex dtypes come, a complex tensor is a
// real one with a last dimension of 2 (real, imaginary part); `dim` counts without it.
//
// Forward: X[k] = sum_j x[j] exp(-2 pi i j k / n). norm: "backward" divides the inverse by n,
// "forward" the forward transform, "ortho" both by sqrt(n). Any n; float32 and float64.
#pragma once

#include <optional>
#include <string>

#include "lydia/core/tensor.h"

namespace lydia {

struct FftAttrs {
  int64_t dim = 0;  // wrapped, in front of the last dimension of 2
  bool inverse = false;
};

namespace fft {

// Complex to complex. `n` cuts or pads with zeros along dim first.
Tensor fft(const Tensor& x, std::optional<int64_t> n = std::nullopt, int64_t dim = -1,
           const std::string& norm = "backward");
Tensor ifft(const Tensor& x, std::optional<int64_t> n = std::nullopt, int64_t dim = -1,
            const std::string& norm = "backward");
// Real [..., n] to the n/2 + 1 non-redundant complex values.
Tensor rfft(const Tensor& x, std::optional<int64_t> n = std::nullopt, int64_t dim = -1,
            const std::string& norm = "backward");
// The inverse of rfft; n defaults to 2 (m - 1) for m complex values.
Tensor irfft(const Tensor& x, std::optional<int64_t> n = std::nullopt, int64_t dim = -1,
             const std::string& norm = "backward");

}  // namespace fft
}  // namespace lydia
