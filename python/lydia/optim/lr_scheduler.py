"""Learning rates by step, with torch's classes. The values come from lydia/train/schedule.cc.

A scheduler sets each group's rate when it is made and on every step(). Where two act on one
optimiser, each scales what the other left.
"""
import math
import types
from bisect import bisect_right

from .. import _C
from .optimizer import Optimizer


class LRScheduler:
    """`_value(base, step)` is the rate of a group at a step; subclasses may write get_lr()."""
    # Where the rate ends up: what is scaled when schedulers act together is the distance from it.
    _floor = 0.0
    # True where the rate does not depend on what other schedulers did.
    _absolute = False

    def __init__(self, optimizer, last_epoch=-1):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: expected an Optimizer, got "
                            f"{type(optimizer).__name__}")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", float(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(f"{type(self).__name__}: param_groups[{i}] has no 'initial_lr', "
                               f"which last_epoch={last_epoch} needs")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._restart()

    def _restart(self):
        self._step_count = 0
        self.step()

    def _value(self, base, step):
        raise NotImplementedError(f"{type(self).__name__} has neither _value() nor get_lr()")

    def get_lr(self):
        """The rate of each group at this step, from the rates that stand now."""
        return [self._advance(float(group["lr"]), base)
                for group, base in zip(self.optimizer.param_groups, self.base_lrs)]

    def _advance(self, lr, base):
        now = self._value(base, self.last_epoch)
        before = base if self.last_epoch <= 0 else self._value(base, self.last_epoch - 1)
        if self._absolute or lr == before:
            return now
        if before == self._floor:  # nothing is left to scale
            return lr if now == before else now
        return self._floor + (lr - self._floor) * (now - self._floor) / (before - self._floor)

    def get_last_lr(self):
        """The rates that were set last, one per group."""
        return self._last_lr

    def step(self, epoch=None):
        """Call after each step of the optimiser."""
        self._step_count += 1
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set(self.get_lr() if epoch is None else self._closed())

    def _closed(self):
        if type(self).get_lr is not LRScheduler.get_lr:
            return self.get_lr()
        return [self._value(base, self.last_epoch) for base in self.base_lrs]

    def _set(self, rates):
        for group, lr in zip(self.optimizer.param_groups, rates):
            group["lr"] = lr
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self):
        """The state without the optimiser, for a checkpoint."""
        return {k: v for k, v in self.__dict__.items() if k != "optimizer"}

    def load_state_dict(self, state_dict):
        """Takes over what state_dict() gave."""
        self.__dict__.update(state_dict)


