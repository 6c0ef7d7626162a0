// Python's index expressions as lydia's.
#pragma once

#include <vector>

#include "lydia/ops/index.h"
#include "python/bind.h"

namespace lydia::python {

// One item: an int, slice, None, Ellipsis, bool, tensor, or anything NumPy makes an array of.
Index to_index(nb::handle item);
// The key of x[key]: a tuple of items, or one.
std::vector<Index> to_indices(nb::handle key);
// The indices argument of index_put, where None stands for a whole dimension.
std::vector<Index> to_put_indices(nb::handle indices);
// A tensor, or what lydia.tensor makes of a list or an array, in `like`'s dtype.
Tensor to_value(nb::handle value, const Tensor& like);

}  // namespace lydia::python
