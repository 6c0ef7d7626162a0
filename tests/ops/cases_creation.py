"""Tensors that start from a rule."""
import numpy as np

import lydia
from case import Case, ErrorCase

F64 = lydia.float64


def no_grad(op, run, ref, **more):
    return Case(op, run, ref, [], grad=False, dtypes=(), **more)


CASES = [
    no_grad("arange", lambda: lydia.arange(5), lambda: np.arange(5)),
    no_grad("arange", lambda: lydia.arange(1, 2, 0.1, dtype=F64), lambda: np.arange(1, 2, 0.1),
            label="float"),
    no_grad("arange", lambda: lydia.arange(7, -5, -3), lambda: np.arange(7, -5, -3), label="down"),
    no_grad("arange", lambda: lydia.arange(3, 1), lambda: np.arange(3, 1), label="empty"),
    no_grad("arange", lambda: lydia.arange(100_000), lambda: np.arange(100_000), label="large"),
    no_grad("arange", lambda: lydia.arange(2**62, 2**62 + 2), lambda: np.arange(2**62, 2**62 + 2),
            label="exact"),
    no_grad("linspace", lambda: lydia.linspace(-1, 2, 7, dtype=F64), lambda: np.linspace(-1, 2, 7)),
    no_grad("linspace", lambda: lydia.linspace(3, 4, 1, dtype=F64), lambda: np.linspace(3, 4, 1),
            label="one"),
    no_grad("linspace", lambda: lydia.linspace(0, 10, 5, dtype=lydia.int64),
            lambda: np.linspace(0, 10, 5).astype(np.int64), label="int"),
    no_grad("logspace", lambda: lydia.logspace(-2, 3, 6, dtype=F64), lambda: np.logspace(-2, 3, 6)),
    no_grad("logspace", lambda: lydia.logspace(0, 4, 5, base=2, dtype=F64),
            lambda: np.logspace(0, 4, 5, base=2), label="base"),
    no_grad("eye", lambda: lydia.eye(3, dtype=F64), lambda: np.eye(3)),
    no_grad("eye", lambda: lydia.eye(2, 4, dtype=lydia.int32), lambda: np.eye(2, 4), label="wide"),
]

ERRORS = [
    ErrorCase("arange", lambda: lydia.arange(0, 5, 0), ValueError, "step other than 0"),
    ErrorCase("arange", lambda: lydia.arange(0, float("inf")), ValueError, "finite"),
    ErrorCase("arange", lambda: lydia.arange(0, 1e300), ValueError, "too many"),
    ErrorCase("arange", lambda: lydia.arange(-2**63, 2**63 - 1), ValueError, "too many", label="ints"),
    ErrorCase("linspace", lambda: lydia.linspace(0, 1, -1), ValueError, "steps >= 0"),
    ErrorCase("eye", lambda: lydia.eye(-1), ValueError, "sizes >= 0"),
]
