"""finfo and iinfo: the limits of dtypes."""
from . import _C

_dtype = _C.dtype
# bits, eps, largest, smallest normal, decimal digits
_FLOATS = {
    "float16": (16, 2.0 ** -10, 65504.0, 2.0 ** -14, 1e-3),
    "bfloat16": (16, 2.0 ** -7, (2 - 2.0 ** -7) * 2.0 ** 127, 2.0 ** -126, 1e-2),
    "float32": (32, 2.0 ** -23, (2 - 2.0 ** -23) * 2.0 ** 127, 2.0 ** -126, 1e-6),
    "float64": (64, 2.0 ** -52, (2 - 2.0 ** -52) * 2.0 ** 1023, 2.0 ** -1022, 1e-15),
}


class finfo:
    """The limits of a floating dtype: bits, eps, max, min, tiny, smallest_normal, resolution."""

    def __init__(self, type=None):
        dtype = _C.get_default_dtype() if type is None else type
        if not isinstance(dtype, _dtype) or dtype.name not in _FLOATS:
            raise TypeError(f"finfo: expected a floating dtype, got {dtype}")
        self.dtype = dtype
        self.bits, self.eps, self.max, self.smallest_normal, self.resolution = _FLOATS[dtype.name]
        self.tiny = self.smallest_normal
        self.min = -self.max

    def __repr__(self):
        return (f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, "
                f"eps={self.eps:g}, smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, "
                f"dtype={self.dtype.name})")


class iinfo:
    """The limits of an integer dtype: bits, min, max."""

    def __init__(self, type):
        if not isinstance(type, _dtype) or type.is_floating_point or type == _dtype.bool:
            raise TypeError(f"iinfo: expected an integer dtype, got {type}")
        self.dtype = type
        self.bits = 8 * type.itemsize
        self.min = -(1 << (self.bits - 1)) if type.is_signed else 0
        self.max = (1 << (self.bits - (1 if type.is_signed else 0))) - 1

    def __repr__(self):
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype.name})"
