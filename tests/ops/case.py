"""The form of a row in the op case tables (cases_*.py), and ways to make inputs.

A row gives one op a run function over lydia tensors and an independent reference over float64
NumPy arrays. The sweep (test_sweep.py) turns each row into tests of value, gradient, second
derivative, dtypes and strides; bench/peers reads the same rows.
"""
from dataclasses import dataclass, field
from typing import Callable, Sequence

import numpy as np

FLOATS = ("float32", "float64", "float16", "bfloat16")
INTS = ("uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64")
ALL = FLOATS + INTS + ("bool",)


@dataclass
class Case:
    op: str  # the name in lydia/ops/op_list.inc
    run: Callable  # (*tensors) -> tensor or tuple of tensors
    ref: Callable  # (*float64 arrays; integers and bools keep their kind) -> array or tuple
    inputs: Sequence  # makers: (rng) -> array
    label: str = ""  # tells rows of one op apart
    dtypes: Sequence[str] = FLOATS  # dtypes the float64 inputs are also tried in
    grad: bool = True  # False only where the op has no gradient
    rtol: float = 1.0  # scales the dtype's tolerance
    strided: bool = True  # also run on transposed, stepped and reversed copies of the inputs
    torch: Callable | None = None  # the same over torch tensors, for bench/peers

    @property
    def id(self):
        return f"{self.op}-{self.label}" if self.label else self.op


@dataclass
class ErrorCase:
    op: str
    run: Callable  # () -> must raise
    error: type
    match: str  # part of the message
    label: str = ""

    @property
    def id(self):
        return f"{self.op}-{self.label or self.match[:30]}"


# ---- inputs -------------------------------------------------------------------------------------

def normal(*shape, scale=1.0):
    return lambda rng: rng.standard_normal(shape) * scale


def positive(*shape, low=0.2, high=3.0):
    return lambda rng: rng.uniform(low, high, shape)


def between(low, high, *shape):
    return lambda rng: rng.uniform(low, high, shape)


def away_from(points, *shape, gap=0.05):
    """Normal values kept `gap` away from kinks such as 0, so that finite differences hold."""
    def make(rng):
        x = rng.standard_normal(shape)
        for p in points:
            x = np.where(np.abs(x - p) < gap, p + np.copysign(gap * 2, x - p), x)
        return x
    return make


def distinct(*shape):
    """A shuffled, evenly spaced set: no ties for max, sort, topk."""
    def make(rng):
        n = int(np.prod(shape))
        return rng.permutation(n).reshape(shape).astype(np.float64) / max(n, 1) * 4 - 2
    return make


def integers(low, high, *shape, dtype=np.int64):
    return lambda rng: rng.integers(low, high, shape).astype(dtype)


def booleans(*shape):
    return lambda rng: rng.random(shape) < 0.5


def given(array):
    return lambda rng: np.array(array)
