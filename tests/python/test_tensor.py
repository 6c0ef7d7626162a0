"""The Python package around Tensor: making, copying, exchanging and printing them."""
import copy
import pickle
import threading

import numpy as np
import pytest

import lydia

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64",
          "float16", "bfloat16", "float32", "float64"]


def sample(name):
    return lydia.tensor([[0, 1, 2], [3, 4, 5]]).to(getattr(lydia, name))


# ---- lydia.tensor -------------------------------------------------------------------------------

@pytest.mark.parametrize("data,dtype,values", [
    (3, "int64", 3), (True, "bool", True), (2.5, "float32", 2.5), ([], "float32", []),
    ([1, 2.5], "float32", [1.0, 2.5]), ([True, 2], "int64", [1, 2]), ([[1], [2]], "int64", [[1], [2]]),
    ((1, (2)), "int64", [1, 2]), (np.float64(1.5), "float64", 1.5),
    (np.array([1, 2], np.int16), "int16", [1, 2]), ([np.float32(1.5), 2], "float32", [1.5, 2.0])])
def test_tensor_infers_its_dtype(data, dtype, values):
    t = lydia.tensor(data)
    assert t.dtype == getattr(lydia, dtype) and t.tolist() == values


def test_tensor_of_tensors():
    a = lydia.tensor(2, dtype=lydia.int32)
    assert lydia.tensor([a, a]).dtype == lydia.int32
    mixed = lydia.tensor([a, 1.5, [2.0][0]])
    assert mixed.dtype == lydia.float32 and mixed.tolist() == [2.0, 1.5, 2.0]
    assert lydia.tensor([lydia.ones(2), lydia.zeros(2)]).tolist() == [[1.0, 1.0], [0.0, 0.0]]
    x = lydia.ones(2, requires_grad=True)
    assert not lydia.tensor(x).requires_grad and lydia.tensor(x).data_ptr() != x.data_ptr()


@pytest.mark.parametrize("data,kwargs,error,match", [
    ([[1], [2, 3]], {}, ValueError, "equally long"), ("text", {}, TypeError, "numbers"),
    ([2 ** 70], {}, ValueError, "int64"), ([300], {"dtype": "uint8"}, ValueError, "uint8"),
    ([-1], {"dtype": "uint8"}, ValueError, "uint8"), (None, {}, TypeError, "numbers"),
    (1, {"pin_memory": True}, NotImplementedError, "pin_memory"),
    (1, {"device": "cuda"}, NotImplementedError, "CUDA")])
def test_tensor_refuses(data, kwargs, error, match):
    if "dtype" in kwargs:
        kwargs = {"dtype": getattr(lydia, kwargs["dtype"])}
    with pytest.raises(error, match=match):
        lydia.tensor(data, **kwargs)


# ---- copies -------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", DTYPES)
def test_pickle_and_deepcopy(name):
    t = sample(name)
    for other in (pickle.loads(pickle.dumps(t)), copy.deepcopy(t)):
        assert other.dtype == t.dtype and other.tolist() == t.tolist()
        assert other.data_ptr() != t.data_ptr()


def test_pickle_keeps_shared_memory_strides_and_grad():
    base = lydia.zeros(4, 3, requires_grad=True)
    flat = base.detach()
    column = flat.narrow(1, 1, 1).t()
    got = pickle.loads(pickle.dumps({"base": base, "column": column}))
    assert got["base"].requires_grad and not got["column"].requires_grad
    assert got["column"].stride() == column.stride() and got["column"].storage_offset() == 1
    got["column"].fill_(7)
    assert got["base"].tolist() == [[0.0, 7.0, 0.0]] * 4
    again = pickle.loads(pickle.dumps([column, column.clone()]))
    assert again[0].untyped_storage() != again[1].untyped_storage()


