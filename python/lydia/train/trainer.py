"""The training loop over a TrainModule."""
import math
import os
import pathlib
import random
import signal
import sys
import threading
import time

from .. import _C, amp, no_grad, random as lydia_random, report
from .._C import _train
from ..nn import utils as nn_utils
from . import _checks, checkpoint as checkpoints
from .callbacks import ModelCheckpoint

__all__ = ["Trainer"]

_PRECISIONS = {"32": None, "bf16-mixed": _C.dtype.bfloat16, "16-mixed": _C.dtype.float16}


class _Interrupt:
    """The first Ctrl-C is a request, so that a step is never left half done; the second ends at once."""

    def __init__(self):
        self.requested, self._before = False, None

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def _note(self, number, frame):
        self.requested = True
        signal.signal(signal.SIGINT, self._before)

    def __exit__(self, *error):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


def _batch_size(batch):
    """The first size of the first tensor in a batch; 1 where there is none."""
    if hasattr(batch, "shape"):
        return batch.shape[0] if len(batch.shape) else 1
    if isinstance(batch, dict):
        batch = tuple(batch.values())
    return _batch_size(batch[0]) if isinstance(batch, (list, tuple)) and batch else 1


def _named(callbacks):
    """Callbacks by the names of their classes, numbered where several have the same."""
    named = {}
    for callback in callbacks:
        name, count = type(callback).__name__, 1
        while name in named:
            count += 1
            name = f"{type(callback).__name__}.{count}"
        named[name] = callback
    return named


class _Means:
    """Weighted means of what a module logs during an evaluation."""

    def __init__(self):
        self.sums, self.batch_size = {}, 1

    def __call__(self, name, value, weight):
        weight = self.batch_size if weight is None else weight
        total, count = self.sums.get(name, (0.0, 0))
        self.sums[name] = (total + value * weight, count + weight)

    def figures(self):
        return {name: total / count if count else math.nan for name, (total, count) in self.sums.items()}


