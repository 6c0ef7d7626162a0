"""Dropout of elements and of whole channels."""
from .. import functional as F
from .module import Module


class _Dropout(Module):
    function = "dropout"

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: expected p from 0 to 1, got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input):
        return getattr(F, self.function)(input, self.p, self.training, self.inplace)

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """In training each element is 0 with probability p and the others grow by 1 / (1 - p)."""


class Dropout1d(_Dropout):
    """Dropout of whole channels of [N, C, L] or [C, L]."""
    function = "dropout1d"


class Dropout2d(_Dropout):
    """Dropout of whole channels of [N, C, H, W]."""
    function = "dropout2d"


class Dropout3d(_Dropout):
    """Dropout of whole channels of [N, C, D, H, W] or [C, D, H, W]."""
    function = "dropout3d"


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1, for networks of SELU."""
    function = "alpha_dropout"
