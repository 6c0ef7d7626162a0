#include "lydia/cpu/transpose.h"

#include <algorithm>
#include <cstring>

#include "lydia/cpu/parallel.h"

namespace lydia::cpu {
namespace {

constexpr int64_t kTile = 32;
constexpr int64_t kFewest = 8;  // elements along a dimension for tiles to pay

// The dimension along which the operand is dense; -1 when it is broadcast or strided everywhere.
int dense_dim(const StridedSpace& space, int operand, size_t size) {
  for (int d = space.ndim - 1; d >= 0; --d)
    if (space.strides[operand][d] == static_cast<int64_t>(size)) return d;
  return -1;
}

// out[c][r] = in[r][c] for one tile; kWhole: of kTile rows and columns. The rows of the input go
// through a buffer whose rows don't fall into the same cache set, as those of a matrix of 2^k
// columns do.
template <class T, bool kWhole>
void copy_tile(std::byte* out, int64_t out_step, const std::byte* in, int64_t in_step, int64_t rows,
               int64_t columns) {
  if constexpr (kWhole) rows = columns = kTile;
  alignas(64) T buffer[kTile][kTile + 1];
  for (int64_t r = 0; r < rows; ++r)
    std::memcpy(buffer[r], in + r * in_step, static_cast<size_t>(columns) * sizeof(T));
  for (int64_t c = 0; c < columns; ++c) {
    T* to = reinterpret_cast<T*>(out + c * out_step);
    for (int64_t r = 0; r < rows; ++r) to[r] = buffer[r][c];
  }
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
template <class T>
void copy_tiles(const StridedSpace& space, int r, int c) {
  const int64_t rows = space.sizes[r], columns = space.sizes[c];
  const int64_t bands = (columns + kTile - 1) / kTile, outer = space.numel / (rows * columns);
  const int64_t in_step = space.strides[1][r], out_step = space.strides[0][c];
  const int64_t grain = std::max<int64_t>(1, kGrain / (rows * kTile));
  parallel_for(0, outer * bands, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % bands * kTile, width = std::min(kTile, columns - first);
      const auto size = static_cast<int64_t>(sizeof(T));
      std::byte* out = space.data[0] + outer_offset(space, 0, r, c, i / bands) + first * out_step;
      const std::byte* in = space.data[1] + outer_offset(space, 1, r, c, i / bands) + first * size;
      for (int64_t row = 0; row < rows; row += kTile) {
        const int64_t height = std::min(kTile, rows - row);
        const bool whole = height == kTile && width == kTile;
        const auto copy = whole ? copy_tile<T, true> : copy_tile<T, false>;
        copy(out + row * size, out_step, in + row * in_step, in_step, height, width);
      }
    }
  });
}

}  // namespace

bool copy_transposed(const StridedSpace& space, size_t size) {
  if (space.ndim < 2) return false;
  const int r = dense_dim(space, 0, size), c = dense_dim(space, 1, size);
  if (r < 0 || c < 0 || r == c || space.sizes[r] < kFewest || space.sizes[c] < kFewest)
    return false;
  switch (size) {
    case 1: copy_tiles<uint8_t>(space, r, c); break;
    case 2: copy_tiles<uint16_t>(space, r, c); break;
    case 4: copy_tiles<uint32_t>(space, r, c); break;
    default: copy_tiles<uint64_t>(space, r, c); break;
  }
  return true;
}

}  // namespace lydia::cpu
