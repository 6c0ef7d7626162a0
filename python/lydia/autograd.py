"""Gradients: grad(), backward(), and the finite-difference checks."""
from . import _C


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False,
         allow_unused=False):
    """d(outputs)/d(inputs) as a tuple; leaves' .grad stay untouched."""
    keep = create_graph if retain_graph is None else retain_graph
    return _C._grad(outputs, inputs, grad_outputs, keep, create_graph, allow_unused)


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compares the gradients of `func` at float64 `inputs` with central differences."""
    return _check(_C._gradcheck, func, inputs, eps, atol, rtol, raise_exception)


def gradgradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """The same for second derivatives."""
    return _check(_C._gradgradcheck, func, inputs, eps, atol, rtol, raise_exception)


def _check(check, func, inputs, eps, atol, rtol, raise_exception):
    try:
        return check(func, inputs, eps, atol, rtol)
    except RuntimeError:
        if raise_exception:
            raise
        return False
