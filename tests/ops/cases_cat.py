"""Joining tensors."""
import numpy as np

import lydia
from case import Case, ErrorCase, integers, normal


def join(op, *inputs, **more):
    return Case(op, lambda *t: getattr(lydia, op)(t), lambda *a: getattr(np, op)(a), list(inputs), **more)


CASES = [
    Case("cat", lambda a, b, c: lydia.cat((a, b, c)), lambda *a: np.concatenate(a),
         [normal(2, 3), normal(1, 3), normal(3, 3)]),
    Case("cat", lambda a, b: lydia.cat([a, b], dim=-1), lambda *a: np.concatenate(a, -1),
         [normal(2, 3, 2), normal(2, 3, 4)], label="last"),
    Case("cat", lambda a: lydia.cat((a, a, a), 1), lambda a: np.concatenate((a, a, a), 1),
         [normal(2, 2)], label="repeated"),
    Case("cat", lambda a, b: lydia.cat((a, b)), lambda *a: np.concatenate(a),
         [normal(0, 3), normal(2, 3)], label="empty"),
    Case("cat", lambda a: lydia.cat((lydia.zeros(0, dtype=a.dtype), a)), lambda a: a, [normal(2, 3)],
         label="legacy-empty"),
    Case("cat", lambda a, b: lydia.cat((a, b)), lambda *a: np.concatenate(a),
         [normal(3), integers(0, 9, 2)], label="promotes", dtypes=("float32",)),
    Case("cat", lambda *t: lydia.cat(t), lambda *a: np.concatenate(a), [normal(2)] * 20, label="many"),
    Case("stack", lambda a, b: lydia.stack((a, b)), lambda *a: np.stack(a), [normal(2, 3), normal(2, 3)]),
    Case("stack", lambda a, b: lydia.stack((a, b), -1), lambda *a: np.stack(a, -1),
         [normal(2, 3), normal(2, 3)], label="last"),
    Case("stack", lambda a, b: lydia.stack((a, b)), lambda *a: np.stack(a), [normal(), normal()], label="0d"),
    join("hstack", normal(2), normal(3)), join("hstack", normal(2, 2), normal(2, 1), label="2d"),
    join("vstack", normal(3), normal(3)), join("vstack", normal(2, 3), normal(1, 3), label="2d"),
    join("dstack", normal(3), normal(3)), join("dstack", normal(2, 3), normal(2, 3), label="2d"),
    join("column_stack", normal(3), normal(3, 2)),
    Case("atleast_1d", lambda x: lydia.atleast_1d(x), np.atleast_1d, [normal()]),
    Case("atleast_2d", lambda x: lydia.atleast_2d(x), np.atleast_2d, [normal(3)]),
    Case("atleast_3d", lambda x: lydia.atleast_3d(x), np.atleast_3d, [normal(2, 3)]),
    Case("atleast_3d", lambda x: lydia.atleast_3d([x, x]), lambda x: [np.atleast_3d(x)] * 2, [normal(3)],
         label="list"),
]

ERRORS = [
    ErrorCase("cat", lambda: lydia.cat([]), ValueError, "at least one tensor"),
    ErrorCase("cat", lambda: lydia.cat([lydia.ones(2, 3), lydia.ones(2, 2)]), ValueError,
              "agree outside dimension 0, got [2, 3] and [2, 2]"),
    ErrorCase("cat", lambda: lydia.cat([lydia.tensor(1.0)]), ValueError, "use stack"),
    ErrorCase("cat", lambda: lydia.cat([lydia.ones(2)], dim=1), IndexError, "expected dim in [-1, 0], got 1"),
    ErrorCase("stack", lambda: lydia.stack([lydia.ones(2), lydia.ones(3)]), ValueError, "one shape"),
]
