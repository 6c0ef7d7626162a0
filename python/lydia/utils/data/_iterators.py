"""One epoch of a DataLoader: in its own process, or over worker processes."""
import itertools
import time

from ... import _C
from ._fetch import Failure, Fetcher
from .sampler import _draw_seed


class Progress:
    """Where an epoch is: what it began with, and what has been given out."""

    def __init__(self, start, generators, sampler_state):
        self.default = _C.default_generator.get_state() if start is None else start["default"]
        self.generators = [g.get_state() for g in generators]
        self.sampler = sampler_state
        self.batches = start["batches"] if start else 0
        self.given = start["given"] if start else None    # iterable datasets: batches of each worker
        self.turn = start["turn"] if start else 0         # and whose turn it is
        self.states = start["states"] if start else None  # and the states of the datasets
        self.finished = False

    def state(self):
        return {"default": self.default, "generators": self.generators, "sampler": self.sampler,
                "batches": self.batches, "given": self.given and list(self.given),
                "turn": self.turn, "states": self.states and list(self.states)}


class Epoch:
    """What both kinds share: the index batches, the progress, the waiting.

    The random numbers of an epoch are drawn when it is made. A resumed epoch draws them again from
    the state it began with, and leaves the default generator as it found it.
    """

    def __init__(self, loader, start):
        self.loader = loader
        generators, default = loader._generators(), _C.default_generator
        now = default.get_state()
        if start is not None:
            default.set_state(start["default"])
            for generator, state in zip(generators, start["generators"]):
                generator.set_state(state)
        self.progress = Progress(start, generators, loader._sampler_state(start))
        self.seed = _draw_seed(loader.generator)
        indices = iter(loader._index_sampler)
        first = list(itertools.islice(indices, 1))  # samplers draw when they are asked first
        self.index_batches = itertools.chain(first, indices)
        if start is not None:
            if not loader._is_iterable:
                next(itertools.islice(self.index_batches, start["batches"], start["batches"]), None)
            default.set_state(now)

    def __iter__(self):
        return self

    def __next__(self):
        started = time.perf_counter()
        try:
            while True:
                batch, corrupt = self._next()
                self.progress.batches += 1
                self.loader._note_corrupt(corrupt)
                if batch is not None:
                    return batch[0]
        except StopIteration:
            self.progress.finished = True
            raise
        finally:
            self.loader.wait_seconds += time.perf_counter() - started


class InProcess(Epoch):
    """Makes each batch when it is asked for."""

    def __init__(self, loader, start):
        super().__init__(loader, start)
        self.dataset, self.stateful = loader.dataset, loader._is_stateful
        if self.stateful and start is not None and start["states"] is not None:
            self.dataset.load_state_dict(start["states"][0])
        self.fetcher = Fetcher(self.dataset, *loader._fetch_options)
        if loader._is_iterable and start is not None and start["states"] is None:
            now = _C.default_generator.get_state()
            self.fetcher.skip(next(self.index_batches), start["batches"])
            _C.default_generator.set_state(now)

    def _next(self):
        batch = self.fetcher.fetch(next(self.index_batches))
        if self.stateful:
            self.progress.states = [self.dataset.state_dict()]
        return (None if batch is None else [batch]), self.fetcher.corrupt


class OverWorkers(Epoch):
    """Hands the index batches to worker processes in turn and gives out their answers in order."""

    def __init__(self, loader, start, pool):
        super().__init__(loader, start)
        self.pool, self.count = pool, loader.num_workers
        self.active = [True] * self.count  # has not come to the end of its iterable dataset
        self.owner, self.answers = {}, {}  # of the numbers that were sent and not given out
        progress = self.progress
        if loader._is_iterable:
            progress.given = progress.given or [0] * self.count
            progress.states = progress.states or [None] * self.count
        self.turn = progress.turn
        self.sent = self.expected = progress.batches
        for worker in range(self.count):
            pool.send(worker, ("begin", self.seed, *self._place(worker)))
        for _ in range(loader.prefetch_factor * self.count):
            self._send()

    def _place(self, worker):
        """What this worker has to skip, and the state of its iterable dataset."""
        if not self.loader._is_iterable:
            return (None, 0), None
        state = self.progress.states[worker]
        return (next(self.index_batches), 0 if state else self.progress.given[worker]), state

    def _send(self):
        """Gives the next index batch to the next worker that still has data."""
        for _ in range(self.count):
            worker = self.turn
            self.turn = (self.turn + 1) % self.count
            if self.active[worker]:
                break
        else:
            return
        try:
            indices = next(self.index_batches)
        except StopIteration:
            return
        self.pool.send(worker, ("batch", self.sent, indices))
        self.owner[self.sent] = worker
        self.sent += 1

    def _wait_for(self, number):
        while number not in self.answers:
            worker, answer = self.pool.receive(self.loader.timeout)
            self.answers[answer[0]] = answer[1:]
            if answer[1] == "end":
                self.active[worker] = False

    def _next(self):
        while self.expected < self.sent:
            number = self.expected
            self._wait_for(number)
            kind, value, corrupt, state = self.answers.pop(number)
            worker = self.owner.pop(number)
            self.expected += 1
            self._send()
            if kind == "end":
                continue
            if isinstance(value, Failure):
                value.reraise()
            if self.loader._is_iterable:
                self.progress.given[worker] += 1
                self.progress.states[worker] = state
                self.progress.turn = (worker + 1) % self.count
            return (None if value is None else [value]), corrupt
        if not self.loader.persistent_workers:
            self.pool.stop()
        raise StopIteration
