// nonzero: the coordinates of the elements that are not zero, in row-major order: int64 [count,
// ndim].
#pragma once

#include "lydia/core/tensor.h"

namespace lydia {

Tensor nonzero(const Tensor& x);
// The same as one 1-d tensor per dimension (NumPy's form); a 0-d tensor counts as 1-d.
Tensors nonzero_tuple(const Tensor& x);
Tensor argwhere(const Tensor& x);

}  // namespace lydia
