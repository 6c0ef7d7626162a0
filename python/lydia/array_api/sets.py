"""Set functions. Values come sorted; each NaN is a value of its own, -0 and +0 are one."""
from collections import namedtuple

from .. import _C

NAMES = ["unique_all", "unique_counts", "unique_inverse", "unique_values"]

UniqueAll = namedtuple("UniqueAll", ["values", "indices", "inverse_indices", "counts"])
UniqueCounts = namedtuple("UniqueCounts", ["values", "counts"])
UniqueInverse = namedtuple("UniqueInverse", ["values", "inverse_indices"])


def unique_all(x, /):
    """(values, indices, inverse_indices, counts): the distinct values of x, where each first occurs
    in x flattened, the place in `values` of every element (in x's shape), and how often each occurs."""
    values, inverse, counts = _C.unique(x, return_inverse=True, return_counts=True)
    # The stable order by place in `values` has the first occurrence at the head of each run.
    runs = _C.cumsum(counts, 0) - counts
    first = _C.index_select(_C.argsort(inverse.reshape(-1)), 0, runs)
    return UniqueAll(values, first, inverse.reshape(x.shape), counts)


def unique_counts(x, /):
    """(values, counts): the distinct values of x, and how often each occurs."""
    return UniqueCounts(*_C.unique(x, return_counts=True))


def unique_inverse(x, /):
    """(values, inverse_indices): the distinct values of x, and each element's place in them."""
    values, inverse = _C.unique(x, return_inverse=True)
    return UniqueInverse(values, inverse.reshape(x.shape))


def unique_values(x, /):
    """The distinct values of x."""
    return _C.unique(x)
