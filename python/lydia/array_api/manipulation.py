"""Manipulation functions."""
from .. import _C
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
    axes = tuple(range(x.ndim)) if axis is None else axis
    return _C.flip(x, axes) if x.ndim else x.clone()


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
    if isinstance(repeats, _C.Tensor):
        repeats = repeats.to(_C.dtype.int64)
        repeats = repeats.item() if repeats.numel() == 1 else repeats
    return _C.repeat_interleave(x, repeats, axis)


def reshape(x, /, shape, *, copy=None):
    """x in another shape. ValueError where copy=False can't be kept."""
    if copy:
        return x.clone().reshape(tuple(shape))
    return x.view(tuple(shape)) if copy is False else x.reshape(tuple(shape))


def roll(x, /, shift, *, axis=None):
    """x with its elements moved along the axes, round the end."""
    if axis is None:
        return _C.roll(x, shift)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shifts = (shift,) * len(axes) if isinstance(shift, int) else tuple(shift)
    return _C.roll(x, shifts, axes) if axes else x.clone()


def squeeze(x, /, axis):
    """x without the axes, which must have size 1."""
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for a in axes:
        if x.shape[a] != 1:
            raise ValueError(f"squeeze: expected axis {a} to have size 1, got shape {list(x.shape)}")
    return x.squeeze(axes) if axes else x


def stack(arrays, /, *, axis=0):
    """Arrays of one shape joined along a new axis."""
    return _C.stack(_common(arrays), axis)


def tile(x, repetitions, /):
    """x repeated as a whole along each axis."""
    return _C.tile(x, tuple(repetitions))


def unstack(x, /, *, axis=0):
    """The slices of x along an axis, as a tuple."""
    return tuple(x.unbind(axis))
