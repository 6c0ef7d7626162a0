"""Activations and their gradients."""
import math

import numpy as np

import lydia
from case import Case, ErrorCase, away_from, normal, positive
from cases_pointwise import sigmoid

F = lydia.nn.functional
C = lydia._C
A = (3, 4)
erf = np.vectorize(math.erf)
K = math.sqrt(2 / math.pi)


def phi(x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def cdf(x):
    return (1 + erf(x / math.sqrt(2))) / 2


def gelu_tanh(x):
    return x / 2 * (1 + np.tanh(K * (x + .044715 * x ** 3)))


def gelu_tanh_grad(g, x):
    t = np.tanh(K * (x + .044715 * x ** 3))
    return g * ((1 + t) / 2 + x / 2 * (1 - t * t) * K * (1 + 3 * .044715 * x * x))


def softplus(x, beta=1.0):
    return np.logaddexp(0, beta * x) / beta


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def relu6(x):
    return np.clip(x, 0, 6)


KINKED = away_from([0], *A)

CASES = [
    Case("gelu", lambda x: F.gelu(x), lambda x: x * cdf(x), [normal(*A)]),
    Case("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), gelu_tanh, [normal(*A)]),
    Case("silu", lambda x: F.silu(x), lambda x: x * sigmoid(x), [normal(*A)]),
    Case("softplus", lambda x: F.softplus(x), softplus, [normal(*A)]),
    Case("softplus", lambda x: F.softplus(x, 2.0, 1.5), lambda x: np.where(2 * x > 1.5, x, softplus(x, 2)),
         [away_from([.75], *A)], label="beta"),
    Case("elu", lambda x: F.elu(x, 1.5), lambda x: elu(x, 1.5), [KINKED]),
    Case("leaky_relu", lambda x: F.leaky_relu(x, .2), lambda x: np.where(x > 0, x, .2 * x), [KINKED]),
    Case("gelu_grad", lambda g, x: C._gelu_grad(g, x), lambda g, x: g * (cdf(x) + x * phi(x)),
         [normal(*A), normal(*A)]),
    Case("gelu_tanh_grad", lambda g, x: C._gelu_tanh_grad(g, x), gelu_tanh_grad, [normal(*A), normal(*A)]),
    Case("silu_grad", lambda g, x: C._silu_grad(g, x),
         lambda g, x: g * sigmoid(x) * (1 + x * (1 - sigmoid(x))), [normal(*A), normal(*A)]),
    Case("softplus_grad", lambda g, x: C._softplus_grad(g, x, 2.0, 1.5),
         lambda g, x: np.where(2 * x > 1.5, g, g * sigmoid(2 * x)), [normal(*A), away_from([.75], *A)]),
    Case("elu_grad", lambda g, x: C._elu_grad(g, x, 1.5),
         lambda g, x: np.where(x > 0, g, 1.5 * g * np.exp(x)), [normal(*A), KINKED]),
    Case("leaky_relu_grad", lambda g, x: C._leaky_relu_grad(g, x, .2),
         lambda g, x: np.where(x > 0, g, .2 * g), [normal(*A), KINKED]),
    Case("relu6", lambda x: F.relu6(x * 4), lambda x: relu6(x * 4), [away_from([0, 1.5], *A)]),
    Case("hardtanh", lambda x: F.hardtanh(x, -.5, .7), lambda x: np.clip(x, -.5, .7),
         [away_from([-.5, .7], *A)]),
    Case("hardsigmoid", lambda x: F.hardsigmoid(x * 3), lambda x: relu6(x * 3 + 3) / 6,
         [away_from([-1, 1], *A)]),
    Case("hardswish", lambda x: F.hardswish(x * 3), lambda x: x * 3 * relu6(x * 3 + 3) / 6,
         [away_from([-1, 1], *A)], rtol=2),
    Case("mish", lambda x: F.mish(x), lambda x: x * np.tanh(softplus(x)), [normal(*A)]),
    Case("selu", lambda x: F.selu(x), lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772), [KINKED],
         rtol=2),
    Case("celu", lambda x: F.celu(x, 1.5), lambda x: np.where(x > 0, x, 1.5 * np.expm1(np.minimum(x, 0) / 1.5)),
         [KINKED], rtol=2),
    Case("softsign", lambda x: F.softsign(x), lambda x: x / (1 + abs(x)), [KINKED]),
    Case("logsigmoid", lambda x: F.logsigmoid(x * 10), lambda x: -softplus(-x * 10), [normal(*A)]),
    Case("tanhshrink", lambda x: F.tanhshrink(x), lambda x: x - np.tanh(x), [normal(*A)], rtol=2),
    Case("softshrink", lambda x: F.softshrink(x, .3), lambda x: np.sign(x) * np.maximum(abs(x) - .3, 0),
         [away_from([-.3, .3], *A)], dtypes=("float32",)),
    Case("hardshrink", lambda x: F.hardshrink(x, .3), lambda x: np.where(abs(x) > .3, x, 0),
         [away_from([-.3, .3], *A)], dtypes=("float32",)),
    Case("prelu", lambda x, w: F.prelu(x, w), lambda x, w: np.where(x > 0, x, w[:, None] * x),
         [away_from([0], 2, 3, 4), positive(3)]),
    Case("prelu", lambda x, w: F.prelu(x, w), lambda x, w: np.where(x > 0, x, w * x), [KINKED, positive(1)],
         label="one"),
    Case("glu", lambda x: F.glu(x, 0), lambda x: x[:2] * sigmoid(x[2:]), [normal(4, 3)]),
]

ERRORS = [
    ErrorCase("gelu", lambda: F.gelu(lydia.ones(2), approximate="erf"), ValueError, "'none' or 'tanh'"),
    ErrorCase("silu", lambda: F.silu(lydia.ones(2, dtype=lydia.int64)), TypeError,
              "silu: expected a floating-point dtype, got int64"),
    ErrorCase("glu", lambda: F.glu(lydia.ones(3)), ValueError, "even size in dimension -1, got 3"),
    ErrorCase("prelu", lambda: F.prelu(lydia.ones(2, 3), lydia.ones(2)), ValueError, "one per channel (3)"),
    ErrorCase("softshrink", lambda: F.softshrink(lydia.ones(2), -1), ValueError, "lambd >= 0"),
]
