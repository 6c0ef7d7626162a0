"""A module that knows how it is trained."""
from .. import nn

__all__ = ["TrainModule"]


class TrainModule(nn.Module):
    """Override training_step and configure_optimizers; the rest as needed.

    Steps get a batch as the loader gives it and its number. `self.log(name, value)` records a figure;
    in validation and test steps its mean over the batches, weighted by `batch_size`, is reported. What
    happens between the steps is a Callback's.
    """

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        for name in vars(cls):
            if name.startswith(("on_fit_", "on_train_", "on_validation_", "on_test_")):
                raise TypeError(f"{cls.__name__}: '{name}' would never be called; expected it in a "
                                "Callback")

    def training_step(self, batch, batch_idx):
        """The loss: a scalar tensor, or a dict with "loss"."""
        raise NotImplementedError(f"{type(self).__name__}: training_step is not defined")

    def configure_optimizers(self):
        """An optimizer, or (optimizer, scheduler); the scheduler is stepped with the optimizer."""
        raise NotImplementedError(f"{type(self).__name__}: configure_optimizers is not defined")

    def validation_step(self, batch, batch_idx):
        """Logs figures of a held-out batch."""
        raise NotImplementedError(f"{type(self).__name__}: validation_step is not defined")

    def test_step(self, batch, batch_idx):
        """As validation_step, for Trainer.test; the same unless overridden."""
        return self.validation_step(batch, batch_idx)

    def predict_step(self, batch, batch_idx):
        """What Trainer.predict collects: forward of the batch, or of its first part."""
        return self(batch[0] if isinstance(batch, (list, tuple)) else batch)

    def log(self, name, value, batch_size=None):
        """Records a figure (a number or a one-element tensor) under `name`.

        batch_size: its weight; None: the first size of the first tensor in the batch.
        """
        recorder = self.__dict__.get("_recorder")
        if recorder is not None:
            recorder(name, float(value), batch_size)

    def log_dict(self, figures, batch_size=None):
        """log() for each pair."""
        for name, value in figures.items():
            self.log(name, value, batch_size)
