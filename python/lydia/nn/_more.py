"""Functions of lydia.nn.functional that are written with other ops."""
from .. import _C, linalg
from .._products import into


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """input divided by its p-norm along dim; norms below eps count as eps."""
    return into("normalize", out, input / linalg.vector_norm(input, p, dim, True).clamp_min(eps))


def softmin(input, dim=None, dtype=None):
    """softmax(-input)."""
    return softmax(-input, dim, dtype=dtype)


def _usual_dim(op, input, dim):
    if dim is not None:
        return dim
    return 0 if input.ndim in (0, 1, 3) else 1  # torch's old rule


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """e^x / sum e^x along dim. `_stacklevel` is torch's and means nothing here."""
    return _C.softmax(input, _usual_dim("softmax", input, dim), dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """log softmax(x) along dim, stable. `_stacklevel` is torch's and means nothing here."""
    return _C.log_softmax(input, _usual_dim("log_softmax", input, dim), dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Softmax of logits with Gumbel noise, over tau. hard: one-hot, with the soft one's gradient."""
    noise = -_C.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    one_hot = _C.zeros_like(soft).scatter(dim, soft.argmax(dim, True), 1.0)
    return one_hot - soft.detach() + soft


def _channels_dropped(op, input, p, training, inplace, ndims):
    if input.ndim not in ndims:
        raise ValueError(f"{op}: expected {ndims[0]} or {ndims[-1]} dimensions, got shape {list(input.shape)}")
    if not training or p == 0:
        return input
    keep = 2 if input.ndim == ndims[-1] else 1  # the batch, if there is one, and the channels
    mask = _C.ones(tuple(input.shape[:keep]) + (1,) * (input.ndim - keep), dtype=input.dtype)
    out = input * _C.dropout(mask, p, True)
    return input.copy_(out) if inplace else out


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Drops whole channels of [N, C, L] or [C, L] with probability p."""
    return _channels_dropped("dropout1d", input, p, training, inplace, (2, 3))


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Drops whole channels of [N, C, H, W] or [C, H, W] with probability p."""
    return _channels_dropped("dropout2d", input, p, training, inplace, (3, 4))


def dropout3d(input, p=0.5, training=True, inplace=False):
    """Drops whole channels of [N, C, D, H, W] or [C, D, H, W] with probability p."""
    return _channels_dropped("dropout3d", input, p, training, inplace, (4, 5))


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean 0 and variance 1, for networks of selu."""
    if not training or p == 0:
        return input
    low = -1.7580993408473766  # selu's limit at -inf
    kept = _C.bernoulli(_C.full_like(input, 1 - p))
    scale = ((1 - p) * (1 + p * low * low)) ** -0.5 if p < 1 else 0.0
    out = (input * kept + low * (1 - kept)) * scale - low * p * scale
    return input.copy_(out) if inplace else out


def bilinear(input1, input2, weight, bias=None):
    """x1^T W_k x2 + b_k for each output k: [..., i], [..., j] and [o, i, j] give [..., o]."""
    out = _C.einsum("...i,oij,...j->...o", input1, weight, input2)
    return out if bias is None else out + bias


def channel_shuffle(input, groups):
    """Channels of [N, C, ...] dealt out among groups: [g, C/g] transposed."""
    n, c = input.shape[:2]
    if c % groups:
        raise ValueError(f"channel_shuffle: expected channels divisible by {groups}, got {c}")
    split = input.reshape((n, groups, c // groups) + tuple(input.shape[2:]))
    return split.transpose(1, 2).reshape(input.shape)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    """x / (k + alpha mean of x^2 over `size` neighbouring channels)^beta, for [N, C, ...]."""
    if input.ndim < 3:
        raise ValueError(f"local_response_norm: expected at least 3 dimensions, got shape {list(input.shape)}")
    squares = (input * input).movedim(1, -1)
    padded = _C.pad(squares, (size // 2, (size - 1) // 2))
    mean = padded.unfold(-1, size, 1).mean(-1).movedim(-1, 1)
    return input / (mean * alpha + k) ** beta


def _lp_pool(pool, input, norm_type, kernel_size, stride, ceil_mode, ndim):
    size = (kernel_size,) * ndim if isinstance(kernel_size, int) else tuple(kernel_size)
    count = 1
    for n in size:
        count *= n
    mean = pool(input ** norm_type, kernel_size, stride, 0, ceil_mode)
    return (mean.sign() * mean.abs().relu() * count) ** (1.0 / norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum x^p)^(1/p) over windows of the last dimension."""
    return _lp_pool(_C.avg_pool1d, input, norm_type, kernel_size, stride, ceil_mode, 1)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """(sum x^p)^(1/p) over windows of the last two dimensions."""
    return _lp_pool(_C.avg_pool2d, input, norm_type, kernel_size, stride, ceil_mode, 2)


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """interpolate, by its old name."""
    return _C.interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """interpolate with mode "nearest"."""
    return _C.interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """interpolate with mode "bilinear" and align_corners=True."""
    return _C.interpolate(input, size, scale_factor, "bilinear", True)
