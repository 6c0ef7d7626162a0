"""Metrics of classification, ranking, calibration, language models and tagging: see docs/metrics.md.

Functions take tensors, NumPy arrays or lists and give floats. The classes grow batch by batch:
update(...), compute(), reset(); both give the same numbers.
"""
import math
import statistics
from collections import namedtuple

from . import _C
from ._tensor import as_tensor

__all__ = [
    "Mean", "Accuracy", "ConfusionMatrix", "Perplexity", "AUROC", "AveragePrecision", "SpanF1",
    "accuracy", "confusion_matrix", "precision_recall_f1", "auroc", "average_precision",
    "perplexity", "bits_per_byte", "read_spans", "span_scores", "reliability_bins", "calibration_error",
    "reliability_svg", "brier_score", "fit_temperature", "bootstrap", "mean_interval",
]

ClassScores = namedtuple("ClassScores", "precision recall f1 support")
ReliabilityBin = namedtuple("ReliabilityBin", "low high count confidence accuracy")
Interval = namedtuple("Interval", "value low high undefined")


def _tensor(value):
    """Lists of floats keep all their digits."""
    tensor = as_tensor(value)
    if isinstance(value, (list, tuple)) and tensor.is_floating_point():
        tensor = as_tensor(value, dtype=_C.dtype.float64)
    return tensor.detach() if tensor.requires_grad else tensor


class Mean(_C._Mean):
    """A weighted mean, such as an epoch's loss; NaN before the first value."""


class Accuracy(_C._Accuracy):
    """The share of rows whose target is among the k highest scores (or equals the label)."""

    def update(self, predicted, target):
        """Takes a batch."""
        super().update(_tensor(predicted), _tensor(target))


class ConfusionMatrix(_C._ConfusionMatrix):
    """Counts [truth, prediction] of `classes` classes; targets of -100 are left out."""

    def update(self, predicted, target):
        """Takes a batch."""
        super().update(_tensor(predicted), _tensor(target))

    def class_scores(self, label):
        """Precision, recall, F1 and support of one class."""
        return ClassScores(*super().class_scores(label))

    def scores(self, average="macro"):
        """Precision, recall, F1 and support: average "micro", "macro" or "weighted"."""
        return ClassScores(*super().scores(average))


class Perplexity(_C._Perplexity):
    """exp of the mean loss per token, from logits [..., V] and targets [...]."""

    def update(self, logits, target):
        """Takes a batch."""
        super().update(_tensor(logits), _tensor(target))


class _Ranking:
    def __init__(self):
        self._scores = _C._RankingScores()

    def update(self, scores, target):
        """Takes a batch."""
        self._scores.update(_tensor(scores), _tensor(target))

    def reset(self):
        """Forgets what update() took."""
        self._scores.reset()


class AUROC(_Ranking):
    """Area under the ROC curve of scores [N] and targets 0 and 1."""

    def compute(self):
        """The value over what update() took so far."""
        return self._scores.auroc()


class AveragePrecision(_Ranking):
    """Average precision of scores [N] and targets 0 and 1."""

    def compute(self):
        """The value over what update() took so far."""
        return self._scores.average_precision()


class SpanF1:
    """Precision, recall and F1 over whole spans of IOB, IOB2 or IOBES tags, as seqeval.

    scheme "lenient" reads tags as CoNLL's script does; "iob2" and "iobes" are strict.
    """

    def __init__(self, scheme="lenient"):
        self._scores = _C._SpanScores(scheme)

    def update(self, predicted, target):
        """Tags of a batch of sentences (lists of lists), or of one."""
        if target and isinstance(target[0], str) or predicted and isinstance(predicted[0], str):
            predicted, target = [predicted], [target]
        if len(predicted) != len(target):
            raise ValueError(f"spans: expected as many predicted sentences as true ones, got "
                             f"{len(predicted)} and {len(target)}")
        for ours, true in zip(predicted, target):
            self._scores.update(list(ours), list(true))

    def compute(self, average="micro"):
        """The value over what update() took so far."""
        return ClassScores(*self._scores.scores(average))

    def per_type(self):
        """ClassScores of each type of span."""
        return {name: ClassScores(*self._scores.type_scores(name)) for name in self._scores.types()}

    def reset(self):
        """Forgets what update() took."""
        self._scores.reset()


def accuracy(predicted, target, k=1):
    """Top-k accuracy of scores [N, C], or accuracy of predicted labels."""
    metric = Accuracy(k)
    metric.update(predicted, target)
    return metric.compute()


def confusion_matrix(predicted, target, classes):
    """Counts [truth, prediction] as an int64 tensor."""
    metric = ConfusionMatrix(classes)
    metric.update(predicted, target)
    return metric.compute()


