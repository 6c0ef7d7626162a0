"""Sorting, searching, counting, running reductions."""
import numpy as np

import lydia
from case import Case, ErrorCase, booleans, distinct, given, integers, normal

NAN = float("nan")
TIES = integers(-3, 4, 5, 40)


def stable(x, axis=-1, descending=False):
    """NumPy's stable order; descending reverses twice, so that ties keep their order."""
    if not descending:
        return np.argsort(x, axis, kind="stable")
    back = np.argsort(np.flip(x, axis), axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - back, axis)


def sort_pair(x, axis=-1, descending=False):
    order = stable(x, axis, descending)
    return np.take_along_axis(x, order, axis), order


def top(x, k, axis, largest):
    order = np.take(stable(x, axis, largest), range(k), axis)
    return np.take_along_axis(x, order, axis), order


def running(x, axis, better):
    x, values, places = np.moveaxis(x, axis, 0), [], []
    for i in range(x.shape[0]):
        if i == 0:
            best, place = x[0].copy(), np.zeros(x.shape[1:], np.int64)
        take = better(x[i], best) | np.isnan(x[i])
        best, place = np.where(take, x[i], best), np.where(take, i, place)
        values.append(best)
        places.append(place)
    return np.moveaxis(np.array(values), 0, axis), np.moveaxis(np.array(places), 0, axis)


def scan(a, b):
    y = np.zeros_like(b)
    for k in range(b.shape[1]):
        y[:, k] = b[:, k] + (a[:, k] * y[:, k - 1] if k else 0)
    return y


def numpy_unique(x, axis=None):
    values, inverse, counts = np.unique(x, return_inverse=True, return_counts=True, axis=axis)
    return values, inverse.reshape(x.shape if axis is None else -1), counts


def most_frequent(rows):
    """Per row, counted by hand: the most frequent value, the smallest of such, and its last place."""
    values, places = [], []
    for r in rows.tolist():
        values.append(min(set(r), key=lambda v: (-r.count(v), v)))
        places.append(len(r) - 1 - r[::-1].index(values[-1]))
    return np.array(values), np.array(places)


