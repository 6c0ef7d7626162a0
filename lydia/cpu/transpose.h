// Copies whose input and output are dense along different dimensions, such as a transposed matrix:
// tile by tile, so that both are read and written a cache line at a time.
#pragma once

#include "lydia/cpu/strided.h"

namespace lydia::cpu {

// Copies operand 1 to operand 0, elements of `size` bytes (1, 2, 4, 8). False, with nothing done,
// when the two are not dense along different dimensions of eight elements or more.
bool copy_transposed(const StridedSpace& space, size_t size);

}  // namespace lydia::cpu