def precision_recall_f1(predicted, target, classes, average="macro"):
    """Average "micro", "macro" or "weighted"; None gives a list with one entry a class."""
    metric = ConfusionMatrix(classes)
    metric.update(predicted, target)
    if average is None:
        return [metric.class_scores(label) for label in range(classes)]
    return metric.scores(average)


def auroc(scores, target):
    """Scores [N] with targets 0 and 1, or [N, C]: one against the rest, plain mean over classes."""
    scores, target = _tensor(scores), _tensor(target)
    return (_C._auroc if scores.ndim == 1 else _C._auroc_one_vs_rest)(scores, target)


def average_precision(scores, target):
    """The area under the precision-recall curve of scores and targets 0 and 1."""
    return _C._average_precision(_tensor(scores), _tensor(target))


def perplexity(logits, target):
    """exp of the mean loss per token, from logits [..., V] and targets [...]."""
    metric = Perplexity()
    metric.update(logits, target)
    return metric.compute()


def bits_per_byte(loss_sum, bytes):
    """A sum of losses in nats, in bits for each byte of the text."""
    metric = _C._Perplexity()
    metric.update_sum(float(loss_sum), 1)
    return metric.bits_per_byte(bytes)


def read_spans(tags, scheme="lenient"):
    """[(type, begin, end), ...] of one sentence's tags; `end` is one past the last token."""
    return _C._read_spans(list(tags), scheme)


def span_scores(predicted, target, scheme="lenient", average="micro"):
    """ClassScores of tagged spans: a span counts where its type and both ends are right."""
    metric = SpanF1(scheme)
    metric.update(predicted, target)
    return metric.compute(average)


def reliability_bins(probabilities, target, bins=15, binning="width"):
    """Bins of confidence: equal in "width", or in "mass" (about as many rows in each)."""
    found = _C._reliability_bins(_tensor(probabilities), _tensor(target), bins, binning)
    return [ReliabilityBin(*one) for one in found]


def calibration_error(probabilities, target, bins=15, binning="width", norm="expected"):
    """Expected (ECE) or, with norm="max", largest gap between confidence and accuracy."""
    if norm not in ("expected", "max"):
        raise ValueError(f"calibration_error: expected norm 'expected' or 'max', got '{norm}'")
    return _C._calibration_error(_tensor(probabilities), _tensor(target), bins, binning, norm == "max")


def reliability_svg(probabilities, target, bins=15, binning="width", title="Reliability"):
    """The reliability diagram as SVG text."""
    return _C._reliability_svg(_tensor(probabilities), _tensor(target), bins, binning, title)


def brier_score(probabilities, target):
    """The mean squared distance of probabilities from the truth."""
    return _C._brier_score(_tensor(probabilities), _tensor(target))


def fit_temperature(logits, target):
    """The T for which softmax(logits / T) fits the targets best; logits [N] mean sigmoid."""
    return _C._fit_temperature(_tensor(logits), _tensor(target))


def bootstrap(data, statistic=None, resamples=2000, level=0.95, method="bca", seed=0):
    """A confidence interval by resampling rows.

    `data`: values whose mean is asked for, or with `statistic` arrays of one length (one, or a tuple of
    several) that it is called with; it gives a float. method "bca" or "percentile".
    """
    if statistic is None:
        values = [float(value) for value in _tensor(data).reshape(-1).tolist()]
        return Interval(*_C._bootstrap_mean(values, resamples, level, method, seed))
    arrays = [_tensor(one) for one in (data if isinstance(data, tuple) else (data,))]
    rows = {array.shape[0] for array in arrays}
    if len(rows) != 1:
        raise ValueError(f"bootstrap: expected arrays of one length, got {sorted(rows)}")

    def resampled(indices):
        return float(statistic(*(array[indices] for array in arrays)))

    return Interval(*_C._bootstrap(rows.pop(), resampled, resamples, level, method, seed))


def _student_t_within(t, freedom):
    """P(|T| <= t) of Student's distribution: the finite sums of Abramowitz and Stegun, 26.7.3-4."""
    angle = math.atan2(t, math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for k in range(freedom // 2):
        total += term
        term *= (2 * k + 2) / (2 * k + 3) if odd else (2 * k + 1) / (2 * k + 2)
        term *= math.cos(angle) ** 2
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total


def mean_interval(values, level=0.95):
    """The mean of a few independent values, such as one a seed, and Student's interval around it."""
    values = [float(value) for value in _tensor(values).reshape(-1).tolist()]
    if len(values) < 2 or not 0 < level < 1:
        raise ValueError("mean_interval: expected at least 2 values and a level within (0, 1), got "
                         f"{len(values)} and {level}")
    low, high = 0.0, 1.0
    while _student_t_within(high, len(values) - 1) < level:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (low, middle) if _student_t_within(middle, len(values) - 1) >= level else (middle, high)
    mean = statistics.fmean(values)
    half = high * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, 0)
