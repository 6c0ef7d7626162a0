"""Values at the edges: numbers beside small dtypes, empty and repeated things, gradients at kinks.

Expected values are PyTorch 2.13's, or follow from the definition beside them.
"""
import math

import pytest

import lydia
from lydia.nn import functional as F

NAN, INF = float("nan"), float("inf")


def test_a_number_keeps_its_value_beside_small_integers():
    x = lydia.tensor([100], dtype=lydia.int8)
    assert (x / 200).item() == 0.5  # not 100 / int8(200)
    assert (x / -200).item() == -0.5
    assert (200 / x).item() == 2.0
    assert lydia.div(x, 200).item() == 0.5
    assert lydia.xlogy(x, 300).item() == pytest.approx(100 * math.log(300))
    assert (x * 200).item() == 32  # integers wrap, as in PyTorch
    assert (x / 200).dtype == lydia.float32


def test_a_number_keeps_its_value_beside_halves():
    h = lydia.full((1,), 300.0, dtype=lydia.float16)
    assert (h * 1e-8).item() == pytest.approx(3e-6, rel=0.02)  # 1e-8 is 0 in float16
    assert (h / 1e5).item() == pytest.approx(0.003, rel=1e-3)  # 1e5 is inf
    b = lydia.full((1,), 3.0, dtype=lydia.bfloat16)
    assert (b / 1.003).item() == 2.984375
    assert (h * 1e-8).dtype == lydia.float16
    assert (lydia.tensor(2.0, dtype=lydia.float16) * 1.5).dtype == lydia.float16
    assert (h == 300.01).item() is True  # comparisons see what float16 holds


def test_dividing_nothing_by_zero():
    empty = lydia.zeros(0, 3, dtype=lydia.int64)
    for op in (lydia.floor_divide, lydia.remainder, lydia.fmod):
        assert op(empty, 0).shape == (0, 3)
        assert op(empty, lydia.zeros(1, dtype=lydia.int64)).shape == (0, 3)
        with pytest.raises(RuntimeError, match="division by zero"):
            op(lydia.ones(2, dtype=lydia.int64), 0)


def test_sums_and_products_as_bool():
    assert lydia.ones(9).sum(dtype=lydia.bool).item() is True
    assert lydia.zeros(9).sum(dtype=lydia.bool).item() is False
    assert lydia.tensor([0.2, 0.0]).sum(dtype=lydia.bool).item() is True
    assert lydia.ones(2).prod(dtype=lydia.bool).item() is True
    assert lydia.tensor([1, 0]).prod(dtype=lydia.bool).item() is False
    assert lydia.ones(0).prod(dtype=lydia.bool).item() is True
    assert lydia.ones(2, 0).sum(1, dtype=lydia.bool).tolist() == [False, False]


def test_gradients_where_a_slope_is_infinite():
    x = lydia.full((4,), 2.0, requires_grad=True)
    x.std().backward()
    assert x.grad.tolist() == [0.0] * 4
    x = lydia.tensor([[1.0, 3.0], [2.0, 2.0]], requires_grad=True)
    x.std(1).sum().backward()
    assert x.grad[0].tolist() == pytest.approx([-(0.5**0.5), 0.5**0.5])
    assert x.grad[1].tolist() == [0.0, 0.0]
    a, b = (lydia.zeros(1, requires_grad=True) for _ in range(2))
    lydia.atan2(a, b).backward()
    assert a.grad.item() == 0 and b.grad.item() == 0


def test_unique_of_a_single_slice():
    x = lydia.tensor([[3], [1]])
    values, inverse, counts = lydia.unique(x, dim=1, return_inverse=True, return_counts=True)
    assert (values.tolist(), inverse.tolist(), counts.tolist()) == ([[3], [1]], [0], [1])
    assert lydia.unique_consecutive(x, dim=1).tolist() == [[3], [1]]


def test_integer_means_round_down():
    zero = lydia.zeros(1, dtype=lydia.int64)
    out = zero.scatter_reduce(0, lydia.tensor([0, 0]), lydia.tensor([-1, 0]), "mean")
    assert out.item() == -1  # -1 / 3


@pytest.mark.parametrize("value", [300, -300, NAN, INF, 1e30])
def test_values_that_an_integer_can_not_hold(value):
    for make in (
        lambda: lydia.full((2,), value, dtype=lydia.uint8),
        lambda: lydia.zeros(2, dtype=lydia.uint8).fill_(value),
        lambda: lydia.zeros(2, dtype=lydia.int8).__setitem__(0, value),
    ):
        with pytest.raises(ValueError, match="can hold"):
            make()


def test_values_that_just_fit():
    assert lydia.full((1,), 255, dtype=lydia.uint8).item() == 255
    assert lydia.full((1,), -128, dtype=lydia.int8).item() == -128
    assert lydia.full((1,), 2**64 - 1, dtype=lydia.uint64).item() == 2**64 - 1
    assert lydia.full((1,), -(2**63), dtype=lydia.int64).item() == -(2**63)
    assert lydia.full((1,), 2**63 - 1, dtype=lydia.int64).item() == 2**63 - 1
    assert lydia.full((1,), 2.9, dtype=lydia.int64).item() == 2


