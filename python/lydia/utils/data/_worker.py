"""A worker process of a DataLoader: takes tasks from one pipe, sends batches through another.

Tasks are ("begin", seed, (indices, count) to skip, state), ("batch", number, indices) and None to
end. A thread takes them off their pipe, so that the loader never waits to hand one over while this process waits to hand
over a batch.
"""
import os
import pickle
import queue
import signal
import threading

from ... import _C
from ._fetch import Failure, Fetcher, seed_all
from ._transport import send

_info = None


class WorkerInfo:
    """What get_worker_info() gives: id, num_workers, seed, dataset."""

    def __init__(self, id, num_workers, seed, dataset):
        self.id, self.num_workers, self.seed, self.dataset = id, num_workers, seed, dataset

    def __repr__(self):
        return f"WorkerInfo(id={self.id}, num_workers={self.num_workers}, seed={self.seed})"


def get_worker_info():
    """In a worker process, which one it is and its copy of the dataset; None elsewhere."""
    return _info


def _take_tasks(pipe, tasks, parent):
    """Moves tasks from the pipe to the queue; ends the process when its parent is gone."""
    try:
        while True:
            while not pipe.poll(2):
                if os.getppid() != parent:
                    os._exit(1)
            tasks.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(1)


class Worker:
    """The state of one worker process."""

    def __init__(self, id, count, results, dataset, options):
        self.id, self.count, self.results, self.dataset = id, count, results, dataset
        self.options, self.fetcher, self.failure = options, None, None
        self.seed = 0

    def begin(self, seed, skip, state):
        """Starts an epoch: a new iterator over the dataset, moved to where the epoch goes on."""
        global _info
        self.seed, self.failure = seed, None
        seed_all(seed + self.id)
        _info = WorkerInfo(self.id, self.count, seed + self.id, self.dataset)
        try:
            if self.fetcher is None and self.options["worker_init_fn"] is not None:
                self.options["worker_init_fn"](self.id)
            if state is not None:
                self.dataset.load_state_dict(state)
            self.fetcher = Fetcher(self.dataset, *self.options["fetch"])
            self.fetcher.skip(*skip)
        except Exception as error:
            self.failure = Failure(error, f"in DataLoader worker process {self.id}")

    def make(self, number, indices):
        """The answer to one task: (number, kind, value, corrupt, state of the dataset)."""
        if self.failure is not None:
            return number, "failure", self.failure, [], None
        fetcher = self.fetcher
        if fetcher.iterator is None:
            # Random numbers follow the batch, not the worker that happens to make it.
            seed_all((self.seed + (number + 1) * 0x9E3779B97F4A7C15) % 2**63)
        try:
            value, kind = fetcher.fetch(indices), "batch"
        except StopIteration:
            value, kind = None, "end"
        except Exception as error:
            where = f"in DataLoader worker process {self.id}"
            value, kind = Failure(error, f"{where} {fetcher.where or ''}".rstrip()), "failure"
        state = None
        if fetcher.iterator is not None and hasattr(self.dataset, "state_dict"):
            state = self.dataset.state_dict()
        return number, kind, value, fetcher.corrupt, state

    def answer(self, number, indices):
        message = self.make(number, indices)
        try:
            send(self.results, message)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            failure = Failure(error, f"in DataLoader worker process {self.id}, sending the batch")
            send(self.results, (number, "failure", failure, [], None))


def run(id, count, tasks_pipe, results, others, dataset, options, parent):
    """The main function of a worker process. `others` are the parent's ends, not for us."""
    for pipe in others:
        pipe.close()
    # Ctrl-C reaches the whole group: the loader's process decides what happens, and may want more
    # batches before it stops.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A forked process has none of its parent's threads, so kernels must not wait for them.
    _C.set_num_threads(1)
    tasks = queue.SimpleQueue()
    threading.Thread(target=_take_tasks, args=(tasks_pipe, tasks, parent), daemon=True).start()
    worker = Worker(id, count, results, dataset, options)
    try:
        while (task := tasks.get()) is not None:
            if task[0] == "begin":
                worker.begin(*task[1:])
            else:
                worker.answer(*task[1:])
    except BrokenPipeError:
        pass  # the loader is gone
    finally:
        results.close()
