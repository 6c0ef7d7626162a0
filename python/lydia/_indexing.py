"""What Python objects other than ints, slices and tensors mean in an index expression."""
import numpy as np

from ._tensor import tensor


def index_tensor(item):
    """Lists, ranges and arrays of integers or bools as an index tensor."""
    array = np.asarray(item)
    if array.size == 0 and not isinstance(item, np.ndarray):
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        raise IndexError("index: expected ints, slices, Ellipsis, None, bools, or integer or bool "
                         f"arrays, got {type(item).__name__} of {array.dtype}")
    return tensor(array)


def value_tensor(value, dtype):
    """The right side of x[...] = value as a tensor of x's dtype."""
    return tensor(value, dtype=dtype)
