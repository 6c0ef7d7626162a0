"""Sequences of different lengths: padded side by side, or packed time by time."""
import collections

from ... import _C
from ..._C import dtype as _dtype

_Fields = collections.namedtuple(
    "_Fields", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"], defaults=(None, None))


class PackedSequence(_Fields):
    """The steps of several sequences, longest first: all first steps, then all second ones, ...

    data [sum of lengths, *]; batch_sizes says how many sequences have each step; sorted_indices is
    the order in which the sequences were put, unsorted_indices leads back.
    """

    def to(self, *args, **kwargs):
        """With data.to(...)."""
        return self._replace(data=self.data.to(*args, **kwargs))


def _positions(rows):
    """Where the packed steps lie in [T * N, *]."""
    n = rows[0]
    return _C.cat([_C.arange(t * n, t * n + count) for t, count in enumerate(rows)])


def padded_from_packed(data, rows, padding_value=0.0):
    """[T, N, *] of the packed steps."""
    flat = _C.full((len(rows) * rows[0], *data.shape[1:]), padding_value, dtype=data.dtype)
    return flat.index_copy(0, _positions(rows), data).reshape(len(rows), rows[0], *data.shape[1:])


def packed_from_padded(padded, rows):
    """The packed steps of [T, N, *]."""
    return padded.flatten(0, 1).index_select(0, _positions(rows))


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    """A PackedSequence of [T, N, *] (batch_first: [N, T, *]), of which sequence i has lengths[i]."""
    if batch_first:
        input = input.transpose(0, 1)
    lengths = [int(n) for n in (lengths.tolist() if hasattr(lengths, "tolist") else lengths)]
    if len(lengths) != input.shape[1] or min(lengths, default=0) < 1 or max(lengths) > input.shape[0]:
        raise ValueError(f"pack_padded_sequence: expected {input.shape[1]} lengths from 1 to "
                         f"{input.shape[0]}, got {lengths}")
    order = None
    if enforce_sorted:
        if lengths != sorted(lengths, reverse=True):
            raise ValueError("pack_padded_sequence: expected lengths that do not grow; pass "
                             f"enforce_sorted=False to have them sorted, got {lengths}")
    else:
        order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
        lengths = [lengths[i] for i in order]
        order = _as_indices(order)
        input = input.index_select(1, order)
    rows = [sum(n > t for n in lengths) for t in range(lengths[0])]
    data = packed_from_padded(input[:lengths[0]], rows)
    back = None if order is None else order.argsort()
    return PackedSequence(data, _as_indices(rows), order, back)


def _as_indices(values):
    from ... import tensor
    return tensor(values, dtype=_dtype.int64)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    """(padded [T, N, *], lengths) of a PackedSequence, in the order before packing."""
    rows = sequence.batch_sizes.tolist()
    out = padded_from_packed(sequence.data, rows, padding_value)
    if total_length is not None:
        if total_length < len(rows):
            raise ValueError(f"pad_packed_sequence: expected total_length from {len(rows)}, got "
                             f"{total_length}")
        more = _C.full((total_length - len(rows), *out.shape[1:]), padding_value, dtype=out.dtype)
        out = _C.cat([out, more])
    lengths = _as_indices([sum(n > i for n in rows) for i in range(rows[0])])
    if sequence.unsorted_indices is not None:
        out = out.index_select(1, sequence.unsorted_indices)
        lengths = lengths.index_select(0, sequence.unsorted_indices)
    return out.transpose(0, 1) if batch_first else out, lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side="right"):
    """[T, N, *] (batch_first: [N, T, *]) of a list of [length, *]."""
    if padding_side not in ("left", "right"):
        raise ValueError(f"pad_sequence: expected padding_side 'left' or 'right', got {padding_side!r}")
    longest = max(s.shape[0] for s in sequences)
    padded = []
    for s in sequences:
        more = _C.full((longest - s.shape[0], *s.shape[1:]), padding_value, dtype=s.dtype)
        padded.append(_C.cat([s, more] if padding_side == "right" else [more, s]))
    return _C.stack(padded, 0 if batch_first else 1)


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    """The list of sequences of pad_sequence's result."""
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [s[:int(n)] for s, n in zip(padded_sequences.unbind(0), lengths.tolist())]


def pack_sequence(sequences, enforce_sorted=True):
    """pack_padded_sequence of a list of [length, *]."""
    lengths = [s.shape[0] for s in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)
