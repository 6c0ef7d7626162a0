"""Gathers, scatters, and writing along one dimension. References are loops over NumPy elements."""
import numpy as np

import lydia
from case import Case, ErrorCase, distinct, given, normal, positive

# Rows of (2, 3, 4) tensors: an index with duplicates and negative values.
INDEX = given([[[0, -1, 1, 0], [2, 2, 0, 1]], [[1, 0, 0, -3], [1, 0, 2, 2]]])
SAFE = given([[[0, 1, 2, 0], [2, 2, 0, 1]], [[1, 0, 0, 0], [1, 0, 2, 2]]])
ROW = given([2, 0, 2])


def take(x, i, dim=1):
    out = np.zeros(i.shape, x.dtype)
    for at in np.ndindex(i.shape):
        source = list(at)
        source[dim] = i[at]
        out[at] = x[tuple(source)]
    return out


def scatter(x, i, src, op, dim=1, include_self=True):
    out, count = np.array(x, np.float64), np.full(x.shape, float(include_self))
    start = {"prod": 1, "amax": -np.inf, "amin": np.inf}.get(op, 0)
    targets = []
    for at in np.ndindex(i.shape):
        to = list(at)
        to[dim] = i[at] % x.shape[dim]
        targets.append((at, tuple(to)))
    if not include_self:
        for _, to in targets:
            out[to] = start
    for at, to in targets:
        count[to] += 1
        v = src[at]
        out[to] = {"set": v, "sum": out[to] + v, "mean": out[to] + v, "prod": out[to] * v,
                   "amax": max(out[to], v), "amin": min(out[to], v)}[op]
    if op == "mean":
        touched = {to for _, to in targets}
        for to in touched:
            out[to] /= count[to]
    return out


def reduce_case(op, self=normal(2, 3, 4), src=normal(2, 2, 4), include=True, **more):
    return Case("scatter_reduce",
                lambda x, v, i: x.scatter_reduce(1, i, v, op, include_self=include),
                lambda x, v, i: scatter(x, i, v, op, include_self=include),
                [self, src, SAFE], label=op + ("" if include else "-without-self"), rtol=4, **more)


def along(x, i, src, alpha=0.0, add=True):
    x = np.array(x, np.float64)
    for k, at in enumerate(i):
        x[:, at] = x[:, at] * add + (alpha if add else 1) * src[:, k]
    return x


CASES = [
    Case("gather", lambda x, i: x.gather(1, i), take, [normal(2, 3, 4), INDEX]),
    Case("gather", lambda x, i: x.gather(0, i), lambda x, i: take(x, i, 0),
         [normal(3, 4), given([[0, 2, 1, 1], [1, 1, 0, 2]])], label="first"),
    Case("gather", lambda x, i: x.gather(-1, i), lambda x, i: take(x, i, 1),
         [normal(3, 4), given([[0, 3], [2, 2]])], label="smaller-index"),
    Case("gather", lambda x, i: x.gather(0, i), lambda x, i: x, [normal(), given(0)], label="0d"),
    Case("gather", lambda x, i: x.gather(0, i), lambda x, i: np.zeros((0, 2)),
         [normal(3, 2), given(np.zeros((0, 2), np.int64))], label="empty", grad=False),
    Case("take_along_dim", lambda x, i: x.take_along_dim(i, 1), lambda x, i: np.take_along_axis(x, i, 1),
         [normal(2, 3, 4), given([[[0, 1, 2, 0]]])]),
    Case("take_along_dim", lambda x, i: x.take_along_dim(i), lambda x, i: np.take_along_axis(x, i, None),
         [normal(2, 3), given([5, 0])], label="flat"),
    Case("scatter", lambda x, v, i: x.scatter(1, i, v), lambda x, v, i: scatter(x, i, v, "set"),
         [normal(2, 3, 4), normal(2, 3, 4), INDEX]),
    Case("scatter", lambda x, i: x.scatter(1, i, 2.5), lambda x, i: scatter(x, i, np.full(i.shape, 2.5), "set"),
         [normal(2, 3, 4), INDEX], label="number"),
    Case("scatter", lambda x, v, i: x.clone().scatter_(1, i, v), lambda x, v, i: scatter(x, i, v, "set"),
         [normal(2, 3, 4), normal(2, 2, 4), INDEX], label="in-place"),
    Case("scatter", lambda x, v, i: x.scatter(1, i, v, reduce="add"), lambda x, v, i: scatter(x, i, v, "sum"),
         [normal(2, 3, 4), normal(2, 2, 4), INDEX], label="add"),
    Case("scatter", lambda x, v, i: x.scatter(1, i, v, reduce="multiply"),
         lambda x, v, i: scatter(x, i, v, "prod"), [normal(2, 3, 4), normal(2, 2, 4), INDEX],
         label="multiply", rtol=4),
    Case("scatter_add", lambda x, v, i: x.scatter_add(1, i, v), lambda x, v, i: scatter(x, i, v, "sum"),
         [normal(2, 3, 4), normal(2, 2, 5), INDEX]),
    Case("scatter_add", lambda x, v, i: x.t().clone().t().scatter_add_(0, i, v),
         lambda x, v, i: scatter(x, i, v, "sum", 0), [normal(3, 4), normal(2, 4), given([[0, 1, 1, 2]] * 2)],
         label="in-place"),
    reduce_case("sum"), reduce_case("mean"), reduce_case("prod"),
    reduce_case("amax", distinct(2, 3, 4), lambda rng: distinct(2, 2, 4)(rng) + 0.01),
    reduce_case("amin", distinct(2, 3, 4), lambda rng: distinct(2, 2, 4)(rng) + 0.01),
    reduce_case("sum", include=False), reduce_case("mean", include=False),
    reduce_case("prod", include=False),
    reduce_case("amax", distinct(2, 3, 4), lambda rng: distinct(2, 2, 4)(rng) + 0.01, include=False),
    Case("scatter_reduce", lambda x, v, i: x.clone().scatter_reduce_(0, i, v, "prod"),
         lambda x, v, i: scatter(x, i, v, "prod", 0), [positive(4), positive(3), ROW], label="in-place"),
    Case("index_select", lambda x, i: x.index_select(1, i), lambda x, i: x[:, i], [normal(2, 3, 4), ROW]),
    Case("index_add", lambda x, v, i: x.index_add(1, i, v, alpha=0.5),
         lambda x, v, i: along(x, i, v, 0.5), [normal(2, 3), normal(2, 3), ROW]),
    Case("index_add", lambda x, v, i: x.clone().index_add_(0, i, v),
         lambda x, v, i: along(x[None], i, v[None], 1)[0], [normal(4), normal(3), ROW], label="in-place"),
    Case("index_copy", lambda x, v, i: x.index_copy(1, i, v),
         lambda x, v, i: along(x, i, v, add=False), [normal(2, 3), normal(2, 2), given([2, 0])]),
    Case("index_fill", lambda x, i: x.index_fill(1, i, 7.0),
         lambda x, i: along(x, i, np.full((2, 3), 7.0), add=False), [normal(2, 3), ROW]),
    Case("masked_select", lambda x, m: x.masked_select(m), lambda x, m: x[np.broadcast_to(m, x.shape)],
         [normal(3, 4), given([True, False, True, True])]),
    Case("masked_scatter", lambda x, v, m: x.masked_scatter(m, v),
         lambda x, v, m: np.where(m, np.array([[v[0], 0, v[1]], [v[2], 0, v[3]]]), x),
         [normal(2, 3), normal(5), given([True, False, True])]),
    Case("take", lambda x, i: x.take(i), lambda x, i: x.ravel()[i], [normal(3, 4), given([[11, 0], [-1, 5]])]),
    Case("put", lambda x, v, i: x.put(i, v), lambda x, v, i: np.concatenate(
        [x.ravel()[:1], v[:1], x.ravel()[2:5], v[2:]]).reshape(2, 3), [normal(2, 3), normal(3), given([1, 5, 5])]),
    Case("put", lambda x, v, i: x.t().clone().t().put_(i, v, accumulate=True),
         lambda x, v, i: x + np.array([[0, v[0], 0], [0, 0, v[1] + v[2]]]),
         [normal(2, 3), normal(3), given([1, 5, 5])], label="accumulate"),
]

