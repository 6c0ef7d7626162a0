"""Random index expressions against NumPy: what they select, what they assign, and their errors."""
import numpy as np
import pytest

import lydia

ROUNDS, PER_ROUND = 20, 150


def random_shape(rng):
    return tuple(int(s) for s in rng.integers(0 if rng.random() < 0.1 else 1, 5, rng.integers(1, 5)))


def random_slice(rng, n):
    part = lambda: None if rng.random() < 0.4 else int(rng.integers(-n - 2, n + 3))
    step = int(rng.choice([-3, -2, -1, 1, 2, 3])) if rng.random() < 0.6 else None
    return slice(part(), part(), step)


def random_integers(rng, n, broadcast):
    shape = [s if rng.random() < 0.7 else 1 for s in broadcast][int(rng.integers(0, 2)):]
    return rng.integers(-n, max(n, -n + 1), shape) if n else np.zeros((0,), np.int64)


def random_key(rng, shape):
    """A tuple of items that fits `shape`, most of the time."""
    items, at = [], 0
    broadcast = [int(s) for s in rng.integers(1, 4, rng.integers(1, 3))]
    ellipsis = False
    while at < len(shape) and rng.random() < 0.9:
        n = shape[at]
        kind = rng.choice(["int", "slice", "none", "ellipsis", "array", "mask", "flag"],
                          p=[0.2, 0.3, 0.1, 0.08, 0.2, 0.08, 0.04])
        if kind == "none":
            items.append(None)
            continue
        if kind == "flag":
            items.append(bool(rng.random() < 0.7))
            continue
        if kind == "ellipsis":
            if not ellipsis:
                items.append(...)
                at += int(rng.integers(0, len(shape) - at + 1))
                ellipsis = True
            continue
        if kind == "mask":
            k = int(rng.integers(1, len(shape) - at + 1))
            items.append(rng.random(shape[at:at + k]) < 0.5)
            at += k
            continue
        items.append({"int": lambda: int(rng.integers(-n, n)) if n else 0,
                      "slice": lambda: random_slice(rng, n),
                      "array": lambda: random_integers(rng, n, broadcast)}[kind]())
        at += 1
    return tuple(items) if len(items) != 1 or rng.random() < 0.5 else items[0]


def as_lydia(rng, key):
    """Index arrays become tensors, lists, or stay NumPy arrays."""
    if isinstance(key, tuple):
        return tuple(as_lydia(rng, item) for item in key)
    if isinstance(key, np.ndarray):
        form = rng.integers(0, 3)
        if form == 0 or key.size == 0:
            return lydia.tensor(key)
        return key.tolist() if form == 1 else key
    return key


def base_array(rng, shape):
    """Values behind plain, transposed or reversed strides: (NumPy array, the tensor over a copy)."""
    plain = np.arange(int(np.prod(shape)), dtype=np.float64).reshape(shape)
    form = rng.integers(0, 3)
    if form == 1:
        order = rng.permutation(len(shape))
        return plain.transpose(order), lydia.tensor(plain).permute(*[int(d) for d in order])
    if form == 2:
        return plain[::-1], lydia.tensor(plain)[::-1]
    return plain, lydia.tensor(plain)


def outcome(run):
    try:
        return run()
    except (IndexError, ValueError) as e:
        return type(e)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_get(seed):
    rng = np.random.default_rng(seed)
    for _ in range(PER_ROUND):
        array, t = base_array(rng, random_shape(rng))
        key = random_key(rng, array.shape)
        expected = outcome(lambda: array[key])
        got = outcome(lambda: t[as_lydia(rng, key)])
        if isinstance(expected, type):
            assert isinstance(got, type), f"{array.shape}[{key}]: NumPy raises, got {got}"
            continue
        assert not isinstance(got, type), f"{array.shape}[{key}] raised {got}"
        expected = np.asarray(expected)
        assert got.shape == expected.shape, f"{array.shape}[{key}]"
        np.testing.assert_array_equal(got.numpy(), expected, err_msg=f"{array.shape}[{key}]")
        if expected.base is not None and expected.size and np.shares_memory(expected, array):
            assert got._storage_id() == t._storage_id(), f"{array.shape}[{key}] should be a view"


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_set(seed):
    rng = np.random.default_rng(1000 + seed)
    for _ in range(PER_ROUND):
        array, t = base_array(rng, random_shape(rng))
        array = array.copy()
        key = random_key(rng, array.shape)
        window = outcome(lambda: array[key])
        shape = (2, 2) if isinstance(window, type) else np.shape(window)
        shape = tuple(1 if rng.random() < 0.2 else s for s in shape)[int(rng.integers(0, 2)):]
        value = rng.integers(100, 200, shape).astype(np.float64)
        number = rng.random() < 0.3
        expected = outcome(lambda: array.__setitem__(key, 7 if number else value))
        got = outcome(lambda: t.__setitem__(as_lydia(rng, key), 7 if number else lydia.tensor(value)))
        assert isinstance(got, type) == isinstance(expected, type), f"{array.shape}[{key}] = {value}"
        np.testing.assert_array_equal(t.numpy(), array, err_msg=f"{array.shape}[{key}] = {value}")


