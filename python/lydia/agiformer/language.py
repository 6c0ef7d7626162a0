"""The tokenizer where the AGIFORMER documentation imports it from; it lives in lydia.language."""
from ..language import MorphoPieceTokenizer

__all__ = ["MorphoPieceTokenizer"]
