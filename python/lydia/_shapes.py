"""Arrangements and questions about tensors, written with other ops; functions and methods."""
import itertools

from . import _C
from ._C import Tensor
from ._tensor import as_tensor, tensor


def is_tensor(obj):
    """True for tensors."""
    return isinstance(obj, Tensor)


def numel(input):
    """The number of elements."""
    return input.numel()


def is_floating_point(input):
    """True for floating dtypes."""
    return input.is_floating_point()


def is_signed(input):
    """True for dtypes with negative numbers."""
    return input.dtype.is_signed


def is_nonzero(input):
    """True where the one element is not zero. ValueError for more or fewer elements."""
    return bool(input)


def is_same_size(input, other):
    """True where the shapes are equal."""
    return input.shape == other.shape


def result_type(tensor1, tensor2):
    """The dtype of an operation on two tensors or numbers; 0-d tensors and numbers widen no tensor of
    their own kind."""
    small = [_C.zeros((1,) * min(t.ndim, 1), dtype=t.dtype) if isinstance(t, Tensor) else tensor(t)
             for t in (tensor1, tensor2)]
    return (small[0] * small[1]).dtype


def scalar_tensor(s, *, dtype=None, device=None, requires_grad=False):
    """A 0-d tensor, of the default floating dtype unless `dtype` is given."""
    return tensor(s, dtype=dtype or _C.get_default_dtype(), device=device, requires_grad=requires_grad)


def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """`obj` as a tensor: sharing its memory where it can unless copy=True, and a ValueError where
    copy=False can't be kept."""
    if copy:
        out = tensor(obj, dtype=dtype, device=device)
    else:
        out = as_tensor(obj, dtype=dtype, device=device)
        if copy is False and not (isinstance(obj, Tensor) and out.data_ptr() == obj.data_ptr() or
                                  _C._has_buffer(obj) and dtype in (None, as_tensor(obj).dtype)):
            raise ValueError(f"asarray: {type(obj).__name__} can't become this tensor without copying")
    return out.requires_grad_() if requires_grad else out


_FORMATS = {"bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
            "int64": "q", "uint64": "Q", "float32": "f", "float64": "d"}


def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A 1-d tensor over the bytes of a buffer (bytes, bytearray, mmap, ...), from `offset` bytes on.

    ValueError where the bytes do not hold `count` elements. Read-only memory stays read-only.
    """
    if dtype.name not in _FORMATS:
        raise TypeError(f"frombuffer: expected a dtype of C, got {dtype}")
    data = memoryview(buffer).cast("B")
    n = (len(data) - offset) // dtype.itemsize if count < 0 else count
    if not 0 <= offset < len(data) or n < 1 or offset + n * dtype.itemsize > len(data) or \
            (count < 0 and (len(data) - offset) % dtype.itemsize):
        raise ValueError(f"frombuffer: expected {count} elements of {dtype.itemsize} bytes from byte {offset} "
                         f"on, got {len(data)} bytes")
    out = _C._over_buffer(data[offset:offset + n * dtype.itemsize].cast(_FORMATS[dtype.name]), "frombuffer")
    return out.requires_grad_() if requires_grad else out


def ravel(input):
    """All elements in one dimension; a view where it can be."""
    return input.reshape(-1)


def diagflat(input, offset=0):
    """A matrix with the elements of input on its diagonal."""
    return _C.diag(input.reshape(-1), offset)


def block_diag(*tensors):
    """Matrices on the diagonal of a larger one; vectors count as rows."""
    blocks = [_C.atleast_2d(t) for t in tensors]
    if any(b.ndim != 2 for b in blocks):
        raise ValueError("block_diag: expected tensors of at most 2 dimensions")
    width, before, rows = sum(b.shape[1] for b in blocks), 0, []
    for b in blocks:
        rows.append(_C.pad(b, (before, width - before - b.shape[1])))
        before += b.shape[1]
    return _C.cat(rows, 0)


def combinations(input, r=2, with_replacement=False):
    """All choices of r elements of a vector, one in each row."""
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    at = list(choose(range(input.numel()), r))
    index = tensor(at, dtype=_C.dtype.int64) if at else _C.empty((0, r), dtype=_C.dtype.int64)
    return input.take(index)


def split_with_sizes(input, split_sizes, dim=0):
    """Views of the given sizes along dim."""
    return _C.split(input, split_sizes, dim)


def select_scatter(input, src, dim, index):
    """A copy of input with src at `index` of dim."""
    out = input.clone()
    out.select(dim, index).copy_(src)
    return out


def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """A copy of input with src in the slice start:end:step of dim."""
    out = input.clone()
    out[(slice(None),) * (dim % input.ndim) + (slice(start, end, step),)] = src
    return out


def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """A copy of input with src on its diagonal."""
    out = input.clone()
    out.diagonal(offset, dim1, dim2).copy_(src)
    return out


def as_strided_scatter(input, src, size, stride, storage_offset=None):
    """A copy of input with src in the places that as_strided would show."""
    offset = input.storage_offset() if storage_offset is None else storage_offset
    return _C._as_strided_scatter(input, src, size, stride, offset)


def unravel_index(indices, shape):
    """The coordinates of flat indices into `shape`, one tensor per dimension."""
    out = []
    for n in reversed(shape):
        out.insert(0, indices % n)
        indices = indices // n
    return tuple(out)


def vander(x, N=None, increasing=False):
    """The Vandermonde matrix of a vector: powers 0 to N - 1 in columns, falling unless increasing."""
    n = x.numel() if N is None else N
    powers = x.unsqueeze(-1) ** _C.arange(n)
    return powers if increasing else powers.flip((-1,))


def empty_strided(size, stride, *, dtype=None, device=None, requires_grad=False):
    """Unspecified values in memory of the given strides."""
    reach = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride))
    out = _C.empty(reach, dtype=dtype, device=device).as_strided(size, stride)
    return out.requires_grad_() if requires_grad else out


def _sum_to_size(self, *size):
    """This tensor summed over dimensions so that it has a shape that broadcasts to its own."""
    size = tuple(size[0]) if len(size) == 1 and not isinstance(size[0], int) else size
    extra = self.ndim - len(size)
    if extra < 0 or any(n not in (1, m) for n, m in zip(size, self.shape[max(extra, 0):])):
        raise ValueError(f"sum_to_size: expected a size that broadcasts to {list(self.shape)}, got {list(size)}")
    dims = list(range(extra)) + [extra + i for i, n in enumerate(size) if n == 1 != self.shape[extra + i]]
    return (self.sum(tuple(dims), keepdim=True) if dims else self).reshape(size)


def _fill_diagonal_(self, fill_value, wrap=False):
    """Writes a number on the main diagonal. `wrap` is not offered."""
    if wrap:
        raise NotImplementedError("fill_diagonal_: expected wrap=False, got True")
    n = min(self.shape)
    if self.ndim > 2 and len(set(self.shape)) > 1:
        raise ValueError(f"fill_diagonal_: expected equal sizes, got shape {list(self.shape)}")
    at = _C.arange(n)
    self[(at,) * self.ndim] = fill_value
    return self


def _is_set_to(self, tensor):
    """True where both are the same view of the same memory."""
    return self._storage_id() == tensor._storage_id() and self.shape == tensor.shape and \
        self.stride() == tensor.stride() and self.storage_offset() == tensor.storage_offset()


def _broadcast_to(self, size):
    """This tensor in a larger shape, without copying."""
    return _C.broadcast_to(self, size)


def _get_device(self):
    """The number of this tensor's GPU; -1 for the CPU."""
    return -1 if self.device.type == "cpu" else self.device.index or 0


