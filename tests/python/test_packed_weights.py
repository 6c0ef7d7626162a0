"""Convolution weights are kept in the kernel's layout under inference_mode: never a stale one, and
no longer than the weight lives. A wrong answer shows as a difference from the same call without
inference_mode, which packs each time."""
import gc
import threading

import numpy as np
import pytest

import lydia
import lydia.nn.functional as F

CHANNELS = 64


def operands(seed=0):
    generator = lydia.Generator()
    generator.manual_seed(seed)
    x = lydia.randn(1, CHANNELS, 7, 7, generator=generator)
    return x, lydia.randn(CHANNELS, CHANNELS, 3, 3, generator=generator)


def check(x, w, forward=F.conv2d):
    expected = forward(x, w)
    with lydia.inference_mode():
        for _ in range(2):  # the first packs, the second finds
            assert lydia.equal(forward(x, w), expected)


def held(x, w):
    """Bytes that stay allocated after a call under inference_mode."""
    gc.collect()
    before = lydia.memory_stats()["allocated"]
    with lydia.inference_mode():
        F.conv2d(x, w)
    return lydia.memory_stats()["allocated"] - before


def test_a_packed_weight_is_kept_and_goes_with_the_weight():
    x, w = operands()
    with lydia.no_grad():
        F.conv2d(x, w)
    first = held(x, w)
    if first == 0:
        pytest.skip("on this machine the kernel takes weights as they are")
    assert first >= w.nbytes and held(x, w) == 0
    before, size = lydia.memory_stats()["allocated"], w.nbytes
    del w
    assert lydia.memory_stats()["allocated"] <= before - first - size


@pytest.mark.parametrize("change", [
    lambda w: w.mul_(2), lambda w: w.data.mul_(2), lambda w: w[3].fill_(1), lambda w: w.copy_(w.flip(0)),
    lambda w: w.view(-1)[5:9].zero_(), lambda w: lydia.nn.init.normal_(w), lambda w: w.__setitem__((0, 0), 7.0)])
@pytest.mark.parametrize("inside", [False, True])
def test_a_change_in_place_is_seen(change, inside):
    x, w = operands()
    check(x, w)
    if inside:
        with lydia.inference_mode():
            change(w)
    else:
        change(w)
    check(x, w)


def test_an_optimiser_step_is_seen():
    x, w = operands()
    w.requires_grad_()
    step = lydia.optim.SGD([w], lr=0.1)
    check(x, w)
    F.conv2d(x, w).sum().backward()
    step.step()
    check(x, w)


def test_memory_that_numpy_or_dlpack_hold_is_never_kept():
    x, w = operands()
    check(x, w)
    w.numpy()[:] = 1.5
    check(x, w)
    x, w = operands()
    check(x, w)
    np.from_dlpack(w)  # may write later
    assert held(x, w) == 0
    array = np.ones((CHANNELS, CHANNELS, 3, 3), np.float32)
    w = lydia.from_numpy(array)
    check(x, w)
    array[:] = 2
    check(x, w)


def test_a_new_weight_at_the_same_address_has_its_own():
    x, _ = operands()
    addresses = set()
    for seed in range(6):
        w = operands(seed)[1]
        addresses.add(w.data_ptr())
        check(x, w)
        del w
    assert len(addresses) < 6  # else nothing was tested


def test_a_parameter_given_other_data():
    x, w = operands()
    p = lydia.nn.Parameter(w)
    check(x, p)
    p.data = operands(1)[1]
    check(x, p)


def test_several_weights_of_one_storage_and_several_forms_of_one_weight():
    x, w = operands()
    both = lydia.cat([w, w * 2])
    check(x, both[:CHANNELS])
    check(x, both[CHANNELS:])
    check(x, w)
    check(x, w.view(CHANNELS // 2, 2 * CHANNELS, 3, 3)[:, :CHANNELS])  # not contiguous
    for forward in (F.conv_transpose2d, lambda x, w: F.conv2d(x, w, stride=2),
                    lambda x, w: F.conv2d(x.repeat(1, 2, 1, 1), w.view(CHANNELS, CHANNELS, 3, 3), groups=2),
                    lambda x, w: F.conv2d(x.expand(8, -1, -1, -1), w, padding=1)):
        check(x, w, forward)


def test_kept_forms_take_at_most_twice_the_weight():
    w = operands()[1]
    empty = lydia.memory_stats()["allocated"]
    other = w.clone()
    block = lydia.memory_stats()["allocated"] - empty  # what the allocator takes for a weight
    del other
    before = lydia.memory_stats()["allocated"]
    with lydia.inference_mode():
        for batch in (1, 2, 8):
            for forward in (F.conv2d, F.conv_transpose2d):
                for stride in (1, 2):
                    forward(lydia.ones(batch, CHANNELS, 9, 9), w, stride=stride)
                    F.conv2d(lydia.ones(batch, 2 * CHANNELS, 9, 9), w, stride=stride, groups=2)
    gc.collect()
    assert lydia.memory_stats()["allocated"] - before <= 2 * block


def test_threads_share_a_weight():
    x, w = operands()
    expected, wrong = F.conv2d(x, w), []

    def work():
        with lydia.inference_mode():
            for _ in range(20):
                if not lydia.allclose(F.conv2d(x, w), expected, atol=1e-4):
                    wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
