"""lydia.autograd.Function: gradients, saved tensors, marks, errors, second derivatives, cycles."""
import gc
import weakref

import numpy as np
import pytest

import lydia
from lydia.autograd import Function, grad, gradcheck, gradgradcheck, once_differentiable


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * 3 * x * x


class Exp(Function):
    """Saves its output."""
    @staticmethod
    def forward(ctx, x, scale):
        y = (x * scale).exp()
        ctx.save_for_backward(y)
        ctx.scale = scale
        return y

    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return g * y * ctx.scale, None


def leaf(*values):
    return lydia.tensor(values, dtype=lydia.float64, requires_grad=True)


def test_gradients_and_second_derivatives():
    x = leaf(0.5, -1.5, 2.0)
    assert gradcheck(Cube.apply, (x,))
    assert gradgradcheck(Cube.apply, (x,))
    assert gradcheck(lambda t: Exp.apply(t, 0.7), (x,))
    assert gradgradcheck(lambda t: Exp.apply(t, 0.7), (x,))


def test_name_and_graph():
    y = Cube.apply(leaf(1.0))
    assert y.grad_fn.name() == "Cube"
    assert y.grad_fn.next_functions[0][0].name() == "accumulate_grad"


def test_saved_input_changed_in_place_names_the_function():
    x = leaf(1.0) * 1
    y = Cube.apply(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match="Cube.*changed in place"):
        y.sum().backward()


def test_saved_output_changed_in_place_names_the_function():
    y = Exp.apply(leaf(1.0), 2.0)
    y.add_(1)
    with pytest.raises(RuntimeError, match="Exp.*changed in place"):
        y.sum().backward()


def test_second_backward_needs_retain_graph():
    y = Cube.apply(leaf(1.0)).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="retain_graph"):
        y.backward()


@pytest.mark.parametrize("returned", [(), "two", "string"])
def test_backward_returns_the_wrong_thing(returned):
    class Bad(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return {"two": (g, g), "string": "no"}.get(returned, returned)

    error = TypeError if returned == "string" else RuntimeError
    with pytest.raises(error, match="Bad"):
        Bad.apply(leaf(1.0)).sum().backward()


def test_wrong_shape_and_trailing_none():
    class Shape(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return lydia.ones(5, dtype=lydia.float64)

    with pytest.raises(ValueError, match=r"Shape.*\[2\].*\[5\]"):
        Shape.apply(leaf(1.0, 2.0)).sum().backward()

    class Trailing(Shape):
        @staticmethod
        def backward(ctx, g):
            return g * 2, None, None

    x = leaf(1.0)
    Trailing.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0]


def test_needs_input_grad():
    seen = []

    class Mul(Function):
        @staticmethod
        def forward(ctx, a, b, k):
            seen.append(ctx.needs_input_grad)
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        def backward(ctx, g):
            seen.append(ctx.needs_input_grad)
            a, b = ctx.saved_tensors
            return g * b, g * a, None

    a, b = leaf(2.0), leaf(3.0)
    assert grad(Mul.apply(a, b, 1).sum(), a)[0].tolist() == [3.0]
    assert seen == [(True, True, False), (True, False, False)]
    Mul.apply(a, b.detach(), 1)
    assert seen[-1] == (True, False, False)


def test_non_differentiable_and_materialized_gradients():
    got = []

    class Split(Function):
        @staticmethod
        def forward(ctx, x, materialize):
            index = x.detach() > 0
            other = x * 3
            ctx.mark_non_differentiable(other)
            ctx.set_materialize_grads(materialize)
            return x * 2, other, x * 5, index, "text"

        @staticmethod
        def backward(ctx, *gs):
            got.append(gs)
            return gs[0] * 2, None

    x = leaf(1.0, -1.0)
    y, other, unused, index, text = Split.apply(x, True)
    assert y.requires_grad and unused.requires_grad and text == "text"
    assert not other.requires_grad and not index.requires_grad
    y.sum().backward()
    assert got[0][2].tolist() == [0.0, 0.0]
    Split.apply(x, False)[0].sum().backward()
    assert got[1][2] is None and x.grad.tolist() == [4.0, 4.0]


class AddOneInPlace(Function):
    @staticmethod
    def forward(ctx, x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 10


def test_mark_dirty():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = AddOneInPlace.apply(y)
    assert z is y and y.grad_fn.name() == "AddOneInPlace"
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 20.0]


def test_mark_dirty_on_a_view_reaches_the_base():
    x = leaf(1.0, 2.0)
    y = x * 2
    AddOneInPlace.apply(y.narrow(0, 0, 1))
    y.sum().backward()
    assert y.tolist() == [3.0, 4.0] and x.grad.tolist() == [20.0, 2.0]


def test_mark_dirty_on_a_leaf_is_an_error():
    with pytest.raises(RuntimeError, match="leaf"):
        AddOneInPlace.apply(leaf(1.0))


def test_dirty_input_must_be_returned():
    class Forgets(AddOneInPlace):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x * 1

    with pytest.raises(ValueError, match="return each tensor"):
        Forgets.apply(leaf(1.0) * 1)


class Identity(Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 7


def test_input_returned_as_it_came():
    x = leaf(1.0)
    y = Identity.apply(x)
    assert y is not x and not y.is_leaf and x.is_leaf
    y.sum().backward()
    assert x.grad.tolist() == [7.0]
    with pytest.raises(RuntimeError, match="view"):
        Identity.apply(x * 1).add_(1)


def test_view_output_refuses_in_place():
    class Head(Function):
        @staticmethod
        def forward(ctx, x):
            return x.narrow(0, 0, 1)

        @staticmethod
        def backward(ctx, g):
            out = lydia.zeros(2, dtype=lydia.float64)
            out.narrow(0, 0, 1).copy_(g * 3)
            return out

    x = leaf(1.0, 2.0)
    y = Head.apply(x * 1)
    with pytest.raises(RuntimeError, match="view"):
        y.add_(1)
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 0.0]


def test_setup_context():
    class Square(Function):
        @staticmethod
        def forward(x):
            return x * x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g):
            return g * 2 * ctx.saved_tensors[0]

    assert gradgradcheck(Square.apply, (leaf(1.0, 2.0),))