def test_deepcopy_keeps_shared_memory_grad_and_attributes():
    x = lydia.ones(3, requires_grad=True)
    (x * 2).sum().backward()
    x.label = ["name"]
    y, view = copy.deepcopy([x, x.detach().narrow(0, 0, 1)])
    assert y.requires_grad and y.grad.tolist() == [2.0] * 3 and y.grad.data_ptr() != x.grad.data_ptr()
    assert y.label == ["name"] and y.label is not x.label
    view.fill_(5)
    assert y.tolist() == [5.0, 1.0, 1.0] and x.tolist() == [1.0] * 3
    pair = copy.deepcopy([x, x])
    assert pair[0] is pair[1]


def test_copy_shares_memory():
    x = lydia.ones(3)
    assert copy.copy(x).data_ptr() == x.data_ptr()


def test_only_leaves_are_copied():
    y = lydia.ones(3, requires_grad=True) * 2
    for broken in (copy.deepcopy, pickle.dumps):
        with pytest.raises(RuntimeError, match="leaves"):
            broken(y)


# ---- NumPy and DLPack ---------------------------------------------------------------------------

def test_numpy_shares_memory_both_ways():
    a = np.arange(12.0).reshape(3, 4)
    for view in (a, a.T, a[::-1], a[:, ::-2], a[1:2, 1], a[0, 0, ...].reshape(()), a[:0]):
        t = lydia.from_numpy(view)
        assert t.tolist() == view.tolist() and t.shape == view.shape
        np.testing.assert_array_equal(t.numpy(), view)
    t = lydia.from_numpy(a[::-1])
    t.fill_(3)
    assert (a == 3).all()
    t.numpy()[0, 0] = 8
    assert a[2, 0] == 8


def test_numpy_read_only_and_foreign():
    a = np.arange(3.0)
    a.flags.writeable = False
    t = lydia.from_numpy(a)
    with pytest.raises(ValueError, match="read-only"):
        t.add_(1)
    assert not t.numpy().flags.writeable
    with pytest.raises(TypeError, match="byte order"):
        lydia.from_numpy(np.arange(3, dtype=">i4"))
    with pytest.raises(TypeError, match="complex"):
        lydia.from_numpy(np.zeros(2, complex))
    with pytest.raises(RuntimeError, match="requires grad"):
        lydia.ones(1, requires_grad=True).numpy()
    with pytest.raises(TypeError, match="bfloat16"):
        lydia.ones(1, dtype=lydia.bfloat16).numpy()


@pytest.mark.parametrize("name", [d for d in DTYPES if d != "bfloat16"])
def test_dlpack_with_numpy(name):
    t = sample(name).t()
    array = np.from_dlpack(t)
    np.testing.assert_array_equal(array, t.numpy())
    assert array.ctypes.data == t.data_ptr()
    back = lydia.from_dlpack(array)
    assert back.dtype == t.dtype and back.data_ptr() == t.data_ptr() and back.stride() == t.stride()


def test_dlpack_lives_as_long_as_needed_and_is_used_once():
    t = lydia.from_dlpack(lydia.arange(5).clone())
    assert t.tolist() == [0, 1, 2, 3, 4]
    capsule = lydia.to_dlpack(lydia.ones(2, dtype=lydia.bfloat16))
    assert lydia.from_dlpack(capsule).dtype == lydia.bfloat16
    with pytest.raises(TypeError, match="unused"):
        lydia.from_dlpack(capsule)
    with pytest.raises(TypeError, match="__dlpack__"):
        lydia.from_dlpack(3)
    with pytest.raises(BufferError, match="detach"):
        lydia.ones(1, requires_grad=True).__dlpack__()
    with pytest.raises(BufferError, match="read-only"):
        a = np.ones(2)
        a.flags.writeable = False
        lydia.from_numpy(a).__dlpack__()
    assert lydia.ones(1).__dlpack_device__() == (1, 0)
    del capsule


# ---- printing -----------------------------------------------------------------------------------

