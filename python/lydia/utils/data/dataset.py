"""Datasets with torch's names: by index (Dataset) or one example after another (IterableDataset)."""
import bisect
import itertools
import math

from ... import _C


class Dataset:
    """Examples by their number: a subclass writes __getitem__, and usually __len__."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__}: a Dataset needs __getitem__")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """Examples one after another: a subclass writes __iter__.

    With worker processes every worker iterates over its own copy; get_worker_info() says which
    share is this worker's.
    """

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__}: an IterableDataset needs __iter__")

    def __add__(self, other):
        return ChainDataset([self, other])


class TensorDataset(Dataset):
    """Example i is the tuple of row i of each tensor."""

    def __init__(self, *tensors):
        if not tensors or any(t.shape[:1] != tensors[0].shape[:1] or t.ndim == 0 for t in tensors):
            raise ValueError("TensorDataset: expected tensors with the same first size, got shapes "
                             f"{[list(t.shape) for t in tensors]}")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(t[index] for t in self.tensors)

    def __len__(self):
        return self.tensors[0].size(0)


class StackDataset(Dataset):
    """Example i is the tuple (or dict) of example i of each dataset."""

    def __init__(self, *args, **kwargs):
        if bool(args) == bool(kwargs):
            raise ValueError("StackDataset: expected datasets, either all by position or all by name")
        self.datasets = args or kwargs
        parts = list(args or kwargs.values())
        self._length = len(parts[0])
        if any(len(d) != self._length for d in parts):
            raise ValueError(f"StackDataset: expected equal lengths, got {[len(d) for d in parts]}")

    def __getitem__(self, index):
        if isinstance(self.datasets, dict):
            return {name: d[index] for name, d in self.datasets.items()}
        return tuple(d[index] for d in self.datasets)

    def __len__(self):
        return self._length


class ConcatDataset(Dataset):
    """One dataset after the other."""

    def __init__(self, datasets):
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one dataset")
        if any(isinstance(d, IterableDataset) for d in self.datasets):
            raise TypeError("ConcatDataset: expected datasets with an index; ChainDataset joins others")
        self.cumulative_sizes = list(itertools.accumulate(len(d) for d in self.datasets))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, index):
        wanted = index + len(self) if index < 0 else index
        if not 0 <= wanted < len(self):
            raise IndexError(f"ConcatDataset: expected an index below {len(self)}, got {index}")
        part = bisect.bisect_right(self.cumulative_sizes, wanted)
        before = self.cumulative_sizes[part - 1] if part else 0
        return self.datasets[part][wanted - before]


class ChainDataset(IterableDataset):
    """One iterable dataset after the other."""

    def __init__(self, datasets):
        self.datasets = list(datasets)

    def __iter__(self):
        return itertools.chain.from_iterable(self.datasets)

    def __len__(self):
        return sum(len(d) for d in self.datasets)


class Subset(Dataset):
    """The examples of `dataset` with these indices."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index):
        if isinstance(index, list):
            return [self.dataset[self.indices[i]] for i in index]
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


def _sizes(total, lengths):
    """Whole sizes of the parts; fractions are rounded down, the first parts take what is left."""
    if not math.isclose(sum(lengths), 1) or sum(lengths) > 1 + 1e-9 or total == sum(lengths):
        sizes = list(lengths)
    else:
        if any(not 0 <= f <= 1 for f in lengths):
            raise ValueError(f"random_split: expected fractions from 0 to 1, got {list(lengths)}")
        sizes = [math.floor(total * f) for f in lengths]
        for i in range(total - sum(sizes)):
            sizes[i % len(sizes)] += 1
    if sum(sizes) != total or any(s != int(s) or s < 0 for s in sizes):
        raise ValueError(f"random_split: expected lengths that sum to {total} (or fractions that "
                         f"sum to 1), got {list(lengths)}")
    return [int(s) for s in sizes]


def random_split(dataset, lengths, generator=None):
    """Random parts that do not overlap: `lengths` are sizes, or fractions that sum to 1.

    Where examples belong together (the images of one patient), use split_by_group.
    """
    sizes = _sizes(len(dataset), lengths)
    order = _C.randperm(len(dataset), generator=generator).tolist()
    ends = list(itertools.accumulate(sizes))
    return [Subset(dataset, order[end - size:end]) for size, end in zip(sizes, ends)]
