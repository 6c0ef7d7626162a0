"""lydia.train: the loop, its callbacks, and runs that are taken up again."""
import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

import lydia
from lydia import nn
from lydia.nn import functional as F
from lydia.train import (Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint, Trainer,
                         TrainModule)
from lydia.utils.data import DataLoader, TensorDataset


class Net(TrainModule):
    def __init__(self):
        super().__init__()
        lydia.manual_seed(3)
        self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3))
        self.bad_step = None

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        loss = F.cross_entropy(self(batch[0]), batch[1])
        if self.bad_step is not None:
            self.bad_step -= 1
            if self.bad_step == 0:
                return loss * math.nan
        return loss

    def validation_step(self, batch, batch_idx):
        logits = self(batch[0])
        self.log("val_loss", F.cross_entropy(logits, batch[1]), len(batch[1]))
        self.log("val_accuracy", (logits.argmax(1) == batch[1]).float().mean(), len(batch[1]))

    def configure_optimizers(self):
        optimizer = lydia.optim.AdamW(self.parameters(), lr=0.02)
        return optimizer, lydia.optim.lr_scheduler.CosineAnnealingLR(optimizer, 40)


def data(seed=0):
    generator = lydia.Generator()
    generator.manual_seed(seed)
    x = lydia.randn(50, 4, generator=generator)
    return TensorDataset(x, (x.sum(1) > 0).long() + (x[:, 0] > 1).long())


def loader(batch_size=8, shuffle=True):
    generator = lydia.Generator()
    generator.manual_seed(5)
    return DataLoader(data(), batch_size=batch_size, shuffle=shuffle, generator=generator)


class Losses(Callback):
    def __init__(self, stop_at=None):
        self.values, self.stop_at = [], stop_at

    def on_train_batch_end(self, trainer, module, figures):
        self.values.append(figures["loss"])
        if trainer.global_step == self.stop_at:
            trainer.should_stop = True


def test_a_run_learns_and_reports(tmp_path):
    trainer = Trainer(max_epochs=12, default_root_dir=tmp_path, log_every_n_steps=1)
    model = Net()
    before = trainer.validate(model, loader(shuffle=False))
    trainer.fit(model, loader(), loader(shuffle=False))
    after = trainer.test(model, loader(shuffle=False))
    assert after["val_loss"] < 0.7 * before["val_loss"]
    assert trainer.global_step == 12 * 7 and trainer.current_epoch == 12
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "loss" in line] == list(range(1, 85))
    assert sum("val_accuracy" in line for line in lines) == 12
    page = (tmp_path / "report.html").read_text()
    assert "Training" in page and "<svg" in page and "84" in page  # steps
    assert "time spent waiting for data" in page
    steps = [line for line in lines if "loss" in line]
    assert all(0 <= line["data_wait_share"] <= 1 and line["samples_per_second"] > 0
               and line["memory_bytes"] > 0 for line in steps)
    assert list(tmp_path.glob("events.out.tfevents.*"))
    outputs = trainer.predict(model, loader(shuffle=False))
    assert sum(len(o) for o in outputs) == 50


@pytest.mark.parametrize("precision", ["32", "16-mixed"])
def test_a_resumed_run_gives_the_same_losses_bit_for_bit(tmp_path, precision):
    def run(folder, stop_at=None, resume=False):
        losses = Losses(stop_at)
        trainer = Trainer(max_steps=23, precision=precision, accumulate_grad_batches=2,
                          gradient_clip_val=1.0, default_root_dir=folder, callbacks=[losses])
        model = Net()
        if resume:
            lydia.manual_seed(999)  # a new process starts anywhere
        trainer.fit(model, loader(), loader(shuffle=False), resume=resume)
        return losses.values, model

    whole, first = run(tmp_path / "whole")
    parts = []
    for stop_at, resume in ((3, False), (10, True), (11, True), (None, True)):
        values, model = run(tmp_path / "parts", stop_at, resume)
        parts += values
    assert parts == whole
    for a, b in zip(first.parameters(), model.parameters()):
        assert a.tolist() == b.tolist()


def test_accumulated_batches_give_the_gradient_of_one_big_batch():
    def losses(batch_size, accumulate):
        recorded, model = Losses(), Net()
        model.net[2].p = 0.0
        Trainer(max_steps=9, accumulate_grad_batches=accumulate, callbacks=[recorded]).fit(
            model, loader(batch_size))
        return recorded.values
    assert losses(5, 5) == pytest.approx(losses(25, 1), rel=1e-5)


