"""Indexing functions."""
from .. import _C

NAMES = ["take"]


def take(x, indices, /, *, axis=None):
    """The slices of x at `indices` (1-d) along an axis, which may be left out for 1-d x."""
    if axis is None:
        if x.ndim != 1:
            raise ValueError(f"take: expected an axis for shape {list(x.shape)}")
        axis = 0
    return _C.index_select(x, axis, indices.to(_C.dtype.int64))
