"""Ways to call that torch has: NumPy's names of arguments, keywords of methods, further overloads."""
import numpy as np
import pytest

import lydia

A = np.arange(12.0).reshape(3, 4)
X = lydia.tensor(A)


@pytest.mark.parametrize("name", ["sum", "mean", "prod", "var", "std", "amax", "amin", "any", "all", "nansum",
                                  "argmax", "logsumexp"])
@pytest.mark.parametrize("kwargs", [dict(axis=1), dict(axis=1, keepdims=True), dict(dim=1, keepdims=True),
                                    dict(axis=1, keepdim=True)])
def test_numpys_names(name, kwargs):
    expected = getattr(lydia, name)(X, dim=1, keepdim="keepdim" in kwargs or "keepdims" in kwargs)
    for got in (getattr(lydia, name)(X, **kwargs), getattr(X, name)(**kwargs)):
        assert lydia.equal(got, expected)


@pytest.mark.parametrize("ours,expected", [
    (lambda: lydia.cat([X, X], axis=1), np.concatenate([A, A], 1)),
    (lambda: X.cumsum(axis=0), A.cumsum(0)), (lambda: X.squeeze(axis=0), A),
    (lambda: lydia.stack([X, X], axis=-1), np.stack([A, A], -1)),
    (lambda: X.max(axis=0)[0], A.max(0)), (lambda: lydia.max(X, 11 - X), np.maximum(A, 11 - A)),
    (lambda: X.min(11 - X), np.minimum(A, 11 - A)), (lambda: X.flip(dims=(0,)), A[::-1]),
    (lambda: X.permute(dims=(1, 0)), A.T), (lambda: X.reshape(shape=(4, 3)), A.reshape(4, 3)),
    (lambda: X.view(size=(2, 6)), A.reshape(2, 6)), (lambda: X[:1].expand(size=(2, 4)), A[[0, 0]]),
    (lambda: X.repeat(repeats=(2, 1)), np.tile(A, (2, 1))), (lambda: X.tile(dims=(1, 2)), np.tile(A, (1, 2))),
    (lambda: X[0].dot(tensor=X[1]), A[0] @ A[1]),
    (lambda: lydia.gather(X, 1, lydia.tensor([[3], [2], [1]]), sparse_grad=True), [[3], [6], [9]]),
    (lambda: lydia.nansum(lydia.tensor([1, 2]), dtype=lydia.float64), 3.0),
    (lambda: lydia.repeat_interleave(lydia.tensor([2, 0, 1])), [0, 0, 2]),
    (lambda: lydia.repeat_interleave(X, 2, 0, output_size=6), np.repeat(A, 2, 0)),
    (lambda: lydia.searchsorted(lydia.tensor([3.0, 1, 2]), 2.5, sorter=lydia.tensor([1, 2, 0])), 2),
    (lambda: lydia.where(X > 9)[1], [2, 3]),
    (lambda: X.split(split_size=2, dim=1)[1], A[:, 2:]),
    (lambda: lydia.tril_indices(2, 2, dtype=lydia.int32), [[0, 1, 1], [0, 0, 1]])])
def test_overloads(ours, expected):
    np.testing.assert_array_equal(ours().numpy(), expected)


def test_random_overloads():
    lydia.manual_seed(0)
    mean = lydia.normal(lydia.full((50000,), 3.0))
    assert abs(mean.mean().item() - 3) < 0.05 and abs(mean.std().item() - 1) < 0.05
    assert abs(lydia.normal(0.0, lydia.full((50000,), 2.0)).std().item() - 2) < 0.05
    assert lydia.normal(0.0, 1.0, (2,), requires_grad=True).requires_grad
    draws = lydia.bernoulli(lydia.zeros(50000), 0.25)
    assert abs(draws.mean().item() - 0.25) < 0.02
    g = lydia.Generator().manual_seed(5)
    a = lydia.randint_like(X, 2, 9, generator=g)
    assert a.shape == X.shape and a.amin() >= 2 and a.amax() < 9 and a.dtype == X.dtype
    assert lydia.equal(a, lydia.randint_like(X, 2, 9, generator=g.manual_seed(5)))


@pytest.mark.parametrize("source,target", [("float32", "int32"), ("float32", "uint8"), ("uint8", "int16"),
                                           ("int64", "float16"), ("float64", "float32")])
def test_view_as_another_dtype(source, target):
    a = np.arange(16).reshape(2, 8).astype(source)
    t = lydia.tensor(a)
    seen = t.view(getattr(lydia, target))
    np.testing.assert_array_equal(seen.numpy(), a.view(target))
    assert seen.data_ptr() == t.data_ptr()
    np.testing.assert_array_equal(t[1:].view(getattr(lydia, target)).numpy(), a[1:].view(target))


def test_errors():
    with pytest.raises(ValueError, match="stride 1"):
        lydia.zeros(2, 4).t().view(lydia.int8)
    with pytest.raises(ValueError, match="whole elements"):
        lydia.zeros(3, dtype=lydia.int8).view(lydia.int16)
    with pytest.raises(RuntimeError, match="view"):
        lydia.zeros(2, requires_grad=True).view(lydia.int32)
    with pytest.raises(ValueError, match="output_size"):
        lydia.repeat_interleave(X, 2, 0, output_size=5)
    with pytest.raises(TypeError):
        X.sum(dim=0, axis=0)


@pytest.mark.parametrize("call,shape", [
    (lambda **o: lydia.matmul(X, X.T, **o), (3, 3)), (lambda **o: lydia.cat([X, X], **o), (6, 4)),
    (lambda **o: lydia.stack([X, X], 1, **o), (3, 2, 4)), (lambda **o: lydia.sum(X, axis=0, **o), (4,)),
    (lambda **o: lydia.mean(X, 1, True, **o), (3, 1)), (lambda **o: lydia.amax(X, 0, **o), (4,)),
    (lambda **o: lydia.cumsum(X, 0, **o), (3, 4)), (lambda **o: lydia.add(X, 1, **o), (3, 4))])
def test_out(call, shape):
    out = lydia.empty(shape, dtype=lydia.float64)
    assert call(out=out) is out and lydia.equal(out, call())
    with pytest.raises(ValueError, match="out of shape"):
        call(out=lydia.empty(9, dtype=lydia.float64))
    with pytest.raises(TypeError, match="out"):
        call(out=lydia.empty(shape, dtype=lydia.int64))
