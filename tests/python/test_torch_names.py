"""Functions that torch has under names of its own and lydia composes of other ops: values against
NumPy, shapes, errors."""
import math

import numpy as np
import pytest

import lydia
import lydia.nn.functional as F

R = np.random.default_rng(0)
A, B, V, W = R.normal(size=(3, 4)), R.normal(size=(4, 5)), R.normal(size=4), R.normal(size=3)
BATCH1, BATCH2, ADD = R.normal(size=(2, 3, 4)), R.normal(size=(2, 4, 5)), R.normal(size=(3, 5))
P = A @ A.T + np.eye(3)
CLASSES = np.array([0, 3, 1])


def t(x):
    return lydia.tensor(x)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


CASES = {
    "mm": (lambda: lydia.mm(t(A), t(B)), A @ B),
    "mv": (lambda: t(A).mv(t(V)), A @ V),
    "bmm": (lambda: lydia.bmm(t(BATCH1), t(BATCH2)), BATCH1 @ BATCH2),
    "addmm": (lambda: lydia.addmm(t(ADD), t(A), t(B), beta=0.5, alpha=2), 0.5 * ADD + 2 * A @ B),
    "addmm beta=0": (lambda: lydia.addmm(t(ADD) * math.nan, t(A), t(B), beta=0), A @ B),
    "addmv": (lambda: lydia.addmv(t(W), t(A), t(V)), W + A @ V),
    "addr": (lambda: lydia.addr(t(A), t(W), t(V), alpha=3), A + 3 * np.outer(W, V)),
    "baddbmm": (lambda: lydia.baddbmm(t(ADD), t(BATCH1), t(BATCH2)), ADD + BATCH1 @ BATCH2),
    "addbmm": (lambda: lydia.addbmm(t(ADD), t(BATCH1), t(BATCH2)), ADD + (BATCH1 @ BATCH2).sum(0)),
    "addmm_": (lambda: t(ADD).addmm_(t(A), t(B)), ADD + A @ B),
    "multi_dot": (lambda: lydia.linalg.multi_dot([t(W), t(A), t(B)]), W @ A @ B),
    "chain_matmul": (lambda: lydia.chain_matmul(t(A), t(B), t(B.T), t(A.T)), A @ B @ B.T @ A.T),
    "rsub": (lambda: lydia.rsub(t(A), 1.5, alpha=2), 1.5 - 2 * A),
    "cdist": (lambda: lydia.cdist(t(A), t(A + 1)),
              np.linalg.norm(A[:, None] - (A + 1)[None], axis=-1)),
    "cosine_similarity": (lambda: F.cosine_similarity(t(A), t(A[::-1].copy())),
                          (A * A[::-1]).sum(1) / np.linalg.norm(A, axis=1) / np.linalg.norm(A[::-1], axis=1)),
    "normalize": (lambda: F.normalize(t(A)), A / np.linalg.norm(A, axis=1, keepdims=True)),
    "logdet": (lambda: lydia.logdet(t(P)), np.log(np.linalg.det(P))),
    "inverse": (lambda: t(P).inverse(), np.linalg.inv(P)),
    "cond": (lambda: lydia.linalg.cond(t(P)), np.linalg.cond(P)),
    "cond 1": (lambda: lydia.linalg.cond(t(P), 1), np.linalg.cond(P, 1)),
    "median": (lambda: lydia.median(t([3.0, 1, 2, 5]), 0)[0], 2.0),
    "nanmedian": (lambda: lydia.nanmedian(t([3.0, math.nan, 2, 5])), 3.0),
    "cov": (lambda: lydia.cov(t(A)), np.cov(A)),
    "cov weights": (lambda: lydia.cov(t(A), fweights=t([1, 2, 1, 3]), aweights=t(np.abs(V))),
                    np.cov(A, fweights=[1, 2, 1, 3], aweights=np.abs(V))),
    "corrcoef": (lambda: lydia.corrcoef(t(A)), np.corrcoef(A)),
    "std_mean": (lambda: lydia.std_mean(t(A), 1)[0], A.std(1, ddof=1)),
    "var_mean": (lambda: lydia.var_mean(t(A), dim=0)[1], A.mean(0)),
    "trapezoid": (lambda: lydia.trapezoid(t(A), t(np.sort(V))), np.trapezoid(A, np.sort(V))),
    "trapz": (lambda: lydia.trapz(t(A), dx=0.5, dim=0), np.trapezoid(A, dx=0.5, axis=0)),
    "cumulative_trapezoid": (lambda: lydia.cumulative_trapezoid(t(A)), np.cumsum((A[:, 1:] + A[:, :-1]) / 2, 1)),
    "isin": (lambda: lydia.isin(t([[1, 2], [3, 4]]), t([2, 3, 9])), np.isin([[1, 2], [3, 4]], [2, 3, 9])),
    "isin invert": (lambda: lydia.isin(t([1.0, 2.0]), 2.0, invert=True), [True, False]),
    "block_diag": (lambda: lydia.block_diag(t([[1, 2]]), t(3)), [[1, 2, 0], [0, 0, 3]]),
    "combinations": (lambda: lydia.combinations(t([1, 2, 3])), [[1, 2], [1, 3], [2, 3]]),
    "diagflat": (lambda: lydia.diagflat(t([1, 2]), 1), np.diagflat([1, 2], 1)),
    "unravel_index": (lambda: lydia.stack(lydia.unravel_index(t([5, 7]), (3, 4))), np.unravel_index([5, 7], (3, 4))),
    "vander": (lambda: lydia.vander(t(V)), np.vander(V)),
    "select_scatter": (lambda: lydia.select_scatter(t([[1, 2], [3, 4]]), t([8, 9]), 1, 0), [[8, 2], [9, 4]]),
    "slice_scatter": (lambda: lydia.slice_scatter(t([1, 2, 3, 4]), t([8, 9]), 0, 1, 4, 2), [1, 8, 3, 9]),
    "diagonal_scatter": (lambda: lydia.diagonal_scatter(t([[1, 2], [3, 4]]), t([8, 9])), [[8, 2], [3, 9]]),
    "fill_diagonal_": (lambda: t([[1, 2], [3, 4]]).fill_diagonal_(0), [[0, 2], [3, 0]]),
    "sum_to_size": (lambda: t(BATCH1).sum_to_size(3, 1), BATCH1.sum((0, 2))[:, None]),
    "broadcast_to": (lambda: t(V).broadcast_to((2, 4)), np.broadcast_to(V, (2, 4))),
    "reversed": (lambda: reversed(t(V)), V[::-1]),
    "cumsum_": (lambda: t(V).cumsum_(0), V.cumsum()),
    "in-place function": (lambda: lydia.exp_(t(V)), np.exp(V)),
    "fftfreq": (lambda: lydia.fft.fftfreq(5, 0.5), np.fft.fftfreq(5, 0.5)),
    "rfftfreq": (lambda: lydia.fft.rfftfreq(6), np.fft.rfftfreq(6)),
    "fftshift": (lambda: lydia.fft.ifftshift(lydia.fft.fftshift(t(A))), A),
    "softmin": (lambda: F.softmin(t(A), 1), softmax(-A)),
    "soft_margin_loss": (lambda: F.soft_margin_loss(t(V), t(np.sign(W[0]) * np.ones(4))),
                         np.log1p(np.exp(-np.sign(W[0]) * V)).mean()),
    "hinge_embedding_loss": (lambda: F.hinge_embedding_loss(t([0.5, 0.5]), t([1.0, -1.0]), reduction="none"),
                             [0.5, 0.5]),
    "margin_ranking_loss": (lambda: F.margin_ranking_loss(t([1.0, 2.0]), t([2.0, 1.0]), t([1.0, 1.0])), 0.5),
    "multi_margin_loss": (lambda: F.multi_margin_loss(t(A), t(CLASSES), reduction="none"), [
        sum(max(0, 1 - A[i, c] + A[i, j]) for j in range(4) if j != c) / 4 for i, c in enumerate(CLASSES)]),
    "poisson_nll_loss": (lambda: F.poisson_nll_loss(t(V), t([1.0, 2, 3, 0])), (np.exp(V) - [1, 2, 3, 0] * V).mean()),
    "gaussian_nll_loss": (lambda: F.gaussian_nll_loss(t(V), t(V + 1), t(np.full(4, 2.0))), (np.log(2) + 0.5) / 2),
    "triplet_margin_loss": (lambda: F.triplet_margin_loss(t(A), t(A + 2), t(A + 1), eps=0.0), 4.0 - 2.0 + 1.0),
    "lp_pool1d": (lambda: F.lp_pool1d(t(np.abs(A)[None]), 2, 2)[0], np.hypot(np.abs(A)[:, ::2], np.abs(A)[:, 1::2])),
    "bilinear": (lambda: F.bilinear(t(A), t(A), t(np.ones((2, 4, 4)))),
                 np.repeat(A.sum(1)[:, None] ** 2, 2, 1)),
    "channel_shuffle": (lambda: F.channel_shuffle(lydia.arange(6).reshape(1, 6, 1), 2).reshape(-1), [0, 3, 1, 4, 2, 5]),
    "local_response_norm": (lambda: F.local_response_norm(t(np.ones((1, 3, 1))), 3, alpha=3.0, beta=1.0).reshape(-1),
                            [1 / 3, 1 / 4, 1 / 3]),
    "xlog1py": (lambda: lydia.special.xlog1py(t([0.0, 2.0]), t([-1.0, 1.0])), [0, 2 * math.log(2)]),
    "ndtr": (lambda: lydia.special.ndtr(t([0.0, 1.959963984540054])), [0.5, 0.975]),
    "entr": (lambda: lydia.special.entr(t([0.0, 0.5, -1.0])), [0, 0.5 * math.log(2), -math.inf]),
}


