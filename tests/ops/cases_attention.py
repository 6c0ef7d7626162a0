"""Scaled dot-product attention, against softmax written out row by row."""
import numpy as np

from case import Case, ErrorCase, booleans, given, normal

import lydia
import lydia.nn.functional as F


def attention(q, k, v, mask=None, is_causal=False, scale=None, enable_gqa=False):
    if enable_gqa:
        share = q.shape[-3] // k.shape[-3]
        k, v = np.repeat(k, share, -3), np.repeat(v, share, -3)
    scale = 1 / np.sqrt(q.shape[-1]) if scale is None else scale
    scores = q @ np.swapaxes(k, -1, -2) * scale
    if is_causal:
        mask = np.tril(np.ones(scores.shape[-2:], bool))
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask
    out = np.zeros((*scores.shape[:-1], v.shape[-1]))
    v = np.broadcast_to(v, (*scores.shape[:-2], *v.shape[-2:]))
    for at in np.ndindex(scores.shape[:-1]):
        row = scores[at]
        if np.any(row > -np.inf):
            p = np.exp(row - row.max())
            out[at] = (p / p.sum()) @ v[at[:-1]]
    return out


def logsumexp(q, k, scale):
    scores = q @ np.swapaxes(k, -1, -2) * scale
    return np.log(np.exp(scores).sum(-1))


def row(label, q, k, v, mask=None, check=True, rtol=4, strided=True, **options):
    inputs = [normal(*q), normal(*k), normal(*v)] + ([mask] if mask else [])
    return Case("scaled_dot_product_attention",
                lambda *t: F.scaled_dot_product_attention(*t, **options),
                lambda *a: attention(*a, **options), inputs, label=label, rtol=rtol, grad=check,
                strided=strided)


def grad_reference(g, q, k, v):
    p = np.exp(q @ np.swapaxes(k, -1, -2) * 0.5)
    p /= p.sum(-1, keepdims=True)
    ds = p * (g @ np.swapaxes(v, -1, -2) - (g * (p @ v)).sum(-1, keepdims=True)) * 0.5
    return ds @ k, np.swapaxes(ds, -1, -2) @ q, np.swapaxes(p, -1, -2) @ g


def grad_run(g, q, k, v):
    p = lydia.exp(q @ k.transpose(-1, -2) * 0.5)
    total = p.sum(-1, keepdim=True)
    return lydia._C._scaled_dot_product_attention_grad(
        g, q, k, v, p / total @ v, lydia.log(total).reshape(*total.shape[:-1]), scale=0.5,
        is_causal=False)


FIRST_ROW_HIDDEN = np.array([[0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 1, 1]], bool)
ADDED = np.array([[0.5, -1.0, 2.0, -np.inf], [0, 0, 0, 0], [-np.inf, 1, 1, 1]])

CASES = [
    row("plain", (2, 2, 5, 4), (2, 2, 3, 4), (2, 2, 3, 6)),
    row("causal", (1, 2, 5, 3), (1, 2, 5, 3), (1, 2, 5, 3), is_causal=True),
    row("causal-short", (1, 1, 5, 3), (1, 1, 3, 3), (1, 1, 3, 3), is_causal=True),
    row("scale", (3, 4), (5, 4), (5, 2), scale=0.3),
    row("three-dims", (2, 3, 4), (2, 4, 4), (2, 4, 4)),
    row("five-dims", (2, 1, 2, 3, 4), (2, 1, 2, 2, 4), (2, 1, 2, 2, 4)),
    row("broadcast", (2, 1, 3, 4), (1, 3, 2, 4), (1, 1, 2, 4)),
    row("gqa", (2, 4, 3, 4), (2, 2, 5, 4), (2, 2, 5, 4), enable_gqa=True),
    row("gqa-causal", (1, 6, 4, 2), (1, 2, 4, 2), (1, 2, 4, 3), enable_gqa=True, is_causal=True),
    row("bool-mask", (2, 2, 3, 4), (2, 2, 4, 4), (2, 2, 4, 4), booleans(2, 1, 3, 4)),
    row("hidden-row", (1, 2, 3, 4), (1, 2, 4, 4), (1, 2, 4, 4), given(FIRST_ROW_HIDDEN),
        strided=False),
    row("added-mask", (2, 2, 3, 4), (2, 2, 4, 4), (2, 2, 4, 4), normal(3, 4)),
    row("infinite-mask", (1, 2, 3, 4), (1, 2, 4, 4), (1, 2, 4, 4), given(ADDED), check=False),
    row("blocks", (1, 2, 70, 33), (1, 2, 131, 33), (1, 2, 131, 19), check=False),
    row("blocks-causal", (1, 1, 200, 16), (1, 1, 200, 16), (1, 1, 200, 80), check=False,
        is_causal=True),
    row("no-keys", (1, 2, 3, 4), (1, 2, 0, 4), (1, 2, 0, 5), check=False),
    row("no-queries", (1, 2, 0, 4), (1, 2, 3, 4), (1, 2, 3, 5), check=False),
    Case("scaled_dot_product_attention_grad", grad_run, grad_reference,
         [normal(1, 2, 70, 5), normal(1, 2, 70, 4), normal(1, 2, 67, 4), normal(1, 2, 67, 5)],
         dtypes=("float32",), grad=False, rtol=20),
]


def ones(*shape):
    return lydia.ones(*shape)


def attend(*args, **kwargs):
    return lambda: F.scaled_dot_product_attention(*args, **kwargs)


NAME = "scaled_dot_product_attention"
ERRORS = [
    ErrorCase(NAME, attend(ones(2, 3, 4), ones(2, 3, 5), ones(2, 3, 4)), ValueError,
              "expected query [.., L, E], key [.., S, E] and value [.., S, V]"),
    ErrorCase(NAME, attend(ones(2, 3, 4), ones(2, 3, 4), ones(2, 5, 4)), ValueError,
              "value [.., S, V], got [2, 3, 4], [2, 3, 4] and [2, 5, 4]"),
    ErrorCase(NAME, attend(ones(4), ones(3, 4), ones(3, 4)), ValueError, "at least 2 dimensions"),
    ErrorCase(NAME, attend(ones(2, 3, 4), ones(3, 3, 4), ones(3, 3, 4)), ValueError, NAME,
              label="batch"),
    ErrorCase(NAME, attend(ones(3, 4), ones(3, 4), ones(3, 4), ones(2, 3)), ValueError,
              "expected shapes that broadcast together, got [2, 3] and [3, 3]"),
    ErrorCase(NAME, attend(ones(3, 4), ones(3, 4), ones(3, 4), ones(3, 3), is_causal=True), ValueError,
              "expected either attn_mask or is_causal"),
    ErrorCase(NAME, attend(ones(3, 4), ones(3, 4), ones(3, 4).to(lydia.float64)), TypeError,
              "of one floating dtype"),
    ErrorCase(NAME, attend(ones(3, 4), ones(3, 4), ones(3, 4), ones(3, 3).to(lydia.int32)), TypeError,
              "expected a bool or floating attn_mask, got int32"),
    ErrorCase(NAME, attend(ones(3, 2, 4), ones(2, 2, 4), ones(2, 2, 4), enable_gqa=True), ValueError,
              "a multiple of the heads of key and value, got 3 and 2"),
    ErrorCase(NAME, attend(ones(3, 4), ones(3, 4), ones(3, 4), dropout_p=2.0), ValueError,
              "expected dropout_p from 0 to 1"),
]
