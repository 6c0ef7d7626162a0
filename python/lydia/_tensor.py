"""The parts of Tensor that are written in Python: making tensors from data, repr, conversions."""
import builtins
import sys

from . import _C
from ._C import Tensor, dtype as _dtype


def _numpy_dtype(np, t):
    if t == _dtype.bfloat16:
        raise TypeError("numpy: expected a dtype that NumPy has, got bfloat16; convert with .float() first")
    return np.dtype(t.name)


def from_numpy(ndarray):
    """A tensor over the memory of a NumPy array (any strides that are whole elements); nothing is
    copied, and read-only arrays give read-only tensors. TypeError for dtypes lydia has not."""
    np = sys.modules.get("numpy")  # who has an array has imported it
    if np is None or not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy: expected a numpy.ndarray, got {type(ndarray).__name__}")
    return _C._over_buffer(ndarray, "from_numpy")


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A new tensor that copies `data`: a number, nested lists, a NumPy array or a tensor.

    Without `dtype`: bool, int64 or the default floating dtype for Python numbers, whichever holds
    them all; the array's or tensor's own otherwise. ValueError for rows of different lengths and
    integers out of range, TypeError for what is no number.
    """
    if pin_memory:
        raise NotImplementedError(f"pin_memory: {_C._cuda_status()}")
    if isinstance(data, Tensor):
        out = data.detach().clone()
    else:
        out = _C._tensor_of(data, dtype)
    out = out.to(device=device, dtype=dtype)
    return out.requires_grad_() if requires_grad else out


def as_tensor(data, *, dtype=None, device=None):
    """`data` as a tensor, sharing memory where it can."""
    np = sys.modules.get("numpy")
    if np is not None and isinstance(data, np.ndarray):
        data = from_numpy(data)
    if isinstance(data, Tensor):
        return data.to(device=device, dtype=dtype)
    return tensor(data, dtype=dtype, device=device)


def _to(self, *args, dtype=None, device=None, non_blocking=False, copy=False):
    """This tensor in another dtype or on another device; itself where nothing changes.

    to(dtype), to(device), to(device, dtype), to(other), each with copy=True for a copy in any case.
    """
    for arg in args:
        if isinstance(arg, _dtype):
            dtype = arg
        elif isinstance(arg, Tensor):
            dtype, device = arg.dtype, arg.device
        elif isinstance(arg, builtins.bool):
            continue  # non_blocking
        else:
            device = arg
    return self._to(dtype, device, copy)


class _Memory:
    """What NumPy needs to see a tensor's memory; keeps the tensor alive."""

    def __init__(self, np, t):
        self.tensor = t
        n = t.element_size()
        self.__array_interface__ = {
            "shape": t.shape, "typestr": _numpy_dtype(np, t.dtype).str, "data": (t._exposed_ptr(), t._read_only),
            "strides": tuple(s * n for s in t.stride()), "version": 3}


def _numpy(self, *, force=False):
    """A NumPy array over this tensor's memory."""
    if self.requires_grad and not force:
        raise RuntimeError("numpy: this tensor requires grad; use .detach().numpy()")
    import numpy as np  # only here: lydia works without NumPy
    if self.numel() == 0:
        return np.empty(self.shape, _numpy_dtype(np, self.dtype))
    return np.asarray(_Memory(np, self))


def _array(self, dtype=None, copy=None):
    array = _numpy(self.detach())
    return array if dtype is None else array.astype(dtype)


Tensor.to = _to
Tensor.numpy = _numpy
Tensor.__array__ = _array
Tensor.__array_priority__ = 1000


def _cpu(self):
    """This tensor in the machine's own memory."""
    return self.to("cpu")


def _converter(dtype):
    def method(self):
        return self._to(dtype, None, False)
    method.__doc__ = f"This tensor as {dtype.name}; itself where it is that already."
    return method


Tensor.cpu = _cpu
for _name, _t in [("float", "float32"), ("double", "float64"), ("half", "float16"),
                  ("bfloat16", "bfloat16"), ("long", "int64"), ("int", "int32"),
                  ("short", "int16"), ("char", "int8"), ("byte", "uint8"), ("bool", "bool")]:
    _method = _converter(_dtype[_t])
    _method.__name__ = _name
    setattr(Tensor, _name, _method)
