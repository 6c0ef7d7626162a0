"""Copies between operands that are dense along different dimensions, held to NumPy."""
import random

import lydia
import numpy as np
import pytest


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int16, np.bool_])
def test_random_shapes_and_orders(dtype):
    rng = random.Random(3)
    for _ in range(60):
        dims = rng.randrange(2, 5)
        shape = [rng.choice((1, 2, 7, 8, 9, 31, 32, 33, 65)) for _ in range(dims)]
        order = rng.sample(range(dims), dims)
        array = (np.random.default_rng(rng.randrange(99)).random(shape) * 100).astype(dtype)
        expected = array.transpose(order)
        view = lydia.tensor(array).permute(*order)
        np.testing.assert_array_equal(view.contiguous().numpy(), expected)
        np.testing.assert_array_equal(view[..., ::2].contiguous().numpy(), expected[..., ::2])
        np.testing.assert_array_equal(view.unsqueeze(0).expand(3, *view.shape).contiguous().numpy(),
                                      np.broadcast_to(expected, (3, *expected.shape)))
        target = lydia.zeros(*shape, dtype=view.dtype)  # written through its permuted view
        target.permute(*order).copy_(lydia.tensor(np.ascontiguousarray(expected)))
        np.testing.assert_array_equal(target.numpy(), array)
