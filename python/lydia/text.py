"""Text: corpora split by document, characters as numbers, n-gram models."""
from ._C import _text
from ._C._text import CharVocab, NgramModel

__all__ = ["CharVocab", "NgramModel", "split_documents", "split_text"]


def split_documents(text):
    """The documents of a text: separated by blank lines, or one a line where there are none."""
    return _text.split_documents(text)


def split_text(text, one_in=10):
    """(train, held out) of a str or of bytes, by whole documents: about one in `one_in` is held out.

    The choice follows from a hash of the document, so equal documents fall on the same side.
    """
    return _text.split_text(text, one_in)
