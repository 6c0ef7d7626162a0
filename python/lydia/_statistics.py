"""Medians, quantiles, moments and integrals, written with other ops; functions and methods."""
from collections import namedtuple

from . import _C
from ._C import Tensor
from ._products import into

_Median = namedtuple("median", ["values", "indices"])
_NanMedian = namedtuple("nanmedian", ["values", "indices"])


def _nans(x):
    return x.isnan() if x.is_floating_point() else _C.zeros_like(x, dtype=_C.dtype.bool)


def median(input, dim=None, keepdim=False):
    """The median of all elements, or (values, indices) along dim: the lower of two in the middle.

    NaN where there is one. ValueError for an empty dimension.
    """
    if dim is None:
        return median(input.reshape(-1), 0)[0]
    x = input.unsqueeze(0) if input.ndim == 0 else input
    values, indices = _C.kthvalue(x, (x.shape[dim] + 1) // 2, dim, keepdim)
    nans = _nans(x)
    if nans.any():
        any_nan = nans.any(dim, keepdim)
        values = _C.where(any_nan, float("nan"), values)
        indices = _C.where(any_nan, nans.to(_C.dtype.uint8).argmax(dim, keepdim), indices)
    return _Median(values, indices)


def nanmedian(input, dim=None, keepdim=False):
    """median of the elements that are not NaN; NaN where all are."""
    if dim is None:
        return nanmedian(input.reshape(-1), 0)[0]
    x = input.unsqueeze(0) if input.ndim == 0 else input
    values, order = _C.sort(x, dim)  # NaN last
    at = ((x.shape[dim] - _nans(x).sum(dim, True) - 1) // 2).clamp_min(0)
    found = [t.gather(dim, at) for t in (values, order)]
    return _NanMedian(*(found if keepdim else (t.squeeze(dim) for t in found)))


_ROUNDING = {"lower": _C.floor, "higher": _C.ceil, "nearest": _C.round}


def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear", out=None):
    """The q-th quantiles (0 <= q <= 1; a number or a 1-d tensor) along dim, or of all elements.

    interpolation between neighbours: "linear", "lower", "higher", "nearest" or "midpoint". A tensor
    of quantiles becomes the first dimension of the result. NaN where there is one.
    """
    if interpolation not in ("linear", "midpoint", *_ROUNDING):
        raise ValueError("quantile: expected interpolation linear, lower, higher, nearest or midpoint, "
                         f"got {interpolation!r}")
    one = not isinstance(q, Tensor)
    q = _C.full((), q, dtype=input.dtype) if one else q
    if q.ndim > 1 or (q < 0).any() or (q > 1).any():
        raise ValueError("quantile: expected q between 0 and 1, at most 1-d")
    if input.numel() == 0:
        raise ValueError(f"quantile: expected elements, got shape {list(input.shape)}")
    x = (input.reshape(-1) if dim is None else input.movedim(dim, -1)).sort(-1)[0]
    at = q.reshape(-1) * (x.shape[-1] - 1)
    at = _ROUNDING.get(interpolation, _C.positive)(at)
    low, high = (x.index_select(-1, f(at).to(_C.dtype.int64)) for f in (_C.floor, _C.ceil))
    weight = _C.full_like(at, 0.5) if interpolation == "midpoint" else at - at.floor()
    result = _C.where(low == high, low, _C.lerp(low, high, weight.expand(low.shape)))
    result = _C.where(x.isnan().any(-1, True), float("nan"), result).movedim(-1, 0)
    if keepdim:
        shape = [1] * input.ndim
        result = result.reshape([len(at), *shape]) if dim is None else result.unsqueeze(
            dim + 1 if dim >= 0 else dim)
    return into("quantile", out, result.squeeze(0) if q.ndim == 0 else result)


def _both(name, spread):
    def function(input, dim=None, unbiased=None, keepdim=False, *, correction=1, out=None):
        if unbiased is not None:
            correction = int(unbiased)
        return (spread(input, dim, correction=correction, keepdim=keepdim),
                _C.mean(input, dim, keepdim))
    function.__name__ = name
    function.__doc__ = f"({name.split('_')[0]}, mean) over dim, or over all elements."
    return function


std_mean, var_mean = _both("std_mean", _C.std), _both("var_mean", _C.var)


def cov(input, *, correction=1, fweights=None, aweights=None):
    """The covariance matrix of variables in rows and observations in columns.

    fweights: how often each observation counts (integers); aweights: its weight.
    """
    if input.ndim > 2:
        raise ValueError(f"cov: expected at most 2 dimensions, got shape {list(input.shape)}")
    x = input.reshape(1, -1) if input.ndim < 2 else input
    x = x if x.is_floating_point() else x.to(_C.get_default_dtype())
    w = fweights
    if aweights is not None:
        w = aweights if w is None else w * aweights
    if w is None:
        total, factor = x.shape[1], x.shape[1] - correction
        centred = x - x.mean(1, True)
        weighted = centred
    else:
        total = w.sum()
        factor = total - correction if aweights is None else \
            total - correction * (w * aweights).sum() / total
        centred = x - (x * w).sum(1, True) / total
        weighted = centred * w
    result = _C.matmul(weighted, centred.mT) / (factor if isinstance(factor, Tensor) else max(factor, 0))
    return result.reshape(()) if input.ndim < 2 else result


def corrcoef(input):
    """The matrix of Pearson's correlation coefficients of variables in rows."""
    c = cov(input)
    if c.ndim == 0:
        return c / c
    d = c.diagonal().sqrt()
    return (c / d.unsqueeze(1) / d.unsqueeze(0)).clamp(-1, 1)


def _panels(y, x, dx, dim):
    n = y.shape[dim]
    left, right = y.narrow(dim, 0, max(n - 1, 0)), y.narrow(dim, min(n, 1), max(n - 1, 0))
    if x is None:
        return (left + right) * (dx / 2)
    width = x.diff() if x.ndim == 1 else x.diff(dim=dim)
    if x.ndim == 1:
        shape = [1] * y.ndim
        shape[dim] = -1
        width = width.reshape(shape)
    return (left + right) * width / 2


def trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The integral of y along dim by the trapezoid rule, over points x or a spacing dx."""
    return _panels(y, x, dx, dim).sum(dim)


def cumulative_trapezoid(y, x=None, *, dx=1.0, dim=-1):
    """The running integral of y along dim, one element shorter."""
    return _panels(y, x, dx, dim).cumsum(dim)


trapz = trapezoid


def isin(elements, test_elements, *, assume_unique=False, invert=False):
    """bool: whether each of `elements` occurs in `test_elements`; either may be a number."""
    if not isinstance(elements, Tensor):
        elements = _C._tensor_of(elements, None)
    if not isinstance(test_elements, Tensor):
        test_elements = _C._tensor_of(test_elements, None)
    known = test_elements.reshape(-1).sort()[0]
    if known.numel() == 0:
        return _C.full(elements.shape, invert, dtype=_C.dtype.bool)
    common = _C.promote_types(elements.dtype, known.dtype)
    if common == _C.dtype.bool:
        common = _C.dtype.uint8
    elements, known = elements.to(common), known.to(common)
    found = known.take(_C.searchsorted(known, elements).clamp_max(known.numel() - 1)) == elements
    return found.logical_not() if invert else found


NAMES = ["median", "nanmedian", "quantile", "std_mean", "var_mean", "cov", "corrcoef", "trapezoid", "trapz",
         "cumulative_trapezoid", "isin"]
for _f in (median, nanmedian, quantile, cov, corrcoef):
    setattr(Tensor, _f.__name__, _f)
