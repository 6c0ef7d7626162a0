"""Comparisons for tests."""
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
    import numpy as np
    if a.shape != e.shape:
        return f"expected shape {list(e.shape)}, got {list(a.shape)}"
    if check_dtype and a.dtype != e.dtype:
        return f"expected dtype {e.dtype}, got {a.dtype}"
    if check_stride and a.stride() != e.stride():
        return f"expected strides {e.stride()}, got {a.stride()}"
    if rtol is None:
        rtol, atol = _tolerances(a, e)
    if a.is_floating_point() or e.is_floating_point():
        x, y = (t.detach().to(_C.dtype.float64).numpy() for t in (a, e))
        with np.errstate(invalid="ignore"):
            gap = np.abs(x - y)
            close = (x == y) | (np.isfinite(y) & (gap <= atol + rtol * np.abs(y)))
        if equal_nan:
            close |= np.isnan(x) & np.isnan(y)
    else:
        x, y = a.numpy(), e.numpy()
        close = x == y
        gap = np.where(close, 0.0, np.abs(x.astype(np.float64) - y.astype(np.float64)))
    wrong = int(np.size(close) - np.count_nonzero(close))
    if not wrong:
        return None
    at = np.unravel_index(int(np.argmax(np.where(close, -1.0, np.where(np.isnan(gap), np.inf, gap)))),
                          close.shape) if close.ndim else ()
    where = f" at {tuple(int(i) for i in at)}" if at else ""
    return (f"{wrong} of {close.size} elements differ; the largest difference is {gap[at]:.3g}{where}: "
            f"expected {y[at]}, got {x[at]} (rtol {rtol:g}, atol {atol:g})")
