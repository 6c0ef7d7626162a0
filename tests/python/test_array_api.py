"""lydia.array_api against the text of the array API standard 2023.12: signatures, dtype rules,
special cases; values against NumPy."""
import inspect
import itertools
import math

import numpy as np
import pytest

import lydia
from lydia import array_api as xp

import array_api_2023_12 as standard

INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
ALL = ["bool"] + INTS + FLOATS


@pytest.mark.parametrize("name", standard.FUNCTIONS)
def test_signature(name):
    function = xp
    for part in name.split("."):
        function = getattr(function, part)
    assert str(inspect.signature(function)) == f"({standard.FUNCTIONS[name]})"


def test_the_namespace_and_its_arrays_hold_every_name():
    top = [n for n in standard.FUNCTIONS if "." not in n]
    assert set(xp.__all__) == {*top, *standard.CONSTANTS, *standard.DTYPES, "linalg", "fft",
                               "__array_api_version__"}
    for extension in ("linalg", "fft"):
        names = [n.split(".")[1] for n in standard.FUNCTIONS if n.startswith(extension)]
        assert set(getattr(xp, extension).__all__) == set(names)
    x = xp.ones((2, 3))
    for name in standard.ATTRIBUTES:
        assert hasattr(x, name)
    for name in standard.DUNDERS:
        assert getattr(type(x), f"__{name}__", None) is not getattr(object, f"__{name}__", None), name
    assert xp.size(x) == 6 and xp.size(xp.zeros(())) == 1


