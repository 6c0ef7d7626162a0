"""The parts of Tensor that are written in Python: making tensors from data, repr, conversions."""
import builtins

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
        raise TypeError(f"from_numpy: expected a numeric or bool dtype, got {array.dtype}")
    if any(s % array.itemsize for s in array.strides):
        raise ValueError(f"from_numpy: expected strides in whole elements, got {array.strides} bytes")
    strides = tuple(s // array.itemsize for s in array.strides)
    return _C._over_memory(array.ctypes.data, array.shape, strides, _FROM_NUMPY[array.dtype], array,
                           not array.flags.writeable)


def _to_array(data):
    """A contiguous NumPy array for `data`, with torch's dtypes for Python numbers."""
    if isinstance(data, np.ndarray) or isinstance(data, np.generic):
        return np.ascontiguousarray(data).reshape(np.shape(data))
    array = np.array(data, order="C")
    if array.dtype == np.float64:
        array = array.astype(np.dtype(_C.get_default_dtype().name)
                             if _C.get_default_dtype().name != "bfloat16" else np.float32)
    if array.dtype == object:
        raise ValueError("tensor: expected numbers in equally long rows")
    return array


def tensor(data, *, dtype=None, device=None, requires_grad=False):
    """A new tensor that copies `data`: a number, nested lists, a NumPy array or a tensor."""
    if isinstance(data, Tensor):
        out = data.detach().clone()
    else:
        array = _to_array(data)
        if dtype is not None and dtype != _dtype.bfloat16 and array.dtype != np.dtype(dtype.name):
            with np.errstate(all="ignore"):
                array = array.astype(np.dtype(dtype.name))
        if array.dtype not in _FROM_NUMPY:
            raise TypeError(f"tensor: expected numbers or bools, got {array.dtype}")
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


def _to(self, *args, dtype=None, device=None, copy=False, **_):
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


def _repr(self):
    shown = self.detach()
    if self.dtype == _dtype.bfloat16:
        shown = shown.to(_dtype.float32)
    with np.printoptions(precision=4, suppress=False, threshold=1000, edgeitems=3):
        body = np.array2string(shown.numpy(), separator=", ", prefix="tensor(")
    extra = ""
    if self.dtype not in (_dtype.float32, _dtype.int64, _dtype.bool):
        extra += f", dtype=lydia.{self.dtype.name}"
    if self.numel() == 0 and len(self.shape) > 1:
        extra += f", size={self.shape}"
    if not self.is_leaf:
        extra += f", grad_fn={self.grad_fn}"
    elif self.requires_grad:
        extra += ", requires_grad=True"
    return f"tensor({body}{extra})"


Tensor.to = _to
Tensor.numpy = _numpy
Tensor.__array__ = _array
Tensor.__array_priority__ = 1000
Tensor.__repr__ = _repr
Tensor.cpu = lambda self: self
for _name, _t in [("float", "float32"), ("double", "float64"), ("half", "float16"),
                  ("bfloat16", "bfloat16"), ("long", "int64"), ("int", "int32"),
                  ("short", "int16"), ("char", "int8"), ("byte", "uint8"), ("bool", "bool")]:
    setattr(Tensor, _name, lambda self, _t=_dtype[_t]: self._to(_t, None, False))
