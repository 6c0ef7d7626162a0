"""Convolutions and convolutions turned round, over 1, 2 or 3 dimensions."""
import math

from ... import _C
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .module import Module

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def as_tuple(value, count, what):
    """`count` ints from one int or a sequence of that many."""
    if isinstance(value, int):
        return (value,) * count
    value = tuple(value)
    if len(value) != count:
        raise ValueError(f"{what}: expected an int or {count} ints, got {value}")
    return value


class _ConvNd(Module):
    """What all convolutions share. Subclasses say how many dimensions they run over."""
    spatial = 0
    transposed = False

    def _set_up(self, in_channels, out_channels, kernel_size, stride, padding, output_padding,
                dilation, groups, bias, padding_mode, device, dtype):
        super().__init__()
        name, n = type(self).__name__, self.spatial
        if groups <= 0 or in_channels % groups or out_channels % groups:
            raise ValueError(f"{name}: expected groups that divide {in_channels} and "
                             f"{out_channels}, got {groups}")
        modes = PADDING_MODES[:1] if self.transposed else PADDING_MODES
        if padding_mode not in modes:
            raise ValueError(f"{name}: expected padding_mode among {modes}, got {padding_mode!r}")
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = as_tuple(kernel_size, n, name)
        self.stride, self.dilation = as_tuple(stride, n, name), as_tuple(dilation, n, name)
        self.padding = padding if isinstance(padding, str) else as_tuple(padding, n, name)
        if isinstance(padding, str) and padding not in ("valid", "same"):
            raise ValueError(f"{name}: expected padding 'valid' or 'same', got {padding!r}")
        if padding == "same" and any(s != 1 for s in self.stride):
            raise ValueError(f"{name}: padding='same' needs stride 1, got {self.stride}")
        self.output_padding = as_tuple(output_padding, n, name)
        self.padding_mode = padding_mode
        channels = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        shape = (channels[0], channels[1] // groups, *self.kernel_size)
        self.weight = Parameter(_C.empty(shape, device=device, dtype=dtype))
        self.register_parameter(
            "bias", Parameter(_C.empty(out_channels, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        """First values: uniform within 1 / sqrt(fan_in)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        fan_in = init._calculate_fan_in_and_fan_out(self.weight)[0]
        if self.bias is not None and fan_in:
            init.uniform_(self.bias, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def _pads(self):
        """(before, after) from the last dimension on, for F.pad."""
        if self.padding == "valid":
            return [0] * (2 * self.spatial)
        if self.padding == "same":
            totals = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            return [side for t in reversed(totals) for side in (t // 2, t - t // 2)]
        return [p for p in reversed(self.padding) for _ in range(2)]

    def _convolve(self, input, weight, bias):
        function = getattr(F, f"conv{self.spatial}d")
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._pads(), mode=self.padding_mode), 0
        return function(input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def forward(self, input):
        return self._convolve(input, self.weight, self.bias)

    def extra_repr(self):
        n = self.spatial
        out = (f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
               f"stride={self.stride}")
        for name, usual in (("padding", (0,) * n), ("dilation", (1,) * n),
                            ("output_padding", (0,) * n), ("groups", 1)):
            if getattr(self, name) != usual:
                out += f", {name}={getattr(self, name)}"
        if self.bias is None:
            out += ", bias=False"
        return out if self.padding_mode == "zeros" else out + f", padding_mode={self.padding_mode}"


class _Conv(_ConvNd):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True, padding_mode="zeros", device=None, dtype=None):
        self._set_up(in_channels, out_channels, kernel_size, stride, padding, 0, dilation, groups,
                     bias, padding_mode, device, dtype)


class Conv1d(_Conv):
    """Convolution of [N, C, L] or [C, L]."""
    spatial = 1


class Conv2d(_Conv):
    """Convolution of [N, C, H, W] or [C, H, W]."""
    spatial = 2


class Conv3d(_Conv):
    """Convolution of [N, C, D, H, W] or [C, D, H, W]."""
    spatial = 3


class _ConvTranspose(_ConvNd):
    transposed = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 output_padding=0, groups=1, bias=True, dilation=1, padding_mode="zeros",
                 device=None, dtype=None):
        self._set_up(in_channels, out_channels, kernel_size, stride, padding, output_padding,
                     dilation, groups, bias, padding_mode, device, dtype)

    def _output_padding_for(self, input, output_size):
        sizes = as_tuple(tuple(output_size)[-self.spatial:], self.spatial, "output_size")
        least = [(i - 1) * s - 2 * p + d * (k - 1) + 1 for i, s, p, d, k in zip(
            input.shape[-self.spatial:], self.stride, self.padding, self.dilation, self.kernel_size)]
        extra = tuple(size - low for size, low in zip(sizes, least))
        if any(e < 0 or e >= s for e, s in zip(extra, self.stride)):
            raise ValueError(f"{type(self).__name__}: expected output_size from {least} to less than "
                             f"a stride more, got {sizes}")
        return extra

    def forward(self, input, output_size=None):
        extra = self.output_padding
        if output_size is not None:
            extra = self._output_padding_for(input, output_size)
        function = getattr(F, f"conv_transpose{self.spatial}d")
        return function(input, self.weight, self.bias, self.stride, self.padding, extra,
                        self.groups, self.dilation)


class ConvTranspose1d(_ConvTranspose):
    """The adjoint of Conv1d as a layer."""
    spatial = 1


class ConvTranspose2d(_ConvTranspose):
    """The adjoint of Conv2d as a layer."""
    spatial = 2


class ConvTranspose3d(_ConvTranspose):
    """The adjoint of Conv3d as a layer."""
    spatial = 3
