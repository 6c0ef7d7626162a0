"""default_collate: the examples of a batch as tensors, by torch's rules."""
import collections.abc
import sys

from ... import _C
from ..._C import Tensor
from ..._tensor import as_tensor, tensor


def _is_array(data):
    """True for NumPy's arrays and scalars; who has one has imported NumPy."""
    np = sys.modules.get("numpy")
    return np is not None and isinstance(data, (np.ndarray, np.generic))


def _same_type(original, items):
    """A mapping like `original` with other values."""
    try:
        return type(original)(items)
    except TypeError:  # a type that cannot be made of a dict
        return dict(items)


def default_convert(data):
    """NumPy arrays and scalars as tensors, inside any nesting; everything else as it is."""
    if isinstance(data, Tensor) or isinstance(data, (str, bytes)):
        return data
    if _is_array(data):
        return data if data.dtype.kind in "SUO" else as_tensor(data)
    if isinstance(data, collections.abc.Mapping):
        return _same_type(data, {key: default_convert(data[key]) for key in data})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(d) for d in data))
    if isinstance(data, collections.abc.Sequence):
        return [default_convert(d) for d in data]
    return data


def default_collate(batch):
    """One object like the examples, with every tensor, array and number stacked in front.

    Strings and bytes become lists; mappings, named tuples and sequences are taken apart.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return _C.stack(list(batch))
    if _is_array(first):
        if first.dtype.kind in "SUO":
            raise TypeError(f"default_collate: expected arrays of numbers, got {first.dtype}")
        return _C.stack([as_tensor(item) for item in batch])
    if isinstance(first, bool):
        return tensor(list(batch))
    if isinstance(first, float):
        return tensor(list(batch), dtype=_C.dtype.float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return list(batch)
    if isinstance(first, collections.abc.Mapping):
        return _same_type(first, {key: default_collate([item[key] for item in batch]) for key in first})
    if isinstance(first, collections.abc.Sequence):
        for item in batch:
            if not isinstance(item, collections.abc.Sequence):
                raise TypeError("default_collate: expected examples of one kind, got "
                                f"{type(first).__name__} and {type(item).__name__}")
        if any(len(item) != len(first) for item in batch):
            raise RuntimeError("default_collate: expected examples of equal length, got lengths "
                               f"{sorted({len(item) for item in batch})}")
        columns = [default_collate(column) for column in zip(*batch)]
        return type(first)(*columns) if hasattr(first, "_fields") else columns
    raise TypeError("default_collate: expected tensors, arrays, numbers, strings, mappings or "
                    f"sequences of them, got {type(first).__name__}")