def test_what_torch_refuses():
    ints = lydia.ones(2, dtype=lydia.int32)
    for op in (lydia.hypot, lydia.logaddexp, lydia.logaddexp2):
        with pytest.raises(TypeError, match="expected a floating-point dtype, got int32"):
            op(ints, ints)
    half = lydia.ones(2, dtype=lydia.float16)
    with pytest.raises(TypeError, match="nextafter: expected float32 or float64, got float16"):
        lydia.nextafter(half, half)  # its neighbours in float32 are no halves
    with pytest.raises(TypeError, match="logit_: expected a floating-point tensor, got int32"):
        ints.logit_()
    with pytest.raises(ValueError, match="squeeze: expected each dim once"):
        lydia.ones(1, 3).squeeze((0, -2))
    with pytest.raises(ValueError, match="norm: expected 1 or 2 dimensions"):
        lydia.linalg.norm(lydia.ones(2, 2, 2), ord=1)
    for call in (
        lambda x: x.split(2**70),
        lambda x: F.interpolate(x, size=2**70),
        lambda x: F.adaptive_avg_pool1d(x, "a"),
    ):
        with pytest.raises((TypeError, ValueError)):
            call(lydia.ones(1, 1, 4))


def test_what_torch_takes():
    mask = lydia.tensor([[True, False], [False, True]])
    assert [i.tolist() for i in lydia.where(mask)] == [[0, 1], [0, 1]]
    x = lydia.zeros(2)
    value = lydia.tensor(3.0, requires_grad=True)
    x.fill_(value)
    x.sum().backward()
    assert x.tolist() == [3.0, 3.0] and value.grad.item() == 2
    with pytest.raises(ValueError, match="fill_: expected a number or a 0-d tensor"):
        x.fill_(lydia.ones(2))
    y = lydia.tensor([1.0, NAN])
    assert lydia.nansum(y, dtype=lydia.float64).dtype == lydia.float64
    assert lydia.nanmean(y, dim=None, keepdim=True, dtype=lydia.float64).tolist() == [1.0]


@pytest.mark.parametrize("include_self", [True, False])
def test_second_derivatives_of_products_with_zeros(include_self):
    index = lydia.tensor([0, 0, 1, 1, 1, 2, 2, 2])
    x = lydia.tensor([0.0, 2.0, 0.5, 1.5], dtype=lydia.float64, requires_grad=True)
    src = [2.0, 3.0, 0.0, 4.0, 5.0, 0.0, 0.0, 6.0]  # one zero (two with self), one, two
    src = lydia.tensor(src, dtype=lydia.float64, requires_grad=True)

    def f(x, s):
        return x.scatter_reduce(0, index, s, "prod", include_self=include_self)

    assert lydia.autograd.gradcheck(f, (x, src))
    assert lydia.autograd.gradgradcheck(f, (x, src))


class TestTopk:
    @pytest.mark.parametrize("dtype", [lydia.float32, lydia.float64, lydia.int8, lydia.float16])
    @pytest.mark.parametrize("n", [1, 7, 1000, 5000])
    @pytest.mark.parametrize("largest", [True, False])
    def test_it_is_the_start_of_a_stable_sort(self, dtype, n, largest):
        x = (lydia.randn(3, n, 2) * 20).to(dtype)  # with ties
        if n > 5 and dtype == lydia.float32:
            x[0, ::3] = NAN
            x[1, 1::4] = -INF
        values, places = x.sort(1, descending=largest, stable=True)
        for k in {0, 1, n // 50, n // 5, n // 2, n - 1, n}:
            got = x.topk(k, 1, largest)
            assert got.indices.tolist() == places[:, :k].tolist()
            assert str(got.values.tolist()) == str(values[:, :k].tolist())

    def test_lines_that_fall_and_rise(self):
        for x in (lydia.arange(4000), lydia.arange(4000).flip(0), lydia.zeros(4000)):
            for largest in (True, False):
                order = x.sort(descending=largest, stable=True).indices
                assert x.topk(10, largest=largest).indices.tolist() == order[:10].tolist()


class TestAttentionDropout:
    def setup_method(self):
        lydia.manual_seed(3)
        self.q, self.k, self.v = (lydia.randn(2, 3, 40, 8) for _ in range(3))

    def attend(self, p, **kw):
        return F.scaled_dot_product_attention(self.q, self.k, self.v, dropout_p=p, **kw)

    def test_the_mean_over_many_masks_is_the_answer_without(self):
        mean = sum(self.attend(0.2, is_causal=True) for _ in range(400)) / 400
        want = self.attend(0.0, is_causal=True)
        assert (mean - want).abs().mean().item() < 0.02
        assert (self.attend(0.2) - self.attend(0.2)).abs().max().item() > 0.01

    def test_dropped_weights_are_zero_and_kept_ones_scaled(self):
        self.v = lydia.eye(40).expand(2, 3, 40, 40)  # the result is the weights themselves
        full, dropped = self.attend(0.0), self.attend(0.25)
        kept = dropped != 0
        assert abs(kept.to(lydia.float32).mean().item() - 0.75) < 0.02
        assert ((dropped - full / 0.75)[kept]).abs().max().item() < 1e-5

    def test_masked_rows_give_zeros_and_gradients_are_finite(self):
        mask = lydia.ones(40, 40, dtype=lydia.bool)
        mask[5] = False
        self.q.requires_grad_()
        out = self.attend(0.3, attn_mask=mask)
        assert out[:, :, 5].abs().max().item() == 0
        out.sum().backward()
        assert lydia.isfinite(self.q.grad).all().item()

    def test_gradients(self):
        q, k, v = (lydia.randn(1, 2, 3, 4, dtype=lydia.float64).requires_grad_() for _ in range(3))

        def f(q, k, v):
            lydia.manual_seed(5)  # the same mask in every call
            return F.scaled_dot_product_attention(q, k, v, dropout_p=0.4)

        assert lydia.autograd.gradcheck(f, (q, k, v))
        assert lydia.autograd.gradgradcheck(f, (q, k, v))

    def test_everything_dropped(self):
        assert self.attend(1.0).abs().max().item() == 0
        with pytest.raises(ValueError, match="dropout_p from 0 to 1"):
            self.attend(1.1)