ELEMENTWISE = [n for n in xp.elementwise.NAMES if n != "clip"]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_signature_and_kinds(name):
    function = getattr(xp, name)
    binary = name in xp.elementwise._BINARY
    assert str(inspect.signature(function)) == ("(x1, x2, /)" if binary else "(x, /)")
    kinds = (xp.elementwise._BINARY if binary else xp.elementwise._UNARY)[name][1]
    for dtype in ALL:
        x = xp.ones(2, dtype=getattr(xp, dtype))
        allowed = xp.isdtype(x.dtype, kinds)
        if not allowed:
            with pytest.raises(TypeError, match=name):
                function(*[x] * (1 + binary))
            continue
        got = function(*[x] * (1 + binary))
        truth = name.startswith(("is", "logical")) or name in (
            "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "signbit")
        assert got.dtype == (xp.bool if truth else x.dtype), dtype


NUMPY_NAMES = {"acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh",
               "atan": "arctan", "atanh": "arctanh", "atan2": "arctan2", "bitwise_invert": "invert",
               "bitwise_left_shift": "left_shift", "bitwise_right_shift": "right_shift",
               "pow": "power"}
SPECIAL = [math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_special_values(name):
    """IEEE 754's special cases, which the standard asks for and NumPy keeps."""
    kinds = {**xp.elementwise._UNARY, **xp.elementwise._BINARY}[name][1]
    if "real floating" not in kinds:
        return
    reference = getattr(np, NUMPY_NAMES.get(name, name))
    binary = name in xp.elementwise._BINARY
    pairs = list(itertools.product(SPECIAL, SPECIAL)) if binary else [(v,) for v in SPECIAL]
    arrays = [np.array(column) for column in zip(*pairs)]
    with np.errstate(all="ignore"):
        expected = reference(*arrays)
    got = getattr(xp, name)(*(xp.asarray(a, copy=True) for a in arrays)).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_constants_and_inspection():
    assert xp.__array_api_version__ == "2023.12" and xp.newaxis is None
    assert (xp.pi, xp.e) == (math.pi, math.e) and math.isnan(xp.nan) and xp.inf == math.inf
    x = xp.zeros(2)
    assert x.__array_namespace__() is xp and x.__array_namespace__(api_version="2022.12") is xp
    with pytest.raises(ValueError, match="2099"):
        x.__array_namespace__(api_version="2099.01")
    info = xp.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"] and info.default_device() in info.devices()
    assert info.default_dtypes()["integral"] == xp.int64
    assert set(info.dtypes()) == set(ALL) and set(info.dtypes(kind="real floating")) == set(FLOATS)
    assert set(info.dtypes(kind=("bool", "unsigned integer"))) == {"bool", "uint8", "uint16", "uint32",
                                                                   "uint64"}


def test_promotion_table():
    for a, b in itertools.product(ALL, ALL):
        kinds = {"b" if n == "bool" else "f" if n in FLOATS else "i" for n in (a, b)}
        both = (getattr(xp, a), getattr(xp, b))
        if len(kinds) > 1 or ("uint64" in (a, b) and any(n.startswith("int") for n in (a, b))):
            with pytest.raises(TypeError):
                xp.result_type(*both)
        else:
            assert xp.result_type(*both).name == np.result_type(a, b).name
    assert xp.result_type(xp.zeros(2, dtype=xp.int8), xp.zeros((), dtype=xp.int32)) == xp.int32
    sum_ = xp.add(xp.zeros(2, dtype=xp.int8), xp.ones((), dtype=xp.int32))
    assert sum_.dtype == xp.int32


def test_casts_and_kinds():
    assert xp.can_cast(xp.int8, xp.int16) and not xp.can_cast(xp.int16, xp.int8)
    assert not xp.can_cast(xp.int8, xp.float32) and xp.can_cast(xp.zeros(1), xp.float64)
    assert xp.isdtype(xp.int8, ("bool", "signed integer")) and not xp.isdtype(xp.uint8, xp.int8)
    with pytest.raises(ValueError, match="kind"):
        xp.isdtype(xp.int8, "integer")
    x = xp.zeros(2)
    assert xp.astype(x, xp.float32, copy=False) is x and xp.astype(x, xp.float32) is not x
    assert xp.finfo(x).bits == 32 and xp.iinfo(xp.uint8).max == 255


def test_creation():
    assert xp.arange(5).tolist() == [0, 1, 2, 3, 4] and xp.arange(5).dtype == xp.int64
    assert xp.arange(5, 0, -2).tolist() == [5, 3, 1] and xp.arange(3, 1).shape == (0,)
    assert xp.arange(0.0, 1.0, 0.25).dtype == xp.float32
    assert xp.eye(2, 3, k=1).tolist() == [[0, 1, 0], [0, 0, 1]] and xp.eye(2, k=5).tolist() == [[0, 0]] * 2
    np.testing.assert_allclose(xp.linspace(0, 1, 5, endpoint=False).numpy(), [0, .2, .4, .6, .8])
    assert xp.linspace(0, 1, 0).shape == (0,) and xp.full((), 3).dtype == xp.int64
    for indexing in ("xy", "ij"):
        ours = xp.meshgrid(xp.arange(2), xp.arange(3), indexing=indexing)
        theirs = np.meshgrid(np.arange(2), np.arange(3), indexing=indexing)
        for a, b in zip(ours, theirs):
            np.testing.assert_array_equal(a.numpy(), b)
    x = xp.reshape(xp.arange(12), (1, 3, 4))
    for k in (-5, -1, 0, 2, 9):
        np.testing.assert_array_equal(xp.tril(x, k=k).numpy(), np.tril(x.numpy(), k))
        np.testing.assert_array_equal(xp.triu(x, k=k).numpy(), np.triu(x.numpy(), k))


def test_asarray_and_copies():
    a = np.arange(3.0)
    assert xp.asarray(a).data_ptr() == a.ctypes.data != xp.asarray(a, copy=True).data_ptr()
    for bad in ([1, 2], 3):
        with pytest.raises(ValueError, match="copying"):
            xp.asarray(bad, copy=False)
    with pytest.raises(ValueError, match="copying"):
        xp.asarray(a, dtype=xp.float32, copy=False)
    assert xp.from_dlpack(a).tolist() == [0, 1, 2] and xp.asarray([True, 2]).dtype == xp.int64
    x = xp.zeros((2, 3))
    assert xp.reshape(x, (6,), copy=True).data_ptr() != x.data_ptr()
    with pytest.raises(ValueError):
        xp.reshape(x.mT, (6,), copy=False)


@pytest.mark.parametrize("ours,theirs", [
    (lambda x: xp.concat([x, x], axis=1), lambda x: np.concatenate([x, x], 1)),
    (lambda x: xp.concat([x, x], axis=None), lambda x: np.concatenate([x, x], None)),
    (lambda x: xp.expand_dims(x, axis=-1), lambda x: np.expand_dims(x, -1)),
    (lambda x: xp.flip(x), lambda x: np.flip(x)),
    (lambda x: xp.flip(x, axis=(0, -1)), lambda x: np.flip(x, (0, -1))),
    (lambda x: xp.moveaxis(x, 0, -1), lambda x: np.moveaxis(x, 0, -1)),
    (lambda x: xp.permute_dims(x, (2, 0, 1)), lambda x: np.transpose(x, (2, 0, 1))),
    (lambda x: xp.repeat(x, 2), lambda x: np.repeat(x, 2)),
    (lambda x: xp.repeat(x, lydia.tensor([0, 2, 1]), axis=1), lambda x: np.repeat(x, [0, 2, 1], 1)),
    (lambda x: xp.roll(x, 5), lambda x: np.roll(x, 5)),
    (lambda x: xp.roll(x, (1, -1), axis=(0, 2)), lambda x: np.roll(x, (1, -1), (0, 2))),
    (lambda x: xp.squeeze(xp.expand_dims(x, axis=1), 1), lambda x: x),
    (lambda x: xp.stack([x, x], axis=-1), lambda x: np.stack([x, x], -1)),
    (lambda x: xp.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2))),
    (lambda x: xp.tile(x, (2,)), lambda x: np.tile(x, (2,))),
    (lambda x: xp.unstack(x, axis=1)[2], lambda x: x[:, 2]),
    (lambda x: xp.sum(x, axis=(0, 2), keepdims=True), lambda x: np.sum(x, (0, 2), keepdims=True)),
    (lambda x: xp.mean(x, axis=1), lambda x: np.mean(x, 1)),
    (lambda x: xp.max(x, axis=0), lambda x: np.max(x, 0)),
    (lambda x: xp.min(x), lambda x: np.min(x)),
    (lambda x: xp.var(x, axis=1), lambda x: np.var(x, 1)),
    (lambda x: xp.std(x, correction=1), lambda x: np.std(x, ddof=1)),
    (lambda x: xp.any(x, axis=2), lambda x: np.any(x, 2)),
    (lambda x: xp.all(x, keepdims=True), lambda x: np.all(x, keepdims=True)),
    (lambda x: xp.argmax(x), lambda x: np.argmax(x)),
    (lambda x: xp.argmin(x, axis=1, keepdims=True), lambda x: np.argmin(x, 1, keepdims=True)),
    (lambda x: xp.nonzero(x)[1], lambda x: np.nonzero(x)[1]),
    (lambda x: xp.where(x > 5, x, xp.zeros_like(x)), lambda x: np.where(x > 5, x, 0)),
    (lambda x: xp.take(x, lydia.tensor([2, 0]), axis=1), lambda x: np.take(x, [2, 0], 1)),
    (lambda x: xp.matmul(x, xp.matrix_transpose(x)), lambda x: x @ np.swapaxes(x, 1, 2)),
    (lambda x: xp.tensordot(x, xp.matrix_transpose(x), axes=((2,), (1,))),
     lambda x: np.tensordot(x, np.swapaxes(x, 1, 2), ((2,), (1,)))),
    (lambda x: xp.tensordot(x, x, axes=0), lambda x: np.tensordot(x, x, 0)),
    (lambda x: xp.vecdot(x, x, axis=-2), lambda x: np.sum(x * x, 1)),
    (lambda x: xp.linalg.outer(x[0, 0], x[1, 1]), lambda x: np.outer(x[0, 0], x[1, 1])),
    (lambda x: xp.linalg.trace(x, offset=1), lambda x: np.trace(x, 1, 1, 2)),
    (lambda x: xp.linalg.diagonal(x), lambda x: np.diagonal(x, 0, 1, 2)),
    (lambda x: xp.linalg.vector_norm(x, axis=1), lambda x: np.linalg.norm(x, axis=1)),
    (lambda x: xp.prod(x, axis=(0, 1)), lambda x: np.prod(x, (0, 1))),
    (lambda x: xp.prod(x, keepdims=True), lambda x: np.prod(x, keepdims=True)),
    (lambda x: xp.cumulative_sum(x, axis=1), lambda x: np.cumulative_sum(x, axis=1)),
    (lambda x: xp.cumulative_sum(x, axis=-1, include_initial=True),
     lambda x: np.cumulative_sum(x, axis=-1, include_initial=True)),
    (lambda x: xp.sort(x % 5, axis=1), lambda x: np.sort(x % 5, axis=1)),
    (lambda x: xp.sort(x, axis=0, descending=True), lambda x: np.flip(np.sort(x, axis=0), 0)),
    (lambda x: xp.argsort(x % 5, axis=1), lambda x: np.argsort(x % 5, axis=1, stable=True)),
    (lambda x: xp.searchsorted(x[0, 0], x), lambda x: np.searchsorted(x[0, 0], x)),
    (lambda x: xp.searchsorted(x[0, 0], x + 0.5, side="right"),
     lambda x: np.searchsorted(x[0, 0], x + 0.5, side="right")),
    (lambda x: xp.searchsorted(xp.flip(x[0, 0]), x, sorter=lydia.tensor([3, 2, 1, 0])),
     lambda x: np.searchsorted(x[0, 0], x)),
    (lambda x: xp.unique_values(x % 5), lambda x: np.unique_values(x % 5)),
    (lambda x: xp.linalg.cross(x[..., :3], x[0, 0, :3]), lambda x: np.cross(x[..., :3], x[0, 0, :3])),
    (lambda x: xp.linalg.matrix_rank(x), lambda x: np.linalg.matrix_rank(x)),
    (lambda x: xp.linalg.matrix_rank(x, rtol=lydia.tensor([0.01, 2.0])), lambda x: np.array([2, 0])),
    (lambda x: xp.linalg.pinv(x[0]), lambda x: np.linalg.pinv(x[0])),
    (lambda x: xp.linalg.pinv(x, rtol=lydia.tensor([0.2, 0.01], dtype=lydia.float64)),
     lambda x: np.linalg.pinv(x, rtol=np.array([0.2, 0.01]))),
    (lambda x: xp.linalg.solve(x[:1, :2, :2], x[0, 0, :2]),
     lambda x: np.linalg.solve(x[:1, :2, :2], x[0, 0, :2, None])[..., 0]),
    (lambda x: xp.linalg.vector_norm(x, axis=(), ord=3), lambda x: np.abs(x)),
    (lambda x: xp.fft.fftshift(x), lambda x: np.fft.fftshift(x)),
    (lambda x: xp.fft.ifftshift(x, axes=1), lambda x: np.fft.ifftshift(x, 1)),
    (lambda x: xp.fft.fftfreq(5, d=0.5), lambda x: np.fft.fftfreq(5, 0.5)),
    (lambda x: xp.fft.rfftfreq(6), lambda x: np.fft.rfftfreq(6))])