@pytest.mark.parametrize("name", CASES)
def test_value(name):
    made, expected = CASES[name]
    got = made()
    assert tuple(got.shape) == np.shape(expected)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "nearest", "midpoint"])
@pytest.mark.parametrize("q", [0.0, 0.3, 0.5, 1.0, [0.1, 0.9]])
def test_quantile(q, interpolation):
    for dim in (None, 0, -1):
        got = lydia.quantile(t(BATCH1), t(q) if isinstance(q, list) else q, dim, interpolation=interpolation)
        np.testing.assert_allclose(got.numpy(), np.quantile(BATCH1, q, axis=dim, method=interpolation), rtol=1e-5)
    assert lydia.quantile(t(BATCH1), 0.5, 1, True).shape == (2, 1, 4)
    assert math.isnan(lydia.quantile(t([1.0, math.nan]), 0.5).item())


def test_medians_say_where():
    x = t([[3.0, 1.0, 2.0, 9.0], [1.0, math.nan, 3.0, 0.0]])
    values, indices = lydia.median(x, 1)
    assert values[0] == 2 and indices.tolist() == [2, 1] and math.isnan(values[1].item())
    values, indices = x.nanmedian(1, keepdim=True)
    assert values.tolist() == [[2.0], [1.0]] and indices.tolist() == [[2], [0]]
    assert x.median(1)._fields == ("values", "indices")


