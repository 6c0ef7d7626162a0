"""Manipulation functions."""
from .. import _C
from .._tensor import tensor as _tensor
from .data_types import result_type

NAMES = ["concat", "expand_dims", "flip", "moveaxis", "permute_dims", "repeat", "reshape", "roll",
         "squeeze", "stack", "tile", "unstack"]


def _common(arrays):
    dtype = result_type(*arrays)
    return [a.to(dtype) for a in arrays]


def concat(arrays, /, *, axis=0):
    """Arrays joined along an axis; axis=None joins them flattened."""
    arrays = _common(arrays)
    if axis is None:
        arrays, axis = [a.reshape(-1) for a in arrays], 0
    return _C.cat(arrays, axis)


def expand_dims(x, /, *, axis=0):
    """x with a new axis of size 1."""
    return x.unsqueeze(axis)


def flip(x, /, *, axis=None):
    """x with the order along the axes reversed."""
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    for a in axes:
        if not -x.ndim <= a < x.ndim:
            raise IndexError(f"flip: axis {a} is out of range for {x.ndim} dimensions")
        x = x[tuple(slice(None, None, -1) if d == a % x.ndim else slice(None) for d in range(x.ndim))]
    return x.clone()


def moveaxis(x, source, destination, /):
    """x with axes moved to new places."""
    return x.movedim(source, destination)


def permute_dims(x, /, axes):
    """x with its axes in another order."""
    return x.permute(tuple(axes))


def repeat(x, repeats, /, *, axis=None):
    """Each element repeated; `repeats` is an int or one count per element of the axis."""
    if axis is None:
        x, axis = x.reshape(-1), 0
    n = x.shape[axis]
    counts = repeats.tolist() if isinstance(repeats, _C.Tensor) else repeats
    counts = [counts] * n if isinstance(counts, int) else counts * n if len(counts) == 1 else counts
    if len(counts) != n or min(counts, default=0) < 0:
        raise ValueError(f"repeat: expected {n} counts of at least 0, got {counts}")
    at = [i for i, c in enumerate(counts) for _ in range(c)]
    return _C.index_select(x, axis, _tensor(at, dtype=_C.dtype.int64))


def reshape(x, /, shape, *, copy=None):
    """x in another shape. ValueError where copy=False can't be kept."""
    if copy:
        return x.clone().reshape(tuple(shape))
    return x.view(tuple(shape)) if copy is False else x.reshape(tuple(shape))


def roll(x, /, shift, *, axis=None):
    """x with its elements moved along the axes, round the end."""
    if axis is None:
        return roll(x.reshape(-1), shift, axis=0).reshape(x.shape)
    shifts = (shift,) if isinstance(shift, int) else tuple(shift)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    if len(shifts) == 1:
        shifts *= len(axes)
    if len(shifts) != len(axes):
        raise ValueError(f"roll: expected one shift per axis, got {shifts} for {axes}")
    out = x.clone()
    for s, a in zip(shifts, axes):
        n = out.shape[a]
        if n and s % n:
            s %= n
            out = _C.cat([out.narrow(a, n - s, s), out.narrow(a, 0, n - s)], a)
    return out


def squeeze(x, /, axis):
    """x without the axes, which must have size 1."""
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes:
        if x.shape[a] != 1:
            raise ValueError(f"squeeze: expected axis {a} to have size 1, got shape {list(x.shape)}")
    return x.squeeze(axes) if axes else x


def stack(arrays, /, *, axis=0):
    """Arrays of one shape joined along a new axis."""
    arrays = _common(arrays)
    if len({a.shape for a in arrays}) > 1:
        raise ValueError(f"stack: expected arrays of one shape, got {[list(a.shape) for a in arrays]}")
    return _C.cat([a.unsqueeze(axis) for a in arrays], axis)


def tile(x, repetitions, /):
    """x repeated as a whole along each axis."""
    counts = tuple(repetitions)
    counts = (1,) * (x.ndim - len(counts)) + counts
    x = x.reshape((1,) * (len(counts) - x.ndim) + tuple(x.shape))
    for axis, c in enumerate(counts):
        x = _C.cat([x] * c, axis) if c else x.narrow(axis, 0, 0)
    return x.clone()


def unstack(x, /, *, axis=0):
    """The slices of x along an axis, as a tuple."""
    return tuple(x.unbind(axis))
