"""Rearranging, repeating, padding, triangles."""
import numpy as np

import lydia
from case import Case, ErrorCase, given, integers, normal

X = normal(2, 3, 4)


def padded(pads, mode="constant", value=0.0, x=X):
    """`pads` as for np.pad; torch lists them from the last dimension on."""
    flat = [p for pair in reversed(pads) for p in pair]
    numpy_mode = {"replicate": "edge", "circular": "wrap"}.get(mode, mode)
    more = {"constant_values": value} if mode == "constant" else {}
    return Case("pad", lambda x: lydia._C.pad(x, flat, mode, value),
                lambda x: np.pad(x, [(0, 0)] * (x.ndim - len(pads)) + pads, numpy_mode, **more), [x],
                label=f"{mode}-{'-'.join(map(str, flat))}")


def fixed(op, run, ref, **more):
    return Case(op, run, ref, [], grad=False, dtypes=(), **more)


CASES = [
    Case("flip", lambda x: x.flip(0, -1), lambda x: np.flip(x, (0, -1)), [X]),
    Case("flip", lambda x: lydia.flip(x, ()), lambda x: x, [X], label="none"),
    Case("fliplr", lambda x: x.fliplr(), np.fliplr, [X]),
    Case("flipud", lambda x: x.flipud(), np.flipud, [X]),
    Case("roll", lambda x: x.roll(2), lambda x: np.roll(x, 2), [X], label="flat"),
    Case("roll", lambda x: x.roll((1, -6), (0, 2)), lambda x: np.roll(x, (1, -6), (0, 2)), [X]),
    Case("roll", lambda x: x.roll(5, 0), lambda x: x, [normal(0, 2)], label="empty", grad=False),
    *[Case("rot90", lambda x, k=k: x.rot90(k, (2, 0)), lambda x, k=k: np.rot90(x, k, (2, 0)), [X],
           label=str(k)) for k in (-1, 0, 1, 2)],
    Case("repeat", lambda x: x.repeat(2, 1, 3), lambda x: np.tile(x, (2, 1, 3)), [normal(2, 3)]),
    Case("repeat", lambda x: x.repeat(0, 2), lambda x: np.tile(x, (0, 2)), [normal(2, 3)], label="empty",
         grad=False),
    Case("tile", lambda x: x.tile(2), lambda x: np.tile(x, 2), [normal(2, 3)]),
    Case("tile", lambda x: lydia.tile(x, (2, 1, 2)), lambda x: np.tile(x, (2, 1, 2)), [normal(2, 3)],
         label="more-dims"),
    Case("repeat_interleave", lambda x: x.repeat_interleave(3, 1), lambda x: np.repeat(x, 3, 1), [X]),
    Case("repeat_interleave", lambda x: x.repeat_interleave(2), lambda x: np.repeat(x, 2), [X], label="flat"),
    Case("repeat_interleave", lambda x, n: x.repeat_interleave(n, dim=1), lambda x, n: np.repeat(x, n, 1),
         [X, given([2, 0, 3])], label="counts"),
    Case("tensor_split", lambda x: x.tensor_split(3, 2), lambda x: np.array_split(x, 3, 2), [X]),
    Case("tensor_split", lambda x: x.tensor_split((1, 3), 2), lambda x: np.array_split(x, (1, 3), 2), [X],
         label="indices"),
    Case("tensor_split", lambda x: x.hsplit(3), lambda x: np.hsplit(x, 3), [X], label="hsplit"),
    Case("broadcast_tensors", lambda a, b: lydia.broadcast_tensors(a, b), lambda a, b: np.broadcast_arrays(a, b),
         [normal(3, 1), normal(2, 1, 4)]),
    Case("meshgrid", lambda a, b: lydia.meshgrid(a, b, indexing="ij"),
         lambda a, b: np.meshgrid(a, b, indexing="ij"), [normal(3), normal(2)]),
    Case("meshgrid", lambda a, b, c: lydia.meshgrid([a, b, c], indexing="xy"),
         lambda a, b, c: np.meshgrid(a, b, c, indexing="xy"), [normal(3), normal(2), normal(4)], label="xy"),
    Case("cartesian_prod", lambda a, b: lydia.cartesian_prod(a, b),
         lambda a, b: np.array([[x, y] for x in a for y in b]), [normal(3), normal(2)]),
    Case("one_hot", lambda i: lydia._C.one_hot(i), lambda i: np.eye(i.max() + 1)[i], [integers(0, 5, 2, 3)],
         grad=False),
    Case("one_hot", lambda i: lydia._C.one_hot(i, 7), lambda i: np.eye(7)[i], [integers(0, 5, 4)],
         label="classes", grad=False),
    padded([(1, 2)]), padded([(1, 0), (0, 3)], value=2.5), padded([(2, 1), (0, 1), (3, 0)]),
    padded([(1, 3)], "reflect"), padded([(2, 1), (3, 2)], "reflect"), padded([(5, 2)], "replicate"),
    padded([(1, 2), (4, 1)], "circular"),
    Case("pad", lambda x: lydia._C.pad(x, (-1, 2, 1, -2), value=3.0),
         lambda x: np.pad(x[:, :1, 1:], [(0, 0), (1, 0), (0, 2)], constant_values=3.0), [X], label="negative"),
    Case("pad", lambda x: lydia._C.pad(x, (2, 1)), lambda x: np.zeros((2, 3)), [normal(2, 0)], label="empty",
         grad=False),
    Case("tril", lambda x: x.tril(), np.tril, [X]),
    Case("tril", lambda x: x.tril(-1), lambda x: np.tril(x, -1), [normal(4, 3)], label="below"),
    Case("triu", lambda x: x.triu(1), lambda x: np.triu(x, 1), [X]),
    Case("triu", lambda x: x.clone().triu_(-9), lambda x: x, [normal(4, 3)], label="all"),
    Case("triu", lambda x: x.triu(2**62), lambda x: 0 * x, [normal(4, 3)], label="none"),
    fixed("tril_indices", lambda: lydia.tril_indices(3, 4, 1), lambda: np.array(np.tril_indices(3, 1, 4))),
    fixed("triu_indices", lambda: lydia.triu_indices(4, 3, -1), lambda: np.array(np.triu_indices(4, -1, 3))),
    Case("diag", lambda x: x.diag(1), lambda x: np.diag(x, 1), [normal(3)]),
    Case("diag", lambda x: x.diag(-1), lambda x: np.diag(x, -1), [normal(3, 4)], label="2d"),
    Case("diag_embed", lambda x: x.diag_embed(), lambda x: np.stack([np.diag(r) for r in x]), [normal(2, 3)]),
    Case("diag_embed", lambda x: x.diag_embed(-1, 0, 2), lambda x: np.stack([np.diag(r, -1) for r in x], 1),
         [normal(2, 3)], label="dims"),
    Case("trace", lambda x: x.trace(), np.trace, [normal(3, 4)]),
]

