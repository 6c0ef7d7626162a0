"""Linear algebra of the main namespace."""
from .. import _C
from .data_types import broadcast_arrays, check_kind, result_type

NAMES = ["matmul", "matrix_transpose", "tensordot", "vecdot"]


def numeric(name, *arrays):
    """The arrays in their common dtype, which must be numeric."""
    for x in arrays:
        check_kind(name, x, "integral", "real floating")
    dtype = result_type(*arrays)
    return [x.to(dtype) for x in arrays]


def check_vectors(name, x1, x2, axis):
    """ValueError unless `axis`, counted from the end, is one of both arrays and of one size."""
    if not -min(x1.ndim, x2.ndim) <= axis < 0:
        raise ValueError(f"{name}: expected axis in [{-min(x1.ndim, x2.ndim)}, -1], got {axis}")
    if x1.shape[axis] != x2.shape[axis]:
        raise ValueError(f"{name}: expected axis {axis} of one size, got {list(x1.shape)} and {list(x2.shape)}")


def matmul(x1, x2, /):
    """The matrix product, with broadcasting over leading axes."""
    return _C.matmul(*numeric("matmul", x1, x2))


def matrix_transpose(x, /):
    """The last two axes exchanged."""
    return x.mT


def tensordot(x1, x2, /, *, axes=2):
    """Sums of products over the last `axes` axes of x1 and the first of x2, or over paired lists."""
    x1, x2 = numeric("tensordot", x1, x2)
    return _C.tensordot(x1, x2, dims=axes)


def vecdot(x1, x2, /, *, axis=-1):
    """The dot products of vectors along an axis, with broadcasting over the others."""
    x1, x2 = numeric("vecdot", x1, x2)
    check_vectors("vecdot", x1, x2, axis)
    x1, x2 = broadcast_arrays(x1, x2)
    return _C.sum(x1 * x2, (axis,), dtype=x1.dtype)
