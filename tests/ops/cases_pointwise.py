"""Elementwise ops."""
import numpy as np

import lydia
from case import Case, ErrorCase, away_from, between, normal, positive

A, B = (3, 4), (2, 3, 1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


CASES = [
    Case("add", lambda a, b: a + b, lambda a, b: a + b, [normal(*A), normal(*A)]),
    Case("add", lambda a, b: a + b, lambda a, b: a + b, [normal(4), normal(*B)], label="broadcast"),
    Case("add", lambda a: a + a, lambda a: a + a, [normal(5)], label="repeated"),
    Case("add", lambda a, b: a + b, lambda a, b: a + b, [normal(), normal()], label="0d"),
    Case("add", lambda a, b: a + b, lambda a, b: a + b, [normal(0, 3), normal(1, 3)], label="empty",
         grad=False),
    Case("add_scaled", lambda a, b: lydia.add(a, b, alpha=0.5), lambda a, b: a + 0.5 * b,
         [normal(*A), normal(4)]),
    Case("sub", lambda a, b: a - b, lambda a, b: a - b, [normal(*A), normal(4)]),
    Case("mul", lambda a, b: a * b, lambda a, b: a * b, [normal(*A), normal(*B)]),
    Case("mul", lambda a: a * a, lambda a: a * a, [normal(*A)], label="repeated"),
    Case("div", lambda a, b: a / b, lambda a, b: a / b, [normal(*A), positive(4)]),
    Case("eq", lambda a, b: a == b, lambda a, b: a == b, [between(-2, 2, 9), between(-2, 2, 9)],
         grad=False),
    Case("ne", lambda a, b: a != b, lambda a, b: a != b, [normal(9), normal(9)], grad=False),
    Case("lt", lambda a, b: a < b, lambda a, b: a < b, [normal(9), normal(9)], grad=False),
    Case("le", lambda a, b: a <= b, lambda a, b: a <= b, [normal(9), normal(9)], grad=False),
    Case("gt", lambda a, b: a > b, lambda a, b: a > b, [normal(9), normal(9)], grad=False),
    Case("ge", lambda a, b: a >= b, lambda a, b: a >= b, [normal(9), normal(9)], grad=False),
    Case("neg", lambda x: -x, lambda x: -x, [normal(*A)]),
    Case("square", lambda x: x.square(), lambda x: x * x, [normal(*A)]),
    Case("sqrt", lambda x: x.sqrt(), np.sqrt, [positive(*A)]),
    Case("exp", lambda x: x.exp(), np.exp, [normal(*A)]),
    Case("log", lambda x: x.log(), np.log, [positive(*A)]),
    Case("tanh", lambda x: x.tanh(), np.tanh, [normal(*A)]),
    Case("tanh_grad", lambda g, y: lydia._C._tanh_grad(g, y), lambda g, y: g * (1 - y * y),
         [normal(*A), normal(*A)]),
    Case("sigmoid", lambda x: x.sigmoid(), sigmoid, [normal(*A)]),
    Case("sigmoid_grad", lambda g, y: lydia._C._sigmoid_grad(g, y), lambda g, y: g * y * (1 - y),
         [normal(*A), normal(*A)]),
    Case("relu", lambda x: x.relu(), lambda x: np.maximum(x, 0), [away_from([0], *A)]),
    Case("relu_grad", lambda g, y: lydia._C._relu_grad(g, y), lambda g, y: g * (y > 0),
         [normal(*A), away_from([0], *A)]),
]

ERRORS = [
    ErrorCase("add", lambda: lydia.ones(2) + lydia.ones(3), ValueError,
              "add: expected shapes that broadcast together, got [2] and [3]"),
    ErrorCase("neg", lambda: -lydia.ones(2, dtype=lydia.bool), TypeError, "got bool"),
]
