// Copies and conversions between dtypes, and the tensors that start from a value.
#pragma once

#include <optional>

#include "lydia/core/tensor.h"

namespace lydia {

// x itself when it is contiguous, else a contiguous copy.
Tensor contiguous(const Tensor& x);
// A contiguous copy, part of the graph.
Tensor clone(const Tensor& x);
// x itself when nothing changes and `copy` is not asked for.
Tensor to(const Tensor& x, DType dtype, bool copy = false);
Tensor to(const Tensor& x, Device device);
// Writes src into self, converting and broadcasting. Returns self.
const Tensor& copy_(const Tensor& self, const Tensor& src);
const Tensor& fill_(const Tensor& self, Scalar value);
const Tensor& zero_(const Tensor& self);

Tensor full(const Dims& sizes, Scalar value, std::optional<DType> dtype = std::nullopt,
            Device device = kCPU);
Tensor zeros(const Dims& sizes, DType dtype = default_dtype(), Device device = kCPU);
Tensor ones(const Dims& sizes, DType dtype = default_dtype(), Device device = kCPU);
Tensor empty_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor ones_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor full_like(const Tensor& x, Scalar value, std::optional<DType> dtype = std::nullopt);
// Zeros with the dtype and device of x.
Tensor zeros_like_shape(const Tensor& x, const Dims& sizes);
// A 0-d tensor.
Tensor scalar_tensor(Scalar value, DType dtype, Device device = kCPU);

// Values only: no history, no version, no checks beyond broadcasting. For kernels' neighbours.
void raw_copy(const Tensor& to, const Tensor& from);

struct FillAttrs {
  Scalar value;
};

}  // namespace lydia