CASES = [
    Case("sort", lambda x: x.sort(), sort_pair, [distinct(3, 7)]),
    Case("sort", lambda x: x.sort(0, descending=True), lambda x: sort_pair(x, 0, True), [distinct(5, 2, 3)],
         label="descending"),
    Case("sort", lambda x: x.sort(), sort_pair, [TIES], label="ties", grad=False),
    Case("sort", lambda x: x.sort(descending=True), lambda x: sort_pair(x, -1, True), [TIES],
         label="ties-descending", grad=False),
    Case("sort", lambda x: x.sort(), sort_pair, [given([0.0, NAN, -0.0, -np.inf, 2, NAN, np.inf, -1])],
         label="special", grad=False, dtypes=("float32", "float16", "bfloat16")),
    Case("sort", lambda x: x.sort(), sort_pair, [normal(3, 2000)], label="long", grad=False, dtypes=("float32",)),
    Case("sort", lambda x: x.sort(), sort_pair, [integers(-128, 128, 2, 1500, dtype=np.int8)], label="int8",
         grad=False),
    Case("sort", lambda x: x.sort(), sort_pair, [lambda rng: rng.integers(0, 2**64 - 1, (2, 1500), dtype=np.uint64)], label="uint64",
         grad=False),
    Case("sort", lambda x: x.sort(), sort_pair, [booleans(30)], label="bool", grad=False),
    Case("sort", lambda x: x.sort(), lambda x: (x, 0), [normal()], label="0d"),
    Case("argsort", lambda x: x.argsort(1), lambda x: stable(x, 1), [normal(2, 5, 3)], grad=False, dtypes=()),
    Case("msort", lambda x: x.msort(), lambda x: np.sort(x, 0), [distinct(5, 2)]),
    Case("topk", lambda x: x.topk(3), lambda x: top(x, 3, -1, True), [distinct(4, 9)]),
    Case("topk", lambda x: x.topk(2, 0, largest=False), lambda x: top(x, 2, 0, False), [distinct(6, 2)],
         label="smallest"),
    Case("topk", lambda x: x.topk(5), lambda x: top(x, 5, -1, True), [TIES], label="ties", grad=False),
    Case("topk", lambda x: x.topk(3), lambda x: top(x, 3, -1, True), [normal(2, 3000)], label="long", grad=False,
         dtypes=("float32",)),
    Case("topk", lambda x: x.topk(0), lambda x: (np.zeros((3, 0)),) * 2, [normal(3, 2)], label="none", grad=False),
    Case("kthvalue", lambda x: x.kthvalue(2, 1), lambda x: (np.sort(x, 1)[:, 1], stable(x, 1)[:, 1]),
         [distinct(3, 5)]),
    Case("kthvalue", lambda x: x.kthvalue(5, 0, keepdim=True).values, lambda x: np.sort(x, 0)[4:],
         [distinct(5, 2)], label="keepdim"),
    Case("mode", lambda x: x.mode(1), most_frequent, [integers(0, 4, 6, 9)], grad=False),
    Case("mode", lambda x: x.mode(0, keepdim=True), lambda x: tuple(m[None] for m in most_frequent(x.T)),
         [given([[2.0, 1.5], [3.0, 0.5], [2.0, 1.5], [7.0, 0.5]])], label="keepdim", grad=False),
    Case("mode", lambda x: x.mode(), lambda x: (x, 0), [normal()], label="0d"),
    Case("mode", lambda x: x.mode(), lambda x: (x[:, 0], np.zeros(3)), [normal(3, 1)], label="one"),
    Case("lexsort", lambda x: lydia._C._lexsort(x), lambda x: np.lexsort(x.T[::-1]), [integers(0, 3, 30, 4)],
         grad=False),
    Case("cumsum", lambda x: x.cumsum(1), lambda x: x.cumsum(1), [normal(2, 5, 3)], rtol=2),
    Case("cumsum", lambda x: x.cumsum(-1), lambda x: x.cumsum(-1), [normal(3, 70)], label="last", rtol=4),
    Case("cumsum", lambda x: x.cumsum(0), lambda x: x.cumsum(0), [normal(4, 200)], label="wide", grad=False),
    Case("cumsum", lambda x: x.cumsum(0), lambda x: x.cumsum(0), [booleans(9)], label="bool", grad=False),
    Case("cumsum", lambda x: x.cumsum(0), lambda x: x, [normal()], label="0d"),
    Case("cumsum", lambda x: x.cumsum(1), lambda x: x, [normal(3, 0)], label="empty", grad=False),
    Case("cumprod", lambda x: x.cumprod(1), lambda x: x.cumprod(1), [normal(2, 5, 3)], rtol=2),
    Case("cumprod", lambda x: x.cumprod(0), lambda x: x.cumprod(0), [given([2.0, 0.0, 3.0, 0.0, -1.0])],
         label="zeros"),
    Case("cummax", lambda x: x.cummax(1), lambda x: running(x, 1, np.greater_equal), [distinct(2, 6, 3)]),
    Case("cummax", lambda x: x.cummax(0), lambda x: running(x, 0, np.greater_equal),
         [given([1.0, 1.0, NAN, 3.0, NAN])], label="nan", grad=False),
    Case("cummin", lambda x: x.cummin(0), lambda x: running(x, 0, np.less_equal), [distinct(6, 3)]),
    Case("linear_scan", lambda a, b: lydia.linear_scan(a, b, 1), scan, [normal(2, 5, 3), normal(2, 5, 3)], rtol=4),
    Case("logcumsumexp", lambda x: x.logcumsumexp(1), lambda x: np.logaddexp.accumulate(x, 1),
         [normal(2, 5, 3)], rtol=4),
    Case("logcumsumexp", lambda x: x.logcumsumexp(0), lambda x: np.logaddexp.accumulate(x, 0),
         [given([-2000.0, -2000.5, 1000.0, -1000.0, 1000.5, 3.0])], label="far-apart",
         dtypes=("float32", "bfloat16")),
    Case("logcumsumexp", lambda x: x.logcumsumexp(0), lambda x: np.array([-np.inf, -np.inf, 1, np.inf, np.inf]),
         [given([-np.inf, -np.inf, 1.0, np.inf, 2.0])], label="infinite", grad=False),
    Case("logcumsumexp", lambda x: x.logcumsumexp(0), lambda x: np.array([1, NAN, NAN]), [given([1.0, NAN, 2.0])],
         label="nan", grad=False),
    Case("logcumsumexp", lambda x: x.logcumsumexp(0), lambda x: x, [normal()], label="0d"),
    Case("logcumsumexp", lambda x: x.logcumsumexp(1), lambda x: x, [normal(3, 0)], label="empty", grad=False),
    Case("diff", lambda x: x.diff(2, 1), lambda x: np.diff(x, 2, 1), [normal(2, 5)]),
    Case("diff", lambda x, a, b: x.diff(prepend=a, append=b), lambda x, a, b: np.diff(x, prepend=a, append=b),
         [normal(2, 3), normal(2, 1), normal(2, 2)], label="ends"),
    Case("diff", lambda x: x.diff(), lambda x: np.diff(x), [booleans(9)], label="bool", grad=False),
    Case("searchsorted", lambda s, v: lydia.searchsorted(s, v), np.searchsorted,
         [given([1.0, 2.0, 2.0, 5.0]), given([[0.0, 2.0, 9.0], [5.0, 1.5, 2.5]])], grad=False),
    Case("searchsorted", lambda s, v: lydia.searchsorted(s, v, right=True),
         lambda s, v: np.stack([np.searchsorted(a, b, side="right") for a, b in zip(s, v)]),
         [given([[1, 3, 5], [2, 2, 2]]), given([[3, 0], [2, 4]])], label="rows", grad=False),
    Case("bucketize", lambda v, s: lydia.bucketize(v, s), lambda v, s: np.digitize(v, s, right=True),
         [normal(3, 4), given([-1.0, 0.0, 1.0])], grad=False, dtypes=()),
    Case("bincount", lambda x: x.bincount(), np.bincount, [integers(0, 9, 50)], grad=False),
    Case("bincount", lambda x, w: x.bincount(w, minlength=12), lambda x, w: np.bincount(x, w, 12),
         [integers(0, 9, 50), normal(50)], label="weights", grad=False, dtypes=("float32",)),
    Case("histc", lambda x: x.histc(7, -2, 2), lambda x: np.histogram(x, 7, (-2, 2))[0], [normal(200)], grad=False,
         dtypes=()),
    Case("histc", lambda x: x.histc(5), lambda x: np.histogram(x, 5)[0], [normal(200)], label="range",
         grad=False, dtypes=()),
    Case("unique", lambda x: x.unique(return_inverse=True, return_counts=True), numpy_unique,
         [integers(0, 6, 4, 5)], grad=False),
    Case("unique", lambda x: x.unique(return_inverse=True, return_counts=True, dim=1),
         lambda x: numpy_unique(x, 1), [integers(0, 2, 2, 9)], label="dim", grad=False),
    Case("unique", lambda x: x.unique(), lambda x: x, [given(np.zeros(0))], label="empty", grad=False),
    Case("unique_consecutive", lambda x: x.unique_consecutive(return_inverse=True, return_counts=True),
         lambda x: (np.array([1, 2, 1]), np.array([0, 0, 1, 2, 2]), np.array([2, 1, 2])),
         [given([1, 1, 2, 1, 1])], grad=False),
]

