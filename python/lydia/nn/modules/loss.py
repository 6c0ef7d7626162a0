"""Losses as modules."""
from .. import functional as F
from .module import Module


class _Loss(Module):
    """`function` of input and target with this module's settings."""
    function = ""
    settings = ()
    tensors = ()  # settings that are buffers

    def _keep(self, reduction, **settings):
        super().__init__()
        if reduction not in self.reductions:
            raise ValueError(f"{type(self).__name__}: expected reduction among {self.reductions}, "
                             f"got {reduction!r}")
        self.reduction = reduction
        self.settings = ("reduction", *settings)
        for name, value in settings.items():
            if name in self.tensors:
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    reductions = ("none", "mean", "sum")

    def forward(self, input, target):
        return getattr(F, self.function)(input, target,
                                         **{n: getattr(self, n) for n in self.settings})


def _pair(name, function, doc):
    """A class whose only argument is reduction="mean"."""
    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction(name, size_average, reduce)
        self._keep(reduction)
    return type(name, (_Loss,), {"function": function, "__doc__": doc, "__module__": __name__,
                                 "__init__": __init__})


def _no_old_reduction(name, size_average, reduce):
    if size_average is not None or reduce is not None:
        raise NotImplementedError(f"{name}: size_average and reduce are not offered; use reduction")


MSELoss = _pair("MSELoss", "mse_loss", "(input - target)^2")
L1Loss = _pair("L1Loss", "l1_loss", "|input - target|")
SoftMarginLoss = _pair("SoftMarginLoss", "soft_margin_loss",
                       "log(1 + e^(-target input)) for targets of -1 and 1")


class SmoothL1Loss(_Loss):
    """Squared below beta, absolute above."""
    function = "smooth_l1_loss"

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        _no_old_reduction("SmoothL1Loss", size_average, reduce)
        self._keep(reduction, beta=beta)


class HuberLoss(_Loss):
    """delta * SmoothL1Loss with beta = delta."""
    function = "huber_loss"

    def __init__(self, reduction="mean", delta=1.0):
        self._keep(reduction, delta=delta)


class CrossEntropyLoss(_Loss):
    """-log softmax(input) at the target classes, or beside target probabilities."""
    function = "cross_entropy"
    tensors = ("weight",)

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None,
                 reduction="mean", label_smoothing=0.0):
        _no_old_reduction("CrossEntropyLoss", size_average, reduce)
        self._keep(reduction, weight=weight, ignore_index=ignore_index,
                   label_smoothing=label_smoothing)


class NLLLoss(_Loss):
    """-input at the target classes; input holds log probabilities."""
    function = "nll_loss"
    tensors = ("weight",)

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None,
                 reduction="mean"):
        _no_old_reduction("NLLLoss", size_average, reduce)
        self._keep(reduction, weight=weight, ignore_index=ignore_index)


class BCELoss(_Loss):
    """Binary cross entropy of probabilities."""
    function = "binary_cross_entropy"
    tensors = ("weight",)

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction("BCELoss", size_average, reduce)
        self._keep(reduction, weight=weight)


class BCEWithLogitsLoss(_Loss):
    """Binary cross entropy of logits; pos_weight scales the positive targets."""
    function = "binary_cross_entropy_with_logits"
    tensors = ("weight", "pos_weight")

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean",
                 pos_weight=None):
        _no_old_reduction("BCEWithLogitsLoss", size_average, reduce)
        self._keep(reduction, weight=weight, pos_weight=pos_weight)


class KLDivLoss(_Loss):
    """target (log target - input); input holds log probabilities."""
    function = "kl_div"
    reductions = ("none", "mean", "sum", "batchmean")

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        _no_old_reduction("KLDivLoss", size_average, reduce)
        self._keep(reduction, log_target=log_target)


class CTCLoss(_Loss):
    """-log of the probability that the steps' classes spell the target: ctc_loss."""

    def __init__(self, blank=0, reduction="mean", zero_infinity=False):
        self._keep(reduction, blank=blank, zero_infinity=zero_infinity)

    def forward(self, log_probs, targets, input_lengths, target_lengths):
        return F.ctc_loss(log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction,
                          self.zero_infinity)


class CosineEmbeddingLoss(_Loss):
    """1 - cos for pairs with target 1, max(0, cos - margin) for pairs with target -1."""

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction("CosineEmbeddingLoss", size_average, reduce)
        self._keep(reduction, margin=margin)

    def forward(self, input1, input2, target):
        return F.cosine_embedding_loss(input1, input2, target, self.margin, reduction=self.reduction)


class TripletMarginLoss(_Loss):
    """max(0, |anchor - positive| - |anchor - negative| + margin)."""

    def __init__(self, margin=1.0, p=2.0, eps=1e-6, swap=False, size_average=None, reduce=None,
                 reduction="mean"):
        _no_old_reduction("TripletMarginLoss", size_average, reduce)
        self._keep(reduction, margin=margin, p=p, eps=eps, swap=swap)

    def forward(self, anchor, positive, negative):
        return F.triplet_margin_loss(anchor, positive, negative, self.margin, self.p, self.eps,
                                     self.swap, reduction=self.reduction)


class HingeEmbeddingLoss(_Loss):
    """input where target is 1, max(0, margin - input) where it is -1."""
    function = "hinge_embedding_loss"

    def __init__(self, margin=1.0, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction("HingeEmbeddingLoss", size_average, reduce)
        self._keep(reduction, margin=margin)


class MarginRankingLoss(_Loss):
    """max(0, -target (input1 - input2) + margin)."""
    function = "margin_ranking_loss"

    def __init__(self, margin=0.0, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction("MarginRankingLoss", size_average, reduce)
        self._keep(reduction, margin=margin)

    def forward(self, input1, input2, target):
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class MultiMarginLoss(_Loss):
    """The mean over the other classes of max(0, margin - input[target] + input[j])^p."""
    function = "multi_margin_loss"
    tensors = ("weight",)

    def __init__(self, p=1, margin=1.0, weight=None, size_average=None, reduce=None,
                 reduction="mean"):
        _no_old_reduction("MultiMarginLoss", size_average, reduce)
        self._keep(reduction, p=p, margin=margin, weight=weight)


class MultiLabelSoftMarginLoss(_Loss):
    """The mean over classes of the binary cross-entropy of logits."""
    function = "multilabel_soft_margin_loss"
    tensors = ("weight",)

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        _no_old_reduction("MultiLabelSoftMarginLoss", size_average, reduce)
        self._keep(reduction, weight=weight)


class PoissonNLLLoss(_Loss):
    """Of counts: input is the logarithm of the rate, or the rate itself (log_input=False)."""
    function = "poisson_nll_loss"

    def __init__(self, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None,
                 reduction="mean"):
        _no_old_reduction("PoissonNLLLoss", size_average, reduce)
        self._keep(reduction, log_input=log_input, full=full, eps=eps)


class GaussianNLLLoss(_Loss):
    """Of a normal distribution with the mean `input` and a variance."""
    function = "gaussian_nll_loss"

    def __init__(self, *, full=False, eps=1e-6, reduction="mean"):
        self._keep(reduction, full=full, eps=eps)

    def forward(self, input, target, var):
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps,
                                   reduction=self.reduction)
