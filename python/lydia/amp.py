"""Mixed precision: autocast picks the precision per op, GradScaler keeps f16 gradients alive."""
import functools

from . import _C

bfloat16, float16, float32 = _C.dtype.bfloat16, _C.dtype.float16, _C.dtype.float32


class autocast:
    """Runs matrix products, convolutions and attention in `dtype`, and what needs the range in
    float32; works as a context manager and as a decorator.

    Casts of parameters are kept until the outermost autocast ends (cache_enabled).
    """

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=True):
        if device_type != "cpu":
            raise NotImplementedError(f"autocast: expected device_type 'cpu', got {device_type!r}")
        self.device, self.fast_dtype = device_type, bfloat16 if dtype is None else dtype
        if self.fast_dtype not in (bfloat16, float16):
            raise ValueError(f"autocast: expected dtype bfloat16 or float16, got {dtype}")
        self._enabled, self._cache_enabled = enabled, cache_enabled
        self._outer = []

    def __enter__(self):
        self._outer.append(_C._enter_autocast(self._enabled, self._cache_enabled, self.fast_dtype))
        return self

    def __exit__(self, *_):
        _C._leave_autocast(*self._outer.pop())

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with autocast(self.device, self.fast_dtype, self._enabled, self._cache_enabled):
                return function(*args, **kwargs)
        return wrapped


def is_autocast_available(device_type):
    """True for devices that autocast knows."""
    return device_type == "cpu"


def _cast(value, dtype):
    if isinstance(value, _C.Tensor):
        wanted = value.is_floating_point() and value.dtype != _C.dtype.float64
        return value.to(dtype) if wanted else value
    if isinstance(value, dict):
        return {_cast(k, dtype): _cast(v, dtype) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_cast(v, dtype) for v in value)
    return value


def custom_fwd(fwd=None, *, device_type, cast_inputs=None):
    """Decorator of the forward of an autograd.Function: its backward, under custom_bwd, runs with
    autocast as forward did. With cast_inputs, forward called under autocast runs without it, its
    floating tensors (but float64) cast to that dtype."""
    if device_type != "cpu":
        raise NotImplementedError(f"custom_fwd: expected device_type 'cpu', got {device_type!r}")
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def wrapped(ctx, *args, **kwargs):
        ctx._autocast_dtype, on = _C.get_autocast_dtype(), _C.is_autocast_enabled()
        ctx._autocast_enabled = on and cast_inputs is None
        if not on or cast_inputs is None:
            return fwd(ctx, *args, **kwargs)
        with autocast(device_type, ctx._autocast_dtype, enabled=False):
            return fwd(ctx, *_cast(args, cast_inputs), **_cast(kwargs, cast_inputs))
    return wrapped


def custom_bwd(bwd=None, *, device_type):
    """Decorator of the backward that belongs to a forward with custom_fwd."""
    if device_type != "cpu":
        raise NotImplementedError(f"custom_bwd: expected device_type 'cpu', got {device_type!r}")
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def wrapped(ctx, *args, **kwargs):
        with autocast(device_type, ctx._autocast_dtype, enabled=ctx._autocast_enabled):
            return bwd(ctx, *args, **kwargs)
    return wrapped


class GradScaler:
    """Multiplies the loss so that small gradients survive in float16, and divides them again
    before the step; skips steps whose gradients are not finite and then scales by less."""

    def __init__(self, device="cpu", init_scale=65536.0, growth_factor=2.0, backoff_factor=0.5,
                 growth_interval=2000, enabled=True):
        self._enabled = enabled
        self._loss_scale = _C._LossScale(init_scale, growth_factor, backoff_factor,
                                         growth_interval)
        self._scaled = False
        self._seen = {}  # id of an optimiser -> [optimiser, "unscaled" or "stepped", finite]

    def scale(self, outputs):
        """outputs * scale: a tensor, or a list or tuple of them."""
        if not self._enabled:
            return outputs
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.scale(x) for x in outputs)
        self._scaled = True
        # The product is float32 for a float16 loss, which could not hold it.
        wide = outputs.to(float32) if outputs.dtype in (float16, bfloat16) else outputs
        return wide * self._loss_scale.scale

    def unscale_(self, optimizer):
        """Divides the gradients; once per optimiser between two updates."""
        if not self._enabled:
            return
        if id(optimizer) in self._seen:
            raise RuntimeError("GradScaler: unscale_() or step() was called on this optimizer "
                               "since the last update()")
        if not self._scaled and not self._seen:
            raise RuntimeError("GradScaler: expected scale() of a loss before unscale_()")
        params = [p for group in optimizer.param_groups for p in group["params"]]
        finite = _C._unscale_gradients(params, self._loss_scale.scale)
        self._seen[id(optimizer)] = [optimizer, "unscaled", finite]

    def step(self, optimizer, *args, **kwargs):
        """optimizer.step(), unless a gradient is not finite; returns what it returned."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs or any(callable(a) for a in args):
            raise RuntimeError("GradScaler: a closure can't be used, since it would scale again")
        if id(optimizer) not in self._seen:
            self.unscale_(optimizer)
        seen = self._seen[id(optimizer)]
        if seen[1] == "stepped":
            raise RuntimeError("GradScaler: step() was called on this optimizer since the last "
                               "update()")
        seen[1] = "stepped"
        return optimizer.step(*args, **kwargs) if seen[2] else None

    def update(self, new_scale=None):
        """After the steps of an iteration: cuts or grows the scale, or sets it."""
        if not self._enabled:
            return
        if new_scale is not None:
            self._loss_scale.scale = float(new_scale)
        elif not self._seen:
            raise RuntimeError("GradScaler: expected step() before update()")
        else:
            self._loss_scale.update(all(finite for _, _, finite in self._seen.values()))
        self._seen, self._scaled = {}, False

    def is_enabled(self):
        """Whether the scaler does anything."""
        return self._enabled

    def get_scale(self):
        """The factor in use; 1 where disabled."""
        return self._loss_scale.scale if self._enabled else 1.0

    def get_growth_factor(self):
        """What the scale grows by."""
        return self._loss_scale.growth_factor

    def set_growth_factor(self, new_factor):
        """Sets what the scale grows by."""
        self._loss_scale.growth_factor = new_factor

    def get_backoff_factor(self):
        """What the scale shrinks by after an overflow."""
        return self._loss_scale.backoff_factor

    def set_backoff_factor(self, new_factor):
        """Sets what the scale shrinks by after an overflow."""
        self._loss_scale.backoff_factor = new_factor

    def get_growth_interval(self):
        """How many steps without overflow make the scale grow."""
        return self._loss_scale.growth_interval

    def set_growth_interval(self, new_interval):
        """Sets how many steps without overflow make the scale grow."""
        self._loss_scale.growth_interval = new_interval

    def state_dict(self):
        """The scale and its counters, for a checkpoint; empty where disabled."""
        if not self._enabled:
            return {}
        s = self._loss_scale
        return {"scale": s.scale, "growth_factor": s.growth_factor,
                "backoff_factor": s.backoff_factor, "growth_interval": s.growth_interval,
                "_growth_tracker": s.good_steps}

    def load_state_dict(self, state_dict):
        """Takes over what state_dict() gave."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError("GradScaler: the state dict is empty, perhaps of a scaler that was "
                               "not enabled")
        s = self._loss_scale
        s.scale = state_dict["scale"]
        s.growth_factor = state_dict["growth_factor"]
        s.backoff_factor = state_dict["backoff_factor"]
        s.growth_interval = state_dict["growth_interval"]
        s.good_steps = state_dict["_growth_tracker"]
