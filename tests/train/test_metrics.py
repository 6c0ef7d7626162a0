"""Metrics beside scikit-learn and seqeval (metrics_golden.json, by tools/make_metrics_goldens.py), and
what degenerate input gives."""
import json
import math
import sys
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

import lydia
from lydia import metrics

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ops"))
import philox_numpy  # noqa: E402

GOLDEN = json.loads((HERE / "metrics_golden.json").read_text())
AVERAGES = ("micro", "macro", "weighted")


def close(a, b, tolerance=1e-12):
    return np.allclose(np.asarray(a, float), np.asarray(b, float), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("case", GOLDEN["classification"])
def test_classification(case):
    truth, predicted, classes = case["target"], case["predicted"], case["classes"]
    assert close(metrics.accuracy(predicted, truth), case["accuracy"])
    assert metrics.confusion_matrix(predicted, truth, classes).tolist() == case["confusion"]
    for average in AVERAGES:
        got = metrics.precision_recall_f1(predicted, truth, classes, average)
        assert close(got[:3], case[average]) and got.support == len(truth)
    each = metrics.precision_recall_f1(predicted, truth, classes, None)
    assert close(each, case["per_class"])
    # Batches, with targets that do not count, give the same.
    stream = metrics.ConfusionMatrix(classes)
    stream.update(predicted[:7], truth[:7])
    stream.update(predicted[7:] + [0, 1], truth[7:] + [-100, -100])
    assert close(stream.scores("macro")[:3], case["macro"])
    stream.reset()
    assert math.isnan(stream.accuracy()) and stream.scores("macro")[:3] == (0, 0, 0)


@pytest.mark.parametrize("case", GOLDEN["scores"])
def test_scores(case):
    logits, target = np.array(case["logits"]), np.array(case["target"])
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for k, expected in case["top"].items():
        assert close(metrics.accuracy(logits, target, k=int(k)), expected)
    assert close(metrics.auroc(p, target), case["auroc"])
    assert close(metrics.brier_score(p, target), case["brier"])
    assert close(metrics.perplexity(logits, target), math.exp(case["nll"]), 1e-9)
    total = case["nll"] * len(target)
    assert close(metrics.bits_per_byte(total, 100), total / math.log(2) / 100)
    temperature = metrics.fit_temperature(logits, target)
    assert close(temperature, case["temperature"], 1e-5)
    assert close(math.log(metrics.perplexity(logits / temperature, target)), case["best_nll"], 1e-11)
    assert metrics.confusion_matrix(logits, target, p.shape[1]).sum().item() == len(target)


@pytest.mark.parametrize("case", GOLDEN["binary"])
def test_binary(case):
    score, target = case["score"], case["target"]
    assert close(metrics.auroc(score, target), case["auroc"])
    assert close(metrics.average_precision(score, target), case["average_precision"])
    assert close(metrics.brier_score(score, target), case["brier"])
    for metric, name in ((metrics.AUROC(), "auroc"), (metrics.AveragePrecision(), "average_precision")):
        metric.update(score[:20], target[:20])
        metric.update(lydia.tensor(score[20:], dtype=lydia.float64), lydia.tensor(target[20:]))
        assert close(metric.compute(), case[name])
        metric.reset()
        with pytest.raises(ValueError, match="at least one row"):
            metric.compute()


@pytest.mark.parametrize("case", GOLDEN["spans"], ids=lambda c: c["scheme"])
def test_spans(case):
    for tags, expected in zip(case["target"], case["spans"]):
        assert [list(span) for span in metrics.read_spans(tags, case["scheme"])] == expected
    for average in AVERAGES:
        got = metrics.span_scores(case["predicted"], case["target"], case["scheme"], average)
        assert close(got[:3], case[average])
    stream = metrics.SpanF1(case["scheme"])
    for ours, true in zip(case["predicted"], case["target"]):
        stream.update(ours, true)
    assert close(stream.compute()[:3], case["micro"])
    assert set(stream.per_type()) == {"LOC", "PER"}


def test_span_errors():
    for tags in (["X-PER"], [""], ["b-per"], ["BPER"]):
        with pytest.raises(ValueError, match="spans: expected O or one of BIES"):
            metrics.read_spans(tags)
    with pytest.raises(ValueError, match="expected O or one of BI with"):
        metrics.read_spans(["E-PER"], "iob2")
    with pytest.raises(ValueError, match="got 2 and 1"):
        metrics.span_scores([["O", "O"]], [["O"]])
    with pytest.raises(ValueError, match="'lenient', 'iob2', 'iobes', got 'x'"):
        metrics.read_spans([], "x")
    assert metrics.read_spans(["B", "I"]) == [("_", 0, 2)] and metrics.read_spans([]) == []
    assert metrics.span_scores([["O"]], [["O"]])[:3] == (0, 0, 0)


def reference_ece(confidence, right, bins, binning):
    """Bin by bin, from the definition."""
    confidence, right = np.asarray(confidence), np.asarray(right)
    if binning == "width":
        edges = np.linspace(0, 1, bins + 1)
        place = np.clip(np.searchsorted(edges, confidence, "left") - 1, 0, bins - 1)
    else:
        order = np.argsort(confidence, kind="stable")
        place = np.empty(len(order), int)
        place[order] = np.arange(len(order)) * bins // len(order)
    return sum(abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean()
               for b in range(bins) if (place == b).any())


@pytest.mark.parametrize("binning", ["width", "mass"])
def test_calibration_error(binning):
    rng = np.random.default_rng(3)
    confidence = rng.random(200)
    right = (rng.random(200) < confidence**2).astype(int)
    got = metrics.calibration_error(confidence, right, bins=10, binning=binning)
    assert close(got, reference_ece(confidence, right, 10, binning))
    bins = metrics.reliability_bins(confidence, right, 10, binning)
    assert sum(b.count for b in bins) == 200 and bins[0].low == 0 and bins[-1].high == 1
    largest = metrics.calibration_error(confidence, right, 10, binning, norm="max")
    assert close(largest, max(abs(b.accuracy - b.confidence) for b in bins))
    # [N, C]: the most probable class.
    p = np.stack([1 - confidence, confidence], 1)
    top, hit = p.max(1), (p.argmax(1) == right).astype(int)
    assert close(metrics.calibration_error(p, right, 10, binning), reference_ece(top, hit, 10, binning))


def test_equal_confidences_stay_together():
    bins = metrics.reliability_bins([0.5] * 6 + [0.9] * 2, [0, 1] * 4, bins=4, binning="mass")
    assert [b.count for b in bins] == [6, 0, 0, 2]
    bins = metrics.reliability_bins([0.0, 0.1, 0.2, 0.2, 1.0], [0, 0, 0, 1, 1], bins=10)
    assert [b.count for b in bins] == [2, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert "<svg" in metrics.reliability_svg([0.2, 0.8], [0, 1], title="T & U")


def reference_bootstrap(n, statistic, resamples, level, method, seed):
    """The same resamples from the same stream, and the textbook's formulas."""
    words = philox_numpy.wide_words(seed, n * resamples)
    rows = np.array([w * n >> 64 for w in words]).reshape(resamples, n)
    values = np.sort([statistic(r) for r in rows])
    here, normal = statistic(np.arange(n)), NormalDist()
    low, high = (1 - level) / 2, (1 + level) / 2
    if method == "bca":
        bias = normal.inv_cdf(((values < here).mean() + (values <= here).mean()) / 2)
        left_out = np.array([statistic(np.delete(np.arange(n), i)) for i in range(n)])
        off = left_out.mean() - left_out
        a = (off**3).sum() / (6 * (off**2).sum() ** 1.5)
        low, high = (normal.cdf(bias + (bias + z) / (1 - a * (bias + z)))
                     for z in (normal.inv_cdf(low), normal.inv_cdf(high)))
    return here, np.quantile(values, low), np.quantile(values, high)


@pytest.mark.parametrize("method", ["percentile", "bca"])
@pytest.mark.parametrize("n", [1, 7, 30])
def test_bootstrap(method, n):
    data = np.random.default_rng(n).exponential(size=n)
    if n == 1:
        assert metrics.bootstrap(data, method=method, resamples=10) == (data[0], data[0], data[0], 0)
        return
    got = metrics.bootstrap(data, resamples=300, level=0.9, method=method, seed=9)
    expected = reference_bootstrap(n, lambda r: data[r].mean(), 300, 0.9, method, 9)
    assert close(got[:3], expected, 1e-9) and got.undefined == 0
    squares = metrics.bootstrap((data, data), lambda a, b: (a * b).mean(), resamples=300, level=0.9,
                                method=method, seed=9)
    expected = reference_bootstrap(n, lambda r: (data[r] ** 2).mean(), 300, 0.9, method, 9)
    assert close(squares[:3], expected, 1e-9)


def test_bootstrap_covers_the_truth():
    rng = np.random.default_rng(0)
    inside = 0
    for trial in range(200):
        got = metrics.bootstrap(rng.normal(size=40), resamples=400, level=0.9, seed=trial)
        inside += got.low <= 0 <= got.high
    assert 165 <= inside <= 195  # 180 expected; 5 standard deviations are 21 below


def test_bootstrap_leaves_out_what_is_undefined():
    got = metrics.bootstrap(([0.1, 0.9, 0.8], [0, 1, 1]), metrics.auroc, resamples=200, seed=1,
                            method="percentile")
    assert got.value == 1 and got.undefined > 0
    with pytest.raises(ValueError, match="undefined on 50 of 50"):
        metrics.bootstrap(([0.1, 0.9], [1, 1]), metrics.auroc, resamples=50)
    for bad in ({"level": 1.0}, {"resamples": 1}, {"method": "x"}):
        with pytest.raises(ValueError):
            metrics.bootstrap([1.0, 2.0], **bad)
    with pytest.raises(ValueError, match="at least one row"):
        metrics.bootstrap([])
    with pytest.raises(ValueError, match="one length"):
        metrics.bootstrap(([1.0], [1.0, 2.0]), lambda a, b: 0.0)


def test_degenerate_input():
    assert math.isnan(metrics.auroc([0.1, 0.2], [1, 1])) and math.isnan(metrics.auroc([0.1], [0]))
    assert math.isnan(metrics.average_precision([0.1, 0.2], [0, 0]))
    assert metrics.average_precision([0.1, 0.2], [1, 1]) == 1
    assert metrics.auroc([0.5, 0.5, 0.5], [0, 1, 1]) == 0.5
    assert math.isnan(metrics.Accuracy().compute()) and math.isnan(metrics.Perplexity().compute())
    assert math.isnan(metrics.Mean().compute())
    for call in (lambda: metrics.auroc([], []), lambda: metrics.brier_score([], []),
                 lambda: metrics.accuracy([], []), lambda: metrics.fit_temperature([[]], [0])):
        with pytest.raises((ValueError, TypeError)):
            call()
    nan = float("nan")
    for call in (metrics.auroc, metrics.average_precision, metrics.brier_score,
                 metrics.calibration_error, metrics.fit_temperature):
        with pytest.raises(ValueError, match="row 1 is NaN"):
            call([0.5, nan], [0, 1])
        with pytest.raises(ValueError, match="as many labels as rows"):
            call([0.5, 0.6], [0, 1, 1])
        with pytest.raises(ValueError, match="from 0 to 1, got 2"):
            call([0.5, 0.6], [0, 2])
        with pytest.raises(TypeError, match="integer labels"):
            call([0.5, 0.6], [0.0, 1.0])
    with pytest.raises(ValueError, match="probabilities from 0 to 1, got 1.5"):
        metrics.brier_score([1.5], [1])
    with pytest.raises(ValueError, match="got 2 of 2 in class 0"):
        metrics.auroc([[0.1, 0.9], [0.2, 0.8]], [0, 0])
    with pytest.raises(ValueError, match="from 0 to 2, got 3"):
        metrics.confusion_matrix([0, 1], [0, 3], 3)
    with pytest.raises(ValueError, match="k = 2 needs scores"):
        metrics.accuracy([0, 1], [0, 1], k=2)


def test_temperature_ends_at_its_limits_and_undoes_scaling():
    assert close(metrics.fit_temperature([[5.0, 0.0], [0.0, 5.0]], [0, 1]), 1e-3, 1e-3)
    assert close(metrics.fit_temperature([[5.0, 0.0], [0.0, 5.0]], [1, 0]), 1e3, 1e-3)
    case = GOLDEN["scores"][0]
    logits = np.array(case["logits"])
    assert close(metrics.fit_temperature(logits * 8, case["target"]), 8 * case["temperature"], 1e-5)
    binary, target = logits[:, 1] - logits[:, 0], np.array(case["target"]) % 2
    both = np.stack([np.zeros_like(binary), binary], 1)
    assert close(metrics.fit_temperature(binary, target), metrics.fit_temperature(both, target))


def test_mean_keeps_small_terms():
    mean = metrics.Mean()
    mean.update(1e16)
    for _ in range(1000):
        mean.update(1.0)
    mean.update(-1e16)
    assert mean.compute() * 1002 == 1000
    mean.reset()
    mean.update(2.0, weight=3)
    mean.update(6.0)
    assert mean.compute() == 3


@pytest.mark.parametrize("count,level,quantile", [  # tables of Student's t, two-sided
    (2, 0.95, 12.7062), (3, 0.95, 4.30265), (4, 0.90, 2.35336), (5, 0.95, 2.77645), (6, 0.99, 4.03214),
    (11, 0.95, 2.22814), (30, 0.95, 2.04523), (101, 0.99, 2.62589)])
def test_mean_interval_is_students(count, level, quantile):
    values = [math.sin(i) for i in range(count)]
    mean = sum(values) / count
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (count - 1))
    found = metrics.mean_interval(values, level)
    assert found.value == pytest.approx(mean)
    assert found.high - mean == pytest.approx(quantile * deviation / math.sqrt(count), rel=1e-5)
    assert mean - found.low == pytest.approx(found.high - mean)


def test_mean_interval_needs_two_values():
    for bad in ([1.0], []):
        with pytest.raises(ValueError, match="at least 2"):
            metrics.mean_interval(bad)
    with pytest.raises(ValueError, match="level"):
        metrics.mean_interval([1.0, 2.0], 1.0)
    assert metrics.mean_interval([0.5, 0.5]) == (0.5, 0.5, 0.5, 0)
