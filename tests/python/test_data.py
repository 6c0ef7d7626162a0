"""lydia.tensor and what else makes tensors of Python's data: shapes, dtypes, buffers, errors."""
import array

import numpy as np
import pytest

import lydia


@pytest.mark.parametrize("data", [
    3, 2.5, True, [], [[], []], [1, 2], [[1, 2.5], [3, 4]], ((1, True), [0, 2]), range(4), [range(2), (5, 6)],
    [[[1]], [[2]]], [-2 ** 63, 2 ** 63 - 1], [np.int8(3), np.int8(4)], [np.arange(3), np.arange(3)],
    np.float64(2.5), np.uint8(3), np.bool_(True), np.arange(6).reshape(2, 3)[:, ::-2], [np.zeros(0)]])
def test_values_and_shapes(data):
    t = lydia.tensor(data)
    expected = np.array(data)
    assert tuple(t.shape) == expected.shape
    np.testing.assert_array_equal(t.numpy(), expected)


@pytest.mark.parametrize("data,dtype", [
    (1, "int64"), (1.0, "float32"), (True, "bool"), ([], "float32"), ([1, 2.0], "float32"),
    ([True, 2], "int64"), (np.float64(1), "float64"), ([np.float64(1)], "float32"),
    ([np.float32(1), np.float32(2)], "float32"), ([np.int16(1), np.int8(2)], "int16"),
    ([np.zeros(2), np.zeros(2)], "float64"), ([[1], array.array("d", [2.5])], "float32"), ([np.bool_(True)], "bool"),
    (np.array([2 ** 63], np.uint64), "uint64"), ([np.array([2 ** 63], np.uint64)], "uint64"),
    (array.array("H", [1]), "uint16"), (memoryview(b"ab"), "uint8"), (bytearray(2), "uint8")])
def test_dtypes(data, dtype):
    assert lydia.tensor(data).dtype == getattr(lydia, dtype)


def test_dtype_argument():
    assert lydia.tensor([2 ** 63, 1], dtype=lydia.uint64).tolist() == [2 ** 63, 1]
    assert lydia.tensor([1.7, -1.7], dtype=lydia.int32).tolist() == [1, -1]
    assert lydia.tensor([0, 2], dtype=lydia.bool).tolist() == [False, True]
    assert lydia.tensor(10 ** 18, dtype=lydia.float64).item() == 1e18
    a = np.array([1, 2, 300])
    assert lydia.tensor(a, dtype=lydia.int16).tolist() == [1, 2, 300]
    made = lydia.tensor(a)
    a[0] = 9
    assert made[0] == 1


@pytest.mark.parametrize("data,kwargs,error", [
    ([[1], [2, 3]], {}, ValueError), ([1, [2]], {}, ValueError), ([[1], 2], {}, ValueError),
    ([[], [1]], {}, ValueError), ([2 ** 64], {}, ValueError), ([2 ** 63], {}, ValueError),
    ([10 ** 400], {"dtype": lydia.float64}, ValueError), ([1.0, 10 ** 400], {}, ValueError),
    ([300], {"dtype": lydia.uint8}, ValueError), ([-1], {"dtype": lydia.uint64}, ValueError),
    (np.array([-1]), {"dtype": lydia.uint8}, ValueError), ([2 ** 63, -1], {"dtype": lydia.uint64}, ValueError),
    ("text", {}, TypeError), (["text"], {}, TypeError), (None, {}, TypeError), ([None], {}, TypeError),
    ([1j], {}, TypeError), ({1: 2}, {}, TypeError), (np.array(["a"]), {}, TypeError),
    (np.array([1j]), {}, TypeError), (np.array([None]), {}, TypeError),
    (np.zeros(2, ">f8"), {}, TypeError), (np.zeros(2, "datetime64[s]"), {}, TypeError)])
def test_errors(data, kwargs, error):
    with pytest.raises(error, match="tensor"):
        lydia.tensor(data, **kwargs)


def test_too_deep_is_an_error():
    data = []
    data.append(data)
    with pytest.raises(ValueError, match="dimensions"):
        lydia.tensor(data)


@pytest.mark.parametrize("name", [t.name for t in lydia.dtype if t.name != "bfloat16"])
def test_from_numpy_shares_any_layout(name):
    a = np.arange(24).reshape(2, 3, 4).astype(name)
    for view in (a, a[:, ::-1], a[..., 1:3], a.T, a[0, 0, 0:0], a[0, 0, 0, None]):
        t = lydia.from_numpy(view)
        assert t.dtype == getattr(lydia, name)
        np.testing.assert_array_equal(t.numpy(), view)
    t = lydia.from_numpy(a[0, ::-1])
    t.fill_(0)
    assert (a[0] == 0).all() and not (a[1] == 0).all()


def test_from_numpy_keeps_memory_alive_and_errors():
    t = lydia.from_numpy(np.full(1000, 7.0))
    assert t.sum().item() == 7000
    with pytest.raises(TypeError, match="from_numpy"):
        lydia.from_numpy([1, 2])
    records = np.zeros(3, dtype=[("a", "i1"), ("b", "f4")])
    with pytest.raises((TypeError, ValueError), match="from_numpy"):
        lydia.from_numpy(records["b"])
    with pytest.raises(ValueError, match="read-only"):
        lydia.array_api.asarray(b"abc").fill_(0)


def test_index_by_lists_and_arrays():
    x = lydia.arange(10)
    assert x[[1, 2]].tolist() == [1, 2] and x[np.array([3])].tolist() == [3] and x[[]].tolist() == []
    assert x[[True] + [False] * 9].tolist() == [0]
    for bad in ("a", [1.5], ["a"], np.array([1.0])):
        with pytest.raises(IndexError, match="index"):
            x[bad]


class Lying:
    """A sequence that gives other items each time it is read."""

    def __init__(self, *rounds):
        self.rounds = list(rounds)

    def __len__(self):
        return len(self.rounds[0])

    def __getitem__(self, i):
        if i >= len(self.rounds[0]):
            self.rounds.append(self.rounds.pop(0))
            raise IndexError
        return self.rounds[0][i]


class Clearing:
    """An integer that empties the list it is in."""

    def __init__(self, owner):
        self.owner = owner

    def __index__(self):
        self.owner.clear()
        return 1


def test_data_that_changes_while_it_is_read():
    for rounds in (([1], list(range(1000))), (list(range(1000)), [1]), ([1, 2], [[1, 2], [3, 4]])):
        with pytest.raises(ValueError, match="change|rows"):
            lydia.tensor([Lying(*rounds)])
    owner = []
    owner.extend([Clearing(owner), 2, 3])
    with pytest.raises(ValueError, match="change|rows"):
        lydia.tensor(owner)

    class Failing:
        def __index__(self):
            raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        lydia.tensor([Failing()])
