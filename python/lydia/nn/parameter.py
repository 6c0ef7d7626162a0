"""Parameter: a tensor that a Module registers as one of its weights."""
from .. import _C
from .._C import Tensor
from .._copying import _load_tensor


def _load_parameter(storage, sizes, strides, offset, requires_grad, extra):
    data = _load_tensor(storage, sizes, strides, offset, False, {})
    out = Parameter(data, requires_grad)
    out.__dict__.update(extra)
    return out


class Parameter(Tensor):
    """A leaf on the memory of `data` that needs a gradient. Assigned to a Module's attribute, it
    becomes one of its parameters()."""

    def __init__(self, data=None, requires_grad=True):
        super().__init__(_C.empty(0) if data is None else data)
        if requires_grad:
            self.requires_grad_()

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol):
        return (_load_parameter, *super().__reduce_ex__(protocol)[1:])

    def __deepcopy__(self, memo):
        if id(self) in memo:
            return memo[id(self)]
        copied = super().__deepcopy__(memo)
        out = Parameter(copied, self.requires_grad)
        out.grad = copied.grad
        out.__dict__.update(copied.__dict__)
        memo[id(self)] = out
        return out

    def __copy__(self):
        out = Parameter(self, self.requires_grad)
        out.__dict__.update(self.__dict__)
        return out
