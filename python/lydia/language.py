"""Turkish for AGIFORMER: the tokenizer as its documents call it."""
from . import _tokenizer

__all__ = ["MorphoPieceTokenizer"]


class MorphoPieceTokenizer(_tokenizer.MorphoPieceTokenizer):
    """lydia.text.MorphoPieceTokenizer whose tokenize() gives ids."""

    def tokenize(self, text, add_special_tokens=False, mode=None):
        """The ids of a text."""
        return self.encode(text, add_special_tokens=add_special_tokens, mode=mode).ids
