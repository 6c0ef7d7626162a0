"""Random numbers: statistics with fixed seeds, states, and the same bits on any thread count."""
import math

import numpy as np
import pytest

import lydia

N = 200_000


@pytest.fixture(autouse=True)
def seed():
    lydia.manual_seed(1234)


def check_moments(x, mean, std):
    """Mean and variance within five standard errors."""
    x = x.double().numpy().ravel()
    error = std / math.sqrt(x.size)
    assert abs(x.mean() - mean) < 5 * error
    kurtosis = ((x - x.mean())**4).mean() / std**4
    assert abs(x.var() - std**2) < 5 * std**2 * math.sqrt((kurtosis - 1) / x.size)


def check_uniformity(u, bins=256):
    """Chi-square of equal bins, within five deviations of its mean."""
    counts = np.histogram(u, bins, (0, 1))[0]
    expected = u.size / bins
    chi2 = ((counts - expected)**2 / expected).sum()
    assert abs(chi2 - (bins - 1)) < 5 * math.sqrt(2 * (bins - 1))


def check_distribution(x, cdf):
    """Kolmogorov-Smirnov at a level of about 1e-6."""
    u = np.sort(cdf(x.double().numpy().ravel()))
    n = u.size
    distance = max((np.arange(1, n + 1) / n - u).max(), (u - np.arange(n) / n).max())
    assert distance < 2.7 / math.sqrt(n)


normal_cdf = np.vectorize(lambda z: 0.5 * math.erfc(-z / math.sqrt(2)))


@pytest.mark.parametrize("dtype", [lydia.float32, lydia.float64])
def test_uniform(dtype):
    x = lydia.rand(N, dtype=dtype)
    u = x.double().numpy()
    assert u.min() >= 0 and u.max() < 1
    check_moments(x, 0.5, math.sqrt(1 / 12))
    check_uniformity(u)
    check_distribution(x, lambda v: v)
    pairs = np.histogram2d(u[0::2], u[1::2], 16, [[0, 1], [0, 1]])[0]
    expected = u.size / 2 / 256
    assert abs(((pairs - expected)**2 / expected).sum() - 255) < 5 * math.sqrt(510)


@pytest.mark.parametrize("dtype", [lydia.float16, lydia.bfloat16])
def test_uniform_in_half_types_stays_below_one(dtype):
    x = lydia.rand(N, dtype=dtype).double().numpy()
    assert x.min() >= 0 and x.max() < 1
    # They step by 2^-11 and 2^-8, from 0 up.
    half_step = 2.0**-12 if dtype == lydia.float16 else 2.0**-9
    assert abs(x.mean() + half_step - 0.5) < 0.005


@pytest.mark.parametrize("dtype", [lydia.float32, lydia.float64])
def test_normal(dtype):
    x = lydia.randn(N, dtype=dtype)
    check_moments(x, 0, 1)
    check_distribution(x[:20_000], normal_cdf)
    v = x.double().numpy()
    assert abs((v**3).mean()) < 5 * math.sqrt(15 / N) and abs((v**4).mean() - 3) < 5 * math.sqrt(96 / N)
    assert abs(np.corrcoef(v[:-1], v[1:])[0, 1]) < 5 / math.sqrt(N)


def test_normal_with_means_and_deviations():
    mean, std = lydia.tensor([[0.0], [10.0]]), lydia.tensor([1.0, 3.0]).reshape(1, 2, 1)
    x = lydia.normal(mean.reshape(2, 1, 1).expand(2, 2, 50_000), std)
    for i, m in enumerate((0, 10)):
        for j, s in enumerate((1, 3)):
            check_moments(x[i, j], m, s)


def test_exponential():
    x = lydia.empty(N).exponential_(2.5)
    check_moments(x, 0.4, 0.4)
    check_distribution(x[:50_000], lambda v: -np.expm1(-2.5 * v))


def test_bernoulli():
    check_moments(lydia.bernoulli(lydia.full((N,), 0.2)), 0.2, 0.4)
    check_moments(lydia.empty(N).bernoulli_(0.2), 0.2, 0.4)
    edges = lydia.bernoulli(lydia.tensor([0.0, 1.0] * 500))
    assert edges.tolist() == [0.0, 1.0] * 500


