// The buffer protocol: memory that other Python objects own (NumPy arrays, bytes, array.array,
// ...).
#pragma once

#include "python/bind.h"

namespace lydia::python {

// A tensor over the memory of `object`, which stays exported while the tensor lives. Read-only
// memory stays read-only. Throws TypeError, its text starting with `op`, for objects without the
// protocol and element types that lydia has not, ValueError for strides of broken elements.
Tensor tensor_over_buffer(nb::handle object, const char* op);

}  // namespace lydia::python