@pytest.mark.parametrize("a,b,expected", [
    ((2,), (2,), "float32"), ((2,), (), "int8"), ((), (2,), "float32"), ((2,), 1.5, "float32"), ((2,), 3, "int8")])
def test_result_type(a, b, expected):
    first = lydia.ones(a, dtype=lydia.int8)
    second = b if not isinstance(b, tuple) else lydia.ones(b, dtype=lydia.float32 if b else lydia.int64)
    assert lydia.result_type(first, second).name == expected


def test_questions():
    x = t(A)
    assert lydia.is_tensor(x) and not lydia.is_tensor(A) and lydia.numel(x) == 12
    assert lydia.is_floating_point(x) and x.is_signed() and not lydia.ones(1, dtype=lydia.uint8).is_signed()
    assert x.is_cpu and x.get_device() == -1 and x.is_set_to(x.view(3, 4)) and not x.is_set_to(x[1:])
    assert not x.is_sparse and lydia.adjoint(x).is_set_to(x.mT) and x.adjoint().is_set_to(x.mT)
    assert (lydia.pi, lydia.e, lydia.inf, lydia.newaxis) == (math.pi, math.e, math.inf, None)


def test_asarray_and_frombuffer():
    a = np.arange(3.0)
    assert lydia.asarray(a).data_ptr() == a.ctypes.data != lydia.asarray(a, copy=True).data_ptr()
    with pytest.raises(ValueError, match="copying"):
        lydia.asarray([1, 2], copy=False)
    data = np.arange(4, dtype=np.int16).tobytes()
    assert lydia.frombuffer(data, dtype=lydia.int16, offset=2, count=2).tolist() == [1, 2]
    with pytest.raises(ValueError, match="frombuffer"):
        lydia.frombuffer(data, dtype=lydia.int32, count=9)


