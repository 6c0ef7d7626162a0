"""Gradient clipping, against NumPy in float64."""
import numpy as np
import pytest

import lydia
from lydia.nn import utils

SHAPES = [(3, 5), (0,), (), (70000,), (1025,), (4, 3)]


def leaves(dtype=lydia.float32, scale=1.0):
    lydia.manual_seed(11)
    out = []
    for shape in SHAPES:
        p = lydia.zeros(shape, dtype=dtype, requires_grad=True)
        p.grad = (lydia.randn(shape) * scale).to(dtype)
        out.append(p)
    wide = lydia.randn(5, 8)
    strided = lydia.zeros(5, 4, requires_grad=True, dtype=dtype)
    strided.grad = wide.to(dtype)[:, ::2]
    out.append(strided)
    out.append(lydia.zeros(3, requires_grad=True, dtype=dtype))  # without a gradient
    return out


def flat(params):
    return np.concatenate([p.grad.to(lydia.float64).numpy().reshape(-1) for p in params
                           if p.grad is not None])


@pytest.mark.parametrize("norm_type", [1, 2, 2.5, float("inf")])
@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16", "float16"])
def test_norm_and_scale(norm_type, dtype):
    params = leaves(getattr(lydia, dtype))
    before = flat(params)
    expected = np.linalg.norm(before, norm_type)
    tolerance = 1e-12 if dtype == "float64" else 2e-6
    total = utils.get_total_norm([p.grad for p in params if p.grad is not None], norm_type)
    assert total.item() == pytest.approx(expected, rel=tolerance)
    returned = utils.clip_grad_norm_(params, expected / 3, norm_type)
    assert returned.item() == total.item()
    ulp = {"float16": 2**-10, "bfloat16": 2**-7}.get(dtype, tolerance)
    scaled = before * (expected / 3 / (expected + 1e-6))
    np.testing.assert_allclose(flat(params), scaled, rtol=2 * ulp, atol=1e-7)


def test_small_gradients_keep_their_bits():
    params = leaves()
    before = flat(params)
    utils.clip_grad_norm_(iter(params), 1e6)
    assert (flat(params) == before).all()


def test_large_gradients_do_not_overflow():
    params = leaves(scale=1e25)
    norm = utils.clip_grad_norm_(params, 1.0)
    assert np.isfinite(norm.item()) and np.linalg.norm(flat(params)) == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_non_finite_gradients(bad):
    p = lydia.zeros(2000, requires_grad=True)
    p.grad = lydia.ones(2000)
    p.grad[1500] = bad
    with pytest.raises(RuntimeError, match="can't be clipped"):
        utils.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)
    for norm_type in (1, 2, 3, float("inf")):
        norm = utils.get_total_norm([p.grad], norm_type).item()
        assert np.isnan(norm) if np.isnan(bad) else norm == bad


def test_clip_value():
    params = leaves()
    before = flat(params)
    utils.clip_grad_value_(params, 0.25)
    assert (flat(params) == before.clip(-0.25, 0.25)).all()


def test_norm_does_not_depend_on_threads():
    norms = []
    for threads in (1, 2):
        lydia.set_num_threads(threads)
        norms.append(utils.get_total_norm([p.grad for p in leaves() if p.grad is not None]).item())
    assert norms[0] == norms[1]


def test_expanded_gradients_of_backward_can_be_clipped():
    p = lydia.zeros(3, 4, requires_grad=True)
    p.sum().backward()
    utils.clip_grad_norm_(p, 1.0)
    assert np.linalg.norm(p.grad.numpy()) == pytest.approx(1, rel=1e-5)


def test_no_gradients():
    assert utils.clip_grad_norm_([lydia.zeros(2, requires_grad=True)], 1.0).item() == 0


def test_errors():
    with pytest.raises(ValueError, match="p > 0"):
        utils.get_total_norm([lydia.ones(2)], 0)
    with pytest.raises(TypeError, match="floating"):
        utils.get_total_norm([lydia.ones(2, dtype=lydia.int64)])
    with pytest.raises(ValueError, match="0 or more"):
        utils.clip_grad_value_(lydia.ones(2), -1.0)
