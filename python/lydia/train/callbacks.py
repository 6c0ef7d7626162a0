"""What a trainer calls at the points of a run."""
import math

from ..optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

__all__ = ["Callback", "EMAWeightAveraging", "EarlyStopping", "LambdaCallback", "ModelCheckpoint"]


class Callback:
    """Every method does nothing unless overridden. `figures` maps names to numbers."""

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith("on_") and not hasattr(Callback, name):
                points = ", ".join(point for point in vars(Callback) if point.startswith("on_"))
                raise TypeError(f"{cls.__name__}: '{name}' would never be called; expected {points}")

    def on_fit_start(self, trainer, module):
        """Before the first step."""

    def on_fit_end(self, trainer, module):
        """After the last step, whatever ended the run."""

    def on_train_batch_end(self, trainer, module, figures):
        """After each step of the optimizer."""

    def on_train_epoch_end(self, trainer, module):
        """After each epoch."""

    def on_validation_start(self, trainer, module):
        """Before each validation during fit."""

    def on_validation_epoch_end(self, trainer, module):
        """After the last batch of each validation, before on_validation_end of any callback."""

    def on_validation_end(self, trainer, module, figures):
        """After each validation."""

    def on_checkpoint(self, trainer, module, path):
        """After each checkpoint."""

    def state_dict(self):
        """What a checkpoint keeps of the callback."""
        return {}

    def load_state_dict(self, state):
        """Takes up what state_dict() gave."""


class LambdaCallback(Callback):
    """Callback(on_train_batch_end=f, ...): functions in place of methods."""

    def __init__(self, **functions):
        for name, function in functions.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                raise TypeError(f"LambdaCallback: expected the name of a Callback method, got '{name}'")
            setattr(self, name, function)


class _Monitor(Callback):
    def __init__(self, monitor, mode, min_delta=0.0):
        if mode not in ("min", "max"):
            raise ValueError(f"{type(self).__name__}: expected mode 'min' or 'max', got '{mode}'")
        self.monitor, self.mode, self.min_delta = monitor, mode, min_delta
        self.best = None

    def on_fit_start(self, trainer, module):
        """Without validation there is no figure to look at."""
        if self.monitor is not None and not trainer.validates:
            raise ValueError(f"{type(self).__name__}: expected validation data for '{self.monitor}', "
                             "got none")

    def value(self, figures):
        """The monitored figure. ValueError where there is none of that name."""
        if self.monitor not in figures:
            raise ValueError(f"{type(self).__name__}: expected monitor to be one of "
                             f"{', '.join(figures)}, got '{self.monitor}'")
        return figures[self.monitor]

    def improves(self, value):
        """Whether a value is better than the best so far; NaN and infinities are not."""
        if not math.isfinite(value):
            return False
        if self.best is None:
            return True
        gain = self.best - value if self.mode == "min" else value - self.best
        return gain > self.min_delta


class EarlyStopping(_Monitor):
    """Stops after `patience` validations without progress of a figure."""

    def __init__(self, monitor="val_loss", patience=3, mode="min", min_delta=0.0):
        super().__init__(monitor, mode, min_delta)
        self.patience, self.waited = patience, 0

    def on_validation_end(self, trainer, module, figures):
        value = self.value(figures)
        if self.improves(value):
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited >= self.patience:
            trainer.should_stop = True

    def state_dict(self):
        return {"best": self.best, "waited": self.waited}

    def load_state_dict(self, state):
        self.best, self.waited = state["best"], state["waited"]


class ModelCheckpoint(_Monitor):
    """Keeps the checkpoint of the best validation beside the newest `save_last`.

    every_n_train_steps: also saves then; 0: at validations and the end only.
    """

    def __init__(self, monitor=None, mode="min", save_last=2, every_n_train_steps=0):
        super().__init__(monitor, mode)
        if save_last < 1:
            raise ValueError(f"ModelCheckpoint: expected save_last of at least 1, got {save_last}")
        self.save_last, self.every_n_train_steps = save_last, every_n_train_steps
        self.best_model_path = None

    def on_train_batch_end(self, trainer, module, figures):
        if self.every_n_train_steps and trainer.global_step % self.every_n_train_steps == 0:
            trainer.save_checkpoint()

    def on_validation_end(self, trainer, module, figures):
        if self.monitor is not None and self.improves(value := self.value(figures)):
            self.best = value
            self.best_model_path = str(trainer.checkpoint_path())
        trainer.save_checkpoint()

    def state_dict(self):
        return {"best": self.best, "best_model_path": self.best_model_path}

    def load_state_dict(self, state):
        self.best, self.best_model_path = state["best"], state["best_model_path"]


class EMAWeightAveraging(Callback):
    """A moving average of the weights and of batch statistics: `decay` of the old and the rest of the
    new after each step. Validation looks at the averages, and after fit() the module holds them;
    checkpoints keep both. The first steps count more, so that the start is soon forgotten."""

    def __init__(self, decay=0.999):
        get_ema_multi_avg_fn(decay)  # checks the range
        self.decay, self.averaged = decay, None
        self._restored = self._weights = None

    def on_fit_start(self, trainer, module):
        """Makes the average, or takes it up from a checkpoint."""
        self.averaged = AveragedModel(module, multi_avg_fn=self._update, use_buffers=True)
        if self._restored is not None:
            self.averaged.load_state_dict(self._restored)
            self._restored = None

    def _update(self, averages, weights, count):
        decay = min(self.decay, (1.0 + count) / (10.0 + count))
        get_ema_multi_avg_fn(decay)(averages, weights, count)

    def on_train_batch_end(self, trainer, module, figures):
        """Takes the weights of this step into the average."""
        self.averaged.update_parameters(module)

    def on_validation_start(self, trainer, module):
        """The module holds the averages while it is validated."""
        if self.averaged.n_averaged.item() == 0:
            return
        self._weights = {name: value.clone() for name, value in module.state_dict().items()}
        module.load_state_dict(self.averaged.module.state_dict())

    def on_validation_epoch_end(self, trainer, module):
        """Gives the module its weights back."""
        if self._weights is not None:
            module.load_state_dict(self._weights)
            self._weights = None

    def on_fit_end(self, trainer, module):
        """Leaves the averages in the module."""
        if self.averaged.n_averaged.item() > 0:
            module.load_state_dict(self.averaged.module.state_dict())

    def state_dict(self):
        return {} if self.averaged is None else {"averaged": self.averaged.state_dict()}

    def load_state_dict(self, state):
        self._restored = state.get("averaged")
