"""A child of fork() computes, though the threads of its parent did not come along."""
import os
import signal
import time

import pytest

import lydia
from lydia.nn import functional as F


def exit_code_of_child(work, seconds=60):
    """work() in a forked child: its return value, or "no end" when it hangs."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    end = time.time() + seconds
    while time.time() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "no end"


@pytest.fixture
def two_threads():
    before = lydia.get_num_threads()
    lydia.set_num_threads(2)
    yield
    lydia.set_num_threads(before)


def test_kernels_run_in_a_child(two_threads):
    def numbers():
        a = lydia.arange(300 * 300, dtype=lydia.float32).view(300, 300) / 90000
        image = a[:64, :64].reshape(1, 4, 32, 32).clone().requires_grad_()
        F.conv2d(image, a[:8, :36].reshape(8, 4, 3, 3).clone()).sum().backward()
        return [(a @ a).sum().item(), lydia.exp(a).sum().item(), image.grad.sum().item()]

    here = numbers()

    def work():
        there = numbers()
        return int(any(abs(x - y) > 1e-3 * abs(x) for x, y in zip(here, there)))

    assert exit_code_of_child(work) == 0
    assert lydia.get_num_threads() == 2


def test_a_child_stays_at_one_thread(two_threads):
    lydia.ones(10**6).exp().sum()  # starts the parent's pool

    def work():
        if lydia.get_num_threads() != 1:
            return 1
        lydia.set_num_threads(1)
        try:
            lydia.set_num_threads(2)
        except RuntimeError as e:
            return 0 if "spawn" in str(e) else 2
        return 3

    assert exit_code_of_child(work) == 0
