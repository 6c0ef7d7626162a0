"""Reductions."""
from case import Case, ErrorCase, normal

import lydia

CASES = [
    Case("sum", lambda x: x.sum(), lambda x: x.sum(), [normal(3, 4)]),
    Case("sum", lambda x: x.sum((0, -1), keepdim=True), lambda x: x.sum((0, -1), keepdims=True),
         [normal(2, 3, 4)], label="dims"),
    Case("sum", lambda x: x.sum(1), lambda x: x.sum(1), [normal(3, 0, 2)], label="empty", grad=False),
    Case("mean", lambda x: x.mean(1), lambda x: x.mean(1), [normal(3, 4)]),
]

ERRORS = [
    ErrorCase("sum", lambda: lydia.ones(2, 3).sum(2), IndexError, "expected dim in [-2, 1], got 2"),
    ErrorCase("sum", lambda: lydia.ones(2, 3).sum((0, 0)), ValueError, "each dim once"),
]
