"""The recurrences of LSTM and GRU."""
import numpy as np

import lydia
from case import Case, ErrorCase, normal


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def walk(x, reverse, rows, step, *states):
    """step(time, states) over all times; rows that take no part keep their states."""
    seen = {}
    for time in (range(len(x))[::-1] if reverse else range(len(x))):
        new, gates = step(time, states)
        active = (np.arange(x.shape[1]) < (rows[time] if rows else x.shape[1]))[:, None]
        states = tuple(np.where(active, n, s) for n, s in zip(new, states))
        seen[time] = (*states, gates * active)
    return tuple(np.stack([seen[t][i] for t in range(len(x))]) for i in range(len(states) + 1))


def lstm(x, w, h0, c0, reverse=False, rows=()):
    def step(time, states):
        h, c = states
        i, f, g, o = np.split(x[time] + h @ w.T, 4, 1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        c = f * c + i * g
        return (o * np.tanh(c), c), np.concatenate([i, f, g, o], 1)
    return walk(x, reverse, rows, step, h0, c0)


def gru(x, w, b, h0, reverse=False, rows=()):
    def step(time, states):
        h, = states
        (xr, xz, xn), (ur, uz, un) = np.split(x[time], 3, 1), np.split(h @ w.T + b, 3, 1)
        r, z = sigmoid(xr + ur), sigmoid(xz + uz)
        n = np.tanh(xn + r * un)
        return ((1 - z) * n + z * h,), np.concatenate([r, z, n, un], 1)
    return walk(x, reverse, rows, step, h0)


def gradients(f, states):
    """d(sum of the states times cos(0, 1, ...))/d(inputs), by the kernel or with create_graph by
    the composite."""
    def run(create_graph):
        def grads(*inputs):
            with lydia.enable_grad():
                leaves = [x.detach().requires_grad_() for x in inputs]
                outs = f(*leaves)[:states]
                total = sum((o * lydia.arange(o.numel()).cos().reshape(o.shape).to(o.dtype)).sum()
                            for o in outs)
                return lydia.autograd.grad(total, leaves, create_graph=create_graph)
        return grads
    return run


def kernel_and_composite(op, f, inputs, states, label):
    """The kernel's gradient held to the composite's, which the finite differences of `f` check."""
    run = gradients(f, states)

    def reference(*arrays):
        composite = run(True)(*(lydia.tensor(a) for a in arrays))
        return tuple(g.detach().numpy() for g in composite)
    return Case(op, run(False), reference, inputs, label=label, grad=False, dtypes=("float32",),
                rtol=3, strided=False)


LSTM = [normal(3, 3, 20), normal(20, 5), normal(3, 5), normal(3, 5)]
GRU = [normal(3, 3, 15), normal(15, 5), normal(15), normal(3, 5)]
PACKED = dict(reverse=True, rows=[3, 2, 1])
WIDE = [normal(2, 40, 4 * 33), normal(4 * 33, 33, scale=0.2), normal(40, 33), normal(40, 33)]


def lstm_op(**options):
    return lambda *inputs: lydia._C._lstm_scan(*inputs, **options)


def gru_op(**options):
    return lambda *inputs: lydia._C._gru_scan(*inputs, **options)


CASES = [
    Case("lstm_scan", lstm_op(), lstm, LSTM, rtol=4),
    Case("lstm_scan", lstm_op(**PACKED), lambda *a: lstm(*a, **PACKED), LSTM, label="packed", rtol=4),
    Case("lstm_scan", lstm_op(), lstm, WIDE, label="wide", grad=False, rtol=4),
    kernel_and_composite("lstm_scan_grad", lstm_op(), LSTM, 2, "all"),
    kernel_and_composite("lstm_scan_grad", lstm_op(**PACKED), LSTM, 2, "packed"),
    kernel_and_composite("lstm_scan_grad", lstm_op(), WIDE, 1, "wide"),
    Case("gru_scan", gru_op(), gru, GRU, rtol=4),
    Case("gru_scan", gru_op(**PACKED), lambda *a: gru(*a, **PACKED), GRU, label="packed", rtol=4),
    kernel_and_composite("gru_scan_grad", gru_op(), GRU, 1, "all"),
    kernel_and_composite("gru_scan_grad", gru_op(**PACKED), GRU, 1, "packed"),
]

ONES = lydia.ones
ERRORS = [
    ErrorCase("lstm_scan", lambda: lydia._C._lstm_scan(ONES(2, 3, 8), ONES(8, 3), ONES(3, 2), ONES(3, 2)),
              ValueError, "4 gates of 3"),
    ErrorCase("lstm_scan", lambda: lydia._C._lstm_scan(ONES(2, 3, 8), ONES(8, 2), ONES(2, 2), ONES(3, 2)),
              ValueError, "first state of shape [3, 2]"),
    ErrorCase("gru_scan", lambda: lydia._C._gru_scan(ONES(2, 3, 6), ONES(6, 2), None, ONES(3, 2),
                                                     rows=[1, 2]), ValueError, "at most 1 rows"),
    ErrorCase("gru_scan", lambda: lydia._C._gru_scan(ONES(2, 3, 6), ONES(6, 2), ONES(2), ONES(3, 2)),
              ValueError, "b_hh of shape [6]"),
]