class ConstantLR(LRScheduler):
    def __init__(self, optimizer, factor=1.0 / 3, total_iters=5, last_epoch=-1):
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: expected factor in [0, 1], got {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._constant_lr(base, step, self.factor, self.total_iters)


class LinearLR(LRScheduler):
    def __init__(self, optimizer, start_factor=1.0 / 3, end_factor=1.0, total_iters=5,
                 last_epoch=-1):
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: expected start_factor in (0, 1], got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: expected end_factor in [0, 1], got {end_factor}")
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._linear_lr(base, step, self.start_factor, self.end_factor, self.total_iters)


class ExponentialLR(LRScheduler):
    def __init__(self, optimizer, gamma, last_epoch=-1):
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._exponential_lr(base, step, self.gamma)


class StepLR(LRScheduler):
    def __init__(self, optimizer, step_size, gamma=0.1, last_epoch=-1):
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._step_lr(base, step, self.step_size, self.gamma)


class MultiStepLR(LRScheduler):
    def __init__(self, optimizer, milestones, gamma=0.1, last_epoch=-1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._multi_step_lr(base, step, self.milestones, self.gamma)


class PolynomialLR(LRScheduler):
    def __init__(self, optimizer, total_iters=5, power=1.0, last_epoch=-1):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._polynomial_lr(base, step, self.total_iters, self.power)


class CosineAnnealingLR(LRScheduler):
    def __init__(self, optimizer, T_max, eta_min=0.0, last_epoch=-1):
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    @property
    def _floor(self):
        return self.eta_min

    def _value(self, base, step):
        return _C._cosine_annealing_lr(base, step, self.T_max, self.eta_min)


class CosineAnnealingWarmRestarts(LRScheduler):
    _absolute = True

    def __init__(self, optimizer, T_0, T_mult=1, eta_min=0.0, last_epoch=-1):
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._cosine_annealing_warm_restarts(base, step, self.T_0, self.T_mult, self.eta_min)


class InverseSquareRootLR(LRScheduler):
    """Linear warm-up to the base rate, then base sqrt(warmup_steps / step) (Vaswani et al. 2017)."""
    _absolute = True

    def __init__(self, optimizer, warmup_steps, last_epoch=-1):
        self.warmup_steps = warmup_steps
        super().__init__(optimizer, last_epoch)

    def _value(self, base, step):
        return _C._inverse_square_root_lr(base, step, self.warmup_steps)


class LambdaLR(LRScheduler):
    """base * lr_lambda(step), with one function or one per group."""

    def __init__(self, optimizer, lr_lambda, last_epoch=-1):
        count = len(optimizer.param_groups)
        self.lr_lambdas = (list(lr_lambda) if isinstance(lr_lambda, (list, tuple))
                           else [lr_lambda] * count)
        if len(self.lr_lambdas) != count:
            raise ValueError(f"LambdaLR: expected {count} functions, got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * f(self.last_epoch) for f, base in zip(self.lr_lambdas, self.base_lrs)]

    def state_dict(self):
        """Functions are left out; objects that can be called give their attributes."""
        state = super().state_dict()
        state["lr_lambdas"] = [None if isinstance(f, types.FunctionType) else dict(vars(f))
                               for f in self.lr_lambdas]
        return state

    def load_state_dict(self, state_dict):
        saved = dict(state_dict)
        for f, attributes in zip(self.lr_lambdas, saved.pop("lr_lambdas")):
            if attributes is not None:
                f.__dict__.update(attributes)
        super().load_state_dict(saved)


class OneCycleLR(LRScheduler):
    """One rise and fall of the rate, and of the momentum against it (Smith and Topin 2017)."""

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=None, steps_per_epoch=None,
                 pct_start=0.3, anneal_strategy="cos", cycle_momentum=True, base_momentum=0.85,
                 max_momentum=0.95, div_factor=25.0, final_div_factor=1e4, three_phase=False,
                 last_epoch=-1):
        if total_steps is None and (epochs is None or steps_per_epoch is None):
            raise ValueError("OneCycleLR: expected total_steps, or epochs and steps_per_epoch")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: expected anneal_strategy 'cos' or 'linear', got "
                             f"{anneal_strategy!r}")
        self.total_steps = total_steps if total_steps is not None else epochs * steps_per_epoch
        self.pct_start, self.three_phase = pct_start, three_phase
        self._anneal_func_type, self.cycle_momentum = anneal_strategy, cycle_momentum
        groups = optimizer.param_groups
        self.use_beta1 = "betas" in optimizer.defaults
        if cycle_momentum and not self.use_beta1 and "momentum" not in optimizer.defaults:
            raise ValueError("OneCycleLR: expected an optimiser with momentum or betas, since "
                             "cycle_momentum is on")
        if last_epoch == -1:
            for group, peak, low, high in zip(
                    groups, self._per_group(max_lr, groups), self._per_group(base_momentum, groups),
                    self._per_group(max_momentum, groups)):
                group["initial_lr"], group["max_lr"] = peak / div_factor, peak
                group["min_lr"] = group["initial_lr"] / final_div_factor
                if cycle_momentum:
                    group["base_momentum"], group["max_momentum"] = low, high
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def _per_group(value, groups):
        values = list(value) if isinstance(value, (list, tuple)) else [value] * len(groups)
        if len(values) != len(groups):
            raise ValueError(f"OneCycleLR: expected {len(groups)} values, got {len(values)}")
        return values

    def _cycle(self, first, peak, last):
        return _C._one_cycle(self.last_epoch, first, peak, last, self.total_steps, self.pct_start,
                             self._anneal_func_type == "cos", self.three_phase)

    def get_lr(self):
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._cycle(group["initial_lr"], group["max_lr"], group["min_lr"]))
            if not self.cycle_momentum:
                continue
            momentum = self._cycle(group["max_momentum"], group["base_momentum"],
                                   group["max_momentum"])
            if self.use_beta1:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum
        return rates


