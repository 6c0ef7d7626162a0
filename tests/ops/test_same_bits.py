"""Kernels that share work among threads give the same bits whatever their number."""
import numpy as np
import pytest

import lydia
import lydia.nn.functional as F

RNG = np.random.default_rng(5)


def leaf(*shape, dtype=np.float32):
    return lydia.tensor(RNG.standard_normal(shape).astype(dtype)).requires_grad_()


def with_gradients(function, *inputs):
    y = function(*inputs)
    return [y, *lydia.autograd.grad([y], list(inputs), [lydia.ones_like(y)])]


QKV = [leaf(2, 3, 150, 40) for _ in range(3)]
IMAGE, KERNEL = leaf(3, 4, 9, 9, dtype=np.float64), leaf(6, 2, 3, 3, dtype=np.float64)
TABLE, INDICES = leaf(11, 300), lydia.tensor(RNG.integers(0, 11, 500))
CHANNELS = leaf(4, 8, 40, 40)

RUNS = {
    "attention": lambda: with_gradients(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), *QKV),
    "convolution": lambda: with_gradients(lambda x, w: F.conv2d(x, w, groups=2), IMAGE, KERNEL),
    "embedding": lambda: with_gradients(lambda w: F.embedding(INDICES, w), TABLE),
    "batch_norm": lambda: with_gradients(
        lambda x: F.batch_norm(x, None, None, training=True).tanh(), CHANNELS),
    "avg_pool": lambda: with_gradients(lambda x: F.avg_pool2d(x, 3, 2), CHANNELS),
    "max_pool": lambda: with_gradients(lambda x: F.max_pool2d(x, 3, 2), CHANNELS),
}


@pytest.mark.parametrize("name", RUNS)
def test_same_bits(name):
    threads = lydia.get_num_threads()
    results = []
    try:
        for count in (1, 2, 3):
            lydia.set_num_threads(count)
            results.append([t.detach().numpy().tobytes() for t in RUNS[name]()])
    finally:
        lydia.set_num_threads(threads)
    assert results[0] == results[1] == results[2]