def test_gradient_flows_through_assignments():
    x = lydia.ones(3, 4, dtype=lydia.float64, requires_grad=True)
    v = lydia.tensor([1.0, 2.0], dtype=lydia.float64, requires_grad=True)
    y = x * 2
    y[1, 1:3] = v
    y[[0, 2], 0] = v * 3
    y[y > 100] = 0
    y.sum().backward()
    expected = np.full((3, 4), 2.0)
    expected[1, 1:3] = 0
    expected[[0, 2], 0] = 0
    np.testing.assert_array_equal(x.grad.numpy(), expected)
    np.testing.assert_array_equal(v.grad.numpy(), [4, 4])


def test_views_see_assignments_and_the_other_way_round():
    x = lydia.zeros(4, 4)
    row = x[1]
    x[1, 2] = 5
    row[3] = 6
    x[:, 0][2:] = 7
    assert row.tolist() == [0, 0, 5, 6]
    assert x[:, 0].tolist() == [0, 0, 7, 7] and x[1, 3].item() == 6


def test_overlapping_assignment_reads_before_it_writes():
    x = lydia.arange(6)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3, 4]
    i = lydia.tensor([1, 0, 2])
    i[i] = i
    assert i.tolist() == [0, 1, 2]


def test_in_place_through_an_index():
    x = lydia.zeros(5)
    x[[0, 0, 3]] += 1
    x[1:3] *= 2
    x[4] -= 1
    assert x.tolist() == [1, 0, 0, 1, -1]
    x.index_put_((lydia.tensor([0, 0, 3]),), lydia.tensor(1.0), accumulate=True)
    assert x.tolist() == [3, 0, 0, 2, -1]


def test_iteration_and_unpacking():
    a, b = lydia.tensor([[1, 2], [3, 4]])
    assert a.tolist() == [1, 2] and b.tolist() == [3, 4]
    with pytest.raises(TypeError, match="0-d"):
        iter(lydia.tensor(1))


def test_results_do_not_depend_on_the_thread_count():
    rng = np.random.default_rng(0)
    i = lydia.tensor(rng.integers(0, 50, 20_000))
    v = lydia.tensor(rng.standard_normal((20_000, 24)).astype(np.float32))
    before, results = lydia.get_num_threads(), []
    for threads in (1, 2, 3):
        lydia.set_num_threads(threads)
        x = lydia.zeros(50, 24).index_put((i,), v, accumulate=True)
        y = lydia.zeros(50, 24).index_put((i,), v)
        results.append((x.numpy().tobytes(), y.numpy().tobytes(), v[i].numpy().tobytes()))
    lydia.set_num_threads(before)
    assert results[0] == results[1] == results[2]


def test_saved_index_is_checked_against_changes():
    x = lydia.ones(4, requires_grad=True)
    i = lydia.tensor([0, 1])
    y = x[i]
    i[0] = 3
    with pytest.raises(RuntimeError, match="index: .*changed in place"):
        y.sum().backward()


@pytest.mark.parametrize("shape,mask_shape", [((5,), (5,)), ((3, 4), (3, 4)), ((3, 4), (3,)), ((2, 3, 4), (2, 3)),
                                              ((0, 3), (0, 3)), ((0, 3), (0,))])
@pytest.mark.parametrize("dtype", ["float32", "int8", "bool"])
def test_a_number_by_a_mask(shape, mask_shape, dtype):
    rng = np.random.default_rng(0)
    a, mask = rng.normal(size=shape).astype(dtype), rng.random(mask_shape) < 0.5
    for view in (lambda x: x, lambda x: x[::-1] if len(x) else x):
        expected, t = a.copy(), lydia.tensor(a.copy())
        view(expected)[mask] = 2.5
        target = t.flip(0) if view(expected) is not expected else t
        target[lydia.tensor(mask)] = 2.5
        np.testing.assert_array_equal((target.flip(0) if target is not t else t).numpy(), expected)


def test_a_number_by_a_mask_keeps_the_rules():
    x = lydia.tensor([True, False, True])
    x[x] = False  # the mask is what is written
    assert x.tolist() == [False] * 3
    leaf = lydia.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        leaf[lydia.tensor([True, False, True])] = 0
    y = leaf * 2
    kept = y.exp()
    y[lydia.tensor([True, False, False])] = 5.0
    y.sum().backward()
    assert leaf.grad.tolist() == [0, 2, 2]
    kept[lydia.tensor([True, False, False])] = 1.0  # exp needs its result
    with pytest.raises(RuntimeError, match="exp"):
        kept.sum().backward()
    with pytest.raises(IndexError, match="mask|shape"):
        x[lydia.tensor([True, False])] = True
