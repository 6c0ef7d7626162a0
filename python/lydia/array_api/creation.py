"""Creation functions."""
from .. import _C
from .._methods import from_dlpack as _from_dlpack
from .._tensor import tensor as _tensor

NAMES = ["arange", "asarray", "empty", "empty_like", "eye", "from_dlpack", "full", "full_like",
         "linspace", "meshgrid", "ones", "ones_like", "tril", "triu", "zeros", "zeros_like"]


def _on(x, device):
    return x if device is None else x.to(device)


def arange(start, /, stop=None, step=1, *, dtype=None, device=None):
    """Numbers from start (0 if stop is left out) to stop, stop not included."""
    if stop is None:
        start, stop = 0, start
    if (stop - start) * step <= 0:  # an empty range is no error in the standard
        whole = all(isinstance(v, int) for v in (start, stop, step))
        return _on(_C.empty(0, dtype=dtype or (_C.dtype.int64 if whole else _C.get_default_dtype())), device)
    return _on(_C.arange(start, stop, step, dtype=dtype), device)


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """obj as an array, sharing memory where it can unless copy=True. ValueError where copy=False
    can't be kept."""
    if isinstance(obj, _C.Tensor):
        shared = obj
    elif _C._has_buffer(obj):
        shared = _C._over_buffer(obj, "asarray")
    elif hasattr(obj, "__dlpack__"):
        shared = _from_dlpack(obj)
    elif copy is False:
        raise ValueError("asarray: Python numbers and lists can't be used without copying")
    else:
        return _on(_tensor(obj, dtype=dtype), device)
    if copy is False and dtype not in (None, shared.dtype):
        raise ValueError(f"asarray: {shared.dtype} can't become {dtype} without copying")
    return _on(shared.to(dtype or shared.dtype, copy=bool(copy)), device)


def from_dlpack(x, /, *, device=None, copy=None):
    """An array over the memory of x."""
    out = _on(_from_dlpack(x), device)
    return out.clone() if copy else out


def _made(name):
    def make(shape, *, dtype=None, device=None):
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        return getattr(_C, name)(shape, dtype=dtype, device=device)
    make.__name__, make.__doc__ = name, f"An array of {name} in the given shape."
    return make


def _made_like(name):
    def make(x, /, *, dtype=None, device=None):
        return getattr(_C, name)(x, dtype=dtype, device=device)
    make.__name__, make.__doc__ = name, f"{name.split('_')[0]} in the shape of x."
    return make


empty, zeros, ones = _made("empty"), _made("zeros"), _made("ones")
empty_like, zeros_like, ones_like = (_made_like(n) for n in ("empty_like", "zeros_like", "ones_like"))


def full(shape, fill_value, *, dtype=None, device=None):
    """An array of one value."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return _C.full(shape, fill_value, dtype=dtype, device=device)


def full_like(x, /, fill_value, *, dtype=None, device=None):
    """An array of one value in the shape of x."""
    return _C.full_like(x, fill_value, dtype=dtype, device=device)


def eye(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None):
    """Ones on diagonal k, zeros elsewhere."""
    cols = n_rows if n_cols is None else n_cols
    out = _C.zeros((n_rows, cols), dtype=dtype, device=device)
    if -n_rows < k < cols:
        out.diagonal(k).fill_(1)
    return out


def linspace(start, stop, /, num, *, dtype=None, device=None, endpoint=True):
    """num evenly spaced numbers from start to stop."""
    wide = _C.linspace(start, stop, num if endpoint else num + 1, dtype=_C.dtype.float64)
    return _on(wide.narrow(0, 0, num).to(dtype or _C.get_default_dtype(), copy=True), device)


def meshgrid(*arrays, indexing="xy"):
    """Coordinate arrays of a grid."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: expected indexing 'xy' or 'ij', got {indexing!r}")
    return list(_C.meshgrid(*arrays, indexing=indexing)) if arrays else []


def _check_matrix(name, x):
    if x.ndim < 2:
        raise ValueError(f"{name}: expected at least 2 dimensions, got shape {list(x.shape)}")


def tril(x, /, *, k=0):
    """The lower triangles of matrices, up to diagonal k."""
    _check_matrix("tril", x)
    return _C.tril(x, k)


def triu(x, /, *, k=0):
    """The upper triangles of matrices, from diagonal k on."""
    _check_matrix("triu", x)
    return _C.triu(x, k)
