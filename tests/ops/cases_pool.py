"""Pooling, interpolation, embedding and rearrangement, against loops over windows."""
import itertools
import math

import numpy as np

from case import Case, ErrorCase, distinct, given, integers, normal

import lydia
import lydia.nn.functional as F


def many(value, count):
    return (value,) * count if isinstance(value, int) else tuple(value)


def out_size(size, kernel, stride, padding, dilation, ceil_mode):
    free = size + 2 * padding - dilation * (kernel - 1) - 1
    out = (math.ceil(free / stride) if ceil_mode else free // stride) + 1
    return out - 1 if ceil_mode and (out - 1) * stride >= size + padding else out


def pool(x, spatial, kernel, combine, stride=None, padding=0, dilation=1, ceil_mode=False):
    """combine(window values, window indices, size of the window with its padding) per output."""
    kernel, padding, dilation = (many(v, spatial) for v in (kernel, padding, dilation))
    stride = kernel if stride is None else many(stride, spatial)
    size = x.shape[-spatial:]
    out = [out_size(*v, ceil_mode) for v in zip(size, kernel, stride, padding, dilation)]
    y = np.zeros((*x.shape[:-spatial], *out))
    for at in np.ndindex(y.shape):
        axes, whole = [], 1
        for d, i in enumerate(at[-spatial:]):
            start = i * stride[d] - padding[d]
            reach = [start + k * dilation[d] for k in range(kernel[d])]
            axes.append([p for p in reach if 0 <= p < size[d]])
            whole *= sum(p < size[d] + padding[d] for p in reach)
        y[at] = combine(*gather(x, at[:-spatial], axes, size), whole)
    return y


def gather(x, plane, axes, size):
    places = list(itertools.product(*axes))
    return ([x[plane + p] for p in places], [np.ravel_multi_index(p, size) for p in places])


def average(values, _, whole):
    return sum(values) / whole


def inner_average(values, *_):
    return sum(values) / len(values)


def largest(values, *_):
    return max(values)


def place(values, indices, _):
    return indices[int(np.argmax(values))]


def adaptive(x, spatial, out, combine):
    size = x.shape[-spatial:]
    out = [s if o is None else o for s, o in zip(size, many(out, spatial))]
    y = np.zeros((*x.shape[:-spatial], *out))
    for at in np.ndindex(y.shape):
        axes = [range(i * s // o, -(-(i + 1) * s // o))
                for i, s, o in zip(at[-spatial:], size, out)]
        y[at] = combine(*gather(x, at[:-spatial], axes, size), None)
    return y


def max_row(spatial, shape, kernel, label="", **options):
    fn = getattr(F, f"max_pool{spatial}d")
    return Case("max_pool", lambda x: fn(x, kernel, return_indices=True, **options)[0],
                lambda x: pool(x, spatial, kernel, largest, **options), [distinct(*shape)],
                label=f"{spatial}d{label}")


def avg_row(spatial, shape, kernel, label="", include=True, divisor=None, **options):
    fn = getattr(F, f"avg_pool{spatial}d")
    combine = average if include else inner_average
    if divisor:
        def combine(values, *_):
            return sum(values) / divisor
    return Case("avg_pool", lambda x: fn(x, kernel, count_include_pad=include,
                                         divisor_override=divisor, **options),
                lambda x: pool(x, spatial, kernel, combine, **options), [normal(*shape)],
                label=f"{spatial}d{label}")


# ---- interpolation: the weight of input j in output i, dimension by dimension

def hat(t):
    return max(0.0, 1 - abs(t))


def keys(t, a=-0.75):
    t = abs(t)
    if t <= 1:
        return (a + 2) * t ** 3 - (a + 3) * t ** 2 + 1
    return a * t ** 3 - 5 * a * t ** 2 + 8 * a * t - 4 * a if t < 2 else 0.0


def weights(kind, n, m, ratio, align):
    w = np.zeros((m, n))
    for i in range(m):
        at = i * (n - 1) / max(m - 1, 1) if align else (i + 0.5) * ratio - 0.5
        if kind == "nearest":
            w[i, min(int(i * ratio), n - 1)] = 1
        elif kind == "nearest-exact":
            w[i, min(int((i + 0.5) * ratio), n - 1)] = 1
        elif kind == "area":
            span = range(i * n // m, -(-(i + 1) * n // m))
            w[i, list(span)] = 1 / len(span)
        else:
            if kind == "linear":
                at = min(max(at, 0), n - 1)
            for j in range(math.floor(at) - 2, math.floor(at) + 4):
                w[i, min(max(j, 0), n - 1)] += (keys if kind == "cubic" else hat)(at - j)
    return w


def resize(x, kind, sizes, ratios, align):
    for d, (m, r) in enumerate(zip(sizes, ratios)):
        w = weights(kind, x.shape[d + 2], m, r, align)
        x = np.moveaxis(np.tensordot(w, x, (1, d + 2)), 0, d + 2)
    return x


def interpolate_row(mode, shape, size=None, scale=None, align=None, recompute=None):
    kind = {"bilinear": "linear", "trilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
    spatial = len(shape) - 2
    sizes = many(size, spatial) if size else [int(s * scale) for s in shape[2:]]
    ratios = [1 / scale if scale and not recompute else s / m for s, m in zip(shape[2:], sizes)]
    return Case("interpolate",
                lambda x: F.interpolate(x, size, scale, mode, align, recompute),
                lambda x: resize(x, kind, sizes, ratios, bool(align)), [normal(*shape)],
                label=f"{mode}-{size or scale}{'-align' if align else ''}", rtol=2)


def col_places(shape, kernel, stride, padding, dilation):
    """(column row, column, position in the image or None)"""
    n_out = [out_size(s, kernel[d], stride[d], padding[d], dilation[d], False)
             for d, s in enumerate(shape[2:])]
    for c, a, b in itertools.product(range(shape[1]), range(kernel[0]), range(kernel[1])):
        for i, j in itertools.product(*map(range, n_out)):
            at = (i * stride[0] - padding[0] + a * dilation[0],
                  j * stride[1] - padding[1] + b * dilation[1])
            inside = 0 <= at[0] < shape[2] and 0 <= at[1] < shape[3]
            yield ((c * kernel[0] + a) * kernel[1] + b, i * n_out[1] + j,
                   (c, *at) if inside else None)


FOLD = dict(kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2))
IMAGE, FOLD_GEOMETRY = (2, 2, 5, 4), ((3, 2), (2, 1), (1, 0), (1, 2))


def im2col(x):
    places = list(col_places(x.shape, *FOLD_GEOMETRY))
    y = np.zeros((x.shape[0], max(p[0] for p in places) + 1, max(p[1] for p in places) + 1))
    for row, column, at in places:
        if at is not None:
            y[:, row, column] = x[(slice(None), *at)]
    return y


def col2im(columns):
    y = np.zeros(IMAGE)
    for row, column, at in col_places(IMAGE, *FOLD_GEOMETRY):
        if at is not None:
            y[(slice(None), *at)] += columns[:, row, column]
    return y


def shuffle(x, r):
    *lead, c, h, w = x.shape
    y = np.zeros((*lead, c // r ** 2, h * r, w * r))
    for k, i, j in np.ndindex(y.shape[-3:]):
        y[..., k, i, j] = x[..., k * r * r + i % r * r + j % r, i // r, j // r]
    return y


def unshuffle(x, r):
    *lead, c, h, w = x.shape
    y = np.zeros((*lead, c * r * r, h // r, w // r))
    for k, i, j in np.ndindex(x.shape[-3:]):
        y[..., k * r * r + i % r * r + j % r, i // r, j // r] = x[..., k, i, j]
    return y


def rows_added(g, indices, rows, padding):
    y = np.zeros((rows, g.shape[-1]))
    for at in np.ndindex(indices.shape):
        if indices[at] != padding:
            y[indices[at]] += g[at]
    return y


PLACES = given(np.array([[0, 3, 3], [5, 0, 1]]))
SPARSE = np.array([[1.0, 0, 2, 0], [0, 0, 0, 0], [0, -1, 0.5, 0]])

CASES = [
    max_row(1, (2, 3, 8), 3),
    max_row(2, (2, 2, 5, 6), 2),
    max_row(2, (1, 2, 7, 6), (3, 2), "-padded", stride=(2, 1), padding=(1, 0)),
    max_row(2, (2, 7, 7), 3, "-ceil", stride=2, padding=1, ceil_mode=True),
    max_row(2, (1, 1, 7, 8), 2, "-dilated", stride=1, dilation=(3, 2), padding=1),
    max_row(3, (1, 2, 3, 4, 4), 2, stride=(1, 2, 1)),
    Case("max_pool", lambda x: F.max_pool2d(x, 2, 1, return_indices=True)[1],
         lambda x: pool(x, 2, 2, place, 1), [distinct(2, 3, 4)], label="indices", grad=False,
         dtypes=("float32",)),
    Case("max_pool", lambda x: F.max_pool1d(x, 2, 1),
         lambda x: np.array([[[1, np.nan, np.nan]]]), [given(np.array([[[0, 1, np.nan, 2]]]))],
         label="nan", grad=False),
    Case("max_pool", lambda x: F.max_pool2d(x, 2), lambda x: np.zeros((0, 2, 1, 1)),
         [normal(0, 2, 3, 3)], label="empty-batch", grad=False),
    *[Case("max_pool", lambda x: F.max_pool2d(x, 2, 1, return_indices=True),
           lambda x: (pool(x, 2, 2, largest, 1), pool(x, 2, 2, place, 1)),
           [integers(*limits, 2, 3, 4, dtype=kind)], label=np.dtype(kind).name, grad=False)
      for kind, limits in ((np.int8, (-128, -100)), (np.uint8, (0, 256)), (np.int64, (-2**50, 2**50)))],
    Case("max_pool_grad", lambda g, i: lydia._C._max_pool_grad(g, i, (2, 6), 1),
         lambda g, i: np.stack([np.bincount(i[r], g[r], 6) for r in range(2)]),
         [normal(2, 3), PLACES]),
    Case("max_pool_pick", lambda x, i: lydia._C._max_pool_pick(x, i, 1),
         lambda x, i: np.take_along_axis(x, i, 1), [normal(2, 6), PLACES]),
    Case("adaptive_max_pool", lambda x: F.adaptive_max_pool2d(x, (3, None)),
         lambda x: adaptive(x, 2, (3, None), largest), [distinct(2, 2, 5, 4)]),
    Case("adaptive_max_pool", lambda x: F.adaptive_max_pool1d(x, 5, True)[1],
         lambda x: adaptive(x, 1, 5, place), [distinct(2, 3)], label="indices", grad=False),
    avg_row(1, (2, 3, 8), 3),
    avg_row(2, (2, 2, 5, 6), (2, 3), stride=1, padding=1),
    avg_row(2, (1, 2, 7, 7), 3, "-ceil", stride=2, padding=1, ceil_mode=True),
    avg_row(2, (1, 2, 7, 7), 3, "-without-pad", stride=2, padding=1, ceil_mode=True, include=False),
    avg_row(2, (2, 5, 4), 2, "-divisor", divisor=3),
    avg_row(3, (1, 2, 3, 4, 3), 2, padding=1),
    Case("adaptive_avg_pool", lambda x: F.adaptive_avg_pool2d(x, (3, None)),
         lambda x: adaptive(x, 2, (3, None), inner_average), [normal(2, 2, 5, 4)]),
    Case("adaptive_avg_pool", lambda x: F.adaptive_avg_pool1d(x, 5),
         lambda x: adaptive(x, 1, 5, inner_average), [normal(2, 2, 3)], label="wider"),
    Case("adaptive_avg_pool", lambda x: F.adaptive_avg_pool3d(x, 1),
         lambda x: x.mean((2, 3, 4), keepdims=True), [normal(2, 2, 2, 3, 2)], label="global"),
    Case("resample", lambda x: lydia._C._resample(x, 1, 4, [[0, 2], [], [1, 2]],
                                                  [[1, 2], [], [-1, 0.5]]),
         lambda x: np.einsum("oi,nij->noj", SPARSE, x), [normal(2, 4, 3)]),
    interpolate_row("nearest", (1, 2, 3, 4), size=(6, 2)),
    interpolate_row("nearest", (1, 2, 5), scale=1.5),
    interpolate_row("nearest-exact", (1, 2, 3, 4), size=(7, 3)),
    interpolate_row("linear", (2, 2, 4), size=7),
    interpolate_row("linear", (2, 2, 4), size=7, align=True),
    interpolate_row("bilinear", (1, 2, 3, 4), scale=2.5),
    interpolate_row("bilinear", (1, 2, 5, 4), scale=0.7, recompute=True),
    interpolate_row("bilinear", (1, 2, 3, 4), size=(1, 6), align=True),
    interpolate_row("bicubic", (1, 2, 4, 3), size=(6, 5)),
    interpolate_row("bicubic", (1, 2, 4, 3), size=(6, 2), align=True),
    interpolate_row("trilinear", (1, 1, 2, 3, 2), size=(3, 2, 4)),
    interpolate_row("area", (1, 2, 5, 4), size=(3, 6)),
    Case("embedding", lambda w, i: F.embedding(i, w), lambda w, i: w[i],
         [normal(6, 3), integers(0, 6, 2, 4)]),
    Case("embedding", lambda w, i: F.embedding(i, w), lambda w, i: w[i],
         [normal(4, 3), integers(0, 4, 9, dtype=np.int32)], label="int32"),
    Case("embedding", lambda w, i: F.embedding(i, w), lambda w, i: w[i],
         [normal(4, 3), integers(0, 1, 0, 2)], label="no-indices", grad=False),
    Case("embedding_grad", lambda g, i: lydia._C._embedding_grad(g, i, 6, 3),
         lambda g, i: rows_added(g, i, 6, 3), [normal(2, 3, 5), PLACES], label="padding"),
    Case("embedding_grad", lambda g, i: lydia._C._embedding_grad(g, i, 7, -1),
         lambda g, i: rows_added(g, i, 7, -1), [normal(2, 3, 70), PLACES], label="wide",
         grad=False),
    Case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), lambda x: shuffle(x, 2),
         [normal(2, 8, 2, 3)]),
    Case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), lambda x: unshuffle(x, 2),
         [normal(2, 2, 4, 6)]),
    Case("im2col", lambda x: F.unfold(x, **FOLD), im2col, [normal(*IMAGE)]),
    Case("col2im", lambda x: F.fold(x, IMAGE[2:], **FOLD), col2im, [normal(2, 12, 6)]),
]


def ones(*shape):
    return lydia.ones(*shape)


ERRORS = [
    ErrorCase("max_pool", lambda: F.max_pool2d(ones(1, 2, 3, 3), 4), ValueError,
              "max_pool2d: expected a kernel no larger than the padded input"),
    ErrorCase("max_pool", lambda: F.max_pool2d(ones(1, 2, 3, 3), 2, padding=2), ValueError,
              "expected padding of at most half the kernel"),
    ErrorCase("max_pool", lambda: F.max_pool2d(ones(3, 3), 2), ValueError, "expected 4 dimensions"),
    ErrorCase("max_pool", lambda: F.max_pool2d(ones(1, 2, 3, 3), 2, stride=0), ValueError,
              "expected stride of at least 1"),
    ErrorCase("max_pool", lambda: F.max_pool2d(ones(1, 2, 3, 3), (2, 2, 2)), ValueError,
              "expected kernel_size with 1 or 2 values"),
    ErrorCase("max_pool", lambda: F.max_pool1d(ones(1, 2, 3).to(lydia.bool), 2), TypeError,
              "expected a numeric tensor, got bool"),
    ErrorCase("avg_pool", lambda: F.avg_pool1d(ones(1, 2, 3).to(lydia.int64), 2), TypeError,
              "expected a floating-point tensor, got int64"),
    ErrorCase("avg_pool", lambda: F.avg_pool2d(ones(1, 2, 3, 3), 2, divisor_override=0), ValueError,
              "divisor_override other than 0"),
    ErrorCase("adaptive_avg_pool", lambda: F.adaptive_avg_pool2d(ones(1, 2, 3, 3), (-2, 1)),
              ValueError, "expected output_size"),
    ErrorCase("adaptive_avg_pool", lambda: F.adaptive_avg_pool2d(ones(1, 2, 0, 3), 1), ValueError,
              "expected sizes of at least 1"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3)), ValueError,
              "expected either size or scale_factor, got none"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3), 2, mode="bilinear"), ValueError,
              "expected 4 dimensions with mode 'bilinear', got 3"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3), 2, mode="cosy"), ValueError,
              "got 'cosy'"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3), 2, align_corners=True), ValueError,
              "expected align_corners only with linear and cubic modes"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3), -2), ValueError,
              "expected sizes from 1 to 2^30, got -2"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(1, 2, 3), scale_factor=0.1), ValueError,
              "expected scale_factor to give sizes from 1"),
    ErrorCase("interpolate", lambda: F.interpolate(ones(2, 3), 2), ValueError,
              "expected an input [N, C, ..]"),
    ErrorCase("embedding", lambda: F.embedding(lydia.tensor([0, 5]), ones(5, 2)), IndexError,
              "embedding: expected indices in [0, 5), got 5"),
    ErrorCase("embedding", lambda: F.embedding(lydia.tensor([-1]), ones(5, 2)), IndexError, "got -1"),
    ErrorCase("embedding", lambda: F.embedding(lydia.tensor([0.5]), ones(5, 2)), TypeError,
              "expected int32 or int64 indices"),
    ErrorCase("embedding", lambda: F.embedding(lydia.tensor([0]), ones(5)), ValueError,
              "expected a weight [V, D]"),
    ErrorCase("embedding", lambda: F.embedding(lydia.tensor([0]), ones(5, 2), padding_idx=5),
              IndexError, "expected padding_idx in [-5, 4], got 5"),
    ErrorCase("pixel_shuffle", lambda: F.pixel_shuffle(ones(6, 2, 2), 2), ValueError,
              "expected channels divisible by 4"),
    ErrorCase("pixel_unshuffle", lambda: F.pixel_unshuffle(ones(2, 3, 2), 2), ValueError,
              "expected height and width divisible by 2"),
    ErrorCase("im2col", lambda: F.unfold(ones(1, 1, 2, 2), 3), ValueError,
              "unfold: expected a kernel no larger than the padded image"),
    ErrorCase("col2im", lambda: F.fold(ones(1, 5, 4), 3, 2), ValueError,
              "expected dimension 1 divisible by 4"),
    ErrorCase("col2im", lambda: F.fold(ones(1, 4, 5), 3, 2), ValueError,
              "expected 4 columns for output_size [3, 3]"),
]
