"""The parts of Tensor that are written in Python: making tensors from data, repr, conversions."""
import builtins
import functools

import numpy as np

from . import _C
from ._C import Tensor, dtype as _dtype

_FROM_NUMPY = {np.dtype(t.name): t for t in _dtype if t.name != "bfloat16"}


def _numpy_dtype(t):
    if t == _dtype.bfloat16:
        raise TypeError("numpy: expected a dtype that NumPy has, got bfloat16; convert with .float() first")
    return np.dtype(t.name)


def from_numpy(array):
    """A tensor over the memory of `array` (any strides that are whole elements); nothing is copied."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected a numpy.ndarray, got {type(array).__name__}")
    if array.dtype not in _FROM_NUMPY:
        raise TypeError("from_numpy: expected a numeric or bool dtype in this machine's byte order, "
                        f"got {array.dtype}")
    if any(s % array.itemsize for s in array.strides):
        raise ValueError(f"from_numpy: expected strides in whole elements, got {array.strides} bytes")
    strides = tuple(s // array.itemsize for s in array.strides)
    return _C._over_memory(array.ctypes.data, array.shape, strides, _FROM_NUMPY[array.dtype], array,
                           not array.flags.writeable)


def _without_tensors(data, found):
    """Nested lists with tensors as numbers; `found` gathers the dtypes of the leaves."""
    if isinstance(data, Tensor):
        found.add(data.dtype)
        return data.detach().tolist()
    if isinstance(data, (list, tuple)):
        return [_without_tensors(item, found) for item in data]
    found.add(None)
    return data


def _has_tensor(data):
    if isinstance(data, (list, tuple)):
        return any(_has_tensor(item) for item in data)
    return isinstance(data, Tensor)


def _to_array(data):
    """A contiguous NumPy array for `data`, with torch's dtypes for Python numbers."""
    if isinstance(data, np.ndarray) or isinstance(data, np.generic):
        return np.ascontiguousarray(data).reshape(np.shape(data))
    try:
        array = np.array(data, order="C")
    except ValueError:
        raise ValueError("tensor: expected numbers in equally long rows") from None
    if array.dtype == np.float64:
        default = _C.get_default_dtype()
        array = array.astype(np.float32 if default == _dtype.bfloat16 else np.dtype(default.name))
    if array.dtype == object or array.dtype == np.uint64:
        raise ValueError("tensor: expected numbers that int64 or float64 can hold")
    return array


def _convert(array, dtype):
    """The array in `dtype`; ValueError where an integer does not fit."""
    if dtype is None or dtype == _dtype.bfloat16 or array.dtype == np.dtype(dtype.name):
        return array
    target = np.dtype(dtype.name)
    if array.dtype.kind in "iu" and target.kind in "iu" and array.size:
        limits = np.iinfo(target)
        low, high = int(array.min()), int(array.max())
        if low < limits.min or high > limits.max:
            raise ValueError(f"tensor: expected values that {dtype} can hold, got {low} to {high}")
    with np.errstate(all="ignore"):
        return array.astype(target)


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
        found = set()
        if _has_tensor(data):
            data = _without_tensors(data, found)
        array = _to_array(data)
        if array.dtype not in _FROM_NUMPY:
            raise TypeError(f"tensor: expected numbers or bools, got {array.dtype}")
        if dtype is None and found and None not in found:
            dtype = functools.reduce(_C.promote_types, found)
        array = _convert(array, dtype)
        out = _C._copy_of_memory(array.ctypes.data, array.shape, _FROM_NUMPY[array.dtype])
    out = out.to(device=device, dtype=dtype)
    return out.requires_grad_() if requires_grad else out


def as_tensor(data, *, dtype=None, device=None):
    """`data` as a tensor, sharing memory where it can."""
    if isinstance(data, np.ndarray) and data.dtype in _FROM_NUMPY:
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
    if not copy and dtype in (None, self.dtype) and device in (None, self.device):
        return self
    return self._to(dtype, device, copy)


class _Memory:
    """What NumPy needs to see a tensor's memory; keeps the tensor alive."""

    def __init__(self, t):
        self.tensor = t
        n = t.element_size()
        self.__array_interface__ = {
            "shape": t.shape, "typestr": _numpy_dtype(t.dtype).str, "data": (t.data_ptr(), False),
            "strides": tuple(s * n for s in t.stride()), "version": 3}


def _numpy(self, *, force=False):
    """A NumPy array over this tensor's memory."""
    if self.requires_grad and not force:
        raise RuntimeError("numpy: this tensor requires grad; use .detach().numpy()")
    if self.numel() == 0:
        return np.empty(self.shape, _numpy_dtype(self.dtype))
    return np.asarray(_Memory(self))


def _array(self, dtype=None, copy=None):
    array = _numpy(self.detach())
    return array if dtype is None else array.astype(dtype)


Tensor.to = _to
Tensor.numpy = _numpy
Tensor.__array__ = _array
Tensor.__array_priority__ = 1000
Tensor.cpu = lambda self: self
for _name, _t in [("float", "float32"), ("double", "float64"), ("half", "float16"),
                  ("bfloat16", "bfloat16"), ("long", "int64"), ("int", "int32"),
                  ("short", "int16"), ("char", "int8"), ("byte", "uint8"), ("bool", "bool")]:
    setattr(Tensor, _name, lambda self, _t=_dtype[_t]: self._to(_t, None, False))
