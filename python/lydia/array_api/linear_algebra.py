"""Linear algebra of the main namespace."""
from .. import _C
from .data_types import broadcast_arrays, kind_of, result_type

NAMES = ["matmul", "matrix_transpose", "tensordot", "vecdot"]


def _numeric(name, *arrays):
    for x in arrays:
        if kind_of(x.dtype) == "bool":
            raise TypeError(f"{name}: expected numeric dtypes, got bool")
    dtype = result_type(*arrays)
    return [x.to(dtype) for x in arrays]


def matmul(x1, x2, /):
    """The matrix product, with broadcasting over leading axes."""
    return _C.matmul(*_numeric("matmul", x1, x2))


def matrix_transpose(x, /):
    """The last two axes exchanged."""
    return x.mT


def tensordot(x1, x2, /, *, axes=2):
    """Sums of products over the last `axes` axes of x1 and the first of x2, or over paired lists."""
    x1, x2 = _numeric("tensordot", x1, x2)
    if isinstance(axes, int):
        left, right = list(range(x1.ndim - axes, x1.ndim)), list(range(axes))
    else:
        left, right = [a % x1.ndim for a in axes[0]], [a % x2.ndim for a in axes[1]]
    if [x1.shape[a] for a in left] != [x2.shape[a] for a in right]:
        raise ValueError(f"tensordot: axes {left} of {list(x1.shape)} and {right} of {list(x2.shape)} differ")
    free1 = [a for a in range(x1.ndim) if a not in left]
    free2 = [a for a in range(x2.ndim) if a not in right]
    shape = tuple(x1.shape[a] for a in free1) + tuple(x2.shape[a] for a in free2)
    inner = 1
    for a in left:
        inner *= x1.shape[a]
    outer1, outer2 = (x.numel() // inner if inner else _size(x, free) for x, free in
                      ((x1, free1), (x2, free2)))
    a = x1.permute(tuple(free1 + left)).reshape((outer1, inner))
    b = x2.permute(tuple(right + free2)).reshape((inner, outer2))
    return _C.matmul(a, b).reshape(shape)


def _size(x, axes):
    n = 1
    for a in axes:
        n *= x.shape[a]
    return n


def vecdot(x1, x2, /, *, axis=-1):
    """The dot products of vectors along an axis, with broadcasting over the others."""
    x1, x2 = broadcast_arrays(*_numeric("vecdot", x1, x2))
    return _C.sum(x1 * x2, (axis,), dtype=x1.dtype)
