"""Random programs of views and in-place changes: a RuntimeError, or the right gradient.

The reference is a finite difference of the whole program. LYDIA_FUZZ_ROUNDS multiplies the seeds.
"""
import os

import numpy as np
import pytest

import lydia
from inplace_programs import make_program, run

ROUNDS = int(os.environ.get("LYDIA_FUZZ_ROUNDS", "1"))
START = np.array([[0.2, -0.4, 0.9], [0.5, 0.1, -0.7], [-0.3, 0.8, 0.6]])
PLAIN = np.array([[0.4, 0.1, -0.2], [0.3, -0.6, 0.5], [0.7, 0.2, -0.1]])


def inputs(values, requires_grad):
    x = lydia.tensor(values)
    return [x.requires_grad_() if requires_grad else x, lydia.tensor(PLAIN)]


def loss_value(program, values, weights_from):
    """The loss of the program without any recording, with the weights of the recorded run."""
    with lydia.no_grad():
        tensors, _ = run(lydia, program, inputs(values, False))
        return sum((tensors[i] * (0.3 + 0.1 * i)).sum().item() for i in weights_from)


@pytest.mark.parametrize("block", range(10))
def test_error_or_right_gradient(block):
    finished = 0
    for seed in range(block * 40 * ROUNDS, (block + 1) * 40 * ROUNDS):
        program = make_program(seed, 4 + seed % 9, silent=False)
        leaves = inputs(START, True)
        try:
            tensors, loss = run(lydia, program, leaves)
            weights_from = [i for i, t in enumerate(tensors) if t.requires_grad and not t.is_leaf]
            if not weights_from:
                continue
            loss.backward()
        except RuntimeError as error:
            assert "in place" in str(error) or "_:" in str(error), error
            continue
        finished += 1
        got = leaves[0].grad.numpy() if leaves[0].grad is not None else np.zeros((3, 3))
        expected = np.zeros((3, 3))
        for i in np.ndindex(3, 3):
            step = np.zeros((3, 3))
            step[i] = 1e-6
            above = loss_value(program, START + step, weights_from)
            below = loss_value(program, START - step, weights_from)
            expected[i] = (above - below) / 2e-6
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6,
                                   err_msg=f"seed {seed}: {program}")
    assert finished > 5
