"""Activations as modules."""
from ... import _C
from .. import functional as F
from ..parameter import Parameter
from .module import Module


class _Activation(Module):
    """`function` of lydia.nn.functional with this module's settings as arguments. `settings` are
    the names of the attributes it takes, in order."""
    function = ""
    settings = ()

    def _keep(self, **values):
        super().__init__()
        self.settings = tuple(values)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def forward(self, input):
        return getattr(F, self.function)(input, **{n: getattr(self, n) for n in self.settings})

    def extra_repr(self):
        shown = [(n, getattr(self, n)) for n in self.settings]
        return ", ".join(n if v is True else f"{n}={v!r}" for n, v in shown
                         if not (n == "inplace" and not v))


def _plain(name, function, doc):
    """A class without arguments."""
    return type(name, (_Activation,), {"function": function, "__doc__": doc, "__module__": __name__})


def _switch(name, function, doc):
    """A class whose only argument is inplace=False."""
    def __init__(self, inplace=False):
        self._keep(inplace=inplace)
    return type(name, (_Activation,), {"function": function, "__doc__": doc, "__module__": __name__,
                                       "__init__": __init__})


Sigmoid = _plain("Sigmoid", "sigmoid", "1 / (1 + e^-x)")
Tanh = _plain("Tanh", "tanh", "tanh(x)")
LogSigmoid = _plain("LogSigmoid", "logsigmoid", "log(sigmoid(x))")
Softsign = _plain("Softsign", "softsign", "x / (1 + |x|)")
Tanhshrink = _plain("Tanhshrink", "tanhshrink", "x - tanh(x)")
ReLU = _switch("ReLU", "relu", "max(x, 0)")
ReLU6 = _switch("ReLU6", "relu6", "min(max(x, 0), 6)")
SiLU = _switch("SiLU", "silu", "x sigmoid(x)")
Mish = _switch("Mish", "mish", "x tanh(softplus(x))")
SELU = _switch("SELU", "selu", "ELU scaled to keep mean 0 and variance 1")
Hardsigmoid = _switch("Hardsigmoid", "hardsigmoid", "relu6(x + 3) / 6")
Hardswish = _switch("Hardswish", "hardswish", "x relu6(x + 3) / 6")


class GELU(_Activation):
    """x Phi(x), or its tanh form with approximate="tanh"."""
    function = "gelu"

    def __init__(self, approximate="none"):
        self._keep(approximate=approximate)


class LeakyReLU(_Activation):
    """x above 0, negative_slope x below."""
    function = "leaky_relu"

    def __init__(self, negative_slope=0.01, inplace=False):
        self._keep(negative_slope=negative_slope, inplace=inplace)


class ELU(_Activation):
    """x above 0, alpha (e^x - 1) below."""
    function = "elu"

    def __init__(self, alpha=1.0, inplace=False):
        self._keep(alpha=alpha, inplace=inplace)


class CELU(_Activation):
    """x above 0, alpha (e^(x / alpha) - 1) below."""
    function = "celu"

    def __init__(self, alpha=1.0, inplace=False):
        self._keep(alpha=alpha, inplace=inplace)


class Softplus(_Activation):
    """log(1 + e^(beta x)) / beta, and x where beta x > threshold."""
    function = "softplus"

    def __init__(self, beta=1.0, threshold=20.0):
        self._keep(beta=beta, threshold=threshold)


class Hardtanh(_Activation):
    """x kept within the bounds."""
    function = "hardtanh"

    def __init__(self, min_val=-1.0, max_val=1.0, inplace=False):
        self._keep(min_val=min_val, max_val=max_val, inplace=inplace)


class Softshrink(_Activation):
    """x moved towards 0 by lambd."""
    function = "softshrink"

    def __init__(self, lambd=0.5):
        self._keep(lambd=lambd)


class Hardshrink(_Activation):
    """0 within [-lambd, lambd]."""
    function = "hardshrink"

    def __init__(self, lambd=0.5):
        self._keep(lambd=lambd)


class Threshold(_Activation):
    """x where x > threshold, else value."""
    function = "threshold"

    def __init__(self, threshold, value, inplace=False):
        self._keep(threshold=threshold, value=value, inplace=inplace)


class GLU(_Activation):
    """a sigmoid(b) of the input's two halves along dim."""
    function = "glu"

    def __init__(self, dim=-1):
        self._keep(dim=dim)


class Softmax(_Activation):
    """e^x / sum(e^x) along dim."""
    function = "softmax"

    def __init__(self, dim=None):
        self._keep(dim=dim)


class LogSoftmax(_Activation):
    """log(softmax(x)) along dim."""
    function = "log_softmax"

    def __init__(self, dim=None):
        self._keep(dim=dim)


class Softmax2d(Module):
    """Softmax over the channels of [N, C, H, W] or [C, H, W]."""

    def forward(self, input):
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d: expected 3 or 4 dimensions, got shape {list(input.shape)}")
        return F.softmax(input, -3)


class Softmin(_Activation):
    """softmax(-x) along dim."""
    function = "softmin"

    def __init__(self, dim=None):
        self._keep(dim=dim)


class PReLU(Module):
    """x above 0, weight x below; one weight, or one per channel."""

    def __init__(self, num_parameters=1, init=0.25, device=None, dtype=None):
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(_C.full((num_parameters,), init, device=device,
                                        dtype=dtype or _C.get_default_dtype()))

    def reset_parameters(self):
        """Every weight becomes `init`."""
        self.weight.data.fill_(self.init)

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self):
        return f"num_parameters={self.num_parameters}"
