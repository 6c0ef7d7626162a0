"""Discrete Fourier transforms, as torch.fft, with complex values as a last dimension of 2.

`dim` counts without that last dimension. norm: "backward" (default), "ortho" or "forward".
"""
from . import _C
from ._C._fft import fft, ifft, irfft, rfft

__all__ = ["fft", "fftfreq", "fftshift", "ifft", "ifftshift", "irfft", "rfft", "rfftfreq"]


def fftfreq(n, d=1.0, *, dtype=None, device=None, requires_grad=False):
    """The frequencies of fft's output for n samples d apart: 0, 1, ..., -2, -1 over n d."""
    k = _C.arange(n, device=device)
    out = (k - n * (k > (n - 1) // 2).to(_C.dtype.int64)).to(dtype or _C.get_default_dtype()) / (n * d)
    return out.requires_grad_() if requires_grad else out


def rfftfreq(n, d=1.0, *, dtype=None, device=None, requires_grad=False):
    """The frequencies of rfft's output for n samples d apart: 0 to n // 2 over n d."""
    out = _C.arange(n // 2 + 1, device=device).to(dtype or _C.get_default_dtype()) / (n * d)
    return out.requires_grad_() if requires_grad else out


def _shifted(input, dim, sign):
    dims = range(input.ndim) if dim is None else (dim,) if isinstance(dim, int) else dim
    return _C.roll(input, [sign * (input.shape[d] // 2) for d in dims], list(dims)) if input.ndim else input


def fftshift(input, dim=None):
    """The zero frequency moved to the middle of each dim (all if None).

    Every dimension counts here; name the dims of a tensor of complex values, without its last.
    """
    return _shifted(input, dim, 1)


def ifftshift(input, dim=None):
    """Undoes fftshift."""
    return _shifted(input, dim, -1)
