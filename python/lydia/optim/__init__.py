"""Optimisers with torch's names, arguments and defaults; each step is one fused pass."""
from .optimizer import Optimizer
from ._optimizers import SGD, Adam, AdamW, RMSprop, Adagrad, Lion

__all__ = ["Optimizer", "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Lion"]
