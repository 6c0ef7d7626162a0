"""Elementwise functions: one table of the standard's names and lydia's."""
from .. import _C
from .data_types import check_kind, kind_of

# standard name -> (lydia's name, kinds of dtype it takes)
_ALL, _NUMERIC = ("bool", "integral", "real floating"), ("integral", "real floating")
_FLOAT, _INT, _BITS, _BOOL = ("real floating",), ("integral",), ("bool", "integral"), ("bool",)
_UNARY = {
    "abs": ("abs", _NUMERIC), "acos": ("acos", _FLOAT), "acosh": ("acosh", _FLOAT),
    "asin": ("asin", _FLOAT), "asinh": ("asinh", _FLOAT), "atan": ("atan", _FLOAT),
    "atanh": ("atanh", _FLOAT), "bitwise_invert": ("bitwise_not", _BITS), "ceil": ("ceil", _NUMERIC),
    "cos": ("cos", _FLOAT), "cosh": ("cosh", _FLOAT), "exp": ("exp", _FLOAT),
    "expm1": ("expm1", _FLOAT), "floor": ("floor", _NUMERIC), "isfinite": ("isfinite", _NUMERIC),
    "isinf": ("isinf", _NUMERIC), "isnan": ("isnan", _NUMERIC), "log": ("log", _FLOAT),
    "log1p": ("log1p", _FLOAT), "log2": ("log2", _FLOAT), "log10": ("log10", _FLOAT),
    "logical_not": ("logical_not", _BOOL), "negative": ("neg", _NUMERIC),
    "positive": ("positive", _NUMERIC), "round": ("round", _NUMERIC), "sign": ("sign", _NUMERIC), "signbit": ("signbit", _FLOAT),
    "sin": ("sin", _FLOAT), "sinh": ("sinh", _FLOAT), "sqrt": ("sqrt", _FLOAT),
    "square": ("square", _NUMERIC), "tan": ("tan", _FLOAT), "tanh": ("tanh", _FLOAT),
    "trunc": ("trunc", _NUMERIC),
}
_BINARY = {
    "add": ("add", _NUMERIC), "atan2": ("atan2", _FLOAT), "bitwise_and": ("bitwise_and", _BITS),
    "bitwise_left_shift": ("bitwise_left_shift", _INT), "bitwise_or": ("bitwise_or", _BITS),
    "bitwise_right_shift": ("bitwise_right_shift", _INT), "bitwise_xor": ("bitwise_xor", _BITS),
    "copysign": ("copysign", _FLOAT), "divide": ("div", _FLOAT), "equal": ("eq", _ALL),
    "floor_divide": ("floor_divide", _NUMERIC), "greater": ("gt", _NUMERIC),
    "greater_equal": ("ge", _NUMERIC), "hypot": ("hypot", _FLOAT), "less": ("lt", _NUMERIC),
    "less_equal": ("le", _NUMERIC), "logaddexp": ("logaddexp", _FLOAT),
    "logical_and": ("logical_and", _BOOL), "logical_or": ("logical_or", _BOOL),
    "logical_xor": ("logical_xor", _BOOL), "maximum": ("maximum", _NUMERIC),
    "minimum": ("minimum", _NUMERIC), "multiply": ("mul", _NUMERIC), "not_equal": ("ne", _ALL),
    "pow": ("pow", _NUMERIC), "remainder": ("remainder", _NUMERIC), "subtract": ("sub", _NUMERIC),
}
# Identities on integers.
_ROUNDING = ("ceil", "floor", "round", "trunc")


def _check(name, kinds, *arrays):
    for x in arrays:
        check_kind(name, x, *kinds)


def _sign(x):
    """lydia's sign with the standard's NaN for NaN; torch, and so lydia, has 0."""
    return _C.where(x.isnan(), x, x.sign()) if x.is_floating_point() else x.sign()


def _unary(name, own, kinds):
    op = _sign if name == "sign" else getattr(_C, own)

    def function(x, /):
        _check(name, kinds, x)
        if name in _ROUNDING and kind_of(x.dtype) == "integral":
            return x.clone()
        return op(x)
    return function


def _binary(name, own, kinds):
    op = getattr(_C, own)

    def function(x1, x2, /):
        _check(name, kinds, x1, x2)
        if x1.dtype != x2.dtype:  # in the standard, 0-d arrays promote as all others
            common = _C.promote_types(x1.dtype, x2.dtype)
            x1, x2 = x1.to(common), x2.to(common)
        return op(x1, x2)
    return function


NAMES = ["clip"]
for _table, _make in ((_UNARY, _unary), (_BINARY, _binary)):
    for _name, (_own, _kinds) in _table.items():
        _f = _make(_name, _own, _kinds)
        _f.__name__ = _f.__qualname__ = _name
        _f.__doc__ = f"{_name}, elementwise, for dtypes that are {' or '.join(_kinds)}."
        globals()[_name] = _f
        NAMES.append(_name)


def clip(x, /, min=None, max=None):
    """x, with values below min raised to it and values above max lowered to it."""
    _check("clip", _NUMERIC, x)
    for bound, op in ((min, "maximum"), (max, "minimum")):
        if bound is not None:
            bound = bound if isinstance(bound, _C.Tensor) else _C.full((), bound, dtype=x.dtype)
            x = getattr(_C, op)(x, bound.to(x.dtype))
    return x