def test_values_against_numpy(ours, theirs):
    a = np.arange(24.0).reshape(2, 3, 4) - 7
    expected = theirs(a)
    got = ours(xp.asarray(a, copy=True))
    assert tuple(got.shape) == np.shape(expected)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)


def test_sums_keep_the_standards_dtypes():
    for name in INTS:
        x = xp.ones((2, 2), dtype=getattr(xp, name))
        assert xp.sum(x).dtype == (xp.uint64 if name.startswith("u") else xp.int64)
        assert xp.sum(x, axis=0).tolist() == [2, 2] and xp.sum(x[0, 0]).dtype == xp.sum(x).dtype
    assert xp.sum(xp.ones(2)).dtype == xp.float32
    assert xp.sum(xp.ones(2), dtype=xp.float64).dtype == xp.float64
    assert xp.sum(xp.zeros((0,))).item() == 0 and xp.all(xp.zeros((0,))).item() is True


def test_products_and_running_sums_keep_the_standards_dtypes():
    for name in ALL[1:]:
        x = xp.asarray([[3, 2], [1, 4]], dtype=getattr(xp, name))
        wide = xp.uint64 if name.startswith("u") else xp.int64 if name in INTS else x.dtype
        assert xp.prod(x).dtype == wide and xp.prod(x, axis=0).tolist() == [3, 8]
        assert xp.cumulative_sum(x, axis=1).dtype == wide
        assert xp.cumulative_sum(x, axis=1, include_initial=True).tolist() == [[0, 3, 5], [0, 1, 5]]
        assert xp.linalg.trace(x).dtype == wide
    x = xp.asarray([2 ** 63, 2 ** 63, 5], dtype=xp.uint64)
    assert xp.sum(x).item() == 5 and xp.prod(xp.asarray([], dtype=xp.int8)).item() == 1
    assert xp.prod(xp.ones(2), dtype=xp.float64).dtype == xp.float64
    empty = xp.cumulative_sum(xp.zeros((0, 2)), axis=0, include_initial=True)
    assert empty.tolist() == [[0, 0]]


