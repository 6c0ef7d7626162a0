"""lydia.utils.data: torch's behaviour, worker processes, exact resume, errors."""
import collections
import gc
import os
import pickle
import random
import signal
import time

import numpy as np
import pytest

import lydia
from lydia.io import CorruptRecord
from lydia.utils.data import (
    BatchSampler, ChainDataset, ConcatDataset, DataLoader, Dataset, DistributedSampler, IterableDataset,
    RandomSampler, SequentialSampler, StackDataset, Subset, SubsetRandomSampler, TensorDataset,
    WeightedRandomSampler, default_collate, get_worker_info, random_split)


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        if not 0 <= i < self.n:
            raise IndexError(i)
        return {"i": i, "square": lydia.tensor([i * i])}


class Noisy(Squares):
    """Random augmentation with every kind of generator."""

    def __getitem__(self, i):
        return i, lydia.rand(2), random.random(), np.random.rand()


class Broken(Squares):
    def __getitem__(self, i):
        if i == 5:
            raise KeyError("no such key") if self.n == 6 else ValueError("cannot read it")
        return super().__getitem__(i)


class Corrupt(Squares):
    def __getitem__(self, i):
        if i % 4 == 1:
            raise CorruptRecord(f"file:{i}: broken")
        return i


class Deadly(Squares):
    def __getitem__(self, i):
        if i == 6:
            os.kill(os.getpid(), signal.SIGKILL)
        return i


class Slow(Squares):
    def __getitem__(self, i):
        time.sleep(60)


