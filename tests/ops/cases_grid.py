"""Sampling images at the places of a grid: loops over places and pixels, mirrored edge by edge."""
import itertools
import math

import numpy as np

import lydia
from case import Case, ErrorCase, given, normal

F = lydia.nn.functional


def mirrored(at, low, high):
    if low == high:
        return 0.0
    while not low <= at <= high:
        at = 2 * low - at if at < low else 2 * high - at
    return at


def inside(at, size, padding, align):
    """The coordinate that stands for `at`."""
    if padding == "zeros":
        return at
    if padding == "reflection":
        at = mirrored(at, 0, size - 1) if align else mirrored(at, -0.5, size - 0.5)
    return min(max(at, 0), size - 1)


def keys(d):
    d = abs(d)
    if d <= 1:
        return 1.25 * d**3 - 2.25 * d**2 + 1
    return -0.75 * (d**3 - 5 * d**2 + 8 * d - 4) if d < 2 else 0.0


def taps(at, size, mode, padding, align):
    """(index, weight) of what a coordinate reads along one dimension."""
    at = min(max(at, -1e6), 1e6)
    if mode == "bicubic":
        low = math.floor(at)
        near = [(inside(i, size, padding, align), keys(at - i)) for i in range(low - 1, low + 3)]
    elif mode == "nearest":
        near = [(round(inside(at, size, padding, align)), 1.0)]
    else:
        at = inside(at, size, padding, align)
        near = [(i, 1 - abs(at - i)) for i in (math.floor(at), math.floor(at) + 1)]
    return [(int(i), w) for i, w in near if 0 <= i < size]


def sample(x, grid, mode="bilinear", padding="zeros", align=False):
    sizes = x.shape[2:]
    y = np.zeros(x.shape[:2] + grid.shape[1:-1])
    for place in np.ndindex(grid.shape[:-1]):
        across = []
        for size, g in zip(sizes, grid[place][::-1]):
            g = -1.0 if np.isnan(g) else g
            at = (g + 1) / 2 * (size - 1) if align else ((g + 1) * size - 1) / 2
            across.append(taps(at, size, mode, padding, align))
        for combination in itertools.product(*across):
            weight = math.prod(w for _, w in combination)
            y[(place[0], slice(None), *place[1:])] += weight * x[(place[0], slice(None), *(i for i, _ in combination))]
    return y


def places(*shape, reach=1.6):
    """Coordinates some of which lie outside, none on a pixel's edge."""
    def make(rng):
        g = rng.uniform(-reach, reach, shape)
        return np.round(g, 2) + 0.00317
    return make


def row(mode, padding, align, x=(2, 2, 4, 5), grid=(2, 3, 3, 2), **more):
    return Case("grid_sample",
                lambda x, g: F.grid_sample(x, g, mode, padding, align),
                lambda x, g: sample(x, g, mode, padding, align), [normal(*x), places(*grid)],
                label=f"{mode}-{padding}{'-align' if align else ''}{'-3d' if len(x) == 5 else ''}",
                dtypes=("float32",), rtol=20, **more)


def nearest_row(padding, x=(2, 2, 4, 5), grid=(2, 3, 3, 2)):
    fixed = places(*grid)(np.random.default_rng(5))
    return Case("grid_sample", lambda x: F.grid_sample(x, lydia.tensor(fixed).to(x.dtype), "nearest", padding),
                lambda x: sample(x, fixed, "nearest", padding), [normal(*x)],
                label=f"nearest-{padding}{'-3d' if len(x) == 5 else ''}")


def affine(theta, sizes, align):
    axes = [(np.arange(n) * 2 / (n - 1) - 1 if align else (np.arange(n) * 2 + 1) / n - 1) if n > 1 else np.zeros(1)
            for n in sizes[2:]]
    y = np.zeros((sizes[0], *sizes[2:], len(axes)))
    for place in np.ndindex(tuple(sizes[2:])):
        at = [axis[i] for axis, i in zip(axes, place)][::-1] + [1.0]
        for n in range(sizes[0]):
            y[(n, *place)] = theta[n] @ np.array(at)
    return y


def affine_row(sizes, align):
    d = len(sizes) - 2
    return Case("affine_grid", lambda t: F.affine_grid(t, sizes, align), lambda t: affine(t, sizes, align),
                [normal(sizes[0], d, d + 1)], label=f"{d}d{'-align' if align else ''}", rtol=3)


CASES = [
    *[row(mode, padding, align) for mode in ("bilinear", "bicubic")
      for padding in ("zeros", "border", "reflection") for align in (False, True)],
    row("bilinear", "zeros", False, (1, 2, 2, 3, 4), (1, 2, 2, 2, 3)),
    row("bilinear", "reflection", True, (1, 2, 2, 3, 4), (1, 2, 2, 2, 3)),
    *[nearest_row(padding) for padding in ("zeros", "border", "reflection")],
    nearest_row("zeros", (1, 2, 2, 3, 4), (1, 2, 2, 2, 3)),
    Case("grid_sample", lambda x, g: F.grid_sample(x, g), sample,
         [normal(1, 2, 3, 3), given(np.array([[[[np.nan, 0.1], [1e30, 0.2], [-np.inf, 0.0]]]]))],
         label="nan-and-far", grad=False, dtypes=("float32",)),
    Case("grid_sample", lambda x, g: F.grid_sample(x, g, padding_mode="border"), lambda x, g: x[:, :, 1:2, ::2],
         [normal(1, 2, 3, 3), given(np.array([[[[-1e30, 0.0], [np.inf, 0.0]]]]))],
         label="far-border", grad=False, dtypes=("float32",)),
    Case("grid_sample", lambda x, g: F.grid_sample(x, g), lambda x, g: np.zeros((2, 2, 0, 3)),
         [normal(2, 2, 4, 5), normal(2, 0, 3, 2)], label="no-places", grad=False, dtypes=()),
    affine_row((2, 1, 3, 4), False),
    affine_row((2, 1, 3, 4), True),
    affine_row((1, 1, 2, 3, 1), False),
    affine_row((1, 1, 2, 3, 1), True),
]


def ones(*shape):
    return lydia.ones(*shape)


ERRORS = [
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 2, 2), ones(1, 2, 2, 3)), ValueError,
              "got [1, 1, 2, 2] and [1, 2, 2, 3]"),
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 2, 2), ones(1, 2, 2, 2), "cosy"), ValueError,
              "got 'cosy'"),
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 2, 2), ones(1, 2, 2, 2), padding_mode="edge"),
              ValueError, "got 'edge'"),
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 2, 2, 2), ones(1, 2, 2, 2, 3), "bicubic"),
              ValueError, "bicubic is for input [N, C, H, W]"),
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 0, 2), ones(1, 2, 2, 2)), ValueError, "with pixels"),
    ErrorCase("grid_sample", lambda: F.grid_sample(ones(1, 1, 2, 2), ones(1, 2, 2, 2).double()), TypeError,
              "one floating-point dtype"),
    ErrorCase("affine_grid", lambda: F.affine_grid(ones(1, 2, 3), (2, 1, 4, 4)), ValueError, "[1, 2, 3]"),
    ErrorCase("affine_grid", lambda: F.affine_grid(ones(1, 2, 3), (1, 1, 0, 4)), ValueError, "sizes above 0"),
]