@pytest.mark.parametrize("name", ALL)
def test_unique(name):
    x = xp.asarray([[3, 0, 3], [1, 1, 0]]).to(getattr(xp, name))
    a = x.numpy()
    theirs, ours = np.unique_all(a), xp.unique_all(x)
    assert ours._fields == ("values", "indices", "inverse_indices", "counts")
    assert ours.values.dtype == x.dtype and ours.indices.dtype == ours.counts.dtype == xp.int64
    for mine, expected in zip(ours, theirs):
        np.testing.assert_array_equal(mine.numpy(), expected)
    assert xp.unique_counts(x)._fields == ("values", "counts")
    assert xp.unique_counts(x).counts.tolist() == theirs.counts.tolist()
    inverse = xp.unique_inverse(x)
    assert inverse._fields == ("values", "inverse_indices")
    np.testing.assert_array_equal(inverse.values.numpy()[inverse.inverse_indices.numpy()], a)


def test_unique_special_values():
    x = xp.asarray([math.nan, 0.0, -0.0, math.nan, math.inf])
    values, indices, inverse, counts = xp.unique_all(x)
    assert str(values.tolist()) == "[0.0, inf, nan, nan]" and counts.tolist() == [2, 1, 1, 1]
    assert sorted(indices.tolist()) == [0, 1, 3, 4] and inverse.shape == x.shape
    scalar = xp.unique_all(xp.asarray(7))
    assert scalar.values.tolist() == [7] and scalar.inverse_indices.shape == ()
    assert xp.unique_all(xp.zeros((0, 2))).counts.shape == (0,)


