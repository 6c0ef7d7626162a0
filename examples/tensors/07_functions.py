"""Lesson 7: a custom function — its own forward and backward — checked by finite differences."""
import lydia
from lesson import error_of, fact, title


class Softsign(lydia.autograd.Function):
    """y = x / (1 + |x|), dy/dx = 1 / (1 + |x|)^2"""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x / (1 + x.abs())

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad / (1 + x.abs()) ** 2


class Wrong(Softsign):
    """The same with a slip: the square is missing."""

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad / (1 + x.abs())


x = lydia.linspace(-2, 2, 8, dtype=lydia.float64).requires_grad_()

title("A function of your own")
Softsign.apply(x).sum().backward()
fact(abs(x.grad[0].item() - 1 / 9) < 1e-12, "the gradient at -2 is 1 / (1 + 2)^2")

title("Checked against finite differences")
fact(lydia.autograd.gradcheck(Softsign.apply, (x,)), "gradcheck agrees at every element")
fact(lydia.autograd.gradgradcheck(Softsign.apply, (x,)), "so does the second derivative")
message = error_of(lambda: lydia.autograd.gradcheck(Wrong.apply, (x,)))
print(f"  {message}")
fact(message.startswith("gradcheck:"), "and it finds the slip in the other one")

title("Saved values are guarded")
h = x * 1
out = Softsign.apply(h)
h.add_(1)
message = error_of(lambda: out.sum().backward())
print(f"  {message}")
fact(message != "", "a saved tensor that was changed in place is an error, not a wrong gradient")
