// Tensors that start from a rule: ranges and the identity.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

// start, start + step, ... up to and without end: ceil((end - start) / step) elements. int64 when
// all three are integers, else the default float dtype.
Tensor arange(Scalar start, Scalar end, Scalar step = 1, std::optional<DType> dtype = std::nullopt,
              Device device = kCPU);
// `steps` values from start to end, both included; symmetric, so that the ends are exact.
Tensor linspace(Scalar start, Scalar end, int64_t steps, std::optional<DType> dtype = std::nullopt,
                Device device = kCPU);
// base ** linspace(start, end, steps)
Tensor logspace(Scalar start, Scalar end, int64_t steps, double base = 10.0,
                std::optional<DType> dtype = std::nullopt, Device device = kCPU);
// Ones on the main diagonal, n x m (m defaults to n).
Tensor eye(int64_t n, std::optional<int64_t> m = std::nullopt,
           std::optional<DType> dtype = std::nullopt, Device device = kCPU);

struct RangeAttrs {
  Scalar start, step, end;
  bool symmetric = false;  // the second half counts down from end
};

}  // namespace lydia
