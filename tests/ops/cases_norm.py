"""softmax, layer_norm, rms_norm. Rows of the *_grad kernels go through backward, which runs them."""
import numpy as np

import lydia
from case import Case, ErrorCase, normal, positive


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def softmax_grad(g, x, axis):
    y = softmax(x, axis)
    return y * (g - (g * y).sum(axis, keepdims=True))


def log_softmax_grad(g, x, axis):
    return g - softmax(x, axis) * g.sum(axis, keepdims=True)


def normalised(x, eps):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps)


def layer_norm_grad(g, x, w, b):
    xhat, h = normalised(x, 1e-5), g * w
    rstd = 1 / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    dx = rstd * (h - h.mean(-1, keepdims=True) - xhat * (h * xhat).mean(-1, keepdims=True))
    return dx, (g * xhat).sum(0), g.sum(0)


def rms_norm(x, w, eps=1e-6):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w


def rms_norm_grad(g, x, w, eps=1e-6):
    r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + eps)
    h, xhat = g * w, x * r
    return r * (h - xhat * (h * xhat).mean(-1, keepdims=True)), (g * xhat).sum(0)


def backward_of(f):
    """(g, inputs...) -> gradients of the inputs, through the fused kernel."""
    def run(g, *inputs):
        with lydia.enable_grad():
            leaves = [x.detach().requires_grad_() for x in inputs]
            out = lydia.autograd.grad(f(*leaves), leaves, g)
        return out if len(out) > 1 else out[0]
    return run


def norm_with(f, shape):
    return lambda x, *p: f(x, shape, *p)


CASES = [
    Case("softmax", lambda x: x.softmax(1), lambda x: softmax(x, 1), [normal(3, 5)]),
    Case("softmax", lambda x: x.softmax(0), lambda x: softmax(x, 0), [normal(3, 4, 2)], label="dim0"),
    Case("softmax", lambda x: x.softmax(-1), lambda x: softmax(x, -1), [normal(2, 300, scale=30)],
         label="large", grad=False),
    Case("softmax", lambda x: x.softmax(-1), lambda x: x, [normal(3, 0)], label="empty", grad=False),
    Case("softmax_grad", backward_of(lambda x: x.softmax(1)), lambda g, x: softmax_grad(g, x, 1),
         [normal(3, 5, 2), normal(3, 5, 2)], grad=False, rtol=2),
    Case("log_softmax", lambda x: x.log_softmax(1), lambda x: np.log(softmax(x, 1)), [normal(3, 5)]),
    Case("log_softmax", lambda x: x.log_softmax(1), lambda x: np.log(softmax(x, 1)), [normal(3, 5, 2)],
         label="middle"),
    Case("log_softmax_grad", backward_of(lambda x: x.log_softmax(1)),
         lambda g, x: log_softmax_grad(g, x, 1), [normal(3, 5), normal(3, 5)], grad=False, rtol=4),
    Case("layer_norm", norm_with(lydia.layer_norm, (5,)), lambda x, w, b: normalised(x, 1e-5) * w + b,
         [normal(3, 5), positive(5), normal(5)], rtol=4),
    Case("layer_norm", lambda x: lydia.layer_norm(x, (3, 4)),
         lambda x: normalised(x.reshape(2, 12), 1e-5).reshape(2, 3, 4), [normal(2, 3, 4)], label="2d",
         rtol=2),
    Case("layer_norm", lambda x, b: lydia.layer_norm(x, (20,), bias=b),
         lambda x, b: normalised(x, 1e-5) + b, [normal(2, 3, 20), normal(20)], label="bias", rtol=2),
    Case("layer_norm_grad", backward_of(norm_with(lydia.layer_norm, (5,))), layer_norm_grad,
         [normal(30, 5), normal(30, 5), positive(5), normal(5)], grad=False, rtol=20),
    Case("rms_norm", lambda x, w: lydia.rms_norm(x, (6,), w, 1e-6), rms_norm, [normal(3, 6), positive(6)],
         rtol=2),
    Case("rms_norm", lambda x: lydia.rms_norm(x, (6,)), lambda x: rms_norm(x, 1.0, 0.0), [normal(3, 6)],
         label="plain", dtypes=("float32",)),
    Case("rms_norm_grad", backward_of(lambda x, w: lydia.rms_norm(x, (6,), w, 1e-6)), rms_norm_grad,
         [normal(30, 6), normal(30, 6), positive(6)], grad=False, rtol=20),
]

ERRORS = [
    ErrorCase("softmax", lambda: lydia.ones(2, dtype=lydia.int64).softmax(0), TypeError,
              "expected a floating-point tensor"),
    ErrorCase("softmax", lambda: lydia.ones(2).softmax(1), IndexError, "expected dim in [-1, 0]"),
    ErrorCase("layer_norm", lambda: lydia.layer_norm(lydia.ones(2, 3), (4,)), ValueError,
              "ends in normalized_shape [4], got [2, 3]"),
    ErrorCase("layer_norm", lambda: lydia.layer_norm(lydia.ones(2, 3), (3,), lydia.ones(2)), ValueError,
              "weight and bias of shape [3]"),
]
