"""Searching functions."""
from .. import _C
from .data_types import broadcast_arrays, kind_of, result_type

NAMES = ["argmax", "argmin", "nonzero", "where"]


def _arg(name):
    def function(x, /, *, axis=None, keepdims=False):
        if kind_of(x.dtype) == "bool":
            raise TypeError(f"{name}: expected a numeric dtype, got bool")
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


def where(condition, x1, x2, /):
    """x1 where the condition holds, x2 elsewhere."""
    if kind_of(condition.dtype) != "bool":
        raise TypeError(f"where: expected a bool condition, got {condition.dtype}")
    dtype = result_type(x1, x2)
    condition, a, b = broadcast_arrays(condition, x1.to(dtype), x2.to(dtype))
    out = b.clone()
    out[condition] = a[condition]
    return out
