"""Convolutions, against loops over output positions and kernel taps."""
import itertools

import numpy as np

from case import Case, ErrorCase, integers, normal

import lydia
import lydia.nn.functional as F


def many(value, count):
    return (value,) * count if isinstance(value, int) else tuple(value)


def taps(x_shape, w_shape, y_shape, stride, padding, dilation, groups):
    """(n, o, output position) with (c in the group, tap) and the input position they read."""
    spatial = len(x_shape) - 2
    group_out = w_shape[0] // groups
    for n, o in itertools.product(range(y_shape[0]), range(y_shape[1])):
        for at in itertools.product(*map(range, y_shape[2:])):
            for c in range(w_shape[1]):
                for k in itertools.product(*map(range, w_shape[2:])):
                    src = tuple(at[d] * stride[d] - padding[d] + k[d] * dilation[d]
                                for d in range(spatial))
                    if all(0 <= src[d] < x_shape[d + 2] for d in range(spatial)):
                        channel = o // group_out * w_shape[1] + c
                        yield (n, o, *at), (o, c, *k), (n, channel, *src)


def conv(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
    spatial = x.ndim - 2
    stride, dilation = many(stride, spatial), many(dilation, spatial)
    reach = [dilation[d] * (w.shape[d + 2] - 1) for d in range(spatial)]
    if padding == "same":
        before, total = [r // 2 for r in reach], reach
    else:
        before = many(0 if padding == "valid" else padding, spatial)
        total = [2 * p for p in before]
    out = [(x.shape[d + 2] + total[d] - reach[d] - 1) // stride[d] + 1 for d in range(spatial)]
    y = np.zeros((x.shape[0], w.shape[0], *out), dtype=x.dtype)
    for at, tap, src in taps(x.shape, w.shape, y.shape, stride, before, dilation, groups):
        y[at] += w[tap] * x[src]
    return y if bias is None else y + bias.reshape(-1, *(1,) * spatial)


def conv_transpose(x, w, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    spatial = x.ndim - 2
    stride, padding, dilation = (many(v, spatial) for v in (stride, padding, dilation))
    extra = many(output_padding, spatial)
    size = [(x.shape[d + 2] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (w.shape[d + 2] - 1)
            + extra[d] + 1 for d in range(spatial)]
    y = np.zeros((x.shape[0], w.shape[1] * groups, *size))
    for at, tap, dst in taps(y.shape, w.shape, x.shape, stride, padding, dilation, groups):
        y[dst] += w[tap] * x[at]
    return y if bias is None else y + bias.reshape(-1, *(1,) * spatial)


def row(name, x, w, bias=None, label="", **options):
    fn = getattr(F, name)
    ref = conv_transpose if "transpose" in name else conv
    inputs = [normal(*x), normal(*w)] + ([normal(bias)] if bias else [])
    return Case(name, lambda *t: fn(*t, **options), lambda *a: ref(*a, **options), inputs,
                label=label, rtol=8)


def maps(x_shape, w_shape, y_shape, *geometry):
    """The rows of the three primitive maps for one geometry."""
    def total(a, b, out_shape, pick):
        out = np.zeros(out_shape)
        for y_at, w_at, x_at in taps(x_shape, w_shape, y_shape, *geometry):
            to, first, second = pick(x_at, w_at, y_at)
            out[to] += a[first] * b[second]
        return out
    stride, padding, dilation, groups = geometry
    options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    return [
        Case("convolution", lambda x, w: lydia._C._convolution(x, w, y_shape, **options),
             lambda x, w: total(x, w, y_shape, lambda x, w, y: (y, x, w)),
             [normal(*x_shape), normal(*w_shape)], rtol=8),
        Case("convolution_grad_input",
             lambda dy, w: lydia._C._convolution_grad_input(dy, w, x_shape, **options),
             lambda dy, w: total(dy, w, x_shape, lambda x, w, y: (x, y, w)),
             [normal(*y_shape), normal(*w_shape)], rtol=8),
        Case("convolution_grad_weight",
             lambda x, dy: lydia._C._convolution_grad_weight(x, dy, w_shape, **options),
             lambda x, dy: total(x, dy, w_shape, lambda x, w, y: (w, x, y)),
             [normal(*x_shape), normal(*y_shape)], rtol=8),
    ]


CASES = [
    row("conv1d", (2, 3, 7), (4, 3, 3), 4, padding=1),
    row("conv1d", (1, 2, 9), (2, 2, 3), label="dilated", stride=2, padding=2, dilation=2),
    row("conv1d", (2, 2, 6), (3, 2, 4), 3, label="same-even", padding="same"),
    row("conv2d", (2, 3, 5, 4), (4, 3, 3, 3), 4, padding=1),
    row("conv2d", (1, 4, 6, 5), (6, 2, 3, 2), 6, label="groups", stride=(2, 1), padding=(0, 1),
        groups=2),
    row("conv2d", (1, 3, 5, 5), (3, 1, 3, 3), label="depthwise", padding="same", dilation=(1, 2),
        groups=3),
    row("conv2d", (2, 5, 3, 3), (4, 5, 1, 1), 4, label="pointwise", padding="valid"),
    row("conv2d", (1, 2, 3, 3), (2, 2, 3, 3), label="one-output"),
    row("conv2d", (1, 2, 2, 3), (2, 2, 2, 2), label="all-padding", stride=3, padding=3),
    row("conv3d", (1, 2, 3, 4, 3), (2, 2, 2, 2, 2), 2, padding=(1, 0, 1), stride=(1, 2, 1)),
    row("conv_transpose1d", (2, 3, 4), (3, 2, 3), 2, stride=2, padding=1, output_padding=1),
    row("conv_transpose1d", (1, 2, 3), (2, 1, 2), label="wide-output-padding", output_padding=1,
        dilation=3),
    row("conv_transpose2d", (1, 4, 3, 2), (4, 2, 3, 3), 4, stride=2, output_padding=(1, 0), groups=2),
    row("conv_transpose2d", (1, 2, 3, 3), (2, 3, 2, 2), label="dilated", dilation=2, padding=1),
    row("conv_transpose3d", (1, 2, 2, 2, 2), (2, 2, 2, 1, 2), 2, stride=(1, 2, 1)),
    *maps((2, 4, 5, 4), (4, 2, 3, 2), (2, 4, 3, 3), (2, 2), (1, 1), (1, 2), 2),
    Case("conv2d", lambda x, w: F.conv2d(x, w, padding=1), lambda x, w: conv(x, w, padding=1),
         [integers(-4, 5, 1, 2, 4, 4), integers(-4, 5, 3, 2, 3, 3)], label="int64", grad=False,
         dtypes=()),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b), lambda x, w, b: conv(x[None], w, b)[0],
         [normal(2, 4, 4), normal(3, 2, 2, 2), normal(3)], label="no-batch", rtol=8),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b), conv,
         [normal(0, 2, 4, 4), normal(3, 2, 2, 2), normal(3)], label="empty-batch", grad=False),
    Case("conv2d", lambda x, w, b: F.conv2d(x, w, b), conv,
         [normal(1, 0, 4, 4), normal(3, 0, 2, 2), normal(3)], label="no-channels", grad=False),
    Case("conv2d", lambda x, w: F.conv2d(x, w, padding=1), lambda x, w: conv(x, w, padding=1),
         [normal(1, 19, 9, 9), normal(17, 19, 3, 3)], label="odd-channels", dtypes=("float32",),
         rtol=20, grad=False),
]


def ones(*shape):
    return lydia.ones(*shape)


ERRORS = [
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 3, 5, 5), ones(4, 2, 3, 3)), ValueError,
              "expected input [N, groups * C, ...] and weight [groups * O, C, ...]"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 4, 5, 5), ones(3, 2, 3, 3), groups=2), ValueError,
              "with groups 2"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), groups=0), ValueError,
              "expected groups of at least 1, got 0"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 2, 2), ones(3, 2, 3, 3)), ValueError,
              "conv2d: expected a kernel no larger than the padded input"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(2, 2), ones(3, 2, 3, 3)), ValueError,
              "expected an input with 4 dimensions"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3)), ValueError,
              "expected a weight with 4 dimensions"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 0, 3)), ValueError,
              "expected a kernel of at least 1"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), ones(2)), ValueError,
              "expected a bias of shape [3]"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), stride=0), ValueError,
              "expected stride of at least 1"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), padding=-1), ValueError,
              "expected padding of at least 0"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), dilation=(1, 1, 1)),
              ValueError, "expected dilation with 1 or 2 values"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), padding=2 ** 40),
              ValueError, "expected padding of at least 0 and at most"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), padding=2 ** 30),
              (ValueError, MemoryError), "", label="huge-output"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), padding="half"),
              ValueError, "'same' or 'valid', got 'half'"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3), padding="same",
                                         stride=2), ValueError, "expected stride 1 with padding 'same'"),
    ErrorCase("conv2d", lambda: F.conv2d(ones(1, 2, 5, 5), ones(3, 2, 3, 3).to(lydia.float64)),
              TypeError, "of one numeric dtype"),
    ErrorCase("conv_transpose2d", lambda: F.conv_transpose2d(ones(1, 3, 2, 2), ones(2, 2, 3, 3)),
              ValueError, "weight [C, O / groups, ...]"),
    ErrorCase("conv_transpose2d", lambda: F.conv_transpose2d(ones(1, 2, 2, 2), ones(2, 2, 3, 3),
                                                             output_padding=1), ValueError,
              "expected output_padding below stride or dilation"),
    ErrorCase("conv_transpose2d", lambda: F.conv_transpose2d(ones(1, 2, 2, 2), ones(2, 2, 1, 1),
                                                             padding=3), ValueError,
              "expected sizes that give an output of at least 1"),
]
