#include "lydia/cpu/transpose.h"

#include <algorithm>

#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kBand = 32;  // columns of a tile: a cache line or two of each row
constexpr int64_t kFewestRows = 2, kFewestColumns = 8;

// The dimension along which the operand is dense; -1 when it is broadcast or strided everywhere.
int dense_dim(const StridedSpace& space, int operand, size_t size) {
  for (int d = space.ndim - 1; d >= 0; --d)
    if (space.strides[operand][d] == static_cast<int64_t>(size)) return d;
  return -1;
}

// One operand's offset at the `linear`-th position of the dimensions other than a and b.
int64_t outer_offset(const StridedSpace& space, int operand, int a, int b, int64_t linear) {
  int64_t offset = 0;
  for (int d = space.ndim - 1; d >= 0; --d) {
    if (d == a || d == b) continue;
    offset += linear % space.sizes[d] * space.strides[operand][d];
    linear /= space.sizes[d];
  }
  return offset;
}

// Dimension `c` is dense in the input, `r` in the output.
void copy_bands(const StridedSpace& space, int r, int c, size_t size) {
  const int64_t rows = space.sizes[r], columns = space.sizes[c];
  const int64_t bands = (columns + kBand - 1) / kBand, outer = space.numel / (rows * columns);
  const int64_t in_step = space.strides[1][r], out_step = space.strides[0][c];
  const TransposeFn transpose = transpose_fn(size);
  const int64_t grain = std::max<int64_t>(1, kGrain / (rows * kBand));
  parallel_for(0, outer * bands, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % bands * kBand;
      const std::byte* in = space.data[1] + outer_offset(space, 1, r, c, i / bands);
      std::byte* out = space.data[0] + outer_offset(space, 0, r, c, i / bands);
      transpose({in + first * static_cast<int64_t>(size), in_step, out + first * out_step, out_step,
                 rows, std::min(kBand, columns - first)});
    }
  });
}

}  // namespace

bool copy_transposed(const StridedSpace& space, size_t size) {
  if (space.ndim < 2) return false;
  const int r = dense_dim(space, 0, size), c = dense_dim(space, 1, size);
  if (r < 0 || c < 0 || r == c || space.sizes[r] < kFewestRows || space.sizes[c] < kFewestColumns)
    return false;
  copy_bands(space, r, c, size);
  return true;
}

}  // namespace lydia::cpu
