"""What is timed: each row runs the same code over lydia and over torch.

`setup(lib, F)` makes the inputs once and returns the function to time. `flops` and `bytes` are per
call, for the share of the machine's ceiling. `floor` is the ratio (torch time / lydia time) the row
is meant to reach.
"""
import math
from dataclasses import dataclass
from typing import Callable

from agiformer_rows import AGIFORMER
from training_rows import STEPS


@dataclass
class Row:
    group: str
    name: str
    setup: Callable
    floor: float
    flops: float = 0
    bytes: float = 0
    ran: str = "Python"
    program: str = ""  # of bench/: where lydia's side runs from C++
    memory: bool = False  # compares resident memory, not time
    peak: str = "fma_gflops"  # the ceiling that flops are held against


ROWS = []


def row(group, name, floor, **more):
    def add(setup):
        ROWS.append(Row(group, name, setup, floor, **more))
        return setup
    return add


def randn(lib, *shape):
    return lib.randn(tuple(shape))


def grads_of(lib, f, *inputs):
    """Times forward and backward together; gradients are dropped, not accumulated."""
    leaves = [x.requires_grad_() for x in inputs]
    upstream = randn(lib, *f(*leaves).shape)

    def run():
        return lib.autograd.grad(f(*leaves), leaves, upstream)
    return run


# ---- matrix products ----------------------------------------------------------------------------

for _m in (1, 8, 32, 128, 512):
    for _n, _k in ((768, 768), (3072, 768), (768, 3072), (4096, 4096), (50257, 768)):
        def _matmul(lib, F, m=_m, n=_n, k=_k):
            a, b = randn(lib, m, k), randn(lib, k, n)
            return lambda: a @ b

        def _linear(lib, F, m=_m, n=_n, k=_k):
            x, w, b = randn(lib, m, k), randn(lib, n, k), randn(lib, n)
            with lib.inference_mode():
                F.linear(x, w, b)

            def run():
                with lib.inference_mode():
                    return F.linear(x, w, b)
            return run
        _cost = dict(flops=2 * _m * _n * _k, bytes=4 * (_m * _k + _k * _n + _m * _n))
        row("matmul", f"M {_m}, N {_n}, K {_k}", 0.85, **_cost)(_matmul)
        row("linear", f"M {_m}, N {_n}, K {_k}", 0.85, **_cost)(_linear)


# torch has u8·s8 only inside quantised modules; its s8·s8 product is the nearest it offers.
for _m in (128, 512):
    for _n, _k in ((768, 768), (3072, 768), (768, 3072), (4096, 4096)):
        def _int8(lib, F, m=_m, n=_n, k=_k):
            a = lib.randint(0, 127, (m, k), dtype=lib.uint8)
            b = lib.randint(-127, 127, (n, k), dtype=lib.int8).t()
            if hasattr(lib, "matmul_integer"):
                return lambda: lib.matmul_integer(a, b)
            a = a.to(lib.int8)
            return lambda: lib._int_mm(a, b)
        row("int8 matmul", f"M {_m}, N {_n}, K {_k}", 0.85, flops=2 * _m * _n * _k,
            peak="vnni_gops")(_int8)


# ---- elementwise, rows, reductions --------------------------------------------------------------

ELEMENTWISE = {
    "add": (lambda lib, F: lambda x, y: x + y, 2, 2.5),
    "mul": (lambda lib, F: lambda x, y: x * y, 2, 2.5),
    "exp": (lambda lib, F: lambda x: x.exp(), 1, 2.5),
    "tanh": (lambda lib, F: lambda x: x.tanh(), 1, 2.0),
    "sigmoid": (lambda lib, F: lambda x: x.sigmoid(), 1, 2.5),
    "relu": (lambda lib, F: lambda x: x.relu(), 1, 2.5),
    "gelu": (lambda lib, F: lambda x: F.gelu(x), 1, 2.5),
    "gelu tanh": (lambda lib, F: lambda x: F.gelu(x, approximate="tanh"), 1, 2.0),
    "softmax": (lambda lib, F: lambda x: x.softmax(-1), 1, 2.5),
    "layer_norm": (lambda lib, F: lambda x: F.layer_norm(x, (x.shape[-1],)), 1, 2.5),
}
REDUCTIONS = {
    "sum": lambda x: x.sum(),
    "sum over rows": lambda x: x.sum(0),
    "sum over columns": lambda x: x.sum(1),
    "amax over columns": lambda x: x.amax(1),
    "mean": lambda x: x.mean(),
    "var over columns": lambda x: x.var(1),
}

