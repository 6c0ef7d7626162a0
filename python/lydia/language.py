"""Turkish for AGIFORMER: the tokenizer as its documents call it."""
from . import _tokenizer

__all__ = ["MorphoPieceTokenizer"]


class MorphoPieceTokenizer(_tokenizer.MorphoPieceTokenizer):
    """lydia.text.MorphoPieceTokenizer whose tokenize() gives ids."""

    def tokenize(self, text, pair=None, add_special_tokens=False, mode=None):
        """The ids of a text, or of two."""
        return self.encode(text, pair, add_special_tokens, mode=mode).ids
