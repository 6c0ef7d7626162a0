"""Losses beside the built-in ones, for lydia.nn.functional: composites of other ops. `reduction` is
"mean", "sum" or "none"."""
import math

from .. import _C
from .._products import pairwise_distance


def _reduced(op, loss, reduction):
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{op}: expected reduction 'mean', 'sum' or 'none', got {reduction!r}")
    return loss if reduction == "none" else getattr(_C, reduction)(loss)


def soft_margin_loss(input, target, reduction="mean"):
    """log(1 + e^(-target input)) for targets of -1 and 1."""
    return _reduced("soft_margin_loss", _C._nn_softplus(-target * input), reduction)


def hinge_embedding_loss(input, target, margin=1.0, reduction="mean"):
    """input where target is 1, max(0, margin - input) where it is -1."""
    loss = _C.where(target == 1, input, (margin - input).clamp_min(0))
    return _reduced("hinge_embedding_loss", loss, reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """max(0, -target (input1 - input2) + margin)."""
    return _reduced("margin_ranking_loss", (-target * (input1 - input2) + margin).clamp_min(0), reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, reduction="mean"):
    """1 - cos where target is 1, max(0, cos - margin) where it is -1; cos over the last dimension."""
    cos = (input1 * input2).sum(-1) / (
        ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)).sqrt()
    loss = _C.where(target == 1, 1 - cos, (cos - margin).clamp_min(0))
    return _reduced("cosine_embedding_loss", loss, reduction)


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, swap=False,
                        reduction="mean"):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin), d the p-norm of the difference."""
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = _C.minimum(far, pairwise_distance(positive, negative, p, eps))
    return _reduced("triplet_margin_loss", (near - far + margin).clamp_min(0), reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, reduction="mean"):
    """mean over classes j != target of max(0, margin - input[target] + input[j])^p."""
    rows = input.unsqueeze(0) if input.ndim == 1 else input
    at = target.reshape(-1, 1)
    loss = (margin - rows.gather(1, at) + rows).clamp_min(0) ** p
    if weight is not None:
        loss = loss * weight[at]
    loss = loss.scatter(1, at, 0.0).sum(1) / rows.shape[1]
    return _reduced("multi_margin_loss", loss.squeeze(0) if input.ndim == 1 else loss, reduction)


def multilabel_soft_margin_loss(input, target, weight=None, reduction="mean"):
    """The mean over classes of the binary cross entropy of logits."""
    loss = _C.binary_cross_entropy_with_logits(input, target, weight, "none").mean(-1)
    return _reduced("multilabel_soft_margin_loss", loss, reduction)


def poisson_nll_loss(input, target, log_input=True, full=False, eps=1e-8, reduction="mean"):
    """e^input - target input (or input - target log(input + eps)); full adds Stirling's term."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + _C.where(target > 1, stirling, 0.0)
    return _reduced("poisson_nll_loss", loss, reduction)


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean",
             zero_infinity=False):
    """-log of the probability that one class per step, repeats merged and blanks dropped, spells the
    target (Graves et al. 2006).

    log_probs [T, N, C], targets [N, S] or one after another [sum of lengths], lengths of N integers;
    or log_probs [T, C] with targets [S]. "mean" divides each loss by its target's length first. A
    target that does not fit costs infinity (0 with zero_infinity) and gives no gradient."""
    def lengths(value):
        return value if isinstance(value, _C.Tensor) else _C._tensor_of(value, _C.dtype.int64)
    return _C._ctc_loss(log_probs, targets, lengths(input_lengths), lengths(target_lengths), blank,
                        reduction, zero_infinity)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log var + (input - target)^2 / var) / 2, var at least eps; full adds log(2 pi) / 2."""
    var = var if isinstance(var, _C.Tensor) else _C.full((), var, dtype=input.dtype)
    if (var < 0).any():
        raise ValueError("gaussian_nll_loss: expected variances of at least 0")
    if var.ndim and var.shape != input.shape and var.ndim == input.ndim - 1:
        var = var.unsqueeze(-1)
    var = var + (var.detach().clamp_min(eps) - var.detach())  # the gradient passes the clamp
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    return _reduced("gaussian_nll_loss", loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)
