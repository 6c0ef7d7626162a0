"""Elementwise functions of one tensor and special functions."""
import math

import numpy as np

import lydia
from case import Case, ErrorCase, away_from, between, given, integers, normal, positive

A = (3, 4)
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 1e-300, 700.0]


def method(name, ref, inputs, **options):
    return Case(name, lambda x: getattr(x, name)(), ref, inputs, **options)


def flat(name, ref, inputs, **options):
    """A step function: its gradient is zero, which finite differences confirm away from the steps."""
    return method(name, ref, inputs, **options)


def digamma(x):
    """By the series of differences of log gamma: a six-point central difference in long double."""
    h = 1e-3
    g = np.vectorize(math.lgamma)
    return (45 * (g(x + h) - g(x - h)) - 9 * (g(x + 2 * h) - g(x - 2 * h))
            + g(x + 3 * h) - g(x - 3 * h)) / (60 * h)


def polygamma(n):
    def ref(x):
        k = np.arange(200000)
        # The tail of the sum by its integral, with the first two corrections.
        last = x + len(k)
        tail = last ** -n / n + last ** (-n - 1) / 2 + (n + 1) * last ** (-n - 2) / 12
        return (-1) ** (n + 1) * math.factorial(n) * ((x[..., None] + k) ** (-n - 1.0)).sum(-1) + \
            (-1) ** (n + 1) * math.factorial(n) * tail
    return ref


def erfinv(y):
    """By bisection of math.erf."""
    low, high = np.full_like(y, -6), np.full_like(y, 6)
    for _ in range(80):
        mid = (low + high) / 2
        below = np.vectorize(math.erf)(mid) < y
        low, high = np.where(below, mid, low), np.where(below, high, mid)
    return (low + high) / 2


def heaviside(a, b):
    return np.heaviside(a, b)


erf, erfc = np.vectorize(math.erf), np.vectorize(math.erfc)
lgamma = np.vectorize(math.lgamma)


def specials(name, ref):
    """The values where functions break: NaN, infinities, signed zeros."""
    def run(*x):
        with np.errstate(all="ignore"):
            return ref(*x)
    return method(name, run, [given(SPECIAL)], label="special", dtypes=(), grad=False, strided=False)


