// Conversion of contiguous rows between any two dtypes.
#pragma once

#include <cstdint>

#include "lydia/core/dtype.h"

namespace lydia::cpu {

// Converts n elements at `in` into n at `out`; the two do not overlap.
using ConvertFn = void (*)(const void* in, void* out, int64_t n);

// Integers wrap; floats round to nearest even; floats to integers drop the fraction, saturate, and
// give 0 for NaN; anything but zero is true. Never nullptr. Equal dtypes copy.
ConvertFn convert_fn(DType from, DType to);

}  // namespace lydia::cpu