@pytest.mark.parametrize("make,text", [
    (lambda: lydia.tensor([1.0, 2.5]), "tensor([1.0000, 2.5000])"),
    (lambda: lydia.tensor([1.0, 2.0]), "tensor([1., 2.])"),
    (lambda: lydia.tensor(3), "tensor(3)"),
    (lambda: lydia.tensor([True, False]), "tensor([ True, False])"),
    (lambda: lydia.tensor([]), "tensor([])"),
    (lambda: lydia.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: lydia.tensor([1e-8, 1.0]), "tensor([1.0000e-08, 1.0000e+00])"),
    (lambda: lydia.tensor([float("nan"), float("inf"), -1.5]), "tensor([    nan,     inf, -1.5000])"),
    (lambda: lydia.tensor([[1, 20], [300, 4]]), "tensor([[  1,  20],\n        [300,   4]])"),
    (lambda: lydia.tensor([1, 2], dtype=lydia.int8), "tensor([1, 2], dtype=lydia.int8)"),
    (lambda: lydia.tensor([1.5], requires_grad=True), "tensor([1.5000], requires_grad=True)"),
    (lambda: lydia.tensor([1.5], requires_grad=True) * 2, "tensor([3.], grad_fn=<mul>)"),
    (lambda: lydia.ones(2, dtype=lydia.bfloat16), "tensor([1., 1.], dtype=lydia.bfloat16)"),
    (lambda: lydia.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    (lambda: lydia.zeros(1, 2, 2), "tensor([[[0., 0.],\n         [0., 0.]]])")])
def test_repr(make, text):
    assert repr(make()) == text == str(make())


def test_printoptions_and_format():
    lydia.set_printoptions(precision=2, sci_mode=True)
    try:
        assert repr(lydia.tensor([1.5])) == "tensor([1.50e+00])"
        assert lydia.get_printoptions()["precision"] == 2
    finally:
        lydia.set_printoptions(profile="default")
    with pytest.raises(ValueError, match="profile"):
        lydia.set_printoptions(profile="other")
    assert f"{lydia.tensor(1.25):.1f}" == "1.2" and f"{lydia.tensor([1])}" == "tensor([1])"
    rows = repr(lydia.zeros(50)).splitlines()
    assert len(rows) == 3 and all(len(row) <= 80 for row in rows)


# ---- small things -------------------------------------------------------------------------------

def test_size():
    shape = lydia.zeros(2, 3).shape
    assert shape == (2, 3) and shape.numel() == 6 and repr(shape) == "lydia.Size([2, 3])"
    assert isinstance(shape[:1], lydia.Size) and isinstance(shape + (4,), lydia.Size)
    assert lydia.zeros(shape).shape == shape and lydia.tensor(1).shape.numel() == 1


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_finfo_agrees_with_numpy(name):
    ours, theirs = lydia.finfo(getattr(lydia, name)), np.finfo(name)
    for field in ("bits", "eps", "max", "min", "tiny", "smallest_normal"):
        assert getattr(ours, field) == float(getattr(theirs, field)), field


@pytest.mark.parametrize("name", [d for d in DTYPES if "int" in d])
def test_iinfo_agrees_with_numpy(name):
    ours, theirs = lydia.iinfo(getattr(lydia, name)), np.iinfo(name)
    assert (ours.bits, ours.min, ours.max) == (theirs.bits, theirs.min, theirs.max)


def test_info_refuses_other_dtypes():
    with pytest.raises(TypeError, match="finfo"):
        lydia.finfo(lydia.int8)
    with pytest.raises(TypeError, match="iinfo"):
        lydia.iinfo(lydia.float32)


def test_like_methods():
    x = lydia.arange(6).reshape(2, 3)
    assert x.view_as(lydia.zeros(6)).shape == (6,) and x.reshape_as(lydia.zeros(3, 2)).shape == (3, 2)
    assert lydia.zeros(3).expand_as(x).shape == (2, 3) and x.type_as(lydia.zeros(1)).dtype == lydia.float32
    assert x.new_zeros(2).dtype == lydia.int64 and x.new_full((1,), 4).tolist() == [4]
    assert x.new_tensor([1, 2]).dtype == lydia.int64 and x.new_ones(1, dtype=lydia.int8).dtype == lydia.int8
    assert x.T.shape == (3, 2) and x.mT.shape == (3, 2) and x.is_same_size(x.clone())
    assert 4 in x and 9 not in x
    assert x.type() == "lydia.LongTensor" and x.type(lydia.float32).dtype == lydia.float32
    with pytest.raises(ValueError, match="mT"):
        lydia.zeros(1, 2, 3).T


def test_storage():
    x = lydia.zeros(4, 2)
    storage = x.narrow(0, 1, 2).untyped_storage()
    assert storage.data_ptr() == x.data_ptr() and storage.nbytes() == 32
    assert storage == x.untyped_storage() != lydia.zeros(4).untyped_storage()


def test_without_a_gpu_it_says_so():
    if lydia.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert lydia.cuda.device_count() == 0 and lydia.cuda.status()
    for call in (lydia.zeros(1).cuda, lydia.zeros(1).pin_memory, lydia.cuda.synchronize):
        with pytest.raises(NotImplementedError):
            call()
    assert not lydia.zeros(1).is_cuda and not lydia.zeros(1).is_pinned()


def test_assert_close():
    close = lydia.testing.assert_close
    close(lydia.tensor([1.0]), lydia.tensor([1.0 + 1e-7]))
    close({"a": [1.0, 2.0]}, {"a": [1.0, 2.0]})
    close(lydia.tensor(float("nan")), lydia.tensor(float("nan")), equal_nan=True)
    for a, b, match in [(lydia.ones(2), lydia.ones(3), "shape"),
                        (lydia.ones(2), lydia.ones(2, dtype=lydia.float64), "dtype"),
                        (lydia.tensor([1.0, 2.0]), lydia.tensor([1.0, 2.1]), r"1 of 2.*at \(1,\)"),
                        (lydia.tensor([1, 2]), lydia.tensor([1, 3]), "1 of 2"),
                        (lydia.tensor(float("nan")), lydia.tensor(1.0), "1 of 1"),
                        ([1.0], [1.0, 2.0], "items"), ([1.0, 5.0], [1.0, 2.0], r"item \[1\]")]:
        with pytest.raises(AssertionError, match=match):
            close(a, b)


@pytest.mark.parametrize("call,error", [
    (lambda: lydia.zeros(2) + lydia.zeros(3), ValueError),
    (lambda: lydia.zeros(2, dtype=lydia.bool) - lydia.zeros(2, dtype=lydia.bool), TypeError),
    (lambda: lydia.zeros(2).select(0, 5), IndexError),
    (lambda: lydia.zeros(2 ** 60), MemoryError),
    (lambda: lydia.zeros(2).to("cuda"), NotImplementedError),
    (lambda: lydia.zeros(2).backward(), RuntimeError)])
def test_errors_become_pythons_own(call, error):
    with pytest.raises(error):
        call()


def test_kernels_run_without_the_lock():
    """A second thread gets on with its work while this one is inside kernels."""
    x = lydia.ones(400, 400)
    steps, done = [0], threading.Event()

    def count():
        while not done.is_set():
            steps[0] += 1

    other = threading.Thread(target=count)
    other.start()
    before = steps[0]
    for _ in range(30):
        x @ x
    progressed = steps[0] - before
    done.set()
    other.join()
    assert progressed > 0


def test_functions_of_the_library_are_copied_and_pickled_by_name():
    for function in (lydia.add, lydia.relu, lydia.nn.functional.gelu):
        assert copy.deepcopy(function) is function
        assert pickle.loads(pickle.dumps(function)) is function
    layer = lydia.nn.TransformerEncoderLayer(8, 2, activation=lydia.nn.functional.gelu)
    pickle.loads(pickle.dumps(copy.deepcopy(layer)))