for _shape in ((128, 768), (4096, 4096)):
    _large = _shape[0] == 4096
    _n = _shape[0] * _shape[1]
    for _name, (_make, _arity, _floor) in ELEMENTWISE.items():
        def _forward(lib, F, make=_make, arity=_arity, shape=_shape):
            f, xs = make(lib, F), [randn(lib, *shape) for _ in range(arity)]
            return lambda: f(*xs)

        def _backward(lib, F, make=_make, arity=_arity, shape=_shape):
            return grads_of(lib, make(lib, F), *[randn(lib, *shape) for _ in range(arity)])
        _always = 2.0 if "tanh" in _name else 1.0
        _label = f"{_name} [{_shape[0]}, {_shape[1]}]"
        row("elementwise forward", _label, max(_floor if _large else 0, _always),
            bytes=4 * _n * (_arity + 1))(_forward)
        row("elementwise forward and backward", _label, 1.0)(_backward)
    for _name, _f in REDUCTIONS.items():
        def _reduce(lib, F, f=_f, shape=_shape):
            x = randn(lib, *shape)
            return lambda: f(x)

        def _reduce_backward(lib, F, f=_f, shape=_shape):
            return grads_of(lib, f, randn(lib, *shape))
        _label = f"{_name} [{_shape[0]}, {_shape[1]}]"
        row("reductions forward", _label, 1.0, bytes=4 * _n)(_reduce)
        row("reductions forward and backward", _label, 1.0)(_reduce_backward)


# ---- copies of permuted tensors -----------------------------------------------------------------

PERMUTED = {
    "[8, 64, 56, 56] to channels last": ((8, 64, 56, 56), (0, 2, 3, 1)),
    "[8, 56, 56, 64] to channels first": ((8, 56, 56, 64), (0, 3, 1, 2)),
    "[8, 3, 224, 224] to channels last": ((8, 3, 224, 224), (0, 2, 3, 1)),
    "[8, 128, 12, 64] to heads first": ((8, 128, 12, 64), (0, 2, 1, 3)),
    "[2048, 2048] transposed": ((2048, 2048), (1, 0)),
}

for _label, (_shape, _order) in PERMUTED.items():
    def _permuted(lib, F, shape=_shape, order=_order):
        x = randn(lib, *shape).permute(*order)
        return lambda: x.contiguous()
    row("permuted copies", _label, 1.0, bytes=8 * math.prod(_shape))(_permuted)


# ---- attention and convolution ------------------------------------------------------------------

for _s in (128, 1024):
    for _causal in (False, True):
        def _attention(lib, F, s=_s, causal=_causal):
            q, k, v = (randn(lib, 8, 12, s, 64) for _ in range(3))

            def run():
                with lib.no_grad():
                    return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
            return run

        def _attention_backward(lib, F, s=_s, causal=_causal):
            return grads_of(
                lib, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=causal),
                *[randn(lib, 8, 12, s, 64) for _ in range(3)])
        _label = f"B 8, H 12, S {_s}, D 64{', causal' if _causal else ''}"
        _flops = 4 * 8 * 12 * _s * _s * 64 / (2 if _causal else 1)
        row("attention forward", _label, 0.9, flops=_flops)(_attention)
        row("attention forward and backward", _label, 0.9, flops=_flops * 3.5)(_attention_backward)

