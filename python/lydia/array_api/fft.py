"""The fft extension, as far as it goes without complex dtypes: the frequencies and the shifts."""
from .. import _C

__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq"]


def fftfreq(n, /, *, d=1.0, device=None):
    """The frequencies of fft's output for n samples d apart."""
    k = _C.arange(n)
    k = k - n * (k > (n - 1) // 2).to(_C.dtype.int64)
    return k.to(_C.get_default_dtype()) / (n * d)


def rfftfreq(n, /, *, d=1.0, device=None):
    """The frequencies of rfft's output for n samples d apart."""
    return _C.arange(n // 2 + 1).to(_C.get_default_dtype()) / (n * d)


def _shift(x, axes, amount):
    from .manipulation import roll
    axes = range(x.ndim) if axes is None else (axes,) if isinstance(axes, int) else axes
    axes = tuple(axes)
    return roll(x, tuple(amount(x.shape[a]) for a in axes), axis=axes) if axes else x.clone()


def fftshift(x, /, *, axes=None):
    """x with the zero frequency moved to the middle."""
    return _shift(x, axes, lambda n: n // 2)


def ifftshift(x, /, *, axes=None):
    """Undoes fftshift."""
    return _shift(x, axes, lambda n: -(n // 2))
