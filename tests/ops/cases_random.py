"""Random numbers, value by value against Philox written in NumPy. tests/python/test_random.py looks
at their statistics, states and thread counts."""
import numpy as np

import lydia
import philox_numpy as philox
from case import Case, ErrorCase, given, normal

N, SEED = 3000, 2**40 + 7


def seeded(f):
    def run(*args):
        lydia.manual_seed(SEED)
        return f(*args)
    return run


def row(op, run, ref, *inputs, **more):
    return Case(op, seeded(run), ref, list(inputs), grad=False, dtypes=(), strided=False, **more)


def permutation(n):
    out, w = list(range(n)), philox.wide_words(SEED, n)
    for i in range(n - 1, 0, -1):
        j = w[i] * (i + 1) >> 64
        out[i], out[j] = out[j], out[i]
    return out


F64 = lydia.float64
CASES = [
    row("uniform", lambda: lydia.rand(N, dtype=F64), lambda: philox.doubles(SEED, N)),
    row("uniform", lambda: lydia.empty(50, 60, dtype=F64).t().uniform_(-1, 3),
        lambda: philox.doubles(SEED, N).reshape(60, 50) * 4 - 1, label="strided"),
    row("uniform", lambda: lydia.rand(N).double(),
        lambda: (philox.words(SEED, 0, N // 4) >> 8) * 2.0**-24, label="float32"),
    row("normal", lambda: lydia.randn(N, dtype=F64), lambda: philox.normals(SEED, N)),
    row("normal", lambda: lydia.empty(N, dtype=F64).normal_(2, 0.5),
        lambda: philox.normals(SEED, N) * 0.5 + 2, label="scaled"),
    row("exponential", lambda: lydia.empty(N, dtype=F64).exponential_(2),
        lambda: -np.log(philox.doubles(SEED, N) + 2.0**-53) / 2),
    row("randint", lambda: lydia.randint(-5, 17, (N,)),
        lambda: np.array([(w * 22 >> 64) - 5 for w in philox.wide_words(SEED, N)])),
    row("randint", lambda: lydia.randint(-2**63, 2**63 - 1, (9,)),
        lambda: np.array([(w * (2**64 - 1) >> 64) - 2**63 for w in philox.wide_words(SEED, 9)]),
        label="widest"),
    row("randperm", lambda: lydia.randperm(100), lambda: np.array(permutation(100))),
    row("multinomial", lambda: lydia.multinomial(lydia.tensor([1.0, 0.0, 3.0]), 50, replacement=True),
        lambda: np.array([0, 2])[(philox.doubles(SEED, 50) * 4 >= 1).astype(int)]),
    row("multinomial", lambda w: lydia.multinomial(w, 3),
        lambda w: np.argsort(-np.log1p(-philox.doubles(SEED, 8).reshape(2, 4)) / w, 1)[:, :3],
        given([[0.1, 0.2, 0.3, 0.4], [5.0, 1.0, 1.0, 1.0]]), label="without-replacement"),
    Case("dropout", seeded(lambda x: lydia.dropout(x, 0.3)),
         lambda x: x * (philox.words(SEED, 0, 6) >= round(0.3 * 2**32)).reshape(4, 6) / 0.7,
         [normal(4, 6)]),
    Case("dropout", lambda x: lydia.dropout(x, 0.3, False), lambda x: x, [normal(4)], label="eval"),
    Case("dropout", lambda x: lydia.dropout(x, 1.0), lambda x: 0 * x, [normal(4)], label="all"),
    row("bernoulli", lambda: lydia.bernoulli(lydia.full((N,), 0.3, dtype=F64)),
        lambda: (philox.doubles(SEED, N) < 0.3).astype(float)),
    row("bernoulli", lambda: lydia.empty(N, dtype=lydia.int64).bernoulli_(0.3),
        lambda: ((philox.words(SEED, 0, N // 4) >> 8) * 2.0**-24 < 0.3).astype(int), label="in-place"),
]

ones = lydia.ones
ERRORS = [
    ErrorCase("uniform", lambda: ones(2).uniform_(1, 0), ValueError, "low <= high"),
    ErrorCase("uniform", lambda: ones(2, dtype=lydia.int64).uniform_(), TypeError, "floating-point"),
    ErrorCase("uniform", lambda: ones(2, 1).expand(2, 2).uniform_(), RuntimeError, "expanded"),
    ErrorCase("uniform", lambda: ones(2, requires_grad=True).uniform_(), RuntimeError, "leaf"),
    ErrorCase("normal", lambda: ones(2).normal_(0, -1), ValueError, "std >= 0"),
    ErrorCase("exponential", lambda: ones(2).exponential_(0), ValueError, "rate > 0"),
    ErrorCase("randint", lambda: lydia.randint(3, 3, (2,)), ValueError, "low < high"),
    ErrorCase("randperm", lambda: lydia.randperm(-1), ValueError, "n >= 0"),
    ErrorCase("bernoulli", lambda: lydia.bernoulli(ones(2) * 2), ValueError, "[0, 1]"),
    ErrorCase("dropout", lambda: lydia.dropout(ones(2), 1.5), ValueError, "p in [0, 1], got 1.5"),
    ErrorCase("multinomial", lambda: lydia.multinomial(ones(3), 4), ValueError, "num_samples in [1, 3]"),
    ErrorCase("multinomial", lambda: lydia.multinomial(-ones(3), 1), ValueError, "weights >= 0, got -1"),
    ErrorCase("multinomial", lambda: lydia.multinomial(ones(3) * 0, 1), ValueError, "sum > 0"),
    ErrorCase("multinomial", lambda: lydia.multinomial(lydia.tensor([1.0, 0.0]), 2), ValueError,
              "without replacement"),
]
