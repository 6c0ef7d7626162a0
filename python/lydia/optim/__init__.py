"""Optimisers with torch's names, arguments and defaults; each step is one fused pass."""
from . import lr_scheduler
from .optimizer import Optimizer
from ._optimizers import SGD, Adam, AdamW, RMSprop, Adagrad, Adafactor, Lion

__all__ = ["lr_scheduler", "Optimizer", "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adafactor", "Lion"]