ones = lydia.ones
I = lydia.tensor([[0, 3]])

ERRORS = [
    ErrorCase("gather", lambda: ones(1, 3).gather(1, I), IndexError,
              "gather: index 3 is out of range for dimension 1 of size 3"),
    ErrorCase("gather", lambda: ones(3).gather(0, I), ValueError, "expected an index of 1 dimensions"),
    ErrorCase("gather", lambda: ones(1, 4).gather(1, ones(1, 2)), IndexError, "got float32"),
    ErrorCase("gather", lambda: ones(1, 4).gather(1, lydia.tensor([[0], [0]])), ValueError, "is larger"),
    ErrorCase("scatter_add", lambda: ones(1, 3).scatter_add(1, I, ones(1, 2)), IndexError,
              "scatter_add: index 3 is out of range"),
    ErrorCase("scatter_add", lambda: ones(1, 4).scatter_add(1, I, ones(1, 1)), ValueError,
              "larger than src"),
    ErrorCase("scatter", lambda: ones(1, 4).scatter(1, I, ones(1, 2, dtype=lydia.float64)), TypeError,
              "expected src of float32"),
    ErrorCase("scatter", lambda: ones(1, 4).scatter(1, I, 1.0, reduce="min"), ValueError, "'add' or"),
    ErrorCase("scatter", lambda: ones(4, 1).expand(4, 4).scatter_(1, I, 1.0), RuntimeError, "expanded"),
    ErrorCase("scatter_reduce", lambda: ones(1, 4).scatter_reduce(1, I, ones(1, 2), "median"), ValueError,
              "expected reduce"),
    ErrorCase("index_select", lambda: ones(3, 2).index_select(0, lydia.tensor([3])), IndexError,
              "out of range for dimension 0 of size 3"),
    ErrorCase("index_select", lambda: ones(3).index_select(0, I), IndexError, "1-d integer index"),
    ErrorCase("index_add", lambda: ones(3).index_add(0, lydia.tensor([1]), ones(2)), ValueError,
              "expected a source of shape [1], got [2]"),
    ErrorCase("masked_select", lambda: ones(3).masked_select(ones(3)), TypeError, "bool mask"),
    ErrorCase("masked_scatter", lambda: ones(3).masked_scatter(ones(3, dtype=lydia.bool), ones(2)),
              ValueError, "at least 3 elements"),
    ErrorCase("take", lambda: ones(3).take(lydia.tensor([3])), IndexError, "out of range"),
    ErrorCase("put", lambda: ones(3).put(lydia.tensor([1]), ones(2)), ValueError, "expected a source of 1"),
]
