"""AGIFORMER: a decoder language model with a mixture of experts, memory, introspection and perception.

    model = AGIFORMER(vocab_size=256, d_model=256, n_layers=4, n_heads=4, d_ff=1024)
    logits, info = model(text=ids)
    ids = model.generate(ids, max_new_tokens=50, temperature=0.8)

docs/agiformer.md has the design. The model itself is C++ (lydia/models/agiformer).
"""
from . import utils
from ._model import AGIFORMER, MemoryState

__all__ = ["AGIFORMER", "MemoryState", "utils"]