CASES = [
    method("positive", lambda x: x, [normal(*A)]),
    method("abs", np.abs, [away_from([0], *A)]),
    method("abs", np.abs, [integers(-9, 9, *A)], label="int", dtypes=(), grad=False),
    flat("sign", np.sign, [away_from([0], *A)]),
    flat("sign", np.sign, [integers(-3, 3, *A)], label="int", dtypes=(), grad=False),
    flat("sgn", np.sign, [away_from([0], *A)]),
    method("rsqrt", lambda x: 1 / np.sqrt(x), [positive(*A)]),
    method("reciprocal", lambda x: 1 / x, [positive(*A)]),
    flat("ceil", np.ceil, [away_from([-1, 0, 1], *A)]),
    flat("floor", np.floor, [away_from([-1, 0, 1], *A)]),
    flat("round", np.round, [away_from([-.5, .5], *A)]),
    flat("round", np.round, [given([-2.5, -1.5, -.5, .5, 1.5, 2.5])], label="ties", grad=False),
    Case("round", lambda x: x.round(decimals=2), lambda x: np.round(x, 2), [normal(*A)],
         label="decimals", dtypes=(), grad=False),
    Case("round", lambda x: lydia.round(x, decimals=-1), lambda x: np.round(x, -1),
         [normal(*A, scale=100)], label="tens", dtypes=(), grad=False),
    flat("trunc", np.trunc, [away_from([-1, 0, 1], *A)]),
    flat("floor", lambda x: x, [integers(-9, 9, 5)], label="int", dtypes=(), grad=False),
    method("frac", lambda x: x - np.trunc(x), [away_from([-2, -1, 0, 1, 2], *A)]),
    method("deg2rad", np.deg2rad, [normal(*A)]),
    method("rad2deg", np.rad2deg, [normal(*A)], rtol=2),
    method("square", lambda x: x.astype(np.int64), [given([True, False])], label="bool", dtypes=(),
           grad=False),
    method("exp2", np.exp2, [normal(*A)]),
    method("expm1", np.expm1, [normal(*A)]),
    method("log2", np.log2, [positive(*A)]),
    method("log10", np.log10, [positive(*A)]),
    method("log1p", np.log1p, [positive(*A)]),
    method("sin", np.sin, [normal(*A)]),
    method("cos", np.cos, [normal(*A)]),
    method("tan", np.tan, [between(-1.2, 1.2, *A)]),
    method("asin", np.arcsin, [between(-.8, .8, *A)]),
    method("acos", np.arccos, [between(-.8, .8, *A)]),
    method("atan", np.arctan, [normal(*A)]),
    method("sinh", np.sinh, [normal(*A)]),
    method("cosh", np.cosh, [normal(*A)]),
    method("asinh", np.arcsinh, [normal(*A)]),
    method("acosh", np.arccosh, [between(1.3, 4, *A)]),
    method("atanh", np.arctanh, [between(-.8, .8, *A)]),
    method("erf", erf, [normal(*A)]),
    method("erfc", erfc, [normal(*A)]),
    method("erfinv", erfinv, [between(-.9, .9, *A)]),
    method("lgamma", lgamma, [positive(*A)]),
    method("digamma", digamma, [positive(*A, low=.5)], rtol=10, dtypes=("float32",)),
    Case("polygamma", lambda x: lydia.polygamma(1, x), polygamma(1), [positive(*A)]),
    Case("polygamma", lambda x: x.polygamma(3), polygamma(3), [positive(*A, low=.5)], label="third",
         dtypes=()),
    Case("polygamma", lambda x: lydia.polygamma(2, x), polygamma(2), [given([-.5, -1.25, -7.4])],
         label="negative", dtypes=(), rtol=10),
    method("sinc", np.sinc, [away_from([0], *A)]),
    method("sinc", np.sinc, [given([0.0, 1.0, -2.0])], label="whole", grad=False, dtypes=()),
    method("logit", lambda x: np.log(x / (1 - x)), [between(.1, .9, *A)]),
    Case("logit", lambda x: x.logit(eps=.2), lambda x: np.log(np.clip(x, .2, .8)
         / (1 - np.clip(x, .2, .8))), [given([.1, .15, .25, .5, .7, .9])], label="eps", dtypes=()),
    Case("atan2", lambda a, b: lydia.atan2(a, b), np.arctan2, [normal(*A), positive(4)]),
    Case("hypot", lambda a, b: lydia.hypot(a, b), np.hypot, [positive(*A), positive(4)]),
    Case("copysign", lambda a, b: lydia.copysign(a, b), np.copysign,
         [away_from([0], *A), away_from([0], 4)]),
    Case("nextafter", lambda a, b: lydia.nextafter(a, b), np.nextafter, [normal(*A), normal(4)],
         grad=False, dtypes=()),
    Case("logaddexp", lambda a, b: lydia.logaddexp(a, b), np.logaddexp, [normal(*A), normal(4)]),
    Case("logaddexp2", lambda a, b: lydia.logaddexp2(a, b), np.logaddexp2, [normal(*A), normal(4)]),
    Case("xlogy", lambda a, b: lydia.xlogy(a, b), lambda a, b: a * np.log(b),
         [normal(*A), positive(4)]),
    Case("xlogy", lambda a, b: lydia.xlogy(a, b), lambda a, b: np.array([0, 0, np.nan, -np.inf]),
         [given([0., 0, 0, 1]), given([0., np.inf, np.nan, 0])], label="zeros", dtypes=(),
         grad=False),
    Case("ldexp", lambda a, b: lydia.ldexp(a, b), lambda a, b: a * np.exp2(b), [normal(*A), normal(4)]),
    Case("ldexp", lambda a, b: lydia.ldexp(a, b), lambda a, b: a * 2.0 ** b,
         [normal(*A), integers(-5, 5, 4)], label="int"),
    Case("heaviside", lambda a, b: lydia.heaviside(a, b), heaviside,
         [given([-1., 0, 2]), normal(3)], grad=False),
    Case("heaviside", lambda a, b: lydia.heaviside(a, b), heaviside,
         [integers(-2, 2, 9), integers(5, 9, 9)], label="int", dtypes=(), grad=False),
    Case("gcd", lambda a, b: lydia.gcd(a, b), np.gcd, [integers(-99, 99, 20), integers(-99, 99, 20)],
         dtypes=(), grad=False),
    Case("lcm", lambda a, b: lydia.lcm(a, b), np.lcm, [integers(-99, 99, 20), integers(-99, 99, 20)],
         dtypes=(), grad=False),
] + [specials(name, ref) for name, ref in [
    ("abs", np.abs), ("sign", lambda x: np.nan_to_num(np.sign(x))), ("sqrt", np.sqrt), ("rsqrt", lambda x: 1 / np.sqrt(x)),
    ("reciprocal", np.reciprocal), ("exp", np.exp), ("log", np.log), ("log1p", np.log1p),
    ("expm1", np.expm1), ("tanh", np.tanh), ("sin", np.sin), ("atan", np.arctan),
    ("acosh", np.arccosh), ("asin", np.arcsin), ("floor", np.floor), ("trunc", np.trunc)]]

ERRORS = [
    ErrorCase("abs", lambda: lydia.ones(2, dtype=lydia.bool).abs(), TypeError, "abs: expected a numeric"),
    ErrorCase("frac", lambda: lydia.ones(2, dtype=lydia.int64).frac(), TypeError,
              "frac: expected a floating-point dtype, got int64"),
    ErrorCase("exp", lambda: lydia.ones(2, dtype=lydia.int64).exp_(), TypeError,
              "exp_: a result of float32 can't be stored in a tensor of int64"),
    ErrorCase("gcd", lambda: lydia.gcd(lydia.ones(2), lydia.ones(2)), TypeError,
              "gcd: expected an integer dtype, got float32"),
    ErrorCase("polygamma", lambda: lydia.polygamma(-1, lydia.ones(2)), ValueError, "at least 0, got -1"),
    ErrorCase("exp", lambda: lydia.exp(lydia.ones(2), out=lydia.ones(3)), ValueError,
              "exp: expected out of shape [2], got [3]", label="out"),
    ErrorCase("exp", lambda: lydia.exp(lydia.ones(2, requires_grad=True), out=lydia.ones(2)),
              RuntimeError, "out= takes no part in gradients", label="out_grad"),
]
