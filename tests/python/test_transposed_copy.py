"""Copies between operands that are dense along different dimensions, held to NumPy."""
import os
import random
import subprocess
import sys

import lydia
import numpy as np
import pytest


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int16, np.bool_])
def test_random_shapes_and_orders(dtype):
    rng = random.Random(3)
    for _ in range(60):
        dims = rng.randrange(2, 5)
        shape = [rng.choice((1, 2, 3, 5, 8, 9, 16, 31, 33, 65)) for _ in range(dims)]
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


@pytest.mark.parametrize("isa", ["avx2", "baseline"])
def test_other_instruction_sets(isa):
    run = subprocess.run([sys.executable, "-m", "pytest", "-q", __file__, "-k", "random_shapes"],
                         env={**os.environ, "LYDIA_MAX_ISA": isa}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