def test_checkpointed_modules_change_no_loss():
    def losses(**options):
        recorded, model = Losses(), Net()
        Trainer(max_steps=9, callbacks=[recorded], enable_progress_bar=False, **options).fit(
            model, loader())
        return recorded.values
    assert losses(checkpoint_modules=["net"]) == losses()
    with pytest.raises(ValueError, match="no module matches"):
        losses(checkpoint_modules=["nets"])


def test_a_bad_loss_stops_or_is_skipped():
    model = Net()
    model.bad_step = 4
    with pytest.raises(RuntimeError, match="got loss nan .* at step 4"):
        Trainer(max_steps=9).fit(model, loader())
    model = Net()
    model.bad_step = 4
    trainer = Trainer(max_steps=9, on_nan="skip")
    trainer.fit(model, loader())
    assert trainer.skipped_steps == 1 and trainer.global_step == 9


def test_early_stopping_and_the_best_checkpoint(tmp_path):
    keeper = ModelCheckpoint("val_loss", save_last=1)
    trainer = Trainer(max_steps=2000, val_check_interval=1, default_root_dir=tmp_path,
                      callbacks=[EarlyStopping(patience=2, min_delta=0.01), keeper])
    trainer.fit(Net(), loader(), loader(shuffle=False))
    assert trainer.global_step < 2000
    kept = lydia.train.list_checkpoints(tmp_path / "checkpoints")
    assert str(kept[0]) == keeper.best_model_path and len(kept) <= 2


def test_the_command_line_and_python_read_each_others_checkpoints(tmp_path):
    path = lydia.train.save_checkpoint(tmp_path, 5, {"w": lydia.ones(2)}, {"a": [1, None]}, {"x": 2})
    saved = lydia.train.load_checkpoint(path)
    assert saved["step"] == 5 and saved["training"] == {"a": [1, None]} and saved["state"] == {"x": 2}
    lydia.train.save_checkpoint(tmp_path, 5, {"w": lydia.zeros(2)}, {}, {})
    assert lydia.train.load_checkpoint(path)["model"]["w"].tolist() == [0, 0]
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("damage", ["cut", "flip", "remove", "manifest"])
def test_damaged_checkpoints_are_refused(tmp_path, damage):
    lydia.train.save_checkpoint(tmp_path, 1, {"w": lydia.ones(2)}, {}, {})
    path = lydia.train.save_checkpoint(tmp_path, 2, {"w": lydia.ones(2)}, {}, {})
    model = path / "model.safetensors"
    content = model.read_bytes()
    if damage == "cut":
        model.write_bytes(content[:-1])
    elif damage == "flip":
        model.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif damage == "remove":
        model.unlink()
    else:
        (path / "manifest.json").write_text("[]")
    with pytest.raises(OSError):
        lydia.train.load_checkpoint(path)
    refused = []
    assert lydia.train.load_newest_checkpoint(tmp_path, refused.append)["step"] == 1
    assert len(refused) == 1


@pytest.mark.parametrize("options, message", [
    ({"precision": "8"}, "precision"), ({"on_nan": "x"}, "on_nan"),
    ({"accumulate_grad_batches": 0}, "accumulate"), ({"gradient_clip_algorithm": "x"}, "clip")])
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        Trainer(**options)


def test_the_bar_shows_the_run_and_a_finished_one_has_no_rate(tmp_path, capfd):
    Trainer(max_steps=20, default_root_dir=tmp_path).fit(Net(), loader())
    line = capfd.readouterr().err.splitlines()[-1]
    for part in ("train 100%  20/20", "loss", "lr", "grad_norm", "samples/s", "data wait"):
        assert part in line
    Trainer(max_steps=20, default_root_dir=tmp_path).fit(Net(), loader(), resume=True)
    line = capfd.readouterr().err.splitlines()[-1]
    assert "20/20" in line and "steps/s" not in line


def test_slow_data_shows_as_waiting():
    class Slow(TensorDataset):
        def __getitem__(self, index):
            time.sleep(0.002)
            return super().__getitem__(index)

    trainer = Trainer(max_steps=10, enable_progress_bar=False)
    trainer.fit(Net(), DataLoader(Slow(*data().tensors), batch_size=8))
    assert trainer.data_wait_share > 0.5


