"""Comparisons for tests."""
import math

from . import _C
from ._tensor import as_tensor

# PyTorch's tolerances per dtype: relative, absolute.
_TOLERANCE = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5),
              "float64": (1e-7, 1e-7)}


def _tolerances(a, b):
    each = [_TOLERANCE.get(t.dtype.name, (0.0, 0.0)) for t in (a, b)]
    return max(r for r, _ in each), max(t for _, t in each)


def assert_close(actual, expected, *, rtol=None, atol=None, equal_nan=False, check_dtype=True,
                 check_stride=False, msg=None):
    """AssertionError unless |actual - expected| <= atol + rtol * |expected| everywhere.

    Takes tensors, numbers, NumPy arrays, and sequences or dicts of them. The tolerances default to
    PyTorch's for the dtypes; give both or none.
    """
    if (rtol is None) != (atol is None):
        raise ValueError("assert_close: expected both rtol and atol, or none of them")
    if isinstance(expected, dict):
        if set(actual) != set(expected):
            raise AssertionError(f"assert_close: expected the keys {sorted(expected)}, got {sorted(actual)}")
        pairs = [(f"[{k!r}]", actual[k], expected[k]) for k in expected]
    elif isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            raise AssertionError(f"assert_close: expected {len(expected)} items, got {len(actual)}")
        pairs = [(f"[{i}]", a, e) for i, (a, e) in enumerate(zip(actual, expected))]
    else:
        pairs = [("", actual, expected)]
        message = _difference(as_tensor(actual), as_tensor(expected), rtol, atol, equal_nan,
                              check_dtype, check_stride)
        if message:
            text = f"assert_close: {message}"
            raise AssertionError(msg(text) if callable(msg) else msg or text)
        return
    for label, a, e in pairs:
        assert_close(a, e, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=check_dtype,
                     check_stride=check_stride, msg=msg or (lambda text, at=label: f"item {at}: {text}"))


def _difference(a, e, rtol, atol, equal_nan, check_dtype, check_stride):
    if a.shape != e.shape:
        return f"expected shape {list(e.shape)}, got {list(a.shape)}"
    if check_dtype and a.dtype != e.dtype:
        return f"expected dtype {e.dtype}, got {a.dtype}"
    if check_stride and a.stride() != e.stride():
        return f"expected strides {e.stride()}, got {a.stride()}"
    if rtol is None:
        rtol, atol = _tolerances(a, e)
    if a.is_floating_point() or e.is_floating_point():
        x, y = (t.detach().to(_C.dtype.float64) for t in (a, e))
        gap = (x - y).abs()
        close = (x == y) | (y.isfinite() & (gap <= atol + rtol * y.abs()))
        if equal_nan:
            close = close | (x.isnan() & y.isnan())
    else:
        close = a == e
        gap = (a.to(_C.dtype.float64) - e.to(_C.dtype.float64)).abs()
    wrong = close.numel() - int(close.count_nonzero())
    if not wrong:
        return None
    worst = int(_C.where(close, -1.0, gap.nan_to_num(math.inf)).reshape(-1).argmax())
    at = []
    for n in reversed(close.shape):
        worst, here = divmod(worst, n)
        at.insert(0, here)
    at = tuple(at)
    where = f" at {at}" if at else ""
    return (f"{wrong} of {close.numel()} elements differ; the largest difference is "
            f"{gap[at].item():.3g}{where}: expected {e[at].item()}, got {a[at].item()} "
            f"(rtol {rtol:g}, atol {atol:g})")