def adjoint(input):
    """The last two dimensions exchanged."""
    return input.mT


def _prelu(self, weight):
    """Elements above 0, weight times those below."""
    return _C._nn_prelu(self, weight)


def _hardshrink(self, lambd=0.5):
    """0 within [-lambd, lambd], the elements outside."""
    return _C._nn_hardshrink(self, lambd)


def _written(name):
    def method(self, *args, **kwargs):
        return self.copy_(getattr(self, name)(*args, **kwargs))
    method.__name__, method.__doc__ = f"{name}_", f"{name} written into this tensor."
    return method


_BOTH = [ravel, diagflat, split_with_sizes, select_scatter, slice_scatter, diagonal_scatter,
         as_strided_scatter, is_signed, is_nonzero, adjoint]
NAMES = [f.__name__ for f in _BOTH] + [
    "is_tensor", "numel", "is_floating_point", "is_same_size", "result_type", "scalar_tensor", "asarray",
    "frombuffer", "block_diag", "combinations", "unravel_index", "vander", "empty_strided"]
for _f in _BOTH:
    setattr(Tensor, _f.__name__, _f)
for _f in (_broadcast_to, _get_device, _prelu, _hardshrink):
    setattr(Tensor, _f.__name__[1:], _f)
Tensor.sum_to_size = _sum_to_size
Tensor.fill_diagonal_ = _fill_diagonal_
Tensor.is_set_to = _is_set_to
Tensor.is_cpu = property(lambda self: self.device.type == "cpu", doc="True in the machine's own memory.")
Tensor.__reversed__ = lambda self: self.flip(0) if self.ndim else self
for _name in ("cumsum", "cumprod", "float_power"):
    setattr(Tensor, f"{_name}_", _written(_name))

# torch has the in-place forms of these as functions too.
IN_PLACE = [n for n in dir(Tensor) if n.endswith("_") and not n.startswith("_") and n[:-1] in dir(_C)
            and n not in ("requires_grad_",)] + ["fill_", "zero_", "detach_"]


def in_place_function(name):
    """lydia.<name>_(input, ...), which writes into input."""
    def function(input, *args, **kwargs):
        return getattr(input, name)(*args, **kwargs)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"input.{name}(...): writes into input and returns it."
    return function