def test_ctrl_c_ends_the_step_saves_and_the_run_goes_on_bit_for_bit(tmp_path):
    class Rude(Net):
        def training_step(self, batch, batch_idx):
            if self.bad_step is not None:
                self.bad_step -= 1
                if self.bad_step == 0:
                    os.kill(os.getpid(), signal.SIGINT)  # in the middle of a step
            return F.cross_entropy(self(batch[0]), batch[1])

    def run(folder, interrupt=None, resume=False):
        losses, model = Losses(), Rude()
        model.bad_step = interrupt
        trainer = Trainer(max_steps=20, default_root_dir=folder, callbacks=[losses])
        try:
            trainer.fit(model, loader(), resume=resume)
        except KeyboardInterrupt as stopped:
            assert f"step {interrupt}" in str(stopped)
        return losses.values

    whole = run(tmp_path / "whole")
    begun = run(tmp_path / "parts", interrupt=9)
    assert len(begun) == 9
    assert begun + run(tmp_path / "parts", resume=True) == whole
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_kill_9_and_resume(tmp_path):
    """The losses after a kill at any moment are those of a run that nobody killed."""
    script = tmp_path / "job.py"
    script.write_text(textwrap.dedent(f"""
        import sys
        sys.path[:0] = {[os.path.dirname(__file__), *sys.path]!r}
        from test_trainer import *
        folder = sys.argv[1]
        kept = ModelCheckpoint(every_n_train_steps=3)
        trainer = Trainer(max_steps=150, default_root_dir=folder, log_every_n_steps=1,
                          callbacks=[kept])
        trainer.fit(Net(), loader(), resume=len(sys.argv) > 2)
    """))

    def losses(folder):
        lines = (folder / "metrics.jsonl").read_text().splitlines()
        return {line["step"]: line["loss"] for line in map(json.loads, lines)}

    def start(folder, *more):
        return subprocess.Popen([sys.executable, str(script), str(folder), *more])

    assert start(tmp_path / "whole").wait(timeout=120) == 0
    killed = 0
    for _ in range(3):
        folder = tmp_path / "killed"
        begun = list((folder / "checkpoints").glob("step-*"))
        process = start(folder, *(["resume"] if begun else []))
        end = time.time() + 60
        while time.time() < end and process.poll() is None:
            if len(set((folder / "checkpoints").glob("step-*")) - set(begun)) >= 2:
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed >= 1
    assert start(tmp_path / "killed", "resume").wait(timeout=120) == 0
    assert losses(tmp_path / "killed") == losses(tmp_path / "whole")


def test_ema_follows_the_weights_and_is_what_is_validated_and_left():
    class Seen(Callback):
        def __init__(self):
            self.weights, self.validated = [], []

        def on_train_batch_end(self, trainer, module, figures):
            self.weights.append(module.net[0].bias.detach().clone())

        def on_validation_end(self, trainer, module, figures):
            self.validated.append(figures["val_loss"])
            assert module.net[0].bias.tolist() == self.weights[-1].tolist()  # given back by now

    seen, ema, model = Seen(), EMAWeightAveraging(0.9), Net()
    trainer = Trainer(max_steps=20, val_check_interval=10, callbacks=[seen, ema])
    trainer.fit(model, loader(), loader(shuffle=False))
    average = seen.weights[0]
    for count, weight in enumerate(seen.weights[1:], 1):
        decay = min(0.9, (1 + count) / (10 + count))
        average = decay * average + (1 - decay) * weight
    assert model.net[0].bias.tolist() == pytest.approx(average.tolist(), rel=1e-5)
    assert model.net[0].bias.tolist() != seen.weights[-1].tolist()
    assert trainer.validate(model, loader(shuffle=False))["val_loss"] == pytest.approx(seen.validated[-1])
    with pytest.raises(ValueError, match="decay"):
        EMAWeightAveraging(1.5)


def test_ema_is_taken_up_by_a_resumed_run(tmp_path):
    def run(folder, stop_at=None, resume=False):
        model = Net()
        Trainer(max_steps=20, val_check_interval=6, default_root_dir=folder,
                callbacks=[ModelCheckpoint("val_loss"), EMAWeightAveraging(0.9), Losses(stop_at)]).fit(
                    model, loader(), loader(shuffle=False), resume=resume)
        return model.net[0].weight.tolist()

    whole = run(tmp_path / "whole")
    run(tmp_path / "parts", stop_at=13)
    assert run(tmp_path / "parts", resume=True) == whole
