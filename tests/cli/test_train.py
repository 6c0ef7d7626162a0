"""`lydia train` end to end on generated pictures: configuration, logs, kill -9 and resume."""
import gzip
import json
import os
import resource
import signal
import struct
import subprocess
import time
from pathlib import Path

import lydia as package
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def write_idx(path, array):
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Three classes, told apart by where the picture is bright."""
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for part, count in (("train", 300), ("test", 60)):
        labels = rng.integers(0, 3, count)
        images = rng.integers(0, 90, (count, 6, 6))
        for image, label in zip(images, labels):
            image[2 * label:2 * label + 2] += 120
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


def command(*args):
    return [os.environ["LYDIA_BIN"], *map(str, args)]


def lydia(*args, **options):
    return subprocess.run(command(*args), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=120, cwd=ROOT, **options)


def train(pictures, out, *overrides):
    return lydia("train", "--quiet", "--json", "data=fashion900", f"data.path={pictures}",
                 f"output_dir={out}", *overrides)


def losses(out):
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


SHORT = ("training.max_steps=60", "training.log_interval=1", "training.save_interval=7",
         "training.schedule.warmup_steps=5")


@pytest.fixture(scope="module")
def whole(pictures, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "run"
    result = train(pictures, out, *SHORT)
    assert result.returncode == 0, result.stderr
    return out, json.loads(result.stdout)


def test_a_run_leaves_its_folder(whole, pictures):
    out, figures = whole
    assert figures["step"] == 60 and figures["accuracy"] > 0.9
    for name in ("config.yaml", "overrides.yaml", "metrics.jsonl", "report.html",
                 "model/model.safetensors"):
        assert (out / name).stat().st_size > 0, name
    assert list(out.glob("events.out.tfevents.*"))
    assert sorted(losses(out)) == list(range(1, 61))


def test_eval_scores_the_saved_model(whole):
    out, figures = whole
    scored = lydia("eval", out, "--json")
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["accuracy"] == figures["accuracy"]
    test = lydia("eval", out, "--split", "test", "--json")
    assert json.loads(test.stdout)["accuracy"] > 0.9


def test_python_reads_the_checkpoints(whole):
    saved = package.train.load_newest_checkpoint(whole[0] / "checkpoints")
    assert saved["step"] == 60 and saved["state"]["loader"]["epoch"] >= 1
    kept = package.safetensors.load_file(whole[0] / "model/model.safetensors")
    assert set(saved["model"]) == set(kept)
    assert any(name.startswith("optimizer.") for name in saved["training"])


def test_kill_9_and_resume_give_the_same_losses(whole, pictures, tmp_path):
    out = tmp_path / "run"
    args = ("--quiet", "data=fashion900", f"data.path={pictures}", f"output_dir={out}", *SHORT)
    killed = 0
    for kill_behind in (8, 20, 33, 50):
        resume = ("--resume", out) if out.exists() else ()
        process = subprocess.Popen(command("train", *(resume if resume else ()),
                                           *(("--quiet",) if resume else args)),
                                   cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.time() + 60
        while time.time() < end and process.poll() is None:
            if out.joinpath("metrics.jsonl").exists() and max(losses_or_none(out)) >= kill_behind:
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed >= 2  # else the run was over before
    result = lydia("train", "--resume", out, "--quiet")
    assert result.returncode == 0, result.stderr
    assert losses(out) == losses(whole[0])


def test_the_time_spent_waiting_for_data_is_shown(pictures, tmp_path):
    out = tmp_path / "run"
    args = ["train", "data=fashion900", f"data.path={pictures}", f"output_dir={out}", *SHORT]
    shown = lydia(*args)
    assert shown.returncode == 0
    last = [line for line in shown.stderr.splitlines() if line.startswith("train 100%")][-1]
    share = float(last.split("data wait ")[1].split("%")[0])
    assert 0 <= share <= 100
    page = (out / "report.html").read_text()
    assert "time spent waiting for data" in page and f"{share:.1f}%" in page
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert all(0 <= line["data_wait_share"] <= 1 for line in lines if "loss" in line)
    again = lydia("train", "--resume", out)  # nothing is left to do
    assert again.returncode == 0
    last = [line for line in again.stderr.splitlines() if line.startswith("train 100%")][-1]
    assert "60/60" in last and "steps/s" not in last
    assert "time spent waiting for data" in (out / "report.html").read_text()


def test_making_batches_without_workers_is_waiting(pictures, tmp_path):
    figures = json.loads(train(pictures, tmp_path / "run", *SHORT, "data.workers=0").stdout)
    assert 0 < figures["data_wait_share"] < 1


def losses_or_none(out):
    try:
        return [0, *losses(out)]
    except (OSError, ValueError):  # in the middle of a line
        return [0]


def test_a_damaged_checkpoint_is_refused_and_the_one_before_taken(whole, pictures, tmp_path):
    out = tmp_path / "run"
    assert train(pictures, out, *SHORT, "training.max_steps=20").returncode == 0
    newest = sorted((out / "checkpoints").iterdir())[-1]
    model = newest / "model.safetensors"
    model.write_bytes(model.read_bytes()[:-3])
    result = lydia("train", "--resume", out, "--quiet")
    assert result.returncode == 0 and "refused" in result.stderr
    assert sorted(losses(out)) == list(range(1, 21))


def test_interrupt_saves_and_stops(pictures, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(
        command("train", "--quiet", "data=fashion900", f"data.path={pictures}",
                f"output_dir={out}", "training.max_steps=1000000", "training.log_interval=1"),
        cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.time() + 60
    while time.time() < end and not (out / "metrics.jsonl").exists():
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and f"lydia train --resume {out}" in stderr
    assert list((out / "checkpoints").iterdir())


@pytest.mark.parametrize("args, message", [
    (("trainig.max_steps=5",), "training"),
    (("training.max_step=5",), "max_steps"),
    (("training.max_steps=many",), "training.max_steps"),
    (("model=mpl",), "mlp"),
    (("training.precision=f8",), "expected one of f32, bf16, f16"),
    (("training.optimizer.name=Adm",), "Adam"),
    (("data.path=/nowhere",), "/nowhere"),
    (("--resume", "/nowhere"), "/nowhere"),
    (("--cfg", "all"), "--cfg: expected job"),
    (("mlp",), "expected key=value"),
])
def test_wrong_use_is_one_line_that_helps(pictures, tmp_path, args, message):
    result = train(pictures, tmp_path / "run", *args)
    assert result.returncode in (1, 2)
    assert message in result.stderr and result.stderr.count("\n") == 1, result.stderr


@pytest.mark.parametrize("schedule, rates", [
    (("name=constant",), [0.05, 0.1, 0.1, 0.1, 0.1, 0.1]),
    (("name=linear",), [0.05, 0.1, 0.1, 0.075, 0.05, 0.025]),
    (("name=ExponentialLR", "+training.schedule.gamma=0.5"), [0.05, 0.1, 0.1, 0.05, 0.025, 0.0125]),
    (("name=InverseSquareRootLR",), [0.05, 0.1, 0.1 * (2 / 3) ** 0.5, 0.1 * (2 / 4) ** 0.5]),
])
def test_schedules_after_the_warm_up(pictures, tmp_path, schedule, rates):
    out = tmp_path / "run"
    result = train(pictures, out, "training.max_steps=6", "training.log_interval=1",
                   "training.optimizer.lr=0.1", "training.schedule.warmup_steps=2",
                   f"training.schedule.{schedule[0]}", *schedule[1:])
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    seen = [line["lr"] for line in lines if "lr" in line]
    assert seen[:len(rates)] == pytest.approx(rates)


def test_cfg_prints_the_configuration():
    shown = lydia("train", "--cfg", "job", "training.max_steps=7")
    assert shown.returncode == 0 and "max_steps: 7" in shown.stdout and "${now:" in shown.stdout
    resolved = lydia("train", "--cfg", "job", "--resolve")
    assert "${" not in resolved.stdout


def test_a_language_model_learns_from_text(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"Bir iki üç dört beş. Satır {i}.\n\n" for i in range(300)))
    out = tmp_path / "run"
    result = lydia("train", "--quiet", "--json", "model=byte_transformer", "data=text",
                   f"data.path={text}", f"output_dir={out}", "data.length=32", "model.width=32",
                   "model.layers=1", "model.dropout=0.0", "training.max_steps=120", "training.optimizer.lr=1e-2")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["bits_per_byte"] < 1.5
    wrong = lydia("train", "model=mlp", "data=text", f"data.path={text}", f"output_dir={out}")
    assert wrong.returncode == 2 and "byte_transformer" in wrong.stderr


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_checkpointed_modules_change_no_loss(tmp_path, precision):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"Bir iki üç dört beş. Satır {i}.\n\n" for i in range(300)))

    def run(name, *args):
        result = lydia("train", "--quiet", "model=byte_transformer", "data=text", "data.length=32",
                       f"data.path={text}", f"output_dir={tmp_path / name}", "model.width=32",
                       "model.layers=2", "training.max_steps=12", "training.log_interval=1",
                       f"training.precision={precision}", *args)
        assert result.returncode == 0, result.stderr
        return losses(tmp_path / name)

    assert run("less", "training.checkpoint_modules=['layers.layers.*']") == run("all")
    wrong = lydia("train", "--quiet", f"output_dir={tmp_path}", "model=byte_transformer", "data=text",
                  f"data.path={text}", "data.length=32", "training.checkpoint_modules=[layer]")
    assert wrong.returncode == 2 and "no module matches 'layer'" in wrong.stderr


def test_a_loss_that_is_not_finite_stops_or_is_skipped(pictures, tmp_path):
    args = (*SHORT, "training.max_steps=6", "training.clip_norm=0", "training.optimizer.name=SGD",
            "training.optimizer.lr=1e30", "training.schedule.warmup_steps=0")
    stopped = train(pictures, tmp_path / "stop", *args)
    assert stopped.returncode == 1
    assert "at step 2" in stopped.stderr and "the largest value is in " in stopped.stderr
    skipped = train(pictures, tmp_path / "skip", *args, "training.on_nan=skip")
    assert "the step is skipped" in skipped.stderr
    assert max(losses(tmp_path / "skip")) == 6
    assert skipped.returncode == 1
    last = skipped.stderr.splitlines()[-1]
    assert "the validation part at step 6: expected finite outputs of the model" in last


def test_a_language_model_that_diverged_is_not_kept(tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("".join(f"Bir iki {i}.\n\n" for i in range(300)))
    result = lydia("train", "--quiet", "model=byte_transformer", "data=text", f"data.path={text}",
                   "data.length=16", "model.width=16", "model.layers=1", "training.max_steps=5",
                   "training.optimizer.lr=1e30", "training.optimizer.name=SGD", "training.clip_norm=0",
                   "training.schedule.warmup_steps=0", "training.on_nan=skip", f"output_dir={tmp_path}/run")
    assert result.returncode == 1 and not (tmp_path / "run/model").exists()
    assert "the validation part at step 5: expected a finite loss" in result.stderr


def test_validation_data_that_are_not_finite_are_named(tmp_path):
    def save(name, **broken):
        rng = np.random.default_rng(0)
        parts = {f"{part}_images": rng.normal(size=(20, 3)).astype(np.float32)
                 for part in ("train", "val", "test")}
        for part, value in broken.items():
            parts[f"{part}_images"][7, 1] = value
        np.savez(tmp_path / name, **parts, train_labels=np.arange(20) % 2,
                 val_labels=np.arange(20) % 2, test_labels=np.arange(20) % 2)
        return tmp_path / name

    def run(data, out):
        return lydia("train", "--quiet", "data=npz", f"data.path={data}", f"output_dir={out}",
                     "model.hidden=[4]", "training.max_steps=4", "training.eval_interval=3")

    result = run(save("val.npz", val=np.nan), tmp_path / "bad")
    assert result.returncode == 1
    assert result.stderr == ("the validation part at step 3: expected finite outputs of the model, got others "
                             "for example 7; its input is not finite either\n")
    assert run(save("test.npz", test=np.inf), tmp_path / "good").returncode == 0
    scored = lydia("eval", tmp_path / "good", "--split", "test")
    assert scored.returncode == 1 and "the test part: " in scored.stderr and "example 7;" in scored.stderr


@pytest.mark.parametrize("label, records, refused", [(10**9, 20, True), (1000, 20, True), (999, 20, False)])
def test_a_label_out_of_all_proportion_is_named(tmp_path, label, records, refused):
    labels = np.arange(records) % 2
    labels[11] = label
    data = tmp_path / "data.npz"
    np.savez(data, train_images=np.zeros((records, 3), np.float32), train_labels=labels)
    result = lydia("train", "--quiet", "data=npz", f"data.path={data}", f"output_dir={tmp_path}/run",
                   "model.hidden=[4]", "training.max_steps=1")
    if refused:
        assert result.returncode == 2 and f"got {label}" in result.stderr
        assert f"{data}: train_labels: record 11: expected a label below 1000" in result.stderr
    else:
        assert result.returncode == 0, result.stderr


def test_early_stopping_keeps_the_best(pictures, tmp_path):
    out = tmp_path / "run"
    figures = json.loads(train(
        pictures, out, "training.max_steps=5000", "training.eval_interval=5", "training.patience=3",
        "training.min_delta=0.05", "training.keep_last=1").stdout)
    assert figures["step"] < 5000
    kept = sorted(int(path.name[5:]) for path in (out / "checkpoints").iterdir())
    assert figures["best_step"] in kept and len(kept) <= 2
    again = lydia("train", "--resume", out, "--quiet", "--json")
    assert json.loads(again.stdout)["step"] == figures["step"]  # it stays stopped


def test_a_full_disk_costs_checkpoints_not_the_run(pictures, tmp_path):
    """Files may have 100 kB: the logs fit, a checkpoint of this model does not."""
    out = tmp_path / "run"
    args = ("data=fashion900", f"data.path={pictures}", f"output_dir={out}", *SHORT,
            "training.max_steps=20", "training.log_interval=10")
    small = lydia("train", "--quiet", *args, "model.hidden=[256,128]", restore_signals=False,
                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, -1)))
    assert "not saved, going on" in small.stderr and small.returncode == 1
    assert max(losses(out)) == 20
    whole = lydia("train", "--quiet", *args, "model.hidden=[256,128]")
    assert whole.returncode == 0


def test_multirun_runs_every_combination(pictures, tmp_path):
    result = lydia("train", "--multirun", "--quiet", "--json", "data=fashion900",
                   f"data.path={pictures}", f"sweep_dir={tmp_path}", "training.max_steps=3",
                   "training.schedule.warmup_steps=0", "seed=1,2", "model.dropout=0.0,0.5")
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0", "1", "2", "3"]
    assert len(result.stdout.splitlines()) == 4
