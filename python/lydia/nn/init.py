"""First values of parameters, by torch.nn.init's names and defaults. Each function writes into its
tensor, without recording, and returns it."""
from .. import _C
from .._C import _init_calculate_fans, _init_calculate_gain

__all__ = ["calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_",
           "normal_", "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_",
           "xavier_normal_", "xavier_uniform_", "zeros_"]


def calculate_gain(nonlinearity, param=None):
    """The factor that keeps the variance through `nonlinearity`."""
    return _init_calculate_gain(nonlinearity, param)


def uniform_(tensor, a=0.0, b=1.0, generator=None):
    """Uniform in [a, b)."""
    return _C._init_uniform_(tensor, a, b, generator)


def normal_(tensor, mean=0.0, std=1.0, generator=None):
    """Normal with the given mean and standard deviation."""
    return _C._init_normal_(tensor, mean, std, generator)


def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
    """Normal, drawn again where outside [a, b]."""
    return _C._init_trunc_normal_(tensor, mean, std, a, b, generator)


def constant_(tensor, val):
    """`val` everywhere."""
    return _C._init_constant_(tensor, val)


def ones_(tensor):
    """1 everywhere."""
    return _C._init_constant_(tensor, 1)


def zeros_(tensor):
    """0 everywhere."""
    return _C._init_constant_(tensor, 0)


def eye_(tensor):
    """The identity matrix."""
    return _C._init_eye_(tensor)


def dirac_(tensor, groups=1):
    """A convolution that leaves its channels as they are."""
    return _C._init_dirac_(tensor, groups)


def xavier_uniform_(tensor, gain=1.0, generator=None):
    """Uniform with variance gain^2 * 2 / (fan_in + fan_out)."""
    return _C._init_xavier_uniform_(tensor, gain, generator)


def xavier_normal_(tensor, gain=1.0, generator=None):
    """Normal with variance gain^2 * 2 / (fan_in + fan_out)."""
    return _C._init_xavier_normal_(tensor, gain, generator)


def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Uniform with variance gain^2 / fan."""
    return _C._init_kaiming_uniform_(tensor, a, mode, nonlinearity, generator)


def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=None):
    """Normal with variance gain^2 / fan."""
    return _C._init_kaiming_normal_(tensor, a, mode, nonlinearity, generator)


def orthogonal_(tensor, gain=1, generator=None):
    """Orthonormal rows or columns, times gain."""
    return _C._init_orthogonal_(tensor, gain, generator)


def sparse_(tensor, sparsity, std=0.01, generator=None):
    """Normal, with a share `sparsity` of each column set to 0."""
    return _C._init_sparse_(tensor, sparsity, std, generator)


def _calculate_fan_in_and_fan_out(tensor):
    return _init_calculate_fans(tensor)