def test_once_differentiable():
    class Once(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not lydia.is_grad_enabled()
            return g * 2 * ctx.saved_tensors[0]

    x = leaf(3.0)
    Once.apply(x).sum().backward()
    assert x.grad.tolist() == [6.0]
    first, = grad(Once.apply(x).sum() * x.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


def test_without_grad_nothing_is_recorded():
    with lydia.no_grad():
        assert Cube.apply(leaf(1.0)).grad_fn is None
    assert Cube.apply(leaf(1.0).detach()).grad_fn is None


def test_error_in_backward_comes_through():
    class Raises(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise KeyError("from backward")

    x = leaf(1.0)
    for _ in range(2):  # a failed walk leaves the graph usable
        with pytest.raises(KeyError, match="from backward"):
            Raises.apply(x).sum().backward()


def test_context_lives_as_long_as_its_graph():
    class Keeps(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.held = lydia.zeros(3)
            refs.append(weakref.ref(ctx.held))
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    refs = []
    gc.disable()
    try:
        y = Keeps.apply(leaf(1.0))
        assert refs[0]() is not None
        del y
        assert refs[0]() is None
    finally:
        gc.enable()


def test_gradcheck_hands_on_what_is_not_a_tensor():
    assert gradcheck(Exp.apply, (leaf(1.0, 2.0), 0.7))
    assert gradgradcheck(Exp.apply, (leaf(1.0, 2.0), 0.7))
    assert gradcheck(lambda k, x, none: k * x if none is None else x, (3.0, leaf(1.0), None))


def test_cycle_through_the_context_is_collected():
    class Cyclic(Function):
        @staticmethod
        def forward(ctx, x):
            contexts.append(weakref.ref(ctx))
            ctx.mine = x * 1
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    contexts = []
    y = Cyclic.apply(leaf(1.0))
    contexts[0]().output = y
    del y
    gc.collect()
    assert contexts[0]() is None


def test_backward_of_many_functions_is_numerically_right():
    x = lydia.from_numpy(np.linspace(-1, 1, 6).reshape(2, 3)).clone().requires_grad_()
    y = Cube.apply(x)
    for _ in range(5):
        y = Exp.apply(y, 0.3) + Cube.apply(x)
    y.sum().backward()
    expected = grad(y_reference(x).sum(), x)[0]
    np.testing.assert_allclose(x.grad.numpy(), expected.numpy(), rtol=1e-12)


def y_reference(x):
    y = x * x * x
    for _ in range(5):
        y = (y * 0.3).exp() + x * x * x
    return y
