"""Gradients: backward(), grad(), custom functions, and the finite-difference checks."""
from .. import _C
from . import graph  # noqa: F401
from .anomaly_mode import detect_anomaly, set_detect_anomaly  # noqa: F401
from .._grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: F401
from .function import Function, once_differentiable  # noqa: F401


def backward(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
    """Adds d(tensors)/d(leaf) into leaf.grad for each leaf, or only for `inputs`.

    `grad_tensors` has one gradient per tensor; None stands for 1, for tensors of one element.
    """
    if isinstance(grad_tensors, (list, tuple)) and all(g is None for g in grad_tensors):
        grad_tensors = None
    _C._backward(tensors, grad_tensors, retain_graph, create_graph, inputs)


def grad(outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False,
         allow_unused=None, materialize_grads=False):
    """d(outputs)/d(inputs) as a tuple; leaves' .grad stay untouched.

    allow_unused: None instead of an error for inputs the outputs do not depend on.
    materialize_grads: zeros instead of None for them.
    """
    keep = create_graph if retain_graph is None else retain_graph
    if materialize_grads and allow_unused is False:
        raise ValueError("grad: materialize_grads=True needs allow_unused to be left out or True")
    allow = materialize_grads if allow_unused is None else allow_unused
    result = _C._grad(outputs, inputs, grad_outputs, keep, create_graph, allow)
    if materialize_grads:
        given = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
        result = tuple(_C.zeros_like(x) if g is None else g for x, g in zip(given, result))
    return result


def gradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """Compares the gradients of `func` at `inputs` with central differences.

    Tensors that require grad must be float64; what is not a tensor is handed to `func` as it is.
    """
    return _check(_C._gradcheck, func, inputs, eps, atol, rtol, raise_exception)


def gradgradcheck(func, inputs, *, eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True):
    """The same for second derivatives."""
    return _check(_C._gradgradcheck, func, inputs, eps, atol, rtol, raise_exception)


def _check(check, func, inputs, eps, atol, rtol, raise_exception):
    given = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, x in enumerate(given) if isinstance(x, _C.Tensor)]

    def at_tensors(*tensors):  # what is not a tensor stays as it was given
        args = list(given)
        for i, x in zip(checked, tensors):
            args[i] = x
        return func(*args)

    try:
        return check(at_tensors, tuple(given[i] for i in checked), eps, atol, rtol)
    except RuntimeError:
        if raise_exception:
            raise
        return False


from . import functional  # noqa: E402,F401  (it uses grad)
