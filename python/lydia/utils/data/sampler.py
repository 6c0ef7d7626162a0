"""In which order a DataLoader takes the examples, and which go into one batch; torch's names.

A sampler may have state_dict() and load_state_dict(): the loader takes the state when an epoch
begins and gives it back before it resumes that epoch.
"""
import itertools
import math

from ... import _C


def _draw_seed(generator=None):
    return _C.randint(0, 2**62, (), generator=generator).item()


class Sampler:
    """A subclass writes __iter__ (of indices, or of lists of indices) and usually __len__."""

    def __init__(self, data_source=None):
        pass

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__}: a Sampler needs __iter__")


class SequentialSampler(Sampler):
    """0, 1, 2, ..."""

    def __init__(self, data_source):
        self.data_source = data_source

    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    """Every index once in random order, or `num_samples` indices drawn with replacement."""

    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        if not isinstance(replacement, bool):
            raise TypeError(f"RandomSampler: expected a bool as replacement, got {replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples < 0:
            raise ValueError(f"RandomSampler: expected num_samples of at least 0, got {num_samples}")

    @property
    def num_samples(self):
        """How many indices a pass gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self):
        generator, n = self.generator, len(self.data_source)
        if generator is None:
            generator = _C.Generator().manual_seed(_draw_seed())
        if self.replacement:
            return iter(_C.randint(0, n, (self.num_samples,), generator=generator).tolist())
        rounds = -(-self.num_samples // n) if n else 0
        orders = [_C.randperm(n, generator=generator).tolist() for _ in range(rounds)]
        return itertools.islice(itertools.chain.from_iterable(orders), self.num_samples)

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    """Given indices, each once, in random order."""

    def __init__(self, indices, generator=None):
        self.indices, self.generator = indices, generator

    def __iter__(self):
        order = _C.randperm(len(self.indices), generator=self.generator).tolist()
        return iter([self.indices[i] for i in order])

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """`num_samples` indices, each drawn with a probability proportional to its weight."""

    def __init__(self, weights, num_samples, replacement=True, generator=None):
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"WeightedRandomSampler: expected num_samples above 0, got {num_samples}")
        from ..._tensor import as_tensor
        self.weights = as_tensor(weights, dtype=_C.dtype.float64)
        if self.weights.ndim != 1:
            raise ValueError("WeightedRandomSampler: expected one weight for each example, got shape "
                             f"{list(self.weights.shape)}")
        self.num_samples, self.replacement, self.generator = num_samples, replacement, generator

    def __iter__(self):
        drawn = _C.multinomial(self.weights, self.num_samples, self.replacement,
                               generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    """The indices of another sampler in lists of `batch_size`."""

    def __init__(self, sampler, batch_size, drop_last):
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"BatchSampler: expected a batch_size above 0, got {batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"BatchSampler: expected a bool as drop_last, got {drop_last}")
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self):
        if self.drop_last:
            return len(self.sampler) // self.batch_size
        return math.ceil(len(self.sampler) / self.batch_size)


class DistributedSampler(Sampler):
    """The share of process `rank` of `num_replicas`; set_epoch() changes the shuffle."""

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        if num_replicas is None or rank is None or not 0 <= rank < num_replicas:
            raise ValueError("DistributedSampler: expected 0 <= rank < num_replicas, got rank "
                             f"{rank} of {num_replicas}")
        self.dataset, self.num_replicas, self.rank = dataset, num_replicas, rank
        self.shuffle, self.seed, self.drop_last, self.epoch = shuffle, seed, drop_last, 0

    def set_epoch(self, epoch):
        """Every process calls it before each epoch, with the same number."""
        self.epoch = epoch

    def __iter__(self):
        n = len(self.dataset)
        order = list(range(n))
        if self.shuffle:
            generator = _C.Generator().manual_seed(self.seed + self.epoch)
            order = _C.randperm(n, generator=generator).tolist()
        total = len(self) * self.num_replicas
        while len(order) < total and n:
            order += order[:total - len(order)]
        return iter(order[self.rank:total:self.num_replicas])

    def __len__(self):
        n = len(self.dataset)
        return n // self.num_replicas if self.drop_last else math.ceil(n / self.num_replicas)

    def state_dict(self):
        """The epoch, for a checkpoint."""
        return {"epoch": self.epoch}

    def load_state_dict(self, state):
        """Takes over what state_dict() gave."""
        self.epoch = state["epoch"]
