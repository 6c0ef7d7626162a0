"""Statistical and utility functions."""
import math

from .. import _C
from .data_types import UNSIGNED, kind_of

NAMES = ["all", "any", "max", "mean", "min", "std", "sum", "var"]


def _axes(x, axis):
    if axis is None:
        return tuple(range(x.ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _check(name, x, *kinds):
    if kind_of(x.dtype) not in kinds:
        raise TypeError(f"{name}: expected a dtype that is {' or '.join(kinds)}, got {x.dtype}")


def sum(x, /, *, axis=None, dtype=None, keepdims=False):
    """Sums over axes, in int64 or uint64 for integers unless `dtype` is given."""
    _check("sum", x, "integral", "real floating")
    if dtype is None and x.dtype in UNSIGNED:
        dtype = _C.dtype.uint64
    if axis == () or x.ndim == 0:
        return x.to(dtype or (x.dtype if x.is_floating_point() else _C.dtype.int64), copy=True)
    if dtype in UNSIGNED:  # modulo 2^64, int64 adds the same bits
        return _C.sum(x.to(_C.dtype.int64), _axes(x, axis), keepdims).to(dtype)
    return _C.sum(x, _axes(x, axis), keepdims, dtype=dtype)


def mean(x, /, *, axis=None, keepdims=False):
    """Means over axes."""
    _check("mean", x, "real floating")
    return x.clone() if axis == () or x.ndim == 0 else _C.mean(x, _axes(x, axis), keepdims)


def var(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Variances over axes, divided by the number of elements less `correction`."""
    _check("var", x, "real floating")
    axes = _axes(x, axis)
    count = math.prod(x.shape[a] for a in axes)
    centre = x - (_C.mean(x, axes, True) if axes else x)
    total = _C.sum(centre * centre, axes, keepdims) if axes else centre
    return total / (count - correction) if count != correction else total * math.nan


def std(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Standard deviations over axes."""
    return _C.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))


def _extreme(name, own):
    def function(x, /, *, axis=None, keepdims=False):
        _check(name, x, "integral", "real floating")
        if axis == () or x.ndim == 0:
            return x.clone()
        return getattr(_C, own)(x, _axes(x, axis), keepdims)
    function.__name__, function.__doc__ = name, f"The {name} over axes. NaN wins."
    return function


def _truth(name):
    def function(x, /, *, axis=None, keepdims=False):
        flags = x.to(_C.dtype.bool)
        if axis == () or x.ndim == 0:
            return flags.clone()
        wanted = flags if name == "any" else _C.eq(flags, False)
        found = _C.sum(wanted.to(_C.dtype.int64), _axes(x, axis), keepdims)
        return found > 0 if name == "any" else _C.eq(found, 0)
    function.__name__ = name
    function.__doc__ = f"True where {name} of the elements over axes are true; NaN is true."
    return function


max, min = _extreme("max", "amax"), _extreme("min", "amin")
all, any = _truth("all"), _truth("any")