def test_random_state_and_dropouts():
    lydia.manual_seed(3)
    with lydia.random.fork_rng():
        inside = lydia.rand(3)
    assert lydia.equal(inside, lydia.rand(3))
    x = F.dropout2d(lydia.ones(4, 50, 3, 3), 0.5)
    assert set(x.sum((2, 3)).reshape(-1).tolist()) == {0.0, 18.0}
    y = F.alpha_dropout(lydia.randn(100000), 0.3, training=True)
    assert abs(y.mean().item()) < 0.02 and abs(y.std().item() - 1) < 0.02
    hard = F.gumbel_softmax(lydia.zeros(50, 4, requires_grad=True), hard=True)
    assert hard.detach().sum(1).tolist() == [1.0] * 50 and hard.requires_grad


def test_derivatives_of_functions():
    x, y = t(V).requires_grad_(), t(V + 1)
    J = lydia.autograd.functional.jacobian(lambda x: x.exp() * x, t(V))
    np.testing.assert_allclose(J.numpy(), np.diag(np.exp(V) * (1 + V)))
    (xx, xy), (yx, yy) = lydia.autograd.functional.hessian(lambda x, y: (x * x * y).sum(), (x, y))
    np.testing.assert_allclose(xx.numpy(), np.diag(2 * (V + 1)))
    np.testing.assert_allclose(xy.numpy(), np.diag(2 * V))
    np.testing.assert_allclose(yx.numpy(), xy.numpy())
    assert (yy == 0).all()
    out, forward = lydia.autograd.functional.jvp(lambda x: t(A) @ x, t(V), t(V))
    np.testing.assert_allclose(forward.numpy(), A @ V)
    out, back = lydia.autograd.functional.vjp(lambda x: t(A) @ x, t(V), t(W))
    np.testing.assert_allclose(back.numpy(), A.T @ W)
    assert not out.requires_grad
    for product in (lydia.autograd.functional.hvp, lydia.autograd.functional.vhp):
        np.testing.assert_allclose(product(lambda x: (x ** 3).sum(), t(V), t(V))[1].numpy(), 6 * V * V)
    with pytest.raises(RuntimeError, match="depend"):
        lydia.autograd.functional.jacobian(lambda x: t(V), t(V), strict=True)
    with pytest.raises(RuntimeError, match="one number"):
        lydia.autograd.functional.hessian(lambda x: x, t(V))


@pytest.mark.parametrize("call,error", [
    (lambda: lydia.mm(t(A), t(A)), ValueError), (lambda: lydia.mm(t(A), t(V)), ValueError),
    (lambda: lydia.bmm(t(BATCH1), t(BATCH2[:1])), ValueError), (lambda: lydia.mv(t(A), t(W)), ValueError),
    (lambda: lydia.mm(t(A), t(B), out=lydia.empty(2, 2)), ValueError),
    (lambda: lydia.linalg.multi_dot([t(A)]), ValueError), (lambda: lydia.quantile(t(A), 1.5), ValueError),
    (lambda: lydia.quantile(t(A), 0.5, interpolation="cubic"), ValueError),
    (lambda: t(A).sum_to_size(2, 2), ValueError), (lambda: t(A).fill_diagonal_(1, wrap=True), NotImplementedError),
    (lambda: F.soft_margin_loss(t(A), t(A), reduction="all"), ValueError),
    (lambda: F.dropout2d(t(A)), ValueError), (lambda: F.channel_shuffle(t(A)[None], 2), ValueError)])
def test_errors(call, error):
    with pytest.raises(error):
        call()