class _Composed(LRScheduler):
    """Schedulers of one optimiser that act as one."""

    def __init__(self, optimizer, schedulers):
        if not schedulers:
            raise ValueError(f"{type(self).__name__}: expected at least one scheduler, got none")
        optimizer = schedulers[0].optimizer if optimizer is None else optimizer
        for scheduler in schedulers:
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{type(self).__name__}: expected schedulers of one optimizer")
        self.optimizer = optimizer
        self._schedulers = list(schedulers)

    def state_dict(self):
        state = super().state_dict()
        state["_schedulers"] = [s.state_dict() for s in self._schedulers]
        return state

    def load_state_dict(self, state_dict):
        saved = dict(state_dict)
        for scheduler, state in zip(self._schedulers, saved.pop("_schedulers")):
            scheduler.load_state_dict(state)
        super().load_state_dict(saved)


class SequentialLR(_Composed):
    """schedulers[i] from milestones[i - 1] on."""

    def __init__(self, optimizer, schedulers, milestones, last_epoch=-1):
        super().__init__(optimizer, schedulers)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR: expected {len(schedulers) - 1} milestones, got "
                             f"{len(milestones)}")
        if any(isinstance(s, ReduceLROnPlateau) for s in schedulers):
            raise ValueError("SequentialLR: ReduceLROnPlateau steps on a metric and can't be part")
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        first = self._schedulers[bisect_right(self._milestones, 0)]
        self._rewind(self._schedulers)
        first._restart()
        self._last_lr = first.get_last_lr()

    @classmethod
    def _rewind(cls, schedulers):
        for scheduler in schedulers:
            if isinstance(scheduler, _Composed):
                cls._rewind(scheduler._schedulers)
            else:
                scheduler.last_epoch -= 1

    def step(self):
        self.last_epoch += 1
        i = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[i]
        if i > 0 and self._milestones[i - 1] == self.last_epoch:
            scheduler.step(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Composed):
    """All of them at each step, one after the other."""

    def __init__(self, schedulers, optimizer=None):
        super().__init__(optimizer, list(schedulers))
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def step(self):
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]


class ReduceLROnPlateau(LRScheduler):
    """Cuts the rate when a metric has stopped getting better: step(metric)."""

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4,
                 threshold_mode="rel", cooldown=0, min_lr=0, eps=1e-8):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"ReduceLROnPlateau: expected an Optimizer, got "
                            f"{type(optimizer).__name__}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"ReduceLROnPlateau: expected mode 'min' or 'max' and threshold_mode "
                             f"'rel' or 'abs', got {mode!r} and {threshold_mode!r}")
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: expected factor < 1, got {factor}")
        self.optimizer = optimizer
        groups = optimizer.param_groups
        self.min_lrs = list(min_lr) if isinstance(min_lr, (list, tuple)) else [min_lr] * len(groups)
        if len(self.min_lrs) != len(groups):
            raise ValueError(f"ReduceLROnPlateau: expected {len(groups)} values of min_lr, got "
                             f"{len(self.min_lrs)}")
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.eps = factor, patience, cooldown, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs, self.cooldown_counter, self.last_epoch = 0, 0, 0
        self._last_lr = [group["lr"] for group in groups]

    def step(self, metrics, epoch=None):
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        cut, self.best, self.num_bad_epochs, self.cooldown_counter = _C._plateau_step(
            float(metrics), self.best, self.num_bad_epochs, self.cooldown_counter,
            self.mode == "max", self.factor, self.patience, self.threshold,
            self.threshold_mode == "rel", self.cooldown)
        if cut:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs):
                group["lr"] = _C._cut_lr(float(group["lr"]), self.factor, least, self.eps)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    @property
    def in_cooldown(self):
        """True while the pause after a reduction lasts."""
        return self.cooldown_counter > 0
