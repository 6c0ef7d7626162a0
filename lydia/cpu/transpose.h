// Copies whose input and output are dense along different dimensions, such as a transposed matrix:
// tile by tile, so that both are read and written a cache line at a time.
#pragma once

#include "lydia/cpu/strided.h"

namespace lydia::cpu {

// Copies operand 1 to operand 0, elements of `size` bytes (1, 2, 4, 8). False, with nothing done,
// when the two are not dense along different dimensions, or these are too short to pay.
bool copy_transposed(const StridedSpace& space, size_t size);

// out[c][r] = in[r][c]; the steps, in bytes, lead from one row of in and of out to the next.
struct TransposeTile {
  const std::byte* in;
  int64_t in_step;
  std::byte* out;
  int64_t out_step, rows, columns;
};
using TransposeFn = void (*)(const TransposeTile&);

TransposeFn transpose_fn(size_t size);  // of the best instruction set, for elements of `size` bytes

}  // namespace lydia::cpu
