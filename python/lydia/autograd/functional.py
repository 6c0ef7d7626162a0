"""Jacobians, Hessians and products with them of functions of tensors.

`inputs` is a tensor or a tuple; results follow it: one tensor, or a tuple of them. create_graph=True
lets the results be differentiated again; strict=True makes an input the outputs do not depend on an
error instead of zeros.
"""
from .. import _C
from .._grad_mode import enable_grad
from . import grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def _tuple(x):
    return x if isinstance(x, tuple) else (x,)


def _like(x, results):
    return results if isinstance(x, tuple) else results[0]


def _called(func, inputs, create_graph):
    """(fresh inputs, outputs) with recording on."""
    if create_graph:
        fresh = tuple(x if x.requires_grad else x.detach().requires_grad_() for x in _tuple(inputs))
        fresh = tuple(x.view(x.shape) for x in fresh)
    else:
        fresh = tuple(x.detach().requires_grad_() for x in _tuple(inputs))
    return fresh, func(*fresh)


def _grads(op, output, inputs, v, create_graph, strict):
    if not output.requires_grad:
        if strict:
            raise RuntimeError(f"{op}: the output does not depend on the inputs")
        return tuple(_C.zeros_like(x) for x in inputs)
    found = grad(output, inputs, v, retain_graph=True, create_graph=create_graph, allow_unused=True)
    if strict and any(g is None for g in found):
        raise RuntimeError(f"{op}: the output does not depend on input {[g is None for g in found].index(True)}")
    return tuple(_C.zeros_like(x) if g is None else g for g, x in zip(found, inputs))


@enable_grad()
def jacobian(func, inputs, create_graph=False, strict=False):
    """d func(inputs) / d inputs: of shape output.shape + input.shape for each output and input, in
    nested tuples where there are several."""
    fresh, outputs = _called(func, inputs, create_graph)
    rows = []
    for out in _tuple(outputs):
        flat = [_grads("jacobian", one, fresh, None, create_graph, strict) for one in out.reshape(-1)]
        each = tuple(_C.stack([g[i] for g in flat]).reshape(tuple(out.shape) + tuple(x.shape)) if flat
                     else _C.zeros(tuple(out.shape) + tuple(x.shape), dtype=x.dtype)
                     for i, x in enumerate(fresh))
        rows.append(_like(inputs, each))
    return _like(outputs, tuple(rows))


def _one_number(op, output):
    if not isinstance(output, _C.Tensor) or output.numel() != 1:
        raise RuntimeError(f"{op}: expected a function with one number as output")
    return output.reshape(())


@enable_grad()
def hessian(func, inputs, create_graph=False, strict=False):
    """The second derivatives of a function with one number as output."""
    def gradient(*x):
        y = _one_number("hessian", func(*x))
        return _like(inputs, _grads("hessian", y, x, None, True, strict))
    return jacobian(gradient, inputs, create_graph, strict)


def _vectors(op, v, like):
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"{op}: expected v, for outputs of more than one element")
        return (_C.ones_like(like[0]),)
    v = _tuple(v)
    if [t.shape for t in v] != [t.shape for t in like]:
        raise RuntimeError(f"{op}: expected v of shapes {[list(t.shape) for t in like]}, got "
                           f"{[list(t.shape) for t in v]}")
    return v


@enable_grad()
def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, v^T J): the product of a vector in the outputs' shape and the Jacobian."""
    fresh, outputs = _called(func, inputs, create_graph)
    vectors = _vectors("vjp", v, _tuple(outputs))
    total = sum((o * w).sum() for o, w in zip(_tuple(outputs), vectors))
    result = _grads("vjp", total, fresh, None, create_graph, strict)
    done = outputs if create_graph else _like(outputs, tuple(o.detach() for o in _tuple(outputs)))
    return done, _like(inputs, result)


@enable_grad()
def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(outputs, J v): the product of the Jacobian and a vector in the inputs' shape."""
    fresh, outputs = _called(func, inputs, create_graph)
    vectors = _vectors("jvp", v, fresh)
    dual = tuple(_C.zeros_like(o).requires_grad_() for o in _tuple(outputs))
    total = sum((o * w).sum() for o, w in zip(_tuple(outputs), dual))
    back = _grads("jvp", total, fresh, None, True, strict)  # linear in `dual`: its derivative is J v
    forth = sum((g * w).sum() for g, w in zip(back, vectors))
    result = _grads("jvp", forth, dual, None, create_graph, False)
    done = outputs if create_graph else _like(outputs, tuple(o.detach() for o in _tuple(outputs)))
    return done, _like(outputs, result)


@enable_grad()
def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, v^T H): the product of a vector and the Hessian of a function with one number as
    output."""
    fresh, output = _called(func, inputs, create_graph)
    vectors = _vectors("vhp", v, fresh)
    first = _grads("vhp", _one_number("vhp", output), fresh, None, True, strict)
    total = sum((g * w).sum() for g, w in zip(first, vectors))
    result = _grads("vhp", total, fresh, None, create_graph, False)
    return output if create_graph else output.detach(), _like(inputs, result)


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(output, H v); H is symmetric, so that this is vhp."""
    return vhp(func, inputs, v, create_graph, strict)
