"""Where the runs of `lydia train` go, and that what they leave there belongs to one run."""
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
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


def edited_conf(folder):
    """A copy of conf/ in which the defaults are others than those of the runs here."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    default = folder / "conf/training/default.yaml"
    text = default.read_text()
    assert "  lr: " in text
    default.write_text("".join("  lr: 123.0\n" if line.startswith("  lr: ") else line
                               for line in text.splitlines(keepends=True)))
    (folder / "conf/model/mlp.yaml").write_text("name: mlp\nhidden: [3]\ndropout: 0.0\n")
    return folder / "conf"


def losses(out):
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


def test_a_run_goes_on_and_is_scored_as_it_was_whatever_became_of_conf(table, tmp_path):
    args = options(table, "training.log_interval=1", "training.save_interval=3",
                   "training.schedule.name=constant")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert lydia("train", *args, f"output_dir={whole}", "training.max_steps=12").returncode == 0
    assert lydia("train", *args, f"output_dir={parts}", "training.max_steps=6").returncode == 0
    conf = edited_conf(tmp_path)
    resumed = lydia("train", "--quiet", "--resume", parts, "training.max_steps=12", "--config-dir", conf)
    assert resumed.returncode == 0, resumed.stderr
    assert losses(parts) == losses(whole)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    scored = [lydia("eval", whole, "--json", cwd=elsewhere, LYDIA_CONF=""),
              lydia("eval", whole, "--json", LYDIA_CONF=str(conf)), lydia("eval", parts, "--json")]
    assert [one.returncode for one in scored] == [0, 0, 0], [one.stderr for one in scored]
    assert len({one.stdout for one in scored}) == 1
    moved = parts.rename(tmp_path / "moved")
    again = lydia("train", "--quiet", "--resume", moved, "training.max_steps=14", cwd=elsewhere)
    assert again.returncode == 0 and max(losses(moved)) == 14, again.stderr


def test_groups_of_a_saved_run(table, tmp_path):
    out = tmp_path / "run"
    args = ("--quiet", "model=mlp", "data=csv", f"data.path={table}", "data.target=y",
            "model.hidden=[8]", "+training.optimizer.eps=1e-7")
    assert lydia("train", *args, f"output_dir={out}", "training.max_steps=2").returncode == 0
    repeated = lydia("train", "--resume", out, *args, "training.max_steps=4")
    assert repeated.returncode == 0, repeated.stderr
    for wrong in ("model=cnn", "training=agiformer"):
        for command in (("train", "--resume", out), ("eval", out)):
            result = lydia(*command, wrong)
            assert result.returncode == 2 and f"'{wrong}'" in result.stderr, result.stderr
            assert "was chosen when it began" in result.stderr
    other = lydia("eval", out, "data=fashion900", "data.path=/nowhere")
    assert other.returncode == 2 and "/nowhere" in other.stderr
    unknown = lydia("eval", out, "data=csvv")
    assert unknown.returncode == 2 and "did you mean 'csv'" in unknown.stderr
    without = lydia("eval", out, "data=npz", cwd=tmp_path, LYDIA_CONF="")
    assert without.returncode == 2 and "--config-dir" in without.stderr
    arrays = tmp_path / "arrays.npz"
    rng = np.random.default_rng(0)
    np.savez(arrays, train_images=rng.normal(size=(50, 2)).astype(np.float32),
             train_labels=np.arange(50) % 2)
    scored = lydia("eval", out, "--json", "data=npz", f"data.path={arrays}")
    assert scored.returncode == 2 and "with the classes of" in scored.stderr  # npz has no names
    (out / "model/labels.json").unlink()
    scored = lydia("eval", out, "--json", "data=npz", f"data.path={arrays}")
    assert scored.returncode == 0 and 0 <= json.loads(scored.stdout)["accuracy"] <= 1, scored.stderr


def test_a_name_that_a_saved_run_no_longer_reads_is_refused(table, tmp_path):
    out = tmp_path / "run"
    assert lydia("train", *options(table, "training=agiformer", f"output_dir={out}",
                                   "training.max_steps=2")).returncode == 0
    result = lydia("train", "--quiet", "--resume", out, "training.learning_rate=0.5")
    assert result.returncode == 2 and "training.optimizer.lr=" in result.stderr
    kept = lydia("train", "--quiet", "--resume", out, "training.learning_rate=1e-4")
    assert kept.returncode == 0, kept.stderr


def test_the_newest_run_is_found_without_configurations(table, tmp_path):
    for name in ("first", "second"):
        assert lydia("train", *options(table, f"output_dir={tmp_path}/runs/{name}",
                                       "training.max_steps=2")).returncode == 0
    resumed = lydia("train", "--quiet", "--json", "--resume", f"output_dir={tmp_path}/runs",
                    "training.max_steps=3", cwd=tmp_path, LYDIA_CONF="")
    assert resumed.returncode == 0, resumed.stderr
    figures = json.loads(resumed.stdout)
    assert figures["step"] == 3 and figures["output_dir"] == f"{tmp_path}/runs/second"
    lost = lydia("train", "--resume", cwd=tmp_path, LYDIA_CONF="")
    assert lost.returncode == 2 and "--resume: expected the folder of a run" in lost.stderr


def test_a_resumed_run_is_printed_first(table, tmp_path):
    out = tmp_path / "run"
    assert lydia("train", *options(table, f"output_dir={out}", "training.max_steps=2")).returncode == 0
    logged = (out / "metrics.jsonl").read_text()
    shown = lydia("train", "--resume", out, "--cfg", "job", "training.max_steps=9")
    assert "max_steps: 9" in shown.stdout and (out / "metrics.jsonl").read_text() == logged


@pytest.mark.parametrize("command", [
    ("train", "--split", "test"), ("train", "--resume", "nowhere", "--multirun"),
    ("eval", "run", "--resume"), ("eval", "run", "--multirun"), ("eval", "run", "-m"),
    ("eval", "run", "--cfg", "job"), ("eval", "run", "--config-name", "train")])
def test_options_of_the_other_command_are_refused(command):
    result = lydia(*command)
    assert result.returncode == 2
    assert command[-1] in result.stderr or command[-2] in result.stderr
    assert "expected" in result.stderr and result.stderr.count("\n") == 1


def test_a_bad_combination_does_not_end_the_sweep(table, tmp_path):
    result = lydia("train", "--multirun", "--json", *options(
        table, f"sweep_dir={tmp_path}/sweep", "training.optimizer.lr=0.1,fast,0.01", "training.max_steps=1"))
    assert result.returncode == 1
    done = [json.loads(line)["output_dir"] for line in result.stdout.splitlines()]
    assert done == [f"{tmp_path}/sweep/0", f"{tmp_path}/sweep/2"]
    *_, summary, which = result.stderr.splitlines()
    assert summary == "1 of 3 runs failed:"
    assert "run 1 (" in which and "training.optimizer.lr=fast" in which and "expected a number" in which
