"""Reductions."""
import numpy as np

import lydia
from case import ALL, Case, ErrorCase, FLOATS, away_from, distinct, given, integers, normal, positive

NAN = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, 5.0]])


def norm(p, axis=None):
    def ref(x):
        a = np.abs(x)
        if p == np.inf:
            return a.max(axis)
        if p == -np.inf:
            return a.min(axis)
        return (a ** p).sum(axis) ** (1 / p) if p else (a != 0).sum(axis).astype(float)
    return ref


CASES = [
    Case("sum", lambda x: x.sum(), lambda x: x.sum(), [normal(3, 4)]),
    Case("sum", lambda x: x.sum((0, -1), keepdim=True), lambda x: x.sum((0, -1), keepdims=True),
         [normal(2, 3, 4)], label="dims"),
    Case("sum", lambda x: x.sum(0), lambda x: x.sum(0), [normal(5, 40)], label="columns"),
    Case("sum", lambda x: x.sum(1), lambda x: x.sum(1), [normal(2, 3, 33)], label="middle"),
    Case("sum", lambda x: x.sum(), lambda x: x.sum(), [normal(70000)], label="long", grad=False),
    Case("sum", lambda x: x.sum(0), lambda x: x.sum(0), [normal(9000, 9)], label="tall", grad=False),
    Case("sum", lambda x: x.sum(1), lambda x: x.sum(1), [normal(3, 0, 2)], label="empty", grad=False),
    Case("sum", lambda x: x.sum(0), lambda x: x.sum(0), [integers(-100, 100, 5, 3, dtype=np.int8)],
         label="integers", dtypes=(), grad=False),
    Case("sum", lambda x: x.sum(dtype=lydia.float64), lambda x: x.sum(), [integers(-100, 100, 5, 3)],
         label="integers-as-float", dtypes=(), grad=False),
    Case("prod", lambda x: x.prod(), lambda x: x.prod(), [positive(3, 2)]),
    Case("prod", lambda x: x.prod(1), lambda x: x.prod(1), [given([[1.0, 0, 3], [2, 5, -4], [0, 0, 2]])],
         label="zeros"),
    Case("amax", lambda x: x.amax((0, 2)), lambda x: x.max((0, 2)), [distinct(2, 3, 4)]),
    Case("amax", lambda x: x.amax(1), lambda x: x.max(1), [given(NAN)], label="nan", grad=False),
    Case("amin", lambda x: x.amin(0, True), lambda x: x.min(0, keepdims=True), [distinct(3, 40)]),
    Case("amin", lambda x: x.amin(1), lambda x: x.min(1), [given(NAN)], label="nan", grad=False),
    Case("argmax", lambda x: x.argmax(1), lambda x: x.argmax(1), [distinct(3, 5)], grad=False),
    Case("argmax", lambda x: x.argmax(), lambda x: x.argmax(), [given(NAN)], label="nan", grad=False),
    Case("argmin", lambda x: x.argmin(0, True), lambda x: np.expand_dims(x.argmin(0), 0),
         [distinct(3, 5)], grad=False),
    Case("max", lambda x: tuple(x.max(1)), lambda x: (x.max(1), x.argmax(1)), [distinct(3, 5)]),
    Case("min", lambda x: tuple(x.min(0)), lambda x: (x.min(0), x.argmin(0)), [distinct(3, 5)]),
    Case("any", lambda x: (x > 1).any(1), lambda x: (x > 1).any(1), [normal(3, 4)], grad=False),
    Case("any", lambda x: x.any(1), lambda x: x.any(1), [integers(0, 2, 3, 2, dtype=np.uint8)], label="uint8", grad=False),
    Case("all", lambda x: x.all(1), lambda x: x.all(1), [integers(0, 2, 3, 2, dtype=np.uint8)], label="uint8", grad=False),
    Case("all", lambda x: (x < 1).all(), lambda x: (x < 1).all(), [normal(3, 4)], grad=False),
    Case("all", lambda x: x.all(1), lambda x: x.all(1), [normal(3, 0)], label="empty", grad=False),
    Case("var", lambda x: x.var(), lambda x: x.var(ddof=1), [normal(3, 4)]),
    Case("var", lambda x: x.var(1, unbiased=False), lambda x: x.var(1), [normal(3, 4)], label="biased"),
    Case("var", lambda x: x.var(0, correction=0), lambda x: x.var(0), [normal(6, 9)], label="columns"),
    Case("var", lambda x: (x + 1e3).var(1), lambda x: (x + 1e3).var(1, ddof=1), [normal(3, 50)],
         label="offset", dtypes=("float32",), rtol=100),
    Case("std", lambda x: x.std(0, keepdim=True), lambda x: x.std(0, ddof=1, keepdims=True),
         [normal(5, 3)]),
    Case("vector_norm", lambda x: x.norm(), norm(2), [normal(3, 4)]),
    *[Case("vector_norm", lambda x, p=p: x.norm(p, 1), norm(p, 1), [away_from([0], 3, 4)], label=f"p{p}")
      for p in (0, 1, 2, 3, np.inf, -np.inf)],
    Case("logsumexp", lambda x: x.logsumexp(1), lambda x: np.logaddexp.reduce(x, 1), [normal(3, 4)]),
    Case("logsumexp", lambda x: x.logsumexp((0, 1), True), lambda x: np.logaddexp.reduce(
        x.reshape(-1)).reshape(1, 1), [normal(3, 4, scale=300)], label="large", rtol=4),
    Case("logsumexp", lambda x: x.logsumexp(1), lambda x: np.logaddexp.reduce(x, 1),
         [given([[-np.inf, -np.inf], [np.inf, 1.0]])], label="infinite", grad=False),
    Case("nansum", lambda x: x.nansum(1), lambda x: np.nansum(x, 1), [given(NAN)]),
    Case("nanmean", lambda x: x.nanmean(1), lambda x: np.nanmean(x, 1), [given(NAN)]),
    Case("mean", lambda x: x.mean(1), lambda x: x.mean(1), [normal(3, 4)]),
    Case("count_nonzero", lambda x: x.count_nonzero(1), lambda x: np.count_nonzero(x, axis=1),
         [integers(0, 2, 3, 5)], dtypes=(), grad=False),
]

ERRORS = [
    ErrorCase("sum", lambda: lydia.ones(2, 3).sum(2), IndexError, "expected dim in [-2, 1], got 2"),
    ErrorCase("sum", lambda: lydia.ones(2, 3).sum((0, 0)), ValueError, "each dim once"),
    ErrorCase("amax", lambda: lydia.ones(2, 0).amax(1), ValueError, "at least one element"),
    ErrorCase("argmax", lambda: lydia.ones(0).argmax(), ValueError, "at least one element"),
    ErrorCase("mean", lambda: lydia.ones(3, dtype=lydia.int64).mean(), TypeError, "floating-point"),
]
