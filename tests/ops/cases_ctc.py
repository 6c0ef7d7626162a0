"""CTC: every path of classes is listed, merged and compared with the target."""
import itertools

import numpy as np

import lydia
from case import Case, ErrorCase, given, normal

F = lydia.nn.functional


def spelt(path, blank):
    merged = [c for c, _ in itertools.groupby(path)]
    return [c for c in merged if c != blank]


def one_loss(logs, target, blank):
    """-log of the summed probability of the paths over logs [T, C] that spell the target."""
    total = 0.0
    for path in itertools.product(range(logs.shape[1]), repeat=logs.shape[0]):
        if spelt(path, blank) == list(target):
            total += np.exp(sum(logs[t, c] for t, c in enumerate(path)))
    return -np.log(total) if total > 0 else np.inf


def losses(logs, targets, steps, lengths, blank=0):
    return np.array([one_loss(logs[:steps[n], n], targets[n][:lengths[n]], blank) for n in range(len(steps))])


def log_softmax(x):
    return x - np.logaddexp.reduce(x, -1, keepdims=True)


STEPS, LENGTHS = (5, 4, 3, 5), (2, 2, 0, 3)
TARGETS = np.array([[1, 2, 0], [2, 2, 0], [0, 0, 0], [1, 2, 1]])
FLAT = np.array([1, 2, 2, 2, 1, 2, 1])
SHORT = ((2, 4), (2, 1))  # the first target, twice 1, needs three steps


def mean(each, lengths):
    return (each / np.maximum(lengths, 1)).mean()


def run(targets, **more):
    return lambda x: F.ctc_loss(x.log_softmax(-1), lydia.tensor(targets), STEPS, LENGTHS, **more)


CASES = [
    Case("ctc_loss", run(TARGETS), lambda x: mean(losses(log_softmax(x), TARGETS, STEPS, LENGTHS), LENGTHS),
         [normal(5, 4, 3)], rtol=3),
    Case("ctc_loss", run(FLAT, reduction="none"),
         lambda x: losses(log_softmax(x), TARGETS, STEPS, LENGTHS), [normal(5, 4, 3)], label="flat-none", rtol=5),
    Case("ctc_loss", run(TARGETS - 1 + 3 * (TARGETS == 0), blank=2, reduction="sum"),
         lambda x: losses(log_softmax(x), TARGETS - 1, STEPS, LENGTHS, 2).sum(), [normal(5, 4, 3)],
         label="blank-sum", rtol=5),
    Case("ctc_loss", lambda x: F.ctc_loss(x.log_softmax(-1), lydia.tensor([1, 1]), (4,), lydia.tensor([2]),
                                          reduction="none"),
         lambda x: one_loss(log_softmax(x), [1, 1], 0), [normal(4, 3)], label="one", rtol=3),
    Case("ctc_loss", lambda x: F.ctc_loss(x.log_softmax(-1), lydia.tensor([[1, 1], [1, 0]]), *SHORT,
                                          reduction="none"),
         lambda x: losses(log_softmax(x), [[1, 1], [1, 0]], *SHORT), [normal(4, 2, 3)], label="does-not-fit",
         grad=False, rtol=3),
    Case("ctc_loss", lambda x: F.ctc_loss(x.log_softmax(-1), lydia.tensor([[1, 1], [1, 0]]), *SHORT,
                                          reduction="sum", zero_infinity=True),
         lambda x: losses(log_softmax(x), [[1, 1], [1, 0]], *SHORT)[1], [normal(4, 2, 3)], label="zero-infinity",
         rtol=3),
    Case("ctc_loss", lambda x: F.ctc_loss(x, lydia.tensor([[1], [2]]), (0, 0), (0, 1), reduction="none"),
         lambda x: np.array([0.0, np.inf]), [normal(4, 2, 3)], label="no-steps", grad=False),
    Case("ctc_loss", lambda x: F.ctc_loss(x, lydia.tensor([[1]]), (2,), (1,)),
         lambda x: one_loss(x[:, 0], [1], 0), [given(np.array([[[-np.inf, 0.0]], [[np.log(0.5), np.log(0.5)]]]))],
         label="impossible-class", grad=False, dtypes=("float32",)),
]


def call(targets=((1, 2),), steps=(4,), lengths=(2,), **more):
    return lambda: F.ctc_loss(lydia.zeros(4, 1, 3), lydia.tensor(targets), steps, lengths, **more)


ERRORS = [
    ErrorCase("ctc_loss", call(((1, 3),)), IndexError, "other than the blank 0, got 3 at 1 of target 0"),
    ErrorCase("ctc_loss", call(((0, 1),)), IndexError, "got 0 at 0 of target 0"),
    ErrorCase("ctc_loss", call(steps=(5,)), ValueError, "input_lengths in [0, 4], got 5 at 0"),
    ErrorCase("ctc_loss", call(lengths=(3,)), ValueError, "target_lengths in [0, 2], got 3 at 0"),
    ErrorCase("ctc_loss", call(steps=(4, 4)), ValueError, "expected 1 input_lengths"),
    ErrorCase("ctc_loss", call(blank=3), ValueError, "blank in [0, 2], got 3"),
    ErrorCase("ctc_loss", call(reduction="avg"), ValueError, "got 'avg'"),
    ErrorCase("ctc_loss", lambda: F.ctc_loss(lydia.zeros(4, 2, 3), lydia.tensor([1, 2]), (4, 4), (2, 2)),
              ValueError, "expected 4 targets in all, got 2"),
    ErrorCase("ctc_loss", lambda: F.ctc_loss(lydia.zeros(4, 1, 3), lydia.tensor([[1.0]]), (4,), (1,)), TypeError,
              "integer targets"),
]