class Trainer:
    """fit, validate, test and predict.

    max_steps counts optimizer steps (-1: as many as max_epochs take), max_epochs those of the data (-1:
    as many as max_steps take; without both 1000), accumulate_grad_batches batches per step. precision: "32", "bf16-mixed" or "16-mixed" (with a loss scale). gradient_clip_algorithm:
    "norm" or "value". val_check_interval: steps between validations; None: at the end of each epoch.
    on_nan: "stop" or "skip" a step whose loss or gradients are not finite. checkpoint_modules: patterns
    of names of modules whose inner results backward computes again. default_root_dir gets
    metrics.jsonl, TensorBoard's event file, checkpoints/ and report.html; None: nothing is written.
    """

    def __init__(self, max_epochs=None, max_steps=-1, accumulate_grad_batches=1, precision="32",
                 gradient_clip_val=None, gradient_clip_algorithm="norm", log_every_n_steps=10,
                 val_check_interval=None, callbacks=(), default_root_dir=None, on_nan="stop",
                 enable_progress_bar=True, checkpoint_modules=()):
        if str(precision) not in _PRECISIONS:
            raise ValueError(f"Trainer: expected precision to be one of {', '.join(_PRECISIONS)}, "
                             f"got {precision!r}")
        _checks.whole_numbers(
            max_steps=(max_steps, -1), max_epochs=(-1 if max_epochs is None else max_epochs, -1),
            accumulate_grad_batches=(accumulate_grad_batches, 1),
            log_every_n_steps=(log_every_n_steps, 1),
            val_check_interval=(1 if val_check_interval is None else val_check_interval, 1))
        if gradient_clip_val is not None and not gradient_clip_val >= 0:
            raise ValueError("Trainer: expected gradient_clip_val of at least 0, got "
                             f"{gradient_clip_val}")
        if on_nan not in ("stop", "skip"):
            raise ValueError(f"Trainer: expected on_nan 'stop' or 'skip', got {on_nan!r}")
        if gradient_clip_algorithm not in ("norm", "value"):
            raise ValueError("Trainer: expected gradient_clip_algorithm 'norm' or 'value', got "
                             f"{gradient_clip_algorithm!r}")
        if max_epochs is None and max_steps < 0:
            max_epochs = 1000
        elif max_epochs == -1:
            max_epochs = None
        self.max_epochs, self.max_steps = max_epochs, max_steps
        self.accumulate_grad_batches = accumulate_grad_batches
        self.precision = str(precision)
        self.gradient_clip_val = gradient_clip_val
        self.gradient_clip_algorithm = gradient_clip_algorithm
        self.log_every_n_steps, self.val_check_interval = log_every_n_steps, val_check_interval
        self.callbacks = _checks.callback_list(callbacks)
        self.default_root_dir = None if default_root_dir is None else pathlib.Path(default_root_dir)
        self.on_nan, self.enable_progress_bar = on_nan, enable_progress_bar
        self.checkpoint_modules = list(checkpoint_modules)
        keeps = any(isinstance(c, ModelCheckpoint) for c in self.callbacks)
        if keeps and self.default_root_dir is None:
            raise ValueError("Trainer: expected default_root_dir, where ModelCheckpoint saves, got none")
        if self.default_root_dir and not keeps:
            self.callbacks.append(ModelCheckpoint())
        self.global_step = self.current_epoch = self.skipped_steps = 0
        self.should_stop = False
        self.callback_metrics = {}
        self._saved_step = self._validated_step = -1
        self._waited = self._worked = self._stepped = 0.0

    # ---- training

    def fit(self, module, train_dataloaders, val_dataloaders=None, resume=False):
        """Trains; resume=True goes on from the newest whole checkpoint, a path from that one.

        Loaders are anything that gives its batches anew each time it is walked; a generator serves
        for max_epochs=1 alone. Without resume the run starts anew: what an earlier one left in checkpoints/ is moved to
        checkpoints.old/.
        """
        _checks.loaders(train_dataloaders, val_dataloaders, self.max_epochs, self.val_check_interval)
        self.module, self.loader, self._validation = module, train_dataloaders, val_dataloaders
        for pattern in self.checkpoint_modules:
            module.set_checkpointing(pattern)
        self.optimizer, self.scheduler = _checks.optimizer_and_scheduler(module)
        self._scaler = amp.GradScaler(enabled=self.precision == "16-mixed")
        self._just_resumed = bool(resume)
        if resume:
            self._restore(resume)
        self._open_logs()
        progress = _train.ProgressBar(self.max_steps if self.max_steps >= 0 else -1, self.global_step,
                                      not self.enable_progress_bar)
        self._waited = self._worked = 0.0
        self._stepped = time.perf_counter()
        self._call("on_fit_start")
        module.train()
        try:
            with _Interrupt() as self._interrupt:
                while not self._finished() and not self._interrupt.requested:
                    self._run_epoch(progress)
            if self._interrupt.requested and not self._finished():
                self.save_checkpoint()
                raise KeyboardInterrupt(f"saved at step {self.global_step}; fit(resume=True) goes on")
            if self._validation is not None and self._validated_step != self.global_step:
                self._run_validation()
            self.save_checkpoint()
            self._report()
        finally:
            self.module.__dict__.pop("_recorder", None)
            if self._worked:
                progress.set("data wait", f"{100 * self.data_wait_share:.1f}%")
            progress.finish()
            self._call("on_fit_end")

    def _finished(self):
        return (self.should_stop or 0 <= self.max_steps <= self.global_step
                or (self.max_epochs is not None and self.current_epoch >= self.max_epochs))

    @property
    def data_wait_share(self):
        """The share of the time of fit()'s steps that went by waiting for the data; 0 before a step."""
        return self._waited / (self._waited + self._worked) if self._worked else 0.0

    def _batches(self):
        """The loader's batches; the time they are waited for is counted."""
        batches = iter(self.loader)
        while True:
            start = time.perf_counter()
            try:
                batch = next(batches)
            except StopIteration:
                return
            finally:
                self._waited += time.perf_counter() - start
            yield batch

    def _run_epoch(self, progress):
        may_be_empty, self._just_resumed = self._just_resumed, False  # taken up at an epoch's end
        window, index = [], 0
        for batch in self._batches():
            window.append((batch, index))
            index += 1
            if len(window) < self.accumulate_grad_batches:
                continue
            self._step(window, progress)
            window = []
            if self._finished() or self._interrupt.requested:
                return
        if window:  # the last step of an epoch may be smaller
            self._step(window, progress)
        if index == 0 and not may_be_empty:
            raise ValueError("Trainer.fit: expected training data, got an empty loader")
        self.current_epoch += 1
        self._call("on_train_epoch_end")
        if self.val_check_interval is None and self._validation is not None:
            self._run_validation()

    def _step(self, window, progress):
        logged, start = {}, time.perf_counter()
        self.module.__dict__["_recorder"] = lambda name, value, _: logged.__setitem__(name, value)
        sizes, total = [_batch_size(batch) for batch, _ in window], 0.0
        for (batch, index), size in zip(window, sizes):
            share = size / (sum(sizes) or 1)  # the step is that of one big batch
            with amp.autocast("cpu", dtype=_PRECISIONS[self.precision] or _C.dtype.bfloat16,
                              enabled=self.precision != "32"):
                result = self.module.training_step(batch, index)
            loss = _checks.loss_of(result, self.module)
            total += loss.item() * share
            if not math.isfinite(total):
                break
            self._scaler.scale(loss * share).backward()
        norm = self._update(total)
        self.module.__dict__.pop("_recorder", None)
        self.global_step += 1
        figures = {"loss": total, "lr": self.optimizer.param_groups[0]["lr"], "grad_norm": norm,
                   **logged}
        if self.scheduler is not None:
            self.scheduler.step()
        self._worked += time.perf_counter() - start
        self._after_step(figures, sum(sizes), progress)

    def _update(self, loss):
        """Clips and steps, unless a number is not finite. The norm of the gradient."""
        norm = math.nan
        if math.isfinite(loss):
            self._scaler.unscale_(self.optimizer)
            parameters = [p for g in self.optimizer.param_groups for p in g["params"]]
            gradients = [p.grad for p in parameters if p.grad is not None]
            total = nn_utils.get_total_norm(gradients)
            norm = total.item()
            if self.gradient_clip_val and self.gradient_clip_algorithm == "norm":
                nn_utils.clip_grads_with_norm_(parameters, self.gradient_clip_val, total)
            elif self.gradient_clip_val:
                nn_utils.clip_grad_value_(parameters, self.gradient_clip_val)
            if math.isfinite(norm) or self.precision == "16-mixed":
                self._scaler.step(self.optimizer)  # skips by itself where a gradient is not finite
                self._scaler.update()
                self.skipped_steps += not math.isfinite(norm)
                self.optimizer.zero_grad()
                return norm
        if self.on_nan == "stop":
            raise RuntimeError(self._bad_numbers(loss, norm))
        self.skipped_steps += 1
        self.optimizer.zero_grad()
        return norm

    def _bad_numbers(self, loss, norm):
        culprit, sizes = None, {}
        for name, p in self.module.named_parameters():
            for kind, values in (("parameter", p.detach()), ("gradient", p.grad)):
                if culprit is None and values is not None and not _C.isfinite(values).all().item():
                    culprit = f"the first bad {kind} is {name}"
            sizes[name] = p.detach().abs().max().item() if p.numel() else 0.0
        if culprit is None:
            largest = max(sizes, key=sizes.get)
            culprit = ("all parameters and gradients are finite, the largest value is in "
                       f"{largest}: {sizes[largest]:.4g}")
        return (f"training: expected finite numbers, got loss {loss} and gradient norm {norm} at step "
                f"{self.global_step + 1}; {culprit}; lower the rate, clip the gradients, or skip such "
                "steps (on_nan='skip')")

    def _after_step(self, figures, samples, progress):
        self.callback_metrics.update(figures)
        now = time.perf_counter()
        rate, self._stepped = samples / max(now - self._stepped, 1e-9), now
        memory = _C.memory_stats()["allocated"]
        if self._log and (self.global_step % self.log_every_n_steps == 0 or self.global_step == 1):
            self._log.write(self.global_step, {
                **figures, "epoch": self.current_epoch, "samples_per_second": rate,
                "data_wait_share": self.data_wait_share, "memory_bytes": memory,
                "skipped_steps": self.skipped_steps})
        for name, value in figures.items():
            progress.set(name, value)
        progress.set("samples/s", rate)
        progress.set("mem MiB", memory / 2**20)
        progress.advance()
        self._call("on_train_batch_end", figures)
        if (self.val_check_interval and self._validation is not None
                and self.global_step % self.val_check_interval == 0):
            self._run_validation()

    # ---- held-out data

    @property
    def validates(self):
        """Whether fit() was given validation data."""
        return self._validation is not None

    def _evaluate(self, module, loader, step):
        means, was_training = _Means(), module.training
        module.eval()
        module.__dict__["_recorder"] = means
        try:
            with no_grad():
                for index, batch in enumerate(loader):
                    means.batch_size = _batch_size(batch)
                    step(batch, index)
        finally:
            module.__dict__.pop("_recorder", None)
            module.train(was_training)
        return means.figures()

    def _run_validation(self):
        self._call("on_validation_start")
        random_state = lydia_random.get_rng_state()  # training is the same without validation
        figures = self._evaluate(self.module, self._validation, self.module.validation_step)
        lydia_random.set_rng_state(random_state)
        self._call("on_validation_epoch_end")
        self._validated_step = self.global_step
        self.callback_metrics.update(figures)
        if self._log and figures:
            self._log.write(self.global_step, figures)
        self._stepped = time.perf_counter()
        self._call("on_validation_end", figures)

    def validate(self, module, dataloaders):
        """The figures that module.validation_step logs, averaged over the loader."""
        return self._evaluate(module, dataloaders, module.validation_step)

    def test(self, module, dataloaders):
        """The figures that module.test_step logs, averaged over the loader."""
        return self._evaluate(module, dataloaders, module.test_step)

    def predict(self, module, dataloaders):
        """A list of what module.predict_step returns, batch by batch."""
        results = []
        self._evaluate(module, dataloaders,
                       lambda batch, index: results.append(module.predict_step(batch, index)))
        return results

    # ---- what is kept

    def checkpoint_path(self):
        """Where the checkpoint of this step is or would be."""
        return self.default_root_dir / "checkpoints" / f"step-{self.global_step:08d}"

    def save_checkpoint(self):
        """Saves unless this step is saved already; a full disk is reported and the run goes on."""
        if self.default_root_dir is None or self._saved_step == self.global_step:
            return
        folder = self.default_root_dir / "checkpoints"
        keeper = next(c for c in self.callbacks if isinstance(c, ModelCheckpoint))
        training = {"optimizer": self.optimizer.state_dict(),
                    "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
                    "scaler": self._scaler.state_dict(),
                    "loader": (self.loader.state_dict() if hasattr(self.loader, "state_dict")
                               else None),
                    "random": lydia_random.get_rng_state(), "python_random": random.getstate(),
                    "callbacks": {name: callback.state_dict()
                                  for name, callback in _named(self.callbacks).items()}}
        state = {"epoch": self.current_epoch, "skipped_steps": self.skipped_steps,
                 "validated_step": self._validated_step}
        try:
            path = checkpoints.save_checkpoint(folder, self.global_step, self.module.state_dict(),
                                               training, state)
        except OSError as error:
            if self._finished():
                raise
            print(f"not saved, going on: {error}", file=sys.stderr)
            return
        self._saved_step = self.global_step
        checkpoints.prune_checkpoints(folder, keeper.save_last,
                                      [keeper.best_model_path] if keeper.best_model_path else [])
        self._call("on_checkpoint", path)

    def _restore(self, resume):
        if resume is True:
            if self.default_root_dir is None:
                raise ValueError("Trainer.fit: expected default_root_dir to resume from, got none")
            saved = checkpoints.load_newest_checkpoint(
                self.default_root_dir / "checkpoints",
                lambda message: print(f"refused: {message}", file=sys.stderr))
        else:
            saved = checkpoints.load_checkpoint(resume)
        training, state = saved["training"], saved["state"]
        self.module.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(training["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(training["scheduler"])
        self._scaler.load_state_dict(training["scaler"])
        if training["loader"] is not None:
            self.loader.load_state_dict(training["loader"])
        lydia_random.set_rng_state(training["random"])
        random.setstate(training["python_random"])
        for name, callback in _named(self.callbacks).items():
            if name in training["callbacks"]:  # one that is new begins anew
                callback.load_state_dict(training["callbacks"][name])
        self.global_step = self._saved_step = saved["step"]
        self.current_epoch, self.skipped_steps = state["epoch"], state["skipped_steps"]
        self._validated_step = state["validated_step"]

    def _open_logs(self):
        self._log = None
        if self.default_root_dir is not None:
            os.makedirs(self.default_root_dir, exist_ok=True)
            if self._saved_step < 0 and self.global_step == 0:
                checkpoints.set_aside_checkpoints(self.default_root_dir / "checkpoints")
            self._log = _train.RunLog(str(self.default_root_dir), self.global_step)

    def _report(self):
        if self.default_root_dir is None:
            return
        table = report.Table(["figure", "value"]).row("steps", self.global_step)
        table.row("skipped steps", self.skipped_steps)
        if self._worked:
            table.row("time spent waiting for data", f"{100 * self.data_wait_share:.1f}%")
        keeper = next(c for c in self.callbacks if isinstance(c, ModelCheckpoint))
        if keeper.best is not None:
            table.row(f"best {keeper.monitor} (validation)", f"{keeper.best:.4g}")
            table.row("kept in", keeper.best_model_path)
        _C._report.write_training_report(str(self.default_root_dir), table)

    def _call(self, point, *args):
        for callback in self.callbacks:
            getattr(callback, point)(self, self.module, *args)