def test_randint():
    x = lydia.randint(-3, 7, (N,))
    values, counts = np.unique(x.numpy(), return_counts=True)
    assert values.tolist() == list(range(-3, 7))
    assert ((counts - N / 10)**2 / (N / 10)).sum() < 9 + 5 * math.sqrt(18)


def test_randperm_is_a_permutation_and_a_fair_one():
    assert sorted(lydia.randperm(1000).tolist()) == list(range(1000))
    counts = np.zeros((4, 4))
    for _ in range(2000):
        for place, value in enumerate(lydia.randperm(4).tolist()):
            counts[place, value] += 1
    assert ((counts - 500)**2 / 500).sum() < 9 + 5 * math.sqrt(18) + 10


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial(replacement):
    weights = np.array([0.1, 0.0, 0.4, 0.5])
    draws = lydia.multinomial(lydia.tensor(weights).expand(20_000, 4), 2, replacement=replacement).numpy()
    first = np.bincount(draws[:, 0], minlength=4)
    assert first[1] == 0
    expected = weights * 20_000
    chi2 = ((first - expected)[expected > 0]**2 / expected[expected > 0]).sum()
    assert chi2 < 2 + 5 * 2
    if not replacement:
        assert (draws[:, 0] != draws[:, 1]).all()


def test_dropout_keeps_the_mean_and_masks_the_gradient():
    x = lydia.ones(N, requires_grad=True)
    y = lydia.dropout(x, 0.25)
    kept = y.detach().numpy() != 0
    assert abs(kept.mean() - 0.75) < 5 * math.sqrt(0.75 * 0.25 / N)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), kept / 0.75, rtol=1e-6)
    assert lydia.dropout(x, 0.25, False) is not None and lydia.dropout(x, 0.0).tolist() == x.tolist()


def test_states():
    lydia.manual_seed(5)
    state = lydia.get_rng_state()
    a = lydia.rand(10).tolist(), lydia.randn(5).tolist()
    lydia.set_rng_state(state)
    assert (lydia.rand(10).tolist(), lydia.randn(5).tolist()) == a
    assert lydia.rand(10).tolist() != a[0]
    lydia.manual_seed(5)
    assert lydia.rand(10).tolist() == a[0] and lydia.initial_seed() == 5
    lydia.manual_seed(-1)
    assert lydia.initial_seed() == 2**64 - 1
    with pytest.raises(ValueError, match="16 bytes"):
        lydia.set_rng_state(lydia.zeros(3))


def test_generators_are_independent():
    g = lydia.Generator().manual_seed(7)
    h = lydia.Generator().manual_seed(7)
    before = lydia.get_rng_state().tolist()
    assert lydia.rand(9, generator=g).tolist() == lydia.rand(9, generator=h).tolist()
    assert lydia.rand(9, generator=g).tolist() != lydia.rand(9).tolist()
    h.set_state(g.get_state())
    assert lydia.randperm(9, generator=g).tolist() == lydia.randperm(9, generator=h).tolist()
    assert lydia.get_rng_state().tolist() != before
    assert lydia.seed() == lydia.initial_seed()


def test_bits_do_not_depend_on_the_thread_count():
    def draw():
        lydia.manual_seed(3)
        x = lydia.randn(100_003)
        drawn = [x, lydia.rand(70_001, dtype=lydia.float64), lydia.randint(0, 1000, (50_001,)),
                 lydia.dropout(x, 0.5), lydia.empty(30_000).exponential_(),
                 lydia.multinomial(lydia.ones(100, 50), 20)]
        return [t.numpy().tobytes() for t in drawn]
    before, results = lydia.get_num_threads(), []
    for threads in (1, 2, 3):
        lydia.set_num_threads(threads)
        results.append(draw())
    lydia.set_num_threads(before)
    assert results[0] == results[1] == results[2]


def test_deterministic_switch():
    lydia.use_deterministic_algorithms(True)
    assert lydia.are_deterministic_algorithms_enabled()
    lydia.use_deterministic_algorithms(False)
    assert not lydia.are_deterministic_algorithms_enabled()
