"""What all optimisers share: parameter groups, state dicts, zero_grad. FusedOptimizer hands the
work to the C++ core; a class of your own derives from Optimizer and writes step()."""
import copy
from collections import defaultdict

from .. import _C
from .._grad_mode import enable_grad
from .._tensor import tensor


class Optimizer:
    """Groups of parameters with their numbers, and a dict of state per parameter.

    `params` are tensors, (name, tensor) pairs, or dicts with "params" and numbers of their own;
    `defaults` are the numbers of groups that do not give theirs.
    """

    def __init__(self, params, defaults):
        if isinstance(params, _C.Tensor):
            raise TypeError(f"{type(self).__name__}: expected an iterable of tensors or dicts as "
                            "params, got one tensor")
        self.defaults = defaults
        self.param_groups = []
        self._state = defaultdict(dict)
        groups = list(params)
        if not groups:
            raise ValueError(f"{type(self).__name__}: expected at least one parameter, got none")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    @property
    def state(self):
        """The state of each parameter, by parameter."""
        return self._state

    def add_param_group(self, param_group):
        """Adds parameters that are stepped with numbers of their own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"add_param_group: expected a dict, got {type(param_group).__name__}")
        group = dict(param_group)
        params = group["params"]
        params = [params] if isinstance(params, _C.Tensor) else list(params)
        if params and isinstance(params[0], tuple):
            group["param_names"] = [name for name, _ in params]
            params = [p for _, p in params]
        for p in params:
            if not isinstance(p, _C.Tensor):
                raise TypeError(f"add_param_group: expected tensors, got {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("add_param_group: expected leaf tensors, got the result of an op")
        known = {id(p) for p in self._params()}
        if len({id(p) for p in params}) < len(params) or any(id(p) in known for p in params):
            raise ValueError("add_param_group: expected each parameter once, got one twice")
        group["params"] = params
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        self.param_groups.append(group)

    def _params(self):
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self, set_to_none=True):
        """Drops the gradients of all parameters, or fills them with zeros."""
        for p in self._params():
            if p.grad is None:
                continue
            if set_to_none:
                p.grad = None
            else:
                p.grad.detach().zero_()

    def step(self, closure=None):
        """One step; defined by the subclass."""
        raise NotImplementedError(f"{type(self).__name__} has no step()")

    def state_dict(self):
        """{"state": {number of the parameter: its state}, "param_groups": [...]}, as in torch."""
        groups, start = [], 0
        for group in self.param_groups:
            numbers = list(range(start, start + len(group["params"])))
            groups.append({**group, "params": numbers})
            start += len(numbers)
        number = {id(p): i for i, p in enumerate(self._params())}
        return {"state": {number[id(p)]: dict(s) for p, s in self.state.items()},
                "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Takes over the state and the numbers that state_dict() gave."""
        loaded = copy.deepcopy(state_dict["param_groups"])
        mine = self.param_groups
        if [len(g["params"]) for g in loaded] != [len(g["params"]) for g in mine]:
            raise ValueError(
                f"load_state_dict: expected groups of {[len(g['params']) for g in mine]} "
                f"parameters, got {[len(g['params']) for g in loaded]}")
        order = {n: i for i, n in enumerate(n for g in loaded for n in g["params"])}
        self._load_state({order[n]: s for n, s in state_dict["state"].items()})
        for group, saved in zip(mine, loaded):
            saved.pop("params")
            group.update(saved)

    def _load_state(self, state):
        params = self._params()
        self._state = defaultdict(dict, {params[i]: copy.deepcopy(s) for i, s in state.items()})

    def __repr__(self):
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {k}: {v}" for k, v in sorted(group.items()) if k != "params"]
        return "\n".join(lines + [")"])


# Arguments that choose between implementations in torch; lydia has one, which is fused.
_CHOICES = ("foreach", "fused", "capturable", "differentiable")
# Pairs that the core knows as two numbers.
_PAIRS = {"betas": ("beta1", "beta2"), "eps": ("eps1", "eps2")}


class FusedOptimizer(Optimizer):
    """An optimiser of lydia/train: the core holds the state and steps all parameters in one pass.

    `state` gives the live tensors, in dicts that are made anew each time.
    """
    _has_step = True  # the state dict of torch counts steps

    def __init__(self, params, defaults):
        if defaults.get("differentiable"):
            raise NotImplementedError(
                f"{type(self).__name__}: differentiable=True is not offered; write the step with "
                "ops instead")
        kind = next(c for c in type(self).__mro__ if c.__module__.startswith(__package__))
        self._core = _C._Optimizer(kind.__name__, self._numbers(defaults))
        super().__init__(params, defaults)

    @staticmethod
    def _numbers(group, names=None):
        out = {}
        for name in names or group:
            value = group[name]
            if name in _CHOICES:
                continue
            if isinstance(value, (tuple, list)):
                if name not in _PAIRS or len(value) != 2:
                    raise ValueError(f"optimizer: expected a number for {name}, or two for "
                                     f"{' and '.join(_PAIRS)}, got {value}")
                for part, number in zip(_PAIRS[name], value):
                    out[part] = -1.0 if number is None else float(number)
            else:
                out[name] = float(value)
        return out

    def add_param_group(self, param_group):
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        try:
            self._core.add_param_group(group["params"], self._numbers(group, self.defaults))
        except Exception:
            self.param_groups.pop()
            raise

    def step(self, closure=None):
        """Steps every parameter that has a gradient; returns closure()'s loss, if given one."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        self._push()
        self._core.step()
        return loss

    def _push(self):
        for i, group in enumerate(self.param_groups):
            self._core.set_hyper(i, self._numbers(group, self.defaults))

    def zero_grad(self, set_to_none=True):
        self._core.zero_grad(set_to_none)

    @property
    def state(self):
        """The state of each parameter, by parameter."""
        out = {}
        for i, p in enumerate(self._params()):
            step, slots = self._core.state(i)
            if self._has_step and step:
                slots = {"step": tensor(float(step)), **slots}
            if slots:
                out[p] = slots
        return out

    def _load_state(self, state):
        for i in range(len(self._params())):
            slots = dict(state.get(i, {}))
            step = int(slots.pop("step", 1 if slots else 0))
            unknown = set(slots) - set(self._core.slot_names)
            if unknown:
                raise ValueError(f"load_state_dict: {type(self).__name__} has no state "
                                 f"{sorted(unknown)}")
            self._core.set_state(i, step, slots)

    def __getstate__(self):
        own = {k: v for k, v in self.__dict__.items() if k not in ("_core", "_state")}
        return {**own, "_slots": [self._core.state(i) for i in range(len(self._params()))]}

    def __setstate__(self, state):
        slots = state.pop("_slots")
        self.__dict__.update(state)
        self._state = None
        self._core = _C._Optimizer(type(self).__name__, self._numbers(self.defaults))
        for group in self.param_groups:
            self._core.add_param_group(group["params"], self._numbers(group, self.defaults))
        for i, (step, tensors) in enumerate(slots):
            self._core.set_state(i, step, tensors)
