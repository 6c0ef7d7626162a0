// The walk over strided operands: how kernels see an output and inputs broadcast to it as one
// space of coalesced dimensions, cut into runs.
#pragma once

#include <cstddef>
#include <span>

#include "lydia/core/tensor.h"

namespace lydia::cpu {

inline constexpr int kMaxOperands = 5;

// One iteration space for all operands; operand 0 sets the sizes, the others broadcast to it.
// Dimensions of size 1 are gone and neighbours that are dense in every operand are merged; there
// is always at least one dimension. Strides are in bytes.
struct StridedSpace {
  explicit StridedSpace(std::span<const Tensor* const> operands);

  int operands = 0;
  int ndim = 0;
  int64_t numel = 0;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxOperands][kMaxDims];
  std::byte* data[kMaxOperands];

  int64_t inner_size() const { return sizes[ndim - 1]; }
  int64_t inner_stride(int operand) const { return strides[operand][ndim - 1]; }
};

// A position in the space, as one byte offset per operand.
class StridedCursor {
 public:
  StridedCursor(const StridedSpace& space, int64_t linear);

  // Elements left in the current innermost run.
  int64_t run_left() const { return space_.inner_size() - index_[space_.ndim - 1]; }
  std::byte* pointer(int operand) const { return space_.data[operand] + offset_[operand]; }
  // Moves on by `count`, which may cross runs.
  void advance(int64_t count);

 private:
  const StridedSpace& space_;
  int64_t index_[kMaxDims];
  int64_t offset_[kMaxOperands];
};

// Copies n elements of `size` bytes between strides in bytes (any of 1, 2, 4, 8).
void copy_strided(std::byte* to, int64_t to_stride, const std::byte* from, int64_t from_stride,
                  int64_t n, size_t size);

}  // namespace lydia::cpu
