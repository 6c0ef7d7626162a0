"""Averages of weights: a model whose parameters follow another's."""
import copy
import math

from .. import _C
from .._grad_mode import no_grad
from ..nn import Module
from ..nn.modules.norm import _BatchNorm
from .lr_scheduler import LRScheduler


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


@no_grad()
def update_bn(loader, model, device=None):
    """Counts the batch statistics of `model` anew: the plain mean over one pass of `loader`, whose
    batches are inputs or tuples that begin with the inputs. For averaged weights, whose own
    statistics nobody has seen. Dropout and the like are as in training, as torch has them."""
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]
    if not norms:
        return
    momenta, was_training = [m.momentum for m in norms], model.training
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # every batch weighs the same
    model.train()
    try:
        for batch in loader:
            x = batch[0] if isinstance(batch, (list, tuple)) else batch
            model(x if device is None else x.to(device))
    finally:
        for norm, momentum in zip(norms, momenta):
            norm.momentum = momentum
        model.train(was_training)


class SWALR(LRScheduler):
    """Moves each group's rate from where it is to `swa_lr` within `anneal_epochs` steps, along a
    cosine or a line, and keeps it there."""

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError("SWALR: expected anneal_strategy 'cos' or 'linear', got "
                             f"{anneal_strategy!r}")
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR: expected anneal_epochs of at least 0, got {anneal_epochs}")
        count = len(optimizer.param_groups)
        rates = list(swa_lr) if isinstance(swa_lr, (list, tuple)) else [swa_lr] * count
        if len(rates) != count:
            raise ValueError(f"SWALR: expected one swa_lr for each of {count} groups, got {len(rates)}")
        for group, rate in zip(optimizer.param_groups, rates):
            group["swa_lr"] = rate
        self.anneal_epochs, self.anneal_strategy = anneal_epochs, anneal_strategy
        super().__init__(optimizer, last_epoch)

    def _left(self, step):
        """How much of the way is left after a step, from 1 to 0."""
        t = min(max(step / max(self.anneal_epochs, 1), 0.0), 1.0)
        return (1 + math.cos(math.pi * t)) / 2 if self.anneal_strategy == "cos" else 1 - t

    def get_lr(self):
        """The rate of each group at this step, from the rates that stand now."""
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(step, 1)
        before = self._left(step - 1)
        share = self._left(step) / before if before > 0 else 0.0
        return [group["swa_lr"] + (group["lr"] - group["swa_lr"]) * share
                for group in self.optimizer.param_groups]
