"""Functions with a backward of your own."""
import functools

from .. import _C
from .._grad_mode import no_grad


class Function:
    """A function whose derivative you write yourself.

    Subclass it with two static methods and call `apply`:

        class Cube(lydia.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x * x

            @staticmethod
            def backward(ctx, grad):
                x, = ctx.saved_tensors
                return grad * 3 * x * x

        y = Cube.apply(x)

    `forward` runs without recording. `backward` gets one gradient per output and returns one per
    argument of `forward` (None for those that are no tensors). Written with lydia's ops, it can be
    differentiated again. A class may also define `setup_context(ctx, inputs, output)`; then
    `forward` takes no ctx.
    """

    setup_context = None

    @staticmethod
    def forward(*args, **kwargs):
        """Computes the outputs; defined by the subclass."""
        raise NotImplementedError("Function: expected the subclass to define forward")

    @staticmethod
    def backward(ctx, *grads):
        """Computes the gradients; defined by the subclass."""
        raise NotImplementedError("Function: expected the subclass to define backward")

    @classmethod
    def apply(cls, *args, **kwargs):
        """Runs forward and records the call. Gradients flow through positional arguments."""
        return _C._apply_function(cls, args, kwargs)


class _RefusesBackward(Function):
    @staticmethod
    def forward(ctx, count, *values):
        return tuple(v.detach() for v in values[:count])

    @staticmethod
    def backward(ctx, *grads):
        raise RuntimeError("backward: a function marked with once_differentiable can't be "
                           "differentiated twice")


def once_differentiable(backward):
    """Decorates a backward that is not written with differentiable ops: a second derivative
    through it is an error, not silently wrong."""
    @functools.wraps(backward)
    def wrapped(ctx, *grads):
        with no_grad():
            result = backward(ctx, *grads)
        if not _C.is_grad_enabled() or not any(g is not None and g.requires_grad for g in grads):
            return result
        results = result if isinstance(result, tuple) else (result,)
        at = [i for i, r in enumerate(results) if r is not None]
        # Made to depend on the gradients that came in, so that a walk back ends in the error.
        anchored = _RefusesBackward.apply(len(at), *(results[i] for i in at),
                                          *(g for g in grads if g is not None))
        out = list(results)
        for i, r in zip(at, anchored):
            out[i] = r
        return tuple(out)
    return wrapped
