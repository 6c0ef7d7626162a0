// The inner loops of gathers and scatters: copy by element size, add by dtype.
#pragma once

#include "lydia/cpu/index_walk.h"

namespace lydia::cpu {

// Copies elements of `size` bytes (1, 2, 4 or 8).
Mover copy_mover(size_t size);
// to += from in `dtype`; bool adds as "or".
Mover add_mover(DType dtype);

}  // namespace lydia::cpu
