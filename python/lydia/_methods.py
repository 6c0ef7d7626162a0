"""Methods of Tensor that are written with others: shapes after another tensor, new tensors like
this one, transposes, storage, DLPack, devices."""
from . import _C
from ._C import Tensor
from ._tensor import tensor


class UntypedStorage:
    """The bytes behind a tensor."""

    def __init__(self, t):
        self._tensor = t.detach()

    def data_ptr(self):
        """The address of the first byte."""
        return self._tensor._storage_ptr

    def nbytes(self):
        """How many bytes there are."""
        return self._tensor._storage_nbytes

    size = __len__ = nbytes

    @property
    def device(self):
        """Where the bytes are."""
        return self._tensor.device

    def __eq__(self, other):
        return isinstance(other, UntypedStorage) and \
            self._tensor._storage_id() == other._tensor._storage_id()

    def __hash__(self):
        return hash(self._tensor._storage_id())

    def __repr__(self):
        return f"UntypedStorage({self.nbytes()} bytes on {self.device})"


def from_dlpack(x):
    """A tensor over the memory of `x`, which has __dlpack__ (NumPy, torch, ...) or is a capsule.

    Nothing is copied; the memory lives as long as the tensor. Read-only memory stays read-only.
    """
    if not hasattr(x, "__dlpack__"):
        return _C._from_capsule(x)
    try:
        capsule = x.__dlpack__(max_version=(1, 0))
    except TypeError:  # a producer from before DLPack 1
        capsule = x.__dlpack__()
    return _C._from_capsule(capsule)


def to_dlpack(x):
    """A DLPack capsule (unversioned) over the memory of tensor `x`."""
    return _C._to_dlpack(x, False)


def _dlpack(self, *, stream=None, max_version=None, dl_device=None, copy=None):
    """A DLPack capsule over this tensor's memory. BufferError where it requires grad."""
    if stream is not None:
        raise BufferError(f"__dlpack__: expected stream=None on the CPU, got {stream}")
    if dl_device is not None and tuple(int(i) for i in dl_device) != (1, 0):
        raise BufferError(f"__dlpack__: expected the CPU as dl_device, got {dl_device}")
    versioned = max_version is not None and max_version[0] >= 1
    return _C._to_dlpack(self.clone() if copy else self, versioned)


def _new(name):
    def method(self, *size, dtype=None, device=None, requires_grad=False):
        return getattr(_C, name)(*size, dtype=dtype or self.dtype, device=device or self.device,
                                 requires_grad=requires_grad)
    method.__name__ = f"new_{name}"
    method.__doc__ = f"lydia.{name}(*size) with this tensor's dtype and device."
    return method


def _new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False):
    """lydia.full(size, fill_value) with this tensor's dtype and device."""
    return _C.full(size, fill_value, dtype=dtype or self.dtype, device=device or self.device,
                   requires_grad=requires_grad)


def _new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """lydia.tensor(data) with this tensor's dtype and device."""
    return tensor(data, dtype=dtype or self.dtype, device=device or self.device,
                  requires_grad=requires_grad)


def _transposed(self):
    """The dimensions in reverse, for at most two; use mT for matrices in a batch."""
    if self.ndim > 2:
        raise ValueError(f"T: expected at most 2 dimensions, got shape {list(self.shape)}; use mT")
    return self.t() if self.ndim == 2 else self


def _matrix_transposed(self):
    """The last two dimensions exchanged."""
    if self.ndim < 2:
        raise ValueError(f"mT: expected at least 2 dimensions, got shape {list(self.shape)}")
    return self.transpose(-2, -1)


def _contains(self, value):
    return bool((self == value).to(_C.dtype.int64).sum().item())


def _cuda(self, device=None, non_blocking=False):
    """This tensor on a GPU. NotImplementedError, with the reason, where there is none."""
    return self.to(device or "cuda")


def _pin_memory(self):
    """This tensor in memory a GPU can read. NotImplementedError where there is no GPU."""
    raise NotImplementedError(f"pin_memory: {_C._cuda_status()}")


def _is_pinned(self):
    """False: there is no memory a GPU reads."""
    return False


def _is_same_size(self, other):
    """True where the shapes are equal."""
    return self.shape == other.shape


def _untyped_storage(self):
    """The bytes behind this tensor, which views share."""
    return UntypedStorage(self)


def _like(name, call):
    def method(self, other):
        return call(self, other)
    method.__name__, method.__doc__ = name, f"This tensor, {name.replace('_', ' ')} `other`."
    return method


for _name, _call in [("view_as", lambda x, o: x.view(o.shape)),
                     ("reshape_as", lambda x, o: x.reshape(o.shape)),
                     ("expand_as", lambda x, o: x.expand(o.shape)),
                     ("type_as", lambda x, o: x.to(o.dtype))]:
    setattr(Tensor, _name, _like(_name, _call))
for _name in ("zeros", "ones", "empty"):
    setattr(Tensor, f"new_{_name}", _new(_name))
Tensor.new_full = _new_full
Tensor.new_tensor = _new_tensor
Tensor.T = property(_transposed)
Tensor.mT = property(_matrix_transposed)
Tensor.H = property(_transposed)
Tensor.mH = property(_matrix_transposed)
Tensor.__contains__ = _contains
Tensor.cuda = _cuda
Tensor.pin_memory = _pin_memory
Tensor.is_cuda = property(lambda self: self.device.type == "cuda", doc="True on a GPU.")
Tensor.is_sparse = property(lambda self: False, doc="False: every tensor is dense.")
Tensor.is_pinned = _is_pinned
Tensor.is_same_size = _is_same_size
Tensor.untyped_storage = Tensor.storage = _untyped_storage
Tensor.__dlpack__ = _dlpack
Tensor.__dlpack_device__ = lambda self: (1, 0)
Tensor.__complex__ = lambda self: complex(self.item())
Tensor.__rmatmul__ = lambda self, other: _C.matmul(other, self)
