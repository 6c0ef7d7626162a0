"""Indexing. tests/python/test_indexing.py compares thousands of random expressions with NumPy."""
import numpy as np

import lydia
from case import Case, ErrorCase, booleans, given, integers, normal

IDX = given([[0, 2, -1], [1, 1, 0]])


def put(x, i, v, accumulate=False):
    x = np.array(x)
    if accumulate:
        np.add.at(x, i, v)
    else:
        x[i] = v
    return x


def set_item(x, key, value):
    x = x.clone()
    x[key] = value
    return x


CASES = [
    Case("index_view", lambda x: x[1, ..., None, ::-2], lambda x: x[1, ..., None, ::-2],
         [normal(2, 3, 5)]),
    Case("index_view", lambda x: x[:, 4:0:-3], lambda x: x[:, 4:0:-3], [normal(2, 5)], label="step"),
    Case("index_view", lambda x: x[3:1, None], lambda x: x[3:1, None], [normal(4, 2)], label="empty",
         grad=False),
    Case("index", lambda x, i: x[i], lambda x, i: x[i], [normal(3, 4), IDX]),
    Case("index", lambda x, i: x[:, i], lambda x, i: x[:, i], [normal(2, 3, 4), IDX], label="middle"),
    Case("index", lambda x, i: x[i, :, i], lambda x, i: x[i, :, i], [normal(3, 2, 4), IDX],
         label="separated"),
    Case("index", lambda x, i: x[i, i[:, :1]], lambda x, i: x[i, i[:, :1]], [normal(3, 4, 2), IDX],
         label="broadcast"),
    Case("index", lambda x, m: x[m], lambda x, m: x[m], [normal(3, 4), booleans(3, 4)], label="mask"),
    Case("index", lambda x, m: x[:, m, 1], lambda x, m: x[:, m, 1], [normal(2, 3, 4), booleans(3)],
         label="mask-and-int"),
    Case("index", lambda x: x[True, [0, 1]], lambda x: x[True, [0, 1]], [normal(3, 2)], label="flag"),
    Case("index", lambda x: x[[]], lambda x: x[[]], [normal(3, 2)], label="empty", grad=False),
    Case("index_put", lambda x, v, i: x.index_put((i,), v), lambda x, v, i: put(x, (i,), v),
         [normal(4, 2), normal(3, 2), given([0, 2, -1])]),
    Case("index_put", lambda x, v, i: x.index_put((None, i), v), lambda x, v, i: put(x, (slice(None), i), v),
         [normal(2, 4), normal(3), given([2, 0, 2])], label="duplicates-last-wins"),
    Case("index_put", lambda x, v, i: x.index_put((i, i), v, accumulate=True),
         lambda x, v, i: put(x, (i, i), v, True), [normal(3, 4, 2), normal(2, 3, 2), IDX],
         label="accumulate"),
    Case("index_put", lambda x, v: set_item(x, (slice(None), slice(None, None, -2)), v),
         lambda x, v: put(x, (slice(None), slice(None, None, -2)), v), [normal(2, 5), normal(3)],
         label="slices"),
    Case("index_put", lambda x, v, m: set_item(x, m, v), lambda x, v, m: put(x, m, v),
         [normal(3, 4), normal(), given([[True, False, True, False]] * 3)], label="mask"),
    Case("nonzero", lambda x: x.nonzero(), lambda x: np.argwhere(x), [booleans(3, 4)], grad=False),
    Case("nonzero", lambda x: x.nonzero(as_tuple=True), lambda x: x.nonzero(), [integers(-1, 2, 3, 2, 4)],
         label="tuple", grad=False),
    Case("nonzero", lambda x: x.nonzero(), lambda x: np.argwhere(x), [booleans(200, 301)], label="large",
         grad=False),
    Case("nonzero", lambda x: x.nonzero(), lambda x: np.zeros((1, 0)), [given(True)], label="0d", grad=False),
    Case("argwhere", lambda x: lydia.argwhere(x), lambda x: np.argwhere(x), [booleans(5)], grad=False),
]


def expanded_write():
    lydia.ones(3, 1).expand(3, 4)[[0, 1]] = 2


def leaf_write():
    lydia.ones(3, requires_grad=True)[[0]] = 2


ERRORS = [
    ErrorCase("index", lambda: lydia.ones(3, 2)[[0, 3]], IndexError,
              "index: index 3 is out of range for dimension 0 of size 3"),
    ErrorCase("index", lambda: lydia.ones(3, 2)[:, [-3]], IndexError,
              "index: index -3 is out of range for dimension 1 of size 2"),
    ErrorCase("index", lambda: lydia.ones(3, 0)[[5]], IndexError, "out of range", label="empty"),
    ErrorCase("index", lambda: lydia.ones(3, 2)[0, 2], IndexError,
              "index: index 2 is out of range for dimension 1 of size 2"),
    ErrorCase("index", lambda: lydia.ones(3)[0, 0], IndexError, "expected at most 1 indices"),
    ErrorCase("index", lambda: lydia.ones(3)[..., ...], IndexError, "at most one Ellipsis"),
    ErrorCase("index", lambda: lydia.ones(3)[1.0], IndexError, "expected ints, slices"),
    ErrorCase("index", lambda: lydia.ones(3)["a"], IndexError, "expected ints, slices", label="text"),
    ErrorCase("index", lambda: lydia.ones(3)[lydia.ones(2)], IndexError,
              "expected an integer or bool index tensor, got float32"),
    ErrorCase("index", lambda: lydia.ones(3)[10**30], IndexError, "cannot fit", label="huge"),
    ErrorCase("index", lambda: lydia.ones(3, 4)[[0, 1], [0, 1, 2]], IndexError, "broadcast"),
    ErrorCase("index", lambda: lydia.ones(3, 4)[lydia.ones(4, dtype=lydia.bool)], IndexError,
              "a mask of shape [4] does not match dimension 0 of size 3"),
    ErrorCase("index", lambda: lydia.ones(3)[::0], ValueError, "slice step"),
    ErrorCase("index", lambda: lydia.tensor(1.0)[0], IndexError, "expected at most 0 indices", label="0d"),
    ErrorCase("index_put", lambda: lydia.ones(3).index_put(([3],), lydia.ones(1)), IndexError,
              "index_put: index 3 is out of range for dimension 0 of size 3"),
    ErrorCase("index_put", lambda: lydia.ones(3).index_put(([0, 1],), lydia.ones(3)), ValueError,
              "index_put: expected"),
    ErrorCase("index_put", expanded_write, RuntimeError, "an expanded tensor"),
    ErrorCase("index_put", leaf_write, RuntimeError, "leaf"),
]
