// The argument checks that gather and the scatters share.
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

// Checks index (dtype, dimensions, sizes outside dim) against self and returns dim wrapped.
int64_t check_scatter(const char* op, const Tensor& self, int64_t dim, const Tensor& index);

}  // namespace lydia
