"""Logs of a run from Python."""
import json

import pytest

import lydia
from lydia.utils.tensorboard import SummaryWriter


def test_metrics_log(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = lydia.MetricsLog(str(path))
    log.append(1, {"loss": 0.25, "note": "ğ", "ok": True, "n": 3})
    log.append(2, {"loss": float("nan")})
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"step": 1, "loss": 0.25, "note": "ğ", "ok": True, "n": 3},
                     {"step": 2, "loss": None}]
    lydia.MetricsLog(str(path), last_step=1)
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    with pytest.raises(OSError):
        lydia.MetricsLog(str(tmp_path / "no" / "folder"))


def test_summary_writer(tmp_path):
    with SummaryWriter(tmp_path / "run") as writer:
        writer.add_scalar("loss", lydia.tensor(0.5), 1)
        writer.add_scalars("acc", {"train": 1, "val": 0.5}, 1)
        writer.add_histogram("w", lydia.tensor([[1.0, 2.0], [3.0, 4.0]]), 1)
        writer.add_text("t", "text")
        writer.add_hparams({"lr": 0.1}, {"final": 1})
    (file,) = (tmp_path / "run").iterdir()
    data = file.read_bytes()
    for tag in (b"loss", b"acc/val", b"t/text_summary", b"_hparams_/session_start_info", b"final"):
        assert tag in data
    with pytest.raises(ValueError, match="closed"):
        writer.add_scalar("loss", 1.0)
