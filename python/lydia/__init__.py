"""lydia: tensors, autograd and models that run on your own machine.

Names, arguments and defaults follow PyTorch, so that a torch user changes only the import.
"""
from ._C import *  # noqa: F401,F403
from ._C import __version__, dtype as _dtype
from . import _tensor, _methods, _copying, _repr  # adds the methods written in Python
from ._tensor import tensor, as_tensor, from_numpy
from ._methods import from_dlpack, to_dlpack, UntypedStorage
from ._repr import set_printoptions, get_printoptions
from ._size import Size
from ._info import finfo, iinfo
from ._grad_mode import no_grad, enable_grad, inference_mode, set_grad_enabled
from ._serialization import load, save
from . import amp, audio, autograd, config, cuda, io, metrics, nn, optim, profiler, safetensors
from . import testing, train, utils, vision
from .amp import autocast

for _member in _dtype:
    globals()[_member.name] = _member
float, double, half, long, int, short = float32, float64, float16, int64, int32, int16  # noqa: F821
del _member

from . import fft, linalg, random, special
from . import _products, _shapes, _statistics
from .nn.functional import (alpha_dropout, bilinear, celu, celu_, channel_shuffle, cosine_embedding_loss,
                            cosine_similarity, hardshrink, hinge_embedding_loss, margin_ranking_loss,
                            pairwise_distance, poisson_nll_loss, prelu, selu, selu_, triplet_margin_loss)

for _chapter in (_products, _shapes, _statistics):
    for _name in _chapter.NAMES:
        globals()[_name] = getattr(_chapter, _name)
for _name in _shapes.IN_PLACE:
    globals().setdefault(_name, _shapes.in_place_function(_name))
from math import e, inf, nan, pi
newaxis = None
from . import array_api