class Stream(IterableDataset):
    """0 .. n - 1, dealt out to the workers."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        info = get_worker_info()
        worker, count = (info.id, info.num_workers) if info else (0, 1)
        for i in range(worker, self.n, count):
            yield i, random.random()


class StatefulStream(IterableDataset):
    """Goes on from its state without reading again; counts what it reads."""

    def __init__(self, n):
        self.n, self.at, self.read = n, 0, 0

    def __iter__(self):
        info = get_worker_info()
        worker, count = (info.id, info.num_workers) if info else (0, 1)
        while self.at * count + worker < self.n:
            self.at += 1
            self.read += 1
            yield (self.at - 1) * count + worker, self.read
        self.at = 0

    def state_dict(self):
        return {"at": self.at}

    def load_state_dict(self, state):
        self.at = state["at"]


def plain(value):
    """Batches as Python values, to compare."""
    if isinstance(value, lydia.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def batches(loader):
    return [plain(batch) for batch in loader]


# --- datasets and samplers

def test_datasets():
    x, y = lydia.arange(6).reshape(3, 2), lydia.arange(3)
    data = TensorDataset(x, y)
    assert len(data) == 3 and plain(data[1]) == [[2, 3], 1]
    both = ConcatDataset([data, TensorDataset(x + 10, y + 10)])
    assert len(both) == 6 and plain(both[-1]) == [[14, 15], 12] and plain((data + data)[3]) == [[0, 1], 0]
    with pytest.raises(IndexError):
        both[6]
    assert plain(Subset(both, [5, 0])[0]) == [[14, 15], 12]
    assert StackDataset(a=range(3), b="xyz")[1] == {"a": 1, "b": "y"}
    assert [i for i, _ in ChainDataset([Stream(2), Stream(3)])] == [0, 1, 0, 1, 2]
    with pytest.raises(ValueError, match="same first size"):
        TensorDataset(x, lydia.arange(4))
    with pytest.raises(ValueError):
        StackDataset(range(3), range(4))


def test_random_split():
    parts = random_split(range(10), [0.5, 0.25, 0.25], generator=lydia.Generator().manual_seed(1))
    assert [len(p) for p in parts] == [6, 2, 2]
    assert sorted(i for p in parts for i in p.indices) == list(range(10))
    again = random_split(range(10), [6, 2, 2], generator=lydia.Generator().manual_seed(1))
    assert [p.indices for p in again] == [p.indices for p in parts]
    assert [len(p) for p in random_split(range(1), [1])] == [1]
    for bad in ([5, 6], [0.5, 0.6], [1.5, -0.5]):
        with pytest.raises(ValueError):
            random_split(range(10), bad)


def test_samplers():
    generator = lydia.Generator().manual_seed(3)
    assert list(SequentialSampler(range(3))) == [0, 1, 2]
    sampler = RandomSampler(range(10), generator=generator)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == list(range(10)) and first != second and len(sampler) == 10
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=50))
    assert len(drawn) == 50 and set(drawn) == {0, 1, 2}
    assert len(list(RandomSampler(range(4), num_samples=10))) == 10
    assert sorted(SubsetRandomSampler([7, 3, 5])) == [3, 5, 7]
    weighted = list(WeightedRandomSampler([0, 1, 3], 4000))
    assert 0 not in weighted and abs(weighted.count(2) / 4000 - 0.75) < 0.04
    assert sorted(WeightedRandomSampler([1, 1, 1], 3, replacement=False)) == [0, 1, 2]
    assert list(BatchSampler(range(5), 2, False)) == [[0, 1], [2, 3], [4]]
    assert len(BatchSampler(range(5), 2, True)) == 2 == len(list(BatchSampler(range(5), 2, True)))
    shares = [DistributedSampler(range(10), 3, rank) for rank in range(3)]
    assert [len(list(s)) for s in shares] == [4, 4, 4] and {i for s in shares for i in s} == set(range(10))
    for bad in (lambda: BatchSampler(range(3), 0, False), lambda: WeightedRandomSampler([1], 0),
                lambda: DistributedSampler(range(3), 2, 2)):
        with pytest.raises(ValueError):
            bad()


Point = collections.namedtuple("Point", "x y")


def test_default_collate():
    a = {"t": lydia.ones(2), "n": np.arange(3, dtype=np.int16), "s": np.float32(2), "i": 3, "f": 0.5,
         "b": True, "w": "bir", "p": Point(1, 2.0), "l": [1, 2]}
    out = default_collate([a, a])
    assert out["t"].shape == (2, 2) and out["n"].dtype == lydia.int16 and out["n"].shape == (2, 3)
    assert out["s"].dtype == lydia.float32 and out["i"].dtype == lydia.int64
    assert out["f"].dtype == lydia.float64 and out["b"].dtype == lydia.bool and out["w"] == ["bir", "bir"]
    assert isinstance(out["p"], Point) and out["p"].y.tolist() == [2.0, 2.0]
    assert plain(out["l"]) == [[1, 1], [2, 2]]
    with pytest.raises(RuntimeError, match="equal length"):
        default_collate([[1, 2], [1]])
    with pytest.raises(TypeError, match="got object"):
        default_collate([object()])


# --- the loader

@pytest.mark.parametrize("workers", [0, 1, 3])
def test_batches(workers):
    loader = DataLoader(Squares(10), batch_size=4, num_workers=workers)
    assert len(loader) == 3
    assert batches(loader) == [{"i": i, "square": [[j * j] for j in i]}
                               for i in ([0, 1, 2, 3], [4, 5, 6, 7], [8, 9])]
    assert len(batches(DataLoader(Squares(10), 4, drop_last=True, num_workers=workers))) == 2
    one = batches(DataLoader(Squares(3), batch_size=None, num_workers=workers))
    assert one == [{"i": i, "square": [i * i]} for i in range(3)]
    custom = DataLoader(Squares(5), batch_sampler=[[4, 0], [1]], num_workers=workers,
                        collate_fn=lambda examples: [e["i"] for e in examples])
    assert batches(custom) == [[4, 0], [1]]
    assert loader.wait_seconds > 0


def test_order_does_not_depend_on_the_workers():
    orders = []
    for workers in (0, 1, 3):
        lydia.manual_seed(5)
        loader = DataLoader(Squares(30), 4, shuffle=True, num_workers=workers)
        orders.append([batches(loader), batches(loader)])
    assert orders[0] == orders[1] == orders[2] and orders[0][0] != orders[0][1]


def test_augmentation_does_not_depend_on_the_number_of_workers():
    seen = []
    for workers in (1, 3):
        lydia.manual_seed(5)
        loader = DataLoader(Noisy(12), 3, shuffle=True, num_workers=workers)
        seen.append([batches(loader), batches(loader)])
    assert seen[0] == seen[1]
    numbers = [n for batch in seen[0][0] for n in batch[2]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("taken", [0, 1, 3, 8])
@pytest.mark.parametrize("own_generator", [False, True])
def test_resume(workers, taken, own_generator):
    def make():
        lydia.manual_seed(11)
        generator = lydia.Generator().manual_seed(7) if own_generator else None
        return DataLoader(Squares(31), 4, shuffle=True, num_workers=workers, generator=generator)

    whole = make()
    epochs = [batches(whole) for _ in range(3)]
    loader = make()
    assert batches(loader) == epochs[0]
    iterator = iter(loader)
    for _ in range(taken):
        next(iterator)
    rng = lydia.get_rng_state()
    state = pickle.loads(pickle.dumps(loader.state_dict()))
    del iterator

    resumed = make()
    lydia.set_rng_state(rng)
    resumed.load_state_dict(state)
    assert batches(resumed) == epochs[1][taken:]
    assert batches(resumed) == epochs[2]


def test_resume_between_epochs_and_of_other_data():
    lydia.manual_seed(1)
    loader = DataLoader(Squares(9), 2, shuffle=True)
    batches(loader)
    state, rng = loader.state_dict(), lydia.get_rng_state()
    second = batches(loader)
    resumed = DataLoader(Squares(9), 2, shuffle=True)
    lydia.set_rng_state(rng)
    resumed.load_state_dict(state)
    assert batches(resumed) == second
    with pytest.raises(ValueError, match="length 8"):
        DataLoader(Squares(8)).load_state_dict(state)


def test_resume_with_a_sampler_of_its_own_generator_and_with_an_epoch_number():
    for make in (lambda: {"sampler": RandomSampler(range(9), generator=lydia.Generator().manual_seed(2))},
                 lambda: {"sampler": DistributedSampler(range(9), 2, 1)}):
        loader = DataLoader(Squares(9), 2, **make())
        if isinstance(loader.sampler, DistributedSampler):
            loader.sampler.set_epoch(4)
        whole, iterator = batches(loader), None
        loader = DataLoader(Squares(9), 2, **make())
        if isinstance(loader.sampler, DistributedSampler):
            loader.sampler.set_epoch(4)
        iterator = iter(loader)
        next(iterator)
        resumed = DataLoader(Squares(9), 2, **make())
        resumed.load_state_dict(loader.state_dict())
        assert batches(resumed) == whole[1:]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_iterable(workers):
    assert sorted(i for i, _ in Stream(10)) == list(range(10))
    loader = DataLoader(Stream(25), 4, num_workers=workers)
    lydia.manual_seed(0)
    random.seed(0)
    whole = batches(loader)
    assert sorted(i for batch in whole for i in batch[0]) == list(range(25))
    with pytest.raises(ValueError):
        DataLoader(Stream(5), shuffle=True)
    for taken in (1, 4, len(whole)):
        lydia.manual_seed(0)
        random.seed(0)
        loader = DataLoader(Stream(25), 4, num_workers=workers)
        iterator = iter(loader)
        for _ in range(taken):
            next(iterator)
        state = loader.state_dict()
        resumed = DataLoader(Stream(25), 4, num_workers=workers)
        random.seed(0)
        resumed.load_state_dict(state)
        assert batches(resumed) == whole[taken:]


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_iterable_with_a_state(workers):
    whole = [batch[0] for batch in batches(DataLoader(StatefulStream(25), 4, num_workers=workers))]
    loader = DataLoader(StatefulStream(25), 4, num_workers=workers)
    iterator = iter(loader)
    for _ in range(4):
        next(iterator)
    resumed = DataLoader(StatefulStream(25), 4, num_workers=workers)
    resumed.load_state_dict(loader.state_dict())
    rest = batches(resumed)
    assert [batch[0] for batch in rest] == whole[4:]
    assert rest[0][1][0] == 1  # read nothing before it
    if workers:
        with pytest.raises(ValueError, match="num_workers"):
            DataLoader(StatefulStream(25), 4, num_workers=workers + 1).load_state_dict(loader.state_dict())


@pytest.mark.parametrize("workers", [0, 2])
def test_broken_records(workers):
    with pytest.raises(CorruptRecord, match="^file:1: broken$"):
        batches(DataLoader(Corrupt(12), 2, num_workers=workers))
    loader = DataLoader(Corrupt(12), 2, num_workers=workers, on_corrupt="skip")
    assert batches(loader) == [[0], [2, 3], [4], [6, 7], [8], [10, 11]]
    assert loader.corrupt_count == 3 and loader.corrupt_messages[1] == "file:5: broken"
    one = DataLoader(Corrupt(6), 1, num_workers=workers, on_corrupt="skip")
    assert batches(one) == [[0], [2], [3], [4]]


def test_errors_in_workers_keep_their_type_and_name_the_example():
    loader = iter(DataLoader(Broken(20), 4, num_workers=2))
    next(loader)
    with pytest.raises(ValueError, match="(?s)worker process 1 at example 5.*cannot read it"):
        next(loader)
    assert plain(next(loader))["i"] == [8, 9, 10, 11]
    with pytest.raises(RuntimeError, match="KeyError"):
        batches(DataLoader(Broken(6), 6, num_workers=1))
    with pytest.raises(AttributeError, match="sending the batch"):
        batches(DataLoader(Squares(2), num_workers=1, collate_fn=lambda e: lambda: None))


def test_a_dead_worker_is_an_error():
    loader = iter(DataLoader(Deadly(20), 2, num_workers=2))
    with pytest.raises(RuntimeError, match=r"worker 1 \(pid \d+\) was killed by signal SIGKILL"):
        for _ in range(10):
            next(loader)


def test_timeout():
    started = time.monotonic()
    with pytest.raises(RuntimeError, match="timed out after 0.5 seconds"):
        next(iter(DataLoader(Slow(4), num_workers=1, timeout=0.5)))
    assert time.monotonic() - started < 30


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_end_with_their_loop_unless_they_persist():
    class Pid(Squares):
        def __getitem__(self, i):
            return os.getpid()

    loader = DataLoader(Pid(40), 2, num_workers=2)
    pids = {p for batch in batches(loader) for p in batch}
    assert len(pids) == 2 and not any(map(alive, pids))
    for batch in loader:
        break
    assert not any(map(alive, batch.tolist()))
    persistent = DataLoader(Pid(40), 2, num_workers=2, persistent_workers=True)
    first = {p for batch in batches(persistent) for p in batch}
    for batch in persistent:
        break  # answers are still on their way
    assert {p for batch in batches(persistent) for p in batch} == first
    del persistent
    assert not any(map(alive, first))


def test_a_worker_that_collects_its_copy_of_a_loader_leaves_the_loader_alone():
    kept = []

    class Collecting(Squares):
        def __getitem__(self, i):
            kept.clear()
            gc.collect()
            return i

    kept.append(DataLoader(Squares(40), 2, num_workers=1, persistent_workers=True))
    kept.append(iter(kept[0]))
    next(kept[1])
    assert len(batches(DataLoader(Collecting(4), num_workers=1))) == 4
    assert len(list(kept[1])) == 19


def test_workers_leave_ctrl_c_to_the_loader():
    class Interrupted(Squares):
        def __getitem__(self, i):
            os.kill(os.getpid(), signal.SIGINT)
            return i

    assert batches(DataLoader(Interrupted(4), 2, num_workers=1)) == [[0, 1], [2, 3]]


def test_worker_init_and_info():
    class Info(Squares):
        def __getitem__(self, i):
            info = get_worker_info()
            return info.id, info.num_workers, os.environ["LYDIA_TEST_WORKER"] == str(info.id)

    def init(id):
        os.environ["LYDIA_TEST_WORKER"] = str(id)

    out = batches(DataLoader(Info(8), 2, num_workers=2, worker_init_fn=init))
    assert [batch[0][0] for batch in out] == [0, 1, 0, 1]
    assert all(all(batch[2]) and batch[1] == [2, 2] for batch in out)
    assert get_worker_info() is None

    def bad(id):
        raise OSError("no disk")
    with pytest.raises(OSError, match="no disk"):
        batches(DataLoader(Info(8), num_workers=1, worker_init_fn=bad))


class Kernels(Squares):
    """Uses kernels that run on several threads in the parent."""

    def __getitem__(self, i):
        x = lydia.ones(300, 300) * i
        image = lydia.ones(1, 8, 64, 64)
        conv = lydia.nn.functional.conv2d(image, lydia.ones(8, 8, 3, 3))
        solved = lydia.linalg.solve(lydia.eye(64), lydia.ones(64, 1))
        return (x @ x).sum() + conv.sum() + solved.sum()


def test_kernels_work_in_workers_after_they_ran_in_the_parent():
    expected = [Kernels(4)[i].item() for i in range(4)]
    loader = DataLoader(Kernels(4), num_workers=2, timeout=100)
    assert [batch.item() for batch in loader] == expected


def test_other_start_methods():
    loader = DataLoader(Squares(6), 3, num_workers=1, multiprocessing_context="spawn")
    assert batches(loader) == batches(DataLoader(Squares(6), 3))


def test_large_batches_and_index_lists_do_not_lock():
    loader = DataLoader(TensorDataset(lydia.arange(200_000)), 100_000, shuffle=True, num_workers=1,
                        prefetch_factor=2)
    out = [batch[0] for batch in loader]
    assert sorted(lydia.cat(out).tolist()) == list(range(200_000))
    assert not out[0]._read_only


def test_arguments():
    for bad in ({"num_workers": -1}, {"prefetch_factor": 2}, {"persistent_workers": True},
                {"sampler": range(3), "shuffle": True}, {"batch_sampler": [[0]], "batch_size": 2},
                {"batch_size": None, "drop_last": True}, {"on_corrupt": "ignore"},
                {"num_workers": 1, "prefetch_factor": 0}):
        with pytest.raises(ValueError):
            DataLoader(Squares(4), **bad)
