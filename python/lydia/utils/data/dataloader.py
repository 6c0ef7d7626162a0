"""DataLoader: torch's names and arguments, worker processes, exact resume within an epoch."""
import itertools
import math

from ... import _C
from ._collate import default_collate, default_convert
from ._iterators import InProcess, OverWorkers
from ._pool import Pool
from .dataset import IterableDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler


class _Endless:
    """The "indices" of an iterable dataset: there are none to know."""

    def __iter__(self):
        return itertools.repeat(None)


class DataLoader:
    """Batches of a dataset.

    As torch.utils.data.DataLoader, and besides:

    state_dict() and load_state_dict() resume in the middle of an epoch: the loader that gets the
    state gives exactly the batches that the first one would have given next. For this the samplers'
    random numbers come from lydia's generators; a sampler of another kind may have state_dict() and
    load_state_dict() of its own (see sampler.py), and so may an iterable dataset, which otherwise
    is read again up to the place.

    on_corrupt: "stop", or "skip" to leave out the records whose reading raises
    lydia.io.CorruptRecord; corrupt_count and corrupt_messages tell of them.

    wait_seconds: how long the loop over the loader has waited for batches.

    In a worker process the random numbers of lydia, random and NumPy are seeded anew for each
    batch, so that augmentation does not depend on the number of workers.
    """

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None,
                 num_workers=0, collate_fn=None, pin_memory=False, drop_last=False, timeout=0,
                 worker_init_fn=None, multiprocessing_context=None, generator=None, *,
                 prefetch_factor=None, persistent_workers=False, pin_memory_device="",
                 in_order=True, on_corrupt="stop"):
        self.dataset, self.num_workers, self.timeout = dataset, num_workers, timeout
        self.generator, self.pin_memory, self.worker_init_fn = generator, pin_memory, worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.persistent_workers, self.on_corrupt = persistent_workers, on_corrupt
        self.prefetch_factor = 2 if prefetch_factor is None and num_workers > 0 else prefetch_factor
        self._is_iterable = isinstance(dataset, IterableDataset)
        self._check_workers(prefetch_factor)
        self._check_sampling(batch_size, shuffle, sampler, batch_sampler, drop_last)
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        if sampler is None and batch_sampler is None:
            if self._is_iterable:
                sampler = _Endless()
            elif shuffle:
                sampler = RandomSampler(dataset, generator=generator)
            else:
                sampler = SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = batch_size, drop_last
        self.sampler, self.batch_sampler = sampler, batch_sampler
        self.collate_fn = collate_fn or (default_collate if self._auto_collation else default_convert)
        self.wait_seconds, self.corrupt_count, self.corrupt_messages = 0.0, 0, []
        self._progress, self._resume, self._pool = None, None, None

    def _check_workers(self, prefetch_factor):
        if self.num_workers < 0 or self.timeout < 0:
            raise ValueError("DataLoader: expected num_workers and timeout of at least 0, got "
                             f"{self.num_workers} and {self.timeout}")
        if self.num_workers == 0 and (prefetch_factor is not None or self.persistent_workers):
            raise ValueError("DataLoader: prefetch_factor and persistent_workers need num_workers > 0")
        if prefetch_factor is not None and prefetch_factor < 1:
            raise ValueError(f"DataLoader: expected a prefetch_factor above 0, got {prefetch_factor}")
        if self.on_corrupt not in ("stop", "skip"):
            raise ValueError(f'DataLoader: expected on_corrupt "stop" or "skip", got {self.on_corrupt!r}')

    def _check_sampling(self, batch_size, shuffle, sampler, batch_sampler, drop_last):
        if self._is_iterable and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError("DataLoader: an IterableDataset has its own order; shuffle, sampler and "
                             "batch_sampler do not apply")
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: sampler and shuffle exclude each other")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("DataLoader: batch_sampler excludes batch_size, shuffle, sampler and "
                             "drop_last")
        if batch_size is None and drop_last:
            raise ValueError("DataLoader: batch_size=None excludes drop_last")

    @property
    def _auto_collation(self):
        return self.batch_sampler is not None

    @property
    def _index_sampler(self):
        return self.batch_sampler if self._auto_collation else self.sampler

    @property
    def _fetch_options(self):
        return self.collate_fn, self._auto_collation, self.drop_last, self.on_corrupt

    @property
    def _is_stateful(self):
        return self._is_iterable and hasattr(self.dataset, "state_dict")

    def _samplers(self):
        found = [self.batch_sampler, self.sampler, getattr(self.batch_sampler, "sampler", None)]
        return [sampler for sampler in found if sampler is not None]

    def _generators(self):
        """The generators that the order depends on, beside lydia's default one."""
        found = [self.generator, *(getattr(s, "generator", None) for s in self._samplers())]
        return list({id(g): g for g in found if isinstance(g, _C.Generator)}.values())

    def _sampler_state(self, start):
        """The state of the sampler as the epoch begins, after giving it back that of `start`."""
        for sampler in self._samplers():
            if hasattr(sampler, "state_dict"):
                if start is not None:
                    sampler.load_state_dict(start["sampler"])
                return sampler.state_dict()
        return None

    def _note_corrupt(self, messages):
        self.corrupt_count += len(messages)
        self.corrupt_messages = (self.corrupt_messages + messages)[:20]

    def __iter__(self):
        start, self._resume = self._resume, None
        if self.num_workers == 0:
            epoch = InProcess(self, start)
        else:
            pool = self._pool
            if pool is None or not pool.stop.alive:
                options = {"fetch": self._fetch_options, "worker_init_fn": self.worker_init_fn}
                pool = Pool(self.num_workers, self.dataset, options, self.multiprocessing_context)
            pool.drain(self.timeout)
            self._pool = pool if self.persistent_workers else None
            epoch = OverWorkers(self, start, pool)
        self._progress = epoch.progress  # not the epoch: its workers end when its loop ends
        return epoch

    def __len__(self):
        if not self._is_iterable:
            return len(self._index_sampler)
        length = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else math.ceil(length / self.batch_size)

    def _length(self):
        return len(self.dataset) if hasattr(self.dataset, "__len__") else None

    def state_dict(self):
        """Where the loop over this loader is, as small picklable values."""
        running = self._progress is not None and not self._progress.finished
        return {"epoch": self._progress.state() if running else self._resume,
                "generators": [g.get_state() for g in self._generators()],
                "sampler": self._sampler_state(None),
                "corrupt_count": self.corrupt_count,
                "num_workers": self.num_workers if self._is_iterable else None,
                "batch_size": self.batch_size, "length": self._length()}

    def load_state_dict(self, state):
        """The next loop over this loader goes on where the loop that gave the state was."""
        own_values = {"length": self._length(),
                      "num_workers": self.num_workers if self._is_iterable else None}
        if state["epoch"] is not None:  # between epochs it may change
            own_values["batch_size"] = self.batch_size
        for name, own in own_values.items():
            if state[name] != own:
                raise ValueError(f"DataLoader.load_state_dict: expected the state of a loader with "
                                 f"{name} {own}, got one with {state[name]}")
        for generator, saved in zip(self._generators(), state["generators"]):
            generator.set_state(saved)
        self._sampler_state(state)
        self.corrupt_count = state["corrupt_count"]
        self._resume, self._progress = state["epoch"], None