def test_var_with_too_few_elements_is_nan():
    assert math.isnan(xp.var(xp.zeros(0), correction=1).item())
    assert math.isnan(xp.var(xp.asarray([1.0, 2.0]), correction=3).item())


def test_matrices():
    x = xp.asarray([[4.0, 1.0], [1.0, 3.0]], dtype=xp.float64)
    eigenvalues, vectors = xp.linalg.eigh(x)
    np.testing.assert_allclose((vectors @ (vectors * eigenvalues).mT).numpy(), x.numpy())
    np.testing.assert_allclose((xp.linalg.inv(x) @ x).numpy(), np.eye(2), atol=1e-12)
    q, r = xp.linalg.qr(x)
    np.testing.assert_allclose((q @ r).numpy(), x.numpy())
    lower = xp.linalg.cholesky(x)
    np.testing.assert_allclose((lower @ lower.mT).numpy(), x.numpy())
    np.testing.assert_allclose(xp.linalg.cholesky(x, upper=True).numpy(), lower.mT.numpy())
    assert math.isclose(xp.linalg.det(x).item(), 11) and xp.linalg.slogdet(x)[0].item() == 1
    np.testing.assert_allclose(xp.linalg.solve(x, x).numpy(), np.eye(2), atol=1e-12)
    u, s, vh = xp.linalg.svd(x)
    np.testing.assert_allclose(((u * s) @ vh).numpy(), x.numpy())
    np.testing.assert_allclose(xp.linalg.matrix_power(x, 3).numpy(), np.linalg.matrix_power(x.numpy(), 3))
    np.testing.assert_allclose(xp.linalg.matrix_norm(x).item(), np.linalg.norm(x.numpy()))


@pytest.mark.parametrize("call,error", [
    (lambda: xp.squeeze(xp.zeros((2,)), 0), ValueError), (lambda: xp.nonzero(xp.zeros(())), ValueError),
    (lambda: xp.stack([xp.zeros(2), xp.zeros(3)]), ValueError), (lambda: xp.triu(xp.zeros(2)), ValueError),
    (lambda: xp.concat([xp.zeros(2), xp.zeros(2, dtype=xp.int8)]), TypeError),
    (lambda: xp.mean(xp.zeros(2, dtype=xp.int8)), TypeError),
    (lambda: xp.matmul(xp.zeros((2, 2), dtype=xp.bool), xp.zeros((2, 2), dtype=xp.bool)), TypeError),
    (lambda: xp.broadcast_arrays(xp.zeros(2), xp.zeros(3)), ValueError),
    (lambda: xp.where(xp.zeros(2), xp.zeros(2), xp.zeros(2)), TypeError),
    (lambda: xp.roll(xp.zeros((2, 2)), (1, 2, 3), axis=(0, 1)), ValueError),
    (lambda: xp.sort(xp.zeros(2, dtype=xp.bool)), TypeError),
    (lambda: xp.prod(xp.zeros(2, dtype=xp.bool)), TypeError),
    (lambda: xp.cumulative_sum(xp.zeros((2, 2))), ValueError),
    (lambda: xp.cumulative_sum(xp.zeros(())), ValueError),
    (lambda: xp.searchsorted(xp.zeros((2, 2)), xp.zeros(2)), ValueError),
    (lambda: xp.searchsorted(xp.zeros(2), xp.zeros(2), side="middle"), ValueError),
    (lambda: xp.linalg.cross(xp.zeros((3, 2)), xp.zeros((3, 2)), axis=0), ValueError),
    (lambda: xp.linalg.cross(xp.zeros((3, 1)), xp.zeros((3, 2)), axis=-1), ValueError),
    (lambda: xp.vecdot(xp.zeros((2, 2)), xp.zeros(2), axis=-2), ValueError),
    (lambda: xp.linalg.outer(xp.zeros((2, 2)), xp.zeros(2)), ValueError),
    (lambda: xp.linalg.matrix_rank(xp.zeros(2)), ValueError),
    (lambda: xp.result_type(), ValueError)])
def test_errors(call, error):
    with pytest.raises(error):
        call()
