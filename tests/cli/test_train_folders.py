"""Where the runs of `lydia train` go, and that what they leave there belongs to one run."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lydia(*args, cwd=ROOT, **environment):
    return subprocess.run([os.environ["LYDIA_BIN"], *map(str, args)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, cwd=cwd,
                          env=os.environ | environment)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two numbers, and whether the first is the larger one."""
    path = tmp_path_factory.mktemp("table") / "table.csv"
    rows = [(i * 37 % 101, i * 53 % 97) for i in range(200)]
    path.write_text("a,b,y\n" + "".join(f"{a / 50 - 1},{b / 50 - 1},{int(a > b)}\n" for a, b in rows))
    return path


def options(table, *more):
    return ("--quiet", "data=csv", f"data.path={table}", "data.target=y", "model.hidden=[8]",
            "training.schedule.warmup_steps=0", *more)


def test_the_model_that_is_kept_is_the_average_that_was_validated(table, tmp_path):
    out = tmp_path / "run"
    result = lydia("train", "--json", *options(
        table, f"output_dir={out}", "training.max_steps=40", "training.eval_interval=20",
        "training.ema_decay=0.9", "training.optimizer.lr=0.05"))
    figures = json.loads(result.stdout)
    assert figures["step"] == 40
    scored = json.loads(lydia("eval", out, "--json").stdout)
    assert scored["loss"] == figures["loss"] and scored["accuracy"] == figures["accuracy"]


def test_a_folder_belongs_to_one_run(table, tmp_path):
    out = tmp_path / "run"
    args = options(table, f"output_dir={out}", "training.max_steps=5")
    assert lydia("train", *args).returncode == 0
    logged = (out / "metrics.jsonl").read_text()
    again = lydia("train", *args)
    assert again.returncode == 2 and f"lydia train --resume {out}" in again.stderr
    assert (out / "metrics.jsonl").read_text() == logged


def test_two_runs_at_once_are_refused_and_a_killed_one_holds_nothing(table, tmp_path):
    out = tmp_path / "run"
    args = options(table, f"output_dir={out}", "training.max_steps=100000000",
                   "training.save_interval=50")
    first = subprocess.Popen([os.environ["LYDIA_BIN"], "train", *args], cwd=ROOT)
    try:
        end = time.time() + 60
        while time.time() < end and not list(out.glob("checkpoints/step-*")):
            time.sleep(0.01)
        for second in (lydia("train", *args), lydia("train", "--quiet", "--resume", out)):
            assert second.returncode == 2 and "no other run is writing" in second.stderr
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    resumed = lydia("train", "--quiet", "--resume", out, "training.max_steps=1")
    assert resumed.returncode == 0, resumed.stderr


def test_the_runs_of_a_sweep_share_a_folder(table, tmp_path):
    sweep = f"sweep_dir={tmp_path}/of-${{seed}}"  # as ${{now:...}}, not the same in each
    result = lydia("train", "--multirun", *options(table, sweep, "seed=1,2,3", "training.max_steps=1"))
    assert result.returncode == 0, result.stderr
    (folder,) = tmp_path.iterdir()
    assert sorted(path.name for path in folder.iterdir()) == ["0", "1", "2"]


def test_a_sweep_may_be_printed_first(table, tmp_path):
    result = lydia("train", "-m", "--cfg", "job", *options(table, f"sweep_dir={tmp_path}", "seed=7,8"))
    assert "seed: 7" in result.stdout and not list(tmp_path.iterdir())


def test_a_refused_checkpoint_is_one_line(table, tmp_path):
    out = tmp_path / "run"
    assert lydia("train", *options(table, f"output_dir={out}", "training.max_steps=4",
                                   "training.save_interval=2")).returncode == 0
    (out / "checkpoints/step-00000004/state.json").write_text("{")
    lines = lydia("train", "--quiet", "--resume", out).stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("refused: ")


@pytest.mark.parametrize("override, message", [
    ("training.optimizer.lr=fast", "training.optimizer.lr: expected a number"),
    ("training.max_steps=-1", "expected max_steps of at least 0, got -1"),
    ("training.schedule.name=cosin", "expected constant, linear, cosine or")])
def test_wrong_values_are_the_callers_fault(table, tmp_path, override, message):
    result = lydia("train", *options(table, f"output_dir={tmp_path}/run", override))
    assert result.returncode == 2 and message in result.stderr


def test_without_configurations_the_message_says_where_they_may_be(tmp_path):
    result = lydia("train", cwd=tmp_path, LYDIA_CONF="")
    assert result.returncode == 2 and "--config-dir" in result.stderr
