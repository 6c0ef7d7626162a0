#!/usr/bin/env python3
"""Makes tests/train/metrics_golden.json with scikit-learn and seqeval.

    python -m venv /tmp/sk && /tmp/sk/bin/pip install scikit-learn seqeval
    /tmp/sk/bin/python tools/make_metrics_goldens.py
"""
import json
import warnings
from pathlib import Path

import numpy as np
from scipy.optimize import minimize_scalar
from seqeval import metrics as seq
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2, IOBES, Entities
from sklearn import metrics as sk

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parent.parent / "tests" / "train" / "metrics_golden.json"
AVERAGES = ("micro", "macro", "weighted")


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def classification(rng, n, classes, skip):
    target = rng.integers(0, classes, n)
    target[target == skip] = 0
    predicted = np.where(rng.random(n) < 0.6, target, rng.integers(0, classes, n))
    predicted[predicted == skip] = 1
    out = {"classes": classes, "target": target, "predicted": predicted,
           "accuracy": sk.accuracy_score(target, predicted),
           "confusion": sk.confusion_matrix(target, predicted, labels=range(classes)),
           "per_class": np.array(sk.precision_recall_fscore_support(
               target, predicted, labels=range(classes), zero_division=0)).T}
    for average in AVERAGES:
        out[average] = sk.precision_recall_fscore_support(
            target, predicted, average=average, zero_division=0)[:3]
    return out


def scores(rng, n, classes):
    target = np.concatenate([np.arange(classes), rng.integers(0, classes, n - classes)])
    logits = np.round(rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[target], 3)
    p = softmax(logits)
    one_hot = np.eye(classes)[target]
    nll = lambda a: -np.log(softmax(a * logits)[np.arange(n), target]).mean()  # noqa: E731
    best = minimize_scalar(lambda s: nll(np.exp(s)), bounds=(-5, 5), method="bounded",
                           options={"xatol": 1e-12})
    return {"logits": logits, "target": target,
            "top": {k: sk.top_k_accuracy_score(target, logits, k=k) for k in (1, 2)},
            "auroc": sk.roc_auc_score(target, p, multi_class="ovr", average="macro"),
            "brier": ((p - one_hot) ** 2).sum(1).mean(), "nll": sk.log_loss(target, p),
            "temperature": float(np.exp(-best.x)), "best_nll": float(best.fun)}


def binary(rng, n, decimals):
    target = (rng.random(n) < 0.3).astype(int)
    score = np.clip(np.round(0.35 + 0.3 * target + 0.2 * rng.normal(size=n), decimals), 0, 1)
    return {"target": target, "score": score, "auroc": sk.roc_auc_score(target, score),
            "average_precision": sk.average_precision_score(target, score),
            "brier": sk.brier_score_loss(target, score)}


def random_tags(rng, n, prefixes):
    return [str(t) for t in rng.choice(["O", "O"] + [f"{p}-{k}" for p in prefixes for k in ("PER", "LOC")], n)]


def spans(rng, prefixes, scheme):
    target = [random_tags(rng, int(n), prefixes) for n in rng.integers(1, 12, 30)]
    predicted = [[t if rng.random() < 0.75 else random_tags(rng, 1, prefixes)[0] for t in s] for s in target]
    strict = {"mode": "strict", "scheme": scheme} if scheme else {}
    out = {"scheme": {None: "lenient", IOB2: "iob2", IOBES: "iobes"}[scheme], "target": target,
           "predicted": predicted}
    if scheme:
        found = Entities(target, scheme=scheme).entities
        out["spans"] = [[[e.tag, e.start, e.end] for e in sentence] for sentence in found]
    else:
        out["spans"] = [[[k, b, e + 1] for k, b, e in get_entities(s)] for s in target]
    for average in AVERAGES:
        out[average] = [f(target, predicted, average=average, zero_division=0, **strict)
                        for f in (seq.precision_score, seq.recall_score, seq.f1_score)]
    return out


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def main():
    rng = np.random.default_rng(5)
    golden = {
        "classification": [classification(rng, 60, 4, -1), classification(rng, 40, 5, 3)],
        "scores": [scores(rng, 40, 3), scores(rng, 50, 6)],
        "binary": [binary(rng, 50, 6), binary(rng, 80, 1)],
        "spans": [spans(rng, "BI", None), spans(rng, "BIES", None), spans(rng, "BI", IOB2),
                  spans(rng, "BIES", IOBES)],
    }
    OUT.write_text(json.dumps(plain(golden), separators=(",", ":")) + "\n")
    print(f"{OUT}: {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