ERRORS = [
    ErrorCase("sort", lambda: lydia.ones(2).sort(1), IndexError, "expected dim in [-1, 0], got 1"),
    ErrorCase("topk", lambda: lydia.ones(2).topk(3), ValueError, "k in [0, 2]"),
    ErrorCase("kthvalue", lambda: lydia.ones(2).kthvalue(0), ValueError, "k in [1, 2]"),
    ErrorCase("mode", lambda: lydia.ones(2, 0).mode(), ValueError, "at least one element along dimension 1"),
    ErrorCase("logcumsumexp", lambda: lydia.tensor([1]).logcumsumexp(0), TypeError, "floating-point tensor, got int64"),
    ErrorCase("linear_scan", lambda: lydia.linear_scan(lydia.ones(2), lydia.ones(3), 0), ValueError, "one shape"),
    ErrorCase("diff", lambda: lydia.ones(2).diff(-1), ValueError, "n >= 0"),
    ErrorCase("searchsorted", lambda: lydia.searchsorted(lydia.ones(2, 2), lydia.ones(3)), ValueError, "1-d sorted"),
    ErrorCase("bincount", lambda: lydia.tensor([-1]).bincount(), ValueError, "values >= 0, got -1"),
    ErrorCase("bincount", lambda: lydia.tensor([2**62]).bincount(), MemoryError, ""),
    ErrorCase("histc", lambda: lydia.ones(2).histc(0), ValueError, "bins > 0"),
    ErrorCase("histc", lambda: lydia.tensor([1.0, NAN]).histc(3, NAN, 1), ValueError, "finite range"),
]
