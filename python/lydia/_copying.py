"""pickle, copy and deepcopy of tensors.

A pickle holds each storage once: tensors that share memory share it again after loading.
"""
import copy
import copyreg

from . import _C
from ._C import Tensor


def _load_tensor(storage, sizes, strides, offset, requires_grad, extra):
    t = storage.as_strided(sizes, strides, offset).detach()
    if requires_grad:
        t.requires_grad_()
    t.__dict__.update(extra)
    return t


def _load_storage(data, dtype):
    return _C._tensor_of_bytes(data, dtype)


class _Storage:
    """The bytes behind tensors, as pickle sees them: one object per storage and dtype."""

    def __init__(self, whole):
        self.whole = whole

    def __reduce__(self):
        return _load_storage, (_C._bytes_of(self.whole), self.whole.dtype)


_live = {}


def _storage_of(t):
    """The same _Storage for tensors over the same memory, for as long as a pickler keeps it."""
    import weakref
    key = (t._storage_id(), t.dtype)
    found = _live.get(key)
    kept = found() if found is not None else None
    if kept is None:
        kept = _Storage(_C._whole_storage(t.detach()))
        _live[key] = weakref.ref(kept, lambda _, key=key: _live.pop(key, None))
    return kept


def _reduce(self, protocol):
    if not self.is_leaf:
        raise RuntimeError("pickle: only leaves can be pickled or deep-copied; detach() this tensor first")
    storage = _storage_of(self)
    return _load_tensor, (storage, tuple(self.shape), self.stride(), self.storage_offset(),
                          self.requires_grad, dict(self.__dict__))


def _deepcopy(self, memo):
    if id(self) in memo:
        return memo[id(self)]
    if not self.is_leaf:
        raise RuntimeError("deepcopy: only leaves can be deep-copied; detach() or clone() this tensor first")
    key = ("lydia storage", self._storage_id(), self.dtype)
    if key not in memo:
        memo[key] = _C._whole_storage(self.detach()).clone()
    out = memo[key].as_strided(tuple(self.shape), self.stride(), self.storage_offset()).detach()
    if self.requires_grad:
        out.requires_grad_()
    if self.grad is not None:
        out.grad = copy.deepcopy(self.grad, memo)  # which keeps the handle, and so its id, alive
    memo[id(self)] = out
    out.__dict__.update(copy.deepcopy(self.__dict__, memo))
    return out


def _copy(self):
    out = self.detach()
    if self.requires_grad:
        out = out.requires_grad_() if self.is_leaf else self.view(self.shape)
    out.__dict__.update(self.__dict__)
    return out


Tensor.__reduce_ex__ = _reduce
Tensor.__deepcopy__ = _deepcopy
Tensor.__copy__ = _copy
copyreg.pickle(type(_C.dtype.float32), lambda d: (getattr, (_C.dtype, d.name)))
copyreg.pickle(_C.device, lambda d: (_C.device, (str(d),)))


# Functions of the library are what they are by name, as Python's own: a module that holds one (an
# activation, say) can be copied and pickled.
copyreg.pickle(type(_C.add), lambda function: function.__name__)
