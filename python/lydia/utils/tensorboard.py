"""SummaryWriter with torch's names: writes event files that TensorBoard reads."""
import os
import time

from .. import _C

__all__ = ["SummaryWriter"]


class SummaryWriter:
    """Scalars, histograms, texts and hyperparameters of a run, in `log_dir`.

    `purge_step`: what earlier files of the folder say about this step and later is forgotten.
    """

    def __init__(self, log_dir=None, comment="", purge_step=None):
        if log_dir is None:
            log_dir = os.path.join("runs", time.strftime("%b%d_%H-%M-%S") + comment)
        self.log_dir = os.fspath(log_dir)
        os.makedirs(self.log_dir, exist_ok=True)
        self._file = _C._EventFile(self.log_dir, purge_step)

    def add_scalar(self, tag, scalar_value, global_step=0, walltime=None):
        """Writes a number at a step."""
        self._open().scalar(tag, float(scalar_value), global_step or 0, walltime or 0.0)

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=0, walltime=None):
        """One scalar "main_tag/name" for each name."""
        for name, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{name}", value, global_step, walltime)

    def add_histogram(self, tag, values, global_step=0, walltime=None):
        """Writes the distribution of values at a step."""
        if hasattr(values, "reshape"):
            values = values.reshape(-1).tolist()
        self._open().histogram(tag, [float(v) for v in values], global_step or 0, walltime or 0.0)

    def add_text(self, tag, text_string, global_step=0, walltime=None):
        """Writes a text at a step."""
        self._open().text(tag, text_string, global_step or 0, walltime or 0.0)

    def add_hparams(self, hparam_dict, metric_dict, global_step=0):
        """The run's settings, and final values of its metrics."""
        self._open().settings(hparam_dict, list(metric_dict))
        for tag, value in metric_dict.items():
            self.add_scalar(tag, value, global_step)

    def flush(self):
        """Puts what was written on the disk."""
        self._open().flush()

    def close(self):
        """Flushes and closes the file."""
        if self._file is not None:
            self._file.flush()
            self._file = None

    def _open(self):
        if self._file is None:
            raise ValueError("SummaryWriter: it is closed")
        return self._file

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
