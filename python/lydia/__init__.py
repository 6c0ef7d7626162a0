"""lydia: tensors, autograd and models that run on your own machine.

Names, arguments and defaults follow PyTorch, so that a torch user changes only the import.
"""
from ._C import *  # noqa: F401,F403
from ._C import __version__, dtype as _dtype
from . import _tensor, _methods, _constructors, _copying, _repr  # adds the methods written in Python
from ._tensor import tensor, as_tensor, from_numpy
from ._methods import from_dlpack, to_dlpack, UntypedStorage
from ._repr import set_printoptions, get_printoptions
from ._size import Size
from ._constructors import (BFloat16Tensor, BoolTensor, ByteTensor, CharTensor, DoubleTensor, FloatTensor,
                            HalfTensor, IntTensor, LongTensor, ShortTensor)
from ._info import finfo, iinfo
from ._grad_mode import no_grad, enable_grad, inference_mode, set_grad_enabled
from ._serialization import load, save
from . import agiformer, amp, audio, autograd, config, cuda, io, metrics, nn, optim, profiler, safetensors
from . import language, report, testing, text, train, utils, vision
from .amp import autocast

bool, uint8, uint16, uint32, uint64 = _dtype.bool, _dtype.uint8, _dtype.uint16, _dtype.uint32, _dtype.uint64
int8, int16, int32, int64 = _dtype.int8, _dtype.int16, _dtype.int32, _dtype.int64
float16, bfloat16, float32, float64 = _dtype.float16, _dtype.bfloat16, _dtype.float32, _dtype.float64
float, double, half, long, int, short = float32, float64, float16, int64, int32, int16

from . import fft, linalg, random, special
from . import _products, _shapes, _signal, _statistics
from .nn.functional import (alpha_dropout, bilinear, celu, celu_, channel_shuffle, cosine_embedding_loss,
                            cosine_similarity, hardshrink, hinge_embedding_loss, margin_ranking_loss,
                            pairwise_distance, poisson_nll_loss, prelu, selu, selu_, triplet_margin_loss)

for _chapter in (_products, _shapes, _signal, _statistics):
    for _name in _chapter.NAMES:
        globals()[_name] = getattr(_chapter, _name)
for _name in _shapes.IN_PLACE:
    globals().setdefault(_name, _shapes.in_place_function(_name))
from math import e, inf, nan, pi
newaxis = None
from . import array_api
