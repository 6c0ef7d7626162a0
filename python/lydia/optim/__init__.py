"""Optimisers with torch's names, arguments and defaults; each step is one fused pass."""
from . import lr_scheduler, swa_utils
from .optimizer import Optimizer
from ._optimizers import SGD, Adam, AdamW, RMSprop, Adagrad, Adafactor, Lion

__all__ = ["lr_scheduler", "swa_utils", "Optimizer", "SGD", "Adam", "AdamW", "RMSprop", "Adagrad",
           "Adafactor", "Lion"]
