"""Activations, for lydia.nn.functional."""
from .. import _C
from .._C import sigmoid, tanh, threshold_  # noqa: F401


def _switch(name, doc):
    """f(input, inplace=False) of the two forms of an activation."""
    plain, in_place = getattr(_C, f"_nn_{name}"), getattr(_C, f"_nn_{name}_")

    def function(input, inplace=False):
        return in_place(input) if inplace else plain(input)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


silu = _switch("silu", "x sigmoid(x)")
relu6 = _switch("relu6", "min(max(x, 0), 6)")
hardsigmoid = _switch("hardsigmoid", "relu6(x + 3) / 6")
hardswish = _switch("hardswish", "x relu6(x + 3) / 6")
mish = _switch("mish", "x tanh(softplus(x))")
selu = _switch("selu", "elu scaled to keep mean 0 and variance 1")
gelu = _C._nn_gelu
softplus = _C._nn_softplus
softsign = _C._nn_softsign
logsigmoid = _C._nn_logsigmoid
tanhshrink = _C._nn_tanhshrink
softshrink = _C._nn_softshrink
hardshrink = _C._nn_hardshrink
prelu = _C._nn_prelu
glu = _C._nn_glu
elu_ = _C._nn_elu_
celu_ = _C._nn_celu_
leaky_relu_ = _C._nn_leaky_relu_
hardtanh_ = _C._nn_hardtanh_
selu_ = _C._nn_selu_


def relu(input, inplace=False):
    """x where x > 0, else 0"""
    return input.relu_() if inplace else input.relu()


def relu_(input):
    """relu written into its input"""
    return input.relu_()


def elu(input, alpha=1.0, inplace=False):
    """x above 0, alpha (e^x - 1) below"""
    return _C._nn_elu_(input, alpha) if inplace else _C._nn_elu(input, alpha)


def celu(input, alpha=1.0, inplace=False):
    """x above 0, alpha (e^(x / alpha) - 1) below"""
    return _C._nn_celu_(input, alpha) if inplace else _C._nn_celu(input, alpha)


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x above 0, negative_slope x below"""
    f = _C._nn_leaky_relu_ if inplace else _C._nn_leaky_relu
    return f(input, negative_slope)


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x kept within the bounds"""
    return (_C._nn_hardtanh_ if inplace else _C._nn_hardtanh)(input, min_val, max_val)


def threshold(input, threshold, value, inplace=False):
    """x where x > threshold, else value"""
    return (_C.threshold_ if inplace else _C.threshold)(input, threshold, value)
