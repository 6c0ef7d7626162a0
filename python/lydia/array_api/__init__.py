"""lydia under the names of the Python array API standard 2023.12.

    xp = x.__array_namespace__()

One file per chapter of the standard. Arrays are lydia.Tensor. There are no complex dtypes, so the
functions that are about complex numbers alone are not here.

Where it differs from the standard, because a Tensor is what PyTorch's users expect of one:
- `x.size` is a method; `lydia.array_api.size(x)` gives the number of elements.
- Operators promote by PyTorch's rules: a Python number or a 0-d array does not widen an array of
  its own kind, and kinds may be mixed. The functions here promote by the standard's.
- The fft extension has the frequencies and shifts alone; lydia.fft holds complex values as a last
  axis of 2.
"""
from . import (constants, creation, data_types, elementwise, indexing, info, linear_algebra,
               manipulation, searching, sets, sorting, statistical)
from . import fft, linalg  # noqa: F401
from .. import _C

__array_api_version__ = "2023.12"
__all__ = ["__array_api_version__", "fft", "linalg"]
for _chapter in (constants, creation, data_types, elementwise, indexing, info, linear_algebra,
                 manipulation, searching, sets, sorting, statistical):
    for _name in _chapter.NAMES:
        globals()[_name] = getattr(_chapter, _name)
        __all__.append(_name)


def size(x, /):
    """The number of elements of x; in the standard, the attribute x.size."""
    return x.numel()


def _namespace(self, /, *, api_version=None):
    """lydia.array_api. ValueError for a version of the standard it does not follow."""
    if api_version not in (None, "2021.12", "2022.12", "2023.12"):
        raise ValueError(f"__array_namespace__: expected api_version up to 2023.12, got {api_version}")
    from .. import array_api
    return array_api


def _to_device(self, device, /, *, stream=None):
    """This array on `device`."""
    if stream is not None:
        raise ValueError(f"to_device: expected stream=None, got {stream}")
    return self.to(device)


_C.Tensor.__array_namespace__ = _namespace
_C.Tensor.to_device = _to_device
