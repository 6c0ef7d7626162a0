"""Statistical and utility functions."""
import math

from .. import _C
from .data_types import UNSIGNED, check_kind

NAMES = ["all", "any", "cumulative_sum", "max", "mean", "min", "prod", "std", "sum", "var"]


def _axes(x, axis):
    if axis is None:
        return tuple(range(x.ndim))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _accumulated(name, x, dtype, axes, *keepdims):
    """The sum, prod or cumsum of x, in the dtype the standard gives it."""
    check_kind(name, x, "integral", "real floating")
    if dtype is None:
        wide = _C.dtype.uint64 if x.dtype in UNSIGNED else _C.dtype.int64
        dtype = x.dtype if x.is_floating_point() else wide
    if axes == ():
        return x.to(dtype, copy=True)
    if dtype in UNSIGNED:  # modulo 2^64, int64 gives the same bits
        return getattr(_C, name)(x.to(_C.dtype.int64), axes, *keepdims).to(dtype)
    return getattr(_C, name)(x, axes, *keepdims, dtype=dtype)


def sum(x, /, *, axis=None, dtype=None, keepdims=False):
    """Sums over axes, in int64 or uint64 for integers unless `dtype` is given."""
    return _accumulated("sum", x, dtype, _axes(x, axis), keepdims)


def prod(x, /, *, axis=None, dtype=None, keepdims=False):
    """Products over axes, in int64 or uint64 for integers unless `dtype` is given."""
    return _accumulated("prod", x, dtype, _axes(x, axis), keepdims)


def cumulative_sum(x, /, *, axis=None, dtype=None, include_initial=False):
    """Running sums along an axis, which may be left out for 1-d x. include_initial=True puts a 0
    before them, so that the axis grows by one."""
    if axis is None and x.ndim != 1 or x.ndim == 0:
        raise ValueError(f"cumulative_sum: expected an axis for shape {list(x.shape)}")
    axis = 0 if axis is None else axis
    out = _accumulated("cumsum", x, dtype, axis)
    if not include_initial:
        return out
    shape = list(out.shape)
    shape[axis] = 1
    return _C.cat([_C.zeros(shape, dtype=out.dtype, device=out.device), out], axis)


def mean(x, /, *, axis=None, keepdims=False):
    """Means over axes."""
    check_kind("mean", x, "real floating")
    return x.clone() if axis == () or x.ndim == 0 else _C.mean(x, _axes(x, axis), keepdims)


def var(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Variances over axes, divided by the number of elements less `correction`."""
    check_kind("var", x, "real floating")
    axes = _axes(x, axis)
    count = math.prod(x.shape[a] for a in axes)
    centre = x - (_C.mean(x, axes, True) if axes else x)
    total = _C.sum(centre * centre, axes, keepdims) if axes else centre
    return total / (count - correction) if count > correction else total * math.nan


def std(x, /, *, axis=None, correction=0.0, keepdims=False):
    """Standard deviations over axes."""
    return _C.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))


def _extreme(name, own):
    def function(x, /, *, axis=None, keepdims=False):
        check_kind(name, x, "integral", "real floating")
        if axis == () or x.ndim == 0:
            return x.clone()
        return getattr(_C, own)(x, _axes(x, axis), keepdims)
    function.__name__, function.__doc__ = name, f"The {name} over axes. NaN wins."
    return function


def _truth(name):
    def function(x, /, *, axis=None, keepdims=False):
        flags = x.to(_C.dtype.bool)
        return flags.clone() if axis == () else getattr(_C, name)(flags, _axes(x, axis), keepdims)
    function.__name__ = name
    function.__doc__ = f"True where {name} of the elements over axes are true; NaN is true."
    return function


max, min = _extreme("max", "amax"), _extreme("min", "amin")
all, any = _truth("all"), _truth("any")
