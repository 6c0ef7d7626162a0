"""Losses."""
import numpy as np

import lydia
from case import Case, ErrorCase, away_from, between, given, integers, normal, positive

F = lydia.nn.functional


def log_softmax(x, axis=1):
    return x - np.logaddexp.reduce(x, axis, keepdims=True)


def nll(logs, t, w=None, ignore=-100, reduction="mean"):
    """Class targets, loop by loop."""
    moved = np.moveaxis(logs, 1, -1)
    w = np.ones(logs.shape[1]) if w is None else w
    loss, total = np.zeros(t.shape), 0.0
    for at in np.ndindex(t.shape):
        if t[at] != ignore:
            loss[at] = -w[t[at]] * moved[at][t[at]]
            total += w[t[at]]
    return {"none": loss, "sum": loss.sum(), "mean": loss.sum() / total}[reduction]


def smooth_l1(x, y, beta):
    d = np.abs(x - y)
    return np.where(d < beta, d * d / (2 * beta), d - beta / 2)


def bce(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def backward_of(f):
    def run(x, t):
        with lydia.enable_grad():
            leaf = x.detach().requires_grad_()
            return lydia.autograd.grad(f(leaf, t), leaf)[0]
    return run


def cross_entropy_grad(x, t):
    p = np.exp(log_softmax(x))
    return (p - np.eye(x.shape[1])[t]) / len(t)


TARGET = given(np.array([2, 0, -100, 4]))
CASES = [
    Case("mse_loss", F.mse_loss, lambda x, y: ((x - y) ** 2).mean(), [normal(3, 4), normal(3, 4)]),
    Case("l1_loss", lambda x, y: F.l1_loss(x, y, "sum"), lambda x, y: np.abs(x - y).sum(),
         [normal(3, 4), normal(3, 4)], rtol=3),
    Case("smooth_l1_loss", lambda x: F.smooth_l1_loss(x, lydia.zeros_like(x), "none", 0.5),
         lambda x: smooth_l1(x, 0, 0.5), [away_from([0.5, -0.5], 3, 4)]),
    Case("huber_loss", lambda x: F.huber_loss(x, lydia.zeros_like(x), delta=0.5),
         lambda x: (0.5 * smooth_l1(x, 0, 0.5)).mean(), [away_from([0.5, -0.5], 3, 4)]),
    Case("binary_cross_entropy", F.binary_cross_entropy, lambda p, t: bce(p, t).mean(),
         [between(0.1, 0.9, 3, 4), between(0, 1, 3, 4)], rtol=3),
    Case("binary_cross_entropy", F.binary_cross_entropy, lambda p, t: np.array(0.0),
         [given([0.0, 1.0]), given([0.0, 1.0])], label="certain", grad=False),
    Case("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits,
         lambda x, t: bce(sigmoid(x), t).mean(), [normal(3, 4), between(0, 1, 3, 4)], rtol=3),
    Case("binary_cross_entropy_with_logits",
         lambda x, t, w: F.binary_cross_entropy_with_logits(x, t, reduction="sum", pos_weight=w),
         lambda x, t, w: -(w * t * np.log(sigmoid(x)) + (1 - t) * np.log(1 - sigmoid(x))).sum(),
         [normal(3, 4), between(0, 1, 3, 4), positive(4)], label="pos_weight", rtol=4),
    Case("binary_cross_entropy_with_logits", F.binary_cross_entropy_with_logits,
         lambda x, t: np.array(500.0), [given([1000.0, -1000.0]), given([0.0, 0.0])], label="huge",
         grad=False, dtypes=("float32",)),
    Case("kl_div", lambda x, t: F.kl_div(x, t, "batchmean"),
         lambda x, t: (t * (np.log(t) - x)).sum() / 3, [normal(3, 4), positive(3, 4)], rtol=3),
    Case("kl_div", lambda x, t: F.kl_div(x, t, log_target=True),
         lambda x, t: (np.exp(t) * (t - x)).mean(), [normal(3, 4), normal(3, 4)], label="log", rtol=3),
    Case("nll_loss", F.nll_loss, nll, [normal(4, 5), TARGET]),
    Case("nll_loss", lambda x, t, w: F.nll_loss(x, t, w, reduction="none"),
         lambda x, t, w: nll(x, t, w, reduction="none"),
         [normal(2, 5, 3), integers(0, 5, 2, 3), positive(5)], label="weighted-images"),
    Case("cross_entropy", F.cross_entropy, lambda x, t: nll(log_softmax(x), t), [normal(4, 5), TARGET]),
    Case("cross_entropy", lambda x, t: F.cross_entropy(x, t, reduction="sum"),
         lambda x, t: nll(log_softmax(x), t, reduction="sum"), [normal(2, 5, 3), integers(0, 5, 2, 3)],
         label="images", rtol=2),
    Case("cross_entropy", lambda x, t, w: F.cross_entropy(x, t, w, label_smoothing=0.1),
         lambda x, t, w: 0.9 * nll(log_softmax(x), t, w) - 0.1 / 5 * sum(
             (log_softmax(x)[i] * w).sum() for i in (0, 1, 3)) / sum(w[c] for c in t if c >= 0),
         [normal(4, 5), TARGET, positive(5)], label="weighted-smoothed", rtol=3),
    Case("cross_entropy", lambda x, t: F.cross_entropy(x, t.softmax(1)),
         lambda x, t: -(log_softmax(x) * np.exp(log_softmax(t))).sum(1).mean(),
         [normal(4, 5), normal(4, 5)], label="probabilities", rtol=3),
    Case("cross_entropy", F.cross_entropy, lambda x, t: nll(log_softmax(x), t),
         [normal(3, 1000, scale=30), integers(0, 1000, 3)], label="wide", grad=False, rtol=2),
    Case("cross_entropy_grad", backward_of(F.cross_entropy), cross_entropy_grad,
         [normal(4, 5), integers(0, 5, 4)], grad=False),
]

ERRORS = [
    ErrorCase("cross_entropy", lambda: F.cross_entropy(lydia.ones(2, 3), lydia.tensor([0, 3])),
              IndexError, "expected targets in [0, 2]"),
    ErrorCase("cross_entropy", lambda: F.cross_entropy(lydia.ones(2, 3), lydia.tensor([0])),
              ValueError, "class targets of shape [2]"),
    ErrorCase("cross_entropy",
              lambda: F.cross_entropy(lydia.ones(2, 3), lydia.tensor([0, 1], dtype=lydia.int32)),
              TypeError, "int64 class targets"),
    ErrorCase("mse_loss", lambda: F.mse_loss(lydia.ones(2), lydia.ones(2), "avg"), ValueError,
              "got 'avg'"),
    ErrorCase("binary_cross_entropy",
              lambda: F.binary_cross_entropy(lydia.full((2,), 2.0), lydia.ones(2)), ValueError,
              "probabilities in [0, 1]"),
]
