"""Averages of weights: a model whose parameters follow another's."""
import copy

from .. import _C
from .._grad_mode import no_grad
from ..nn import Module


def get_ema_multi_avg_fn(decay=0.999):
    """average = decay average + (1 - decay) weight, all parameters in one pass."""
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"get_ema_multi_avg_fn: expected decay in [0, 1], got {decay}")

    def update(averages, weights, num_averaged):
        _C._average_into(list(averages), list(weights), 1 - decay)
    return update


def get_swa_multi_avg_fn():
    """The mean of all weights so far."""
    def update(averages, weights, num_averaged):
        _C._average_into(list(averages), list(weights), 1 / (float(num_averaged) + 1))
    return update


def get_ema_avg_fn(decay=0.999):
    """The same as get_ema_multi_avg_fn for one tensor: returns the new average."""
    if not 0.0 <= decay <= 1.0:
        raise ValueError(f"get_ema_avg_fn: expected decay in [0, 1], got {decay}")
    return lambda average, weight, num_averaged: decay * average + (1 - decay) * weight


def get_swa_avg_fn():
    """The rule of the plain mean over all updates."""
    return lambda average, weight, num_averaged: average + (weight - average) / (num_averaged + 1)


class AveragedModel(Module):
    """A copy of `model` whose parameters are averages of it: call update_parameters(model) after
    each step of the optimiser. The mean unless avg_fn or multi_avg_fn says otherwise."""

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: expected avg_fn or multi_avg_fn, got both")
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", _C.zeros((), dtype=_C.dtype.int64))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn or (None if avg_fn else get_swa_multi_avg_fn())
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def _averaged(self, model):
        """The floating tensors that are averaged."""
        tensors = list(model.parameters())
        if self.use_buffers:
            tensors += [b for b in model.buffers() if b.is_floating_point()]
        return [t.detach() for t in tensors]

    @no_grad()
    def update_parameters(self, model):
        """Takes the parameters of `model` into the average."""
        averages, weights = self._averaged(self.module), self._averaged(model)
        count = self.n_averaged.item()
        if count == 0:
            for average, weight in zip(averages, weights):
                average.copy_(weight)
        elif self.multi_avg_fn is not None:
            self.multi_avg_fn(averages, weights, count)
        else:
            for average, weight in zip(averages, weights):
                average.copy_(self.avg_fn(average, weight, count))
        if not self.use_buffers:  # batch statistics and the like are taken over as they are
            for mine, theirs in zip(self.module.buffers(), model.buffers()):
                mine.copy_(theirs)
        self.n_averaged += 1
