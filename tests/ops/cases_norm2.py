"""Norms over channels, against the formula written out in NumPy."""
import numpy as np

from case import Case, ErrorCase, normal, positive

import lydia
import lydia.nn.functional as F


def per_channel(p, x):
    return p.reshape(-1, *(1,) * (x.ndim - 2))


def affine(y, w=None, b=None):
    y = y if w is None else y * per_channel(w, y)
    return y if b is None else y + per_channel(b, y)


def standard(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def batch_axes(x):
    return (0, *range(2, x.ndim))


def group_norm(x, groups, w=None, b=None, eps=1e-5):
    parts = x.reshape(x.shape[0], groups, -1)
    return affine(standard(parts, 2, eps).reshape(x.shape), w, b)


def train(x, w=None, b=None):
    return F.batch_norm(x, None, None, w, b, training=True)


def running_after(norm, *stats_of, momentum=0.3):
    """The running statistics after one call."""
    def run(x, mean, var):
        mean, var = mean.clone(), var.clone()
        norm(x, mean, var, momentum)
        return mean, var

    def ref(x, mean, var):
        new_mean, new_var = (f(x) for f in stats_of)
        return (mean * (1 - momentum) + new_mean * momentum,
                var * (1 - momentum) + new_var * momentum)
    return run, ref


BATCH_RUN, BATCH_REF = running_after(
    lambda x, m, v, t: F.batch_norm(x, m, v, training=True, momentum=t),
    lambda x: x.mean(batch_axes(x)), lambda x: x.var(batch_axes(x), ddof=1))
INSTANCE_RUN, INSTANCE_REF = running_after(
    lambda x, m, v, t: F.instance_norm(x, m, v, momentum=t),
    lambda x: x.mean(2).mean(0), lambda x: x.var(2, ddof=1).mean(0))

CASES = [
    Case("batch_norm", train, lambda x, w, b: affine(standard(x, batch_axes(x)), w, b),
         [normal(3, 2, 4), normal(2), normal(2)], rtol=5),
    Case("batch_norm", train, lambda x: standard(x, batch_axes(x)), [normal(2, 3, 2, 3)],
         label="plain", rtol=5),
    Case("batch_norm", train, lambda x, w: affine(standard(x, batch_axes(x)), w),
         [normal(5, 3), normal(3)], label="matrix", rtol=5),
    Case("batch_norm", lambda x, m, v, w, b: F.batch_norm(x, m, v, w, b),
         lambda x, m, v, w, b: affine((x - per_channel(m, x)) / np.sqrt(per_channel(v, x) + 1e-5),
                                      w, b),
         [normal(2, 3, 4), normal(3), positive(3), normal(3), normal(3)], label="eval", rtol=5),
    Case("batch_norm", BATCH_RUN, BATCH_REF, [normal(3, 2, 4), normal(2), positive(2)],
         label="running", grad=False, rtol=5, strided=False),
    Case("batch_norm_grad", lambda x, w, g: lydia.autograd.grad(
             [train(x.requires_grad_(), w.requires_grad_())], [x, w], [g]),
         lambda x, w, g: batch_norm_grad(x, w, g), [normal(3, 2, 35), normal(2), normal(3, 2, 35)],
         dtypes=("float32",), grad=False, strided=False, rtol=20),
    Case("group_norm", lambda x, w, b: F.group_norm(x, 2, w, b),
         lambda x, w, b: group_norm(x, 2, w, b), [normal(2, 4, 3), normal(4), normal(4)], rtol=5),
    Case("group_norm", lambda x: F.group_norm(x, 3, eps=0.1), lambda x: group_norm(x, 3, eps=0.1),
         [normal(2, 3, 2, 2)], label="eps", rtol=5),
    Case("group_norm", lambda x: F.group_norm(x, 2), lambda x: x, [normal(0, 4, 3)],
         label="empty-batch", grad=False),
    Case("instance_norm", lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
         lambda x, w, b: affine(standard(x, (2, 3)), w, b), [normal(2, 3, 2, 4), normal(3), normal(3)],
         rtol=5),
    Case("instance_norm", lambda x, m, v: F.instance_norm(x, m, v, use_input_stats=False),
         lambda x, m, v: (x - per_channel(m, x)) / np.sqrt(per_channel(v, x) + 1e-5),
         [normal(2, 3, 4), normal(3), positive(3)], label="eval", rtol=5),
    Case("instance_norm", INSTANCE_RUN, INSTANCE_REF, [normal(3, 2, 4), normal(2), positive(2)],
         label="running", grad=False, rtol=5, strided=False),
]


def batch_norm_grad(x, w, g):
    axes, n = batch_axes(x), x.size // x.shape[1]
    xn, h = standard(x, axes), g * per_channel(w, g)
    r = 1 / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
    mean = [v.sum(axes, keepdims=True) / n for v in (h, h * xn)]
    return r * (h - mean[0] - xn * mean[1]), (g * xn).sum(axes)


def ones(*shape):
    return lydia.ones(*shape)


ERRORS = [
    ErrorCase("batch_norm", lambda: train(ones(1, 3)), ValueError,
              "expected more than 1 value per channel when training, got shape [1, 3]"),
    ErrorCase("batch_norm", lambda: train(ones(0, 3)), ValueError, "more than 1 value",
              label="empty"),
    ErrorCase("batch_norm", lambda: train(ones(3)), ValueError, "expected an input [N, C, ..]"),
    ErrorCase("batch_norm", lambda: train(ones(2, 3), ones(2)), ValueError,
              "expected weight of shape [3], got [2]"),
    ErrorCase("batch_norm", lambda: F.batch_norm(ones(2, 3), None, None), ValueError,
              "expected running_mean and running_var unless training"),
    ErrorCase("batch_norm", lambda: train(ones(2, 3).to(lydia.int32)), TypeError,
              "expected a floating-point tensor, got int32"),
    ErrorCase("group_norm", lambda: F.group_norm(ones(2, 3, 4), 2), ValueError,
              "expected num_groups to divide the channels, got 2 for shape [2, 3, 4]"),
    ErrorCase("group_norm", lambda: F.group_norm(ones(2, 3, 4), 0), ValueError, "got 0 for shape"),
    ErrorCase("instance_norm", lambda: F.instance_norm(ones(2, 3, 1)), ValueError,
              "expected more than 1 spatial element"),
]