ones = lydia.ones
ERRORS = [
    ErrorCase("flip", lambda: ones(2).flip(0, 0), ValueError, "each dim once"),
    ErrorCase("roll", lambda: ones(2).roll((1, 2), 0), ValueError, "as many shifts as dims"),
    ErrorCase("rot90", lambda: ones(2).rot90(), ValueError, "at least two dimensions"),
    ErrorCase("repeat", lambda: ones(2, 2).repeat(2), ValueError, "at least 2 repeats"),
    ErrorCase("repeat", lambda: ones(2).repeat(-1), ValueError, "repeats >= 0"),
    ErrorCase("repeat", lambda: ones(2).repeat(2**62), ValueError, "too large"),
    ErrorCase("repeat_interleave", lambda: ones(2).repeat_interleave(lydia.tensor([1, -1])), ValueError,
              "repeats >= 0, got -1"),
    ErrorCase("repeat_interleave", lambda: ones(2).repeat_interleave(lydia.tensor([1, 2, 3])), ValueError,
              "expected 2 repeats"),
    ErrorCase("tensor_split", lambda: ones(2).tensor_split(0), ValueError, "sections > 0"),
    ErrorCase("broadcast_tensors", lambda: lydia.broadcast_tensors(ones(2), ones(3)), ValueError, "broadcast"),
    ErrorCase("meshgrid", lambda: lydia.meshgrid(ones(2, 2)), ValueError, "1-d tensors"),
    ErrorCase("one_hot", lambda: lydia._C.one_hot(lydia.tensor([3]), 3), ValueError, "classes in [0, 3), got 3"),
    ErrorCase("one_hot", lambda: lydia._C.one_hot(lydia.tensor([-1])), ValueError, "got -1"),
    ErrorCase("pad", lambda: lydia._C.pad(ones(2), (1, 1, 1, 1)), ValueError, "at most 1 dimensions"),
    ErrorCase("pad", lambda: lydia._C.pad(ones(2), (2, 0), "reflect"), ValueError, "at most 1 values"),
    ErrorCase("pad", lambda: lydia._C.pad(ones(2), (2, 0), "mirror"), ValueError, "expected mode"),
    ErrorCase("pad", lambda: lydia._C.pad(ones(2), (-3, 0)), ValueError, "does not fit"),
    ErrorCase("pad", lambda: lydia._C.pad(ones(2), (2**63 - 1, 2)), ValueError, "does not fit", label="huge"),
    ErrorCase("tril", lambda: ones(2).tril(), ValueError, "at least two dimensions"),
    ErrorCase("diag", lambda: ones(2, 2, 2).diag(), ValueError, "one or two dimensions"),
    ErrorCase("trace", lambda: ones(2).trace(), ValueError, "two dimensions"),
]
