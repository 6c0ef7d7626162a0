"""Hooks, retain_grad, grad_fn, leaves, data, detach_."""
import gc
import weakref

import pytest

import lydia


def leaf(*values):
    return lydia.tensor(values, requires_grad=True)


def test_hook_replaces_the_gradient_and_goes_with_its_handle():
    x = leaf(1.0, 2.0)
    y = x * 3
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    doubled = y.register_hook(lambda g: g * 2)
    y.sum().backward(retain_graph=True)
    assert seen == [[1.0, 1.0]] and x.grad.tolist() == [6.0, 6.0]
    handle.remove()
    doubled.remove()
    doubled.remove()
    y.sum().backward()
    assert len(seen) == 1 and x.grad.tolist() == [9.0, 9.0]


def test_handle_as_context_and_after_the_graph():
    y = leaf(1.0) * 1
    with y.register_hook(lambda g: g * 100) as handle:
        pass
    del y
    handle.remove()


def test_hook_removes_itself_while_it_runs():
    x = leaf(1.0)
    calls = []

    def hook(g):
        calls.append(1)
        handle.remove()

    handle = x.register_hook(hook)
    for _ in range(2):
        (x * 2).sum().backward()
    assert len(calls) == 1 and x.grad.tolist() == [4.0]


def test_hook_of_the_wrong_shape_or_type():
    y = leaf(1.0, 2.0) * 1
    y.register_hook(lambda g: lydia.ones(5))
    with pytest.raises(ValueError, match="shape"):
        y.sum().backward(retain_graph=True)
    z = leaf(1.0) * 1
    z.register_hook(lambda g: "text")
    with pytest.raises(TypeError, match="tensor or None"):
        z.sum().backward()


def test_hook_needs_grad():
    with pytest.raises(RuntimeError, match="requires grad"):
        lydia.zeros(2).register_hook(print)


def test_hook_raises():
    y = leaf(1.0) * 1
    y.register_hook(lambda g: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        y.sum().backward()


def test_post_accumulate_hook():
    x = leaf(1.0, 2.0)
    seen = []

    def hook(p):
        assert p is x
        seen.append(p.grad.tolist())
        p.grad = None

    handle = x.register_post_accumulate_grad_hook(hook)
    (x * 2 + x).sum().backward()
    assert seen == [[3.0, 3.0]] and x.grad is None
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 1 and x.grad.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="leaf"):
        (x * 1).register_post_accumulate_grad_hook(hook)


def test_retain_grad_runs_after_hooks_and_survives_in_place():
    x = leaf(1.0, 2.0)
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    assert y.retains_grad and not x.retains_grad
    (y * 3).sum().backward()
    assert y.grad.tolist() == [30.0, 30.0]
    z = x * 2
    z.retain_grad()
    z.mul_(5)
    (z * 3).sum().backward()
    assert z.grad.tolist() == [3.0, 3.0]


def test_backward_with_inputs():
    x, w = leaf(1.0), leaf(2.0)
    y = x * w
    (y * 3).sum().backward(inputs=[x, y])
    assert x.grad.tolist() == [6.0] and y.grad.tolist() == [3.0] and w.grad is None
    with pytest.raises(ValueError, match="inputs"):
        (x * w).sum().backward(inputs=[])


def test_autograd_backward_of_several_roots():
    x = leaf(1.0, 2.0)
    lydia.autograd.backward([x * 2, x * 3], [lydia.ones(2), lydia.tensor([0.0, 1.0])])
    assert x.grad.tolist() == [2.0, 5.0]
    lydia.autograd.backward([(x * 2).sum(), (x * 3).sum()], [None, None])
    assert x.grad.tolist() == [7.0, 10.0]


def test_grad_materialize_and_unused():
    x, unused = leaf(1.0, 2.0), leaf(5.0, 5.0)
    y = (x * x).sum()
    with pytest.raises(RuntimeError, match="not used"):
        lydia.autograd.grad(y, (x, unused), retain_graph=True)
    assert lydia.autograd.grad(y, (x, unused), retain_graph=True, allow_unused=True)[1] is None
    got = lydia.autograd.grad(y, (x, unused), materialize_grads=True)
    assert got[0].tolist() == [2.0, 4.0] and got[1].tolist() == [0.0, 0.0]


def test_grad_fn():
    x = leaf(1.0)
    y = x.exp() * 2
    assert x.grad_fn is None and y.grad_fn.name() == "mul"
    exp, at = y.grad_fn.next_functions[0]
    assert exp.name() == "exp" and at == 0 and y.grad_fn.next_functions[1] == (None, 0)
    assert exp.next_functions[0][0].name() == "accumulate_grad"
    assert y.grad_fn == y.grad_fn and hash(y.grad_fn) == hash(y.grad_fn)


def test_leaves_and_requires_grad():
    x = leaf(1.0)
    y = x * 2
    assert x.is_leaf and not y.is_leaf and y.detach().is_leaf
    with pytest.raises(RuntimeError, match="leaf"):
        y.requires_grad = False
    with pytest.raises(TypeError, match="floating"):
        lydia.tensor([1]).requires_grad_()
    x.grad = lydia.ones(1)
    x.grad = None
    assert x.grad is None
    with pytest.raises(ValueError, match="shape"):
        x.grad = lydia.ones(3)


def test_detach_in_place():
    x = leaf(1.0)
    y = x * 2
    assert y.detach_() is y and y.is_leaf and not y.requires_grad
    with pytest.raises(RuntimeError, match="view"):
        (x * 2).select(0, 0).detach_()


def test_data_shares_memory_without_history():
    x = leaf(1.0, 2.0)
    x.data.add_(1)
    assert x.tolist() == [2.0, 3.0] and x.requires_grad and not x.data.requires_grad
    x.data = lydia.tensor([5.0, 6.0, 7.0])
    assert x.tolist() == [5.0, 6.0, 7.0] and x.requires_grad
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(TypeError, match="dtype"):
        x.data = lydia.tensor([1])


def test_cycle_through_a_hook_is_collected():
    class Marker:
        pass

    y = leaf(1.0) * 1
    marker = Marker()
    gone = weakref.ref(marker)
    y.register_hook(lambda g, y=y, marker=marker: None)
    del y, marker
    gc.collect()
    assert gone() is None
