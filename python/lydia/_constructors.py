"""torch's old constructors: Tensor(2, 3), Tensor([1., 2.]) and the typed ones, FloatTensor and its
like, which are also what isinstance(x, lydia.FloatTensor) asks."""
from . import _C
from ._C import Tensor, dtype as _dtype
from ._size import Size


def new_tensor(dtype, *args, device=None):
    """What Tensor(*args) holds: nothing, unset values of the sizes given, or the data given."""
    if len(args) == 1 and isinstance(args[0], Tensor):
        if args[0].dtype != dtype:
            raise TypeError(f"Tensor: expected a tensor of {dtype}, got {args[0].dtype}; convert with .to()")
        return args[0].detach()
    if len(args) == 1 and isinstance(args[0], Size):
        args = tuple(args[0])
    elif len(args) == 1 and not isinstance(args[0], int):
        if isinstance(args[0], (float, str, bytes)) or not hasattr(args[0], "__len__"):
            raise TypeError(f"Tensor: expected sizes or a sequence of numbers, got {type(args[0]).__name__}")
        return _C._tensor_of(args[0], None)._to(dtype, device, False)
    return _C.empty(*args, dtype=dtype, device=device) if args else _C.empty(0, dtype=dtype, device=device)


class _Typed(type):
    """A class whose instances are the tensors of one dtype."""

    def __instancecheck__(cls, value):
        return isinstance(value, Tensor) and value.dtype == cls.dtype


def _typed(name, t):
    def __new__(cls, *args, device=None):
        return new_tensor(t, *args, device=device)
    doc = f"{name}(*sizes) or {name}(data): a tensor of {t.name}; isinstance asks for that dtype."
    return _Typed(name, (), {"dtype": t, "__new__": __new__, "__doc__": doc, "__module__": "lydia"})


NAMES = {"FloatTensor": _dtype.float32, "DoubleTensor": _dtype.float64, "HalfTensor": _dtype.float16,
         "BFloat16Tensor": _dtype.bfloat16, "LongTensor": _dtype.int64, "IntTensor": _dtype.int32,
         "ShortTensor": _dtype.int16, "CharTensor": _dtype.int8, "ByteTensor": _dtype.uint8,
         "BoolTensor": _dtype.bool}
for _name, _t in NAMES.items():
    globals()[_name] = _typed(_name, _t)
_NAME_OF = {t: name for name, t in NAMES.items()}


def _type(self, dtype=None):
    """The name of this tensor's type, such as "lydia.FloatTensor"; or this tensor as `dtype`: a
    dtype, a class such as lydia.LongTensor, or its name."""
    if dtype is None:
        return f"lydia.{_NAME_OF.get(self.dtype, self.dtype.name)}"
    if isinstance(dtype, str):
        name = dtype.rpartition(".")[2]
        if name not in NAMES:
            raise ValueError(f"type: expected a name such as 'lydia.FloatTensor', got {dtype!r}")
        dtype = NAMES[name]
    return self.to(dtype.dtype if isinstance(dtype, _Typed) else dtype)


Tensor.type = _type
