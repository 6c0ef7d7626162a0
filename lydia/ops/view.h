// Views: tensors that share storage with their source and copy nothing.
//
// Negative dims count from the end; negative indices count from the end of their dimension.
// Primitive views (as_strided, view, permute, expand, slice, select, diagonal, unfold) carry a
// gradient rule; the others are written with them.
#pragma once

#include <optional>
#include <vector>

#include "lydia/core/tensor.h"

namespace lydia {

// A window with the given geometry, in elements of x's storage. `offset` defaults to x's own.
Tensor as_strided(const Tensor& x, const Dims& sizes, const Dims& strides,
                  std::optional<int64_t> offset = std::nullopt);
// x in another shape without copying; one size may be -1. ValueError when the strides do not allow
// it.
Tensor view(const Tensor& x, const Dims& sizes);
// x in another shape; copies only when no view exists.
Tensor reshape(const Tensor& x, const Dims& sizes);
Tensor permute(const Tensor& x, const Dims& dims);
Tensor transpose(const Tensor& x, int64_t dim0, int64_t dim1);
// Transpose of a 0-d, 1-d (itself) or 2-d tensor.
Tensor t(const Tensor& x);
// Drops all dimensions of size 1, or those listed that have size 1.
Tensor squeeze(const Tensor& x);
Tensor squeeze(const Tensor& x, const Dims& dims);
Tensor unsqueeze(const Tensor& x, int64_t dim);
// Repeats dimensions of size 1 by stride 0; -1 keeps a size.
Tensor expand(const Tensor& x, const Dims& sizes);
Tensor broadcast_to(const Tensor& x, const Dims& sizes);
// start/stop as in Python slices (clamped; nullopt = open end); step may be negative, not 0.
Tensor slice(const Tensor& x, int64_t dim, std::optional<int64_t> start = std::nullopt,
             std::optional<int64_t> stop = std::nullopt, int64_t step = 1);
// x[.., start : start + length, ..]; IndexError outside.
Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length);
// x[.., index, ..], without the dimension.
Tensor select(const Tensor& x, int64_t dim, int64_t index);
// Pieces of `size` along dim, the last one smaller where it does not divide.
std::vector<Tensor> split(const Tensor& x, int64_t size, int64_t dim = 0);
std::vector<Tensor> split(const Tensor& x, const Dims& sizes, int64_t dim = 0);
// At most `chunks` pieces of equal size (the last may be smaller).
std::vector<Tensor> chunk(const Tensor& x, int64_t chunks, int64_t dim = 0);
std::vector<Tensor> unbind(const Tensor& x, int64_t dim = 0);
// Windows of `size` every `step` along dim, in a new last dimension.
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step);
Tensor flatten(const Tensor& x, int64_t start_dim = 0, int64_t end_dim = -1);
Tensor unflatten(const Tensor& x, int64_t dim, const Dims& sizes);
Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination);
// The diagonal of two dimensions, as the last dimension of the result.
Tensor diagonal(const Tensor& x, int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1);

// `base` (zeros of `sizes` when undefined; read as contiguous) with `src` written to, or with
// `accumulate` added to, the window of the given geometry. The adjoint of as_strided.
Tensor as_strided_scatter(const Tensor& base, const Tensor& src, const Dims& sizes,
                          const Dims& view_sizes, const Dims& view_strides, int64_t offset,
                          bool accumulate);
// History of "base after `src` was written through one of its views"; undefined when neither needs
// a gradient. Carries no data of its own.
Tensor as_strided_scatter_history(const Tensor& base, const Tensor& src, const Dims& view_sizes,
                                  const Dims& view_strides, int64_t offset);

struct AsStridedScatterAttrs {
  Dims sizes;  // of the result
  Dims view_sizes, view_strides;
  int64_t offset = 0;
  bool accumulate = false;
};

}  // namespace lydia
