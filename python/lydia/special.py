"""Special functions, by torch.special's names."""
from . import _C
from ._C import (digamma, erf, erfc, erfinv, exp2, expm1, lgamma as gammaln, log1p, logit, logsumexp,  # noqa: F401
                 polygamma, round, sigmoid as expit, sinc, xlogy)
from .nn.functional import log_softmax, softmax  # noqa: F401

psi = digamma
__all__ = ["digamma", "entr", "erf", "erfc", "erfinv", "exp2", "expit", "expm1", "gammaln", "log1p",
           "log_softmax", "logit", "logsumexp", "ndtr", "polygamma", "psi", "round", "sinc", "softmax",
           "xlog1py", "xlogy"]


def entr(input):
    """-x log x; 0 at 0, -inf below."""
    return _C.where(input < 0, float("-inf"), -_C.xlogy(input, input))


def ndtr(input):
    """The area under the normal distribution from -inf to x."""
    return 0.5 * _C.erfc(input * -0.5 ** 0.5)


def xlog1py(input, other):
    """x log(1 + y); 0 where x is 0 and y is not NaN."""
    return _C.xlogy(input, other + 1) if not isinstance(other, _C.Tensor) else \
        _C.where((input == 0) & ~other.isnan(), 0.0, input * other.log1p())
