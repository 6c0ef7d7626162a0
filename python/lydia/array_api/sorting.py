"""Sorting functions. NaN sorts as the largest value; equal values keep their order."""
from .. import _C
from .data_types import check_kind

NAMES = ["argsort", "sort"]


def argsort(x, /, *, axis=-1, descending=False, stable=True):
    """The int64 indices that sort x along an axis. Always stable."""
    check_kind("argsort", x, "integral", "real floating")
    return _C.argsort(x, axis, descending, stable)


def sort(x, /, *, axis=-1, descending=False, stable=True):
    """x sorted along an axis, as a copy. Always stable."""
    check_kind("sort", x, "integral", "real floating")
    return _C.sort(x, axis, descending, stable)[0]
