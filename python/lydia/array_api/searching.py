"""Searching functions."""
from .. import _C
from .data_types import check_kind, result_type

NAMES = ["argmax", "argmin", "nonzero", "searchsorted", "where"]


def _arg(name):
    def function(x, /, *, axis=None, keepdims=False):
        check_kind(name, x, "integral", "real floating")
        if axis is not None:
            return getattr(_C, name)(x, axis, keepdims)
        flat = getattr(_C, name)(x.reshape(-1), 0)
        return flat.reshape((1,) * x.ndim) if keepdims else flat
    function.__name__ = name
    function.__doc__ = f"Where the {name[3:]} over an axis (all if None) lies; the first of equals."
    return function


argmax, argmin = _arg("argmax"), _arg("argmin")


def nonzero(x, /):
    """The indices of elements that are not zero, one array per axis."""
    if x.ndim == 0:
        raise ValueError("nonzero: expected at least one dimension, got a 0-d array")
    return tuple(_C.nonzero(x, as_tuple=True))


def searchsorted(x1, x2, /, *, side="left", sorter=None):
    """Where each element of x2 would go in the sorted 1-d x1 to keep it sorted: before equal
    elements, or after them where side="right". `sorter` has the indices that sort x1."""
    if x1.ndim != 1:
        raise ValueError(f"searchsorted: expected a 1-d x1, got shape {list(x1.shape)}")
    dtype = result_type(x1, x2)
    ordered = x1 if sorter is None else _C.index_select(x1, 0, sorter.to(_C.dtype.int64))
    return _C.searchsorted(ordered.to(dtype), x2.to(dtype), side=side)


def where(condition, x1, x2, /):
    """x1 where the condition holds, x2 elsewhere."""
    check_kind("where", condition, "bool")
    dtype = result_type(x1, x2)
    return _C.where(condition, x1.to(dtype), x2.to(dtype))
