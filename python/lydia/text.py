"""Text: tokenizers, corpora split by document, characters as numbers, n-gram models."""
from ._C import _text
from ._C._text import CharVocab, NgramModel
from ._encodings import AddedToken, BatchEncoding, Encoding
from ._tokenizer import DecodeStream, MorphoPieceTokenizer

__all__ = ["AddedToken", "BatchEncoding", "CharVocab", "DecodeStream", "Encoding", "MORPH_TYPES",
           "MorphoPieceTokenizer", "NgramModel", "SEMANTIC_CATEGORIES", "split_documents",
           "split_text"]

# The names of morpho_types and of semantic_categories.
MORPH_TYPES = tuple(_text.morph_type_names())
SEMANTIC_CATEGORIES = tuple(_text.semantic_category_names())


def split_documents(text):
    """The documents of a text: separated by blank lines, or one a line where there are none."""
    return _text.split_documents(text)


def split_text(text, one_in=10):
    """(train, held out) of a str or of bytes, by whole documents: about one in `one_in` is held out.

    The choice follows from a hash of the document, so equal documents fall on the same side.
    """
    return _text.split_text(text, one_in)
