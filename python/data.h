// Tensors from Python's own data: numbers, nested sequences, and objects with the buffer protocol.
#pragma once

#include <optional>

#include "python/bind.h"

namespace lydia::python {

// A new tensor with the values of `data`: a number, nested sequences of equally long rows, or an
// array. Without `dtype`: bool, int64 or the default floating dtype for Python numbers, whichever
// holds them all; the array's own otherwise. Throws ValueError for ragged rows and integers that
// the dtype cannot hold, TypeError for what is no number.
Tensor tensor_of(nb::handle data, std::optional<DType> dtype);

// An index tensor of a list, range or array; IndexError unless it holds integers or bools.
Tensor index_tensor(nb::handle item);

}  // namespace lydia::python