# (channels in, channels out, kernel, stride, size): the distinct convolutions of ResNet-50.
RESNET50 = [(3, 64, 7, 2, 224), (64, 64, 1, 1, 56), (64, 64, 3, 1, 56), (64, 256, 1, 1, 56),
            (256, 64, 1, 1, 56), (256, 128, 1, 1, 56), (128, 128, 3, 2, 56), (128, 512, 1, 1, 28),
            (256, 512, 1, 2, 56), (512, 128, 1, 1, 28), (128, 128, 3, 1, 28), (512, 256, 1, 1, 28),
            (256, 256, 3, 2, 28), (256, 1024, 1, 1, 14), (512, 1024, 1, 2, 28),
            (1024, 256, 1, 1, 14), (256, 256, 3, 1, 14), (1024, 512, 1, 1, 14),
            (512, 512, 3, 2, 14), (512, 2048, 1, 1, 7), (1024, 2048, 1, 2, 14),
            (2048, 512, 1, 1, 7), (512, 512, 3, 1, 7)]

for _b in (1, 8):
    for _ci, _co, _kernel, _stride, _size in RESNET50:
        def _conv(lib, F, b=_b, ci=_ci, co=_co, kernel=_kernel, stride=_stride, size=_size):
            x, w = randn(lib, b, ci, size, size), randn(lib, co, ci, kernel, kernel)

            def run():
                with lib.inference_mode():
                    return F.conv2d(x, w, stride=stride, padding=kernel // 2)
            return run
        _out = (_size + _stride - 1) // _stride
        row("conv2d forward", f"B {_b}, {_ci}→{_co}, {_kernel}x{_kernel}/{_stride}, {_size}", 0.9,
            flops=2 * _b * _co * _ci * _kernel ** 2 * _out ** 2)(_conv)

for _ci, _co, _kernel, _stride, _size in RESNET50[2::5]:
    def _conv_backward(lib, F, ci=_ci, co=_co, kernel=_kernel, stride=_stride, size=_size):
        return grads_of(lib, lambda x, w: F.conv2d(x, w, stride=stride, padding=kernel // 2),
                        randn(lib, 8, ci, size, size), randn(lib, co, ci, kernel, kernel))
    row("conv2d forward and backward", f"B 8, {_ci}→{_co}, {_kernel}x{_kernel}/{_stride}, {_size}",
        0.9)(_conv_backward)


# ---- optimisers ---------------------------------------------------------------------------------

# 85 M parameters: the matrices, biases and norms of 12 transformer layers of d 768.
LAYER = [(2304, 768), (2304,), (768, 768), (768,), (3072, 768), (3072,), (768, 3072), (768,),
         (768,), (768,), (768,), (768,)]
_numel = 12 * sum(a * (b[0] if b else 1) for a, *b in LAYER)

for _name, _floor, _arguments in (("AdamW, torch's default", 1.5, {}),
                                  ("AdamW, torch with fused=True", 0.95, {"fused": True})):
    def _adamw(lib, F, arguments=_arguments):
        params = [randn(lib, *shape).requires_grad_() for shape in LAYER * 12]
        for p in params:
            p.grad = randn(lib, *p.shape)
        return lib.optim.AdamW(params, **arguments).step
    row("optimiser steps", f"{_name}, 85 M parameters", _floor, bytes=28 * _numel)(_adamw)


# ---- training steps -----------------------------------------------------------------------------

for _name, _floor, _step in STEPS:
    row("training steps", _name, _floor)(_step)
    row("training memory", _name, 1.0, memory=True)(_step)


# ---- AGIFORMER ----------------------------------------------------------------------------------

for _name, _floor, _setup in AGIFORMER:
    row("AGIFORMER", _name, _floor)(_setup)


# ---- overhead -----------------------------------------------------------------------------------

@row("overhead", "add of two one-element tensors, x 1,000", 2.0, ran="C++", program="overhead_bench")
@row("overhead", "add of two one-element tensors, x 1,000", 1.25)
def add_scalars(lib, F):
    a, b = lib.ones(1), lib.ones(1)

    def run():
        for _ in range(1000):
            a + b
    return run


@row("overhead", "1,000-op scalar chain, forward and backward", 1.5)
def chain(lib, F):
    x = lib.ones((), requires_grad=True)
    factor = lib.full((), 1.0001)

    def run():
        y = x
        for _ in range(1000):
            y = y * factor
        y.backward()
        x.grad = None
    return run
