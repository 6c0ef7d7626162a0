"""Data types, and the functions about them."""
import functools

from .. import _C
from .._info import finfo as _finfo, iinfo as _iinfo

NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
         "float64", "astype", "broadcast_arrays", "broadcast_to", "can_cast", "finfo", "iinfo",
         "isdtype", "result_type"]
_dtype = _C.dtype
for _name in NAMES[:11]:
    globals()[_name] = _dtype[_name]

SIGNED = (_dtype.int8, _dtype.int16, _dtype.int32, _dtype.int64)
UNSIGNED = (_dtype.uint8, _dtype.uint16, _dtype.uint32, _dtype.uint64)
FLOATS = (_dtype.float16, _dtype.bfloat16, _dtype.float32, _dtype.float64)
_KINDS = {"bool": (_dtype.bool,), "signed integer": SIGNED, "unsigned integer": UNSIGNED,
          "integral": SIGNED + UNSIGNED, "real floating": FLOATS, "complex floating": (),
          "numeric": SIGNED + UNSIGNED + FLOATS}


def kind_of(dtype):
    """'bool', 'integral' or 'real floating'."""
    return next(k for k in ("bool", "integral", "real floating") if dtype in _KINDS[k])


def check_kind(name, x, *kinds):
    """TypeError unless x's dtype is of one of the kinds."""
    if kind_of(x.dtype) not in kinds:
        raise TypeError(f"{name}: expected a dtype that is {' or '.join(kinds)}, got {x.dtype}")


def dtype_of(x):
    """The dtype of an array; a dtype as it is."""
    return x.dtype if isinstance(x, _C.Tensor) else x


def astype(x, dtype, /, *, copy=True, device=None):
    """x in another dtype; x itself where nothing changes and copy=False."""
    out = x.to(device) if device is not None else x
    return out if out.dtype == dtype and not copy else out.to(dtype, copy=copy)


def broadcast_to(x, /, shape):
    """x in a larger shape, without copying."""
    return _C.broadcast_to(x, tuple(shape))


def broadcast_shapes(shapes):
    """The common shape of arrays of these shapes. ValueError where they do not fit."""
    out = []
    for shape in shapes:
        shape = list(shape)
        wide = max(len(out), len(shape))
        out, shape = [1] * (wide - len(out)) + out, [1] * (wide - len(shape)) + shape
        for i, (a, b) in enumerate(zip(out, shape)):
            if a != b and 1 not in (a, b):
                raise ValueError(f"broadcast: expected shapes that fit, got {[tuple(s) for s in shapes]}")
            out[i] = b if a == 1 else a
    return tuple(out)


def broadcast_arrays(*arrays):
    """All arrays in their common shape, without copying."""
    shape = broadcast_shapes([a.shape for a in arrays])
    return [broadcast_to(a, shape) for a in arrays]


def can_cast(from_, to, /):
    """True where the standard's promotion leads from `from_` (a dtype or array) to `to`."""
    source = dtype_of(from_)
    if kind_of(source) != kind_of(to):
        return False
    try:
        return _C.promote_types(source, to) == to
    except TypeError:
        return False


def finfo(type, /):
    """The limits of a floating dtype, or of an array's."""
    return _finfo(dtype_of(type))


def iinfo(type, /):
    """The limits of an integer dtype, or of an array's."""
    return _iinfo(dtype_of(type))


def isdtype(dtype, kind):
    """True where `dtype` is of `kind`: a dtype, a kind's name, or a tuple of them."""
    if isinstance(kind, tuple):
        return any(isdtype(dtype, k) for k in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ValueError(f"isdtype: expected a kind among {sorted(_KINDS)}, got {kind!r}")
        return dtype in _KINDS[kind]
    return dtype == kind


def result_type(*arrays_and_dtypes):
    """The dtype that holds all. TypeError where the standard has none, such as int with float."""
    if not arrays_and_dtypes:
        raise ValueError("result_type: expected at least one array or dtype")
    dtypes = [dtype_of(a) for a in arrays_and_dtypes]
    if len({kind_of(d) for d in dtypes}) > 1:
        raise TypeError(f"result_type: expected dtypes of one kind, got {', '.join(map(str, dtypes))}")
    return functools.reduce(_C.promote_types, dtypes)
