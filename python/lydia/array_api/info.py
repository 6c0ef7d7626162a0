"""Inspection: what this namespace offers."""
from .. import _C
from .data_types import isdtype

NAMES = ["__array_namespace_info__"]
_PUBLIC = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
           "float64")


class _Info:
    def capabilities(self):
        """Boolean masks and data-dependent shapes are offered."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 16}

    def default_device(self):
        """Where new arrays live."""
        return _C.device("cpu")

    def default_dtypes(self, *, device=None):
        """The dtypes of new arrays, by kind."""
        return {"real floating": _C.get_default_dtype(), "integral": _C.dtype.int64,
                "indexing": _C.dtype.int64}

    def dtypes(self, *, device=None, kind=None):
        """Names and dtypes, all or of one kind (or a tuple of kinds)."""
        every = {name: _C.dtype[name] for name in _PUBLIC}
        return every if kind is None else {n: d for n, d in every.items() if isdtype(d, kind)}

    def devices(self):
        """All devices arrays can live on."""
        return [_C.device("cpu")] + ([_C.device("cuda")] if _C._cuda_available() else [])


def __array_namespace_info__():
    """An object that tells devices, dtypes, defaults and capabilities."""
    return _Info()
