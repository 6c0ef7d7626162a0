"""Discrete Fourier transforms, as torch.fft, with complex values as a last dimension of 2.

`dim` counts without that last dimension. norm: "backward" (default), "ortho" or "forward".
"""
from ._C._fft import fft, ifft, irfft, rfft

__all__ = ["fft", "ifft", "irfft", "rfft"]
