"""Readers and writers of data files (safetensors: lydia.safetensors). Files are untrusted: they are checked, and nothing in them is
ever run. Broken records are a CorruptRecord (a ValueError) that names the file and the place."""
import os

from ._C import _io

ConlluRange, ConlluSentence, ConlluWord = _io.ConlluRange, _io.ConlluSentence, _io.ConlluWord
CorruptRecord, CsvFile, JsonLines, TextLines = _io.CorruptRecord, _io.CsvFile, _io.JsonLines, _io.TextLines

__all__ = ["ConlluRange", "ConlluSentence", "ConlluWord", "CorruptRecord", "CsvFile", "JsonLines",
           "TextLines", "load_npy", "load_npz", "load_sharded", "open_tokens", "read_conllu", "read_csv",
           "read_idx", "read_jsonl", "read_text", "save_npy", "save_npz", "save_sharded",
           "write_tokens"]


def read_idx(path):
    """The array of an IDX file (MNIST's format), gzip or not."""
    return _io.read_idx(os.fspath(path))


def load_npy(path, *, mmap=False):
    """The array of a .npy file; mmap=True: read-only, read when touched."""
    return _io.load_npy(os.fspath(path), mmap)


def save_npy(path, tensor):
    """Writes a .npy file that NumPy reads."""
    _io.save_npy(os.fspath(path), tensor)


def load_npz(path):
    """The arrays of a .npz file by their names."""
    return _io.load_npz(os.fspath(path))


def save_npz(path, tensors, *, compressed=False):
    """Writes a dict of tensors as a .npz file that NumPy reads."""
    _io.save_npz(os.fspath(path), dict(tensors), compressed)


def read_text(path, *, skip_blank=False, on_corrupt="stop"):
    """The lines of a text file in UTF-8, without their ends: a sequence of str, with where(i)."""
    return TextLines(os.fspath(path), skip_blank=skip_blank, on_corrupt=on_corrupt)


def read_jsonl(path, *, on_corrupt="stop", errors=None):
    """The values of a file of one JSON value a line, as a list.

    on_corrupt="skip" leaves out broken lines; their messages (the first 20) go to the list `errors`.
    """
    values, _, messages = _io.read_jsonl(os.fspath(path), on_corrupt)
    if errors is not None:
        errors += messages
    return values


def read_csv(path, *, delimiter=",", header=True, on_corrupt="stop"):
    """The records of a CSV file: a sequence of dicts by column, or of lists without a header."""
    return CsvFile(os.fspath(path), delimiter=delimiter, header=header, on_corrupt=on_corrupt)


def read_conllu(path, *, on_corrupt="stop", errors=None):
    """The sentences of a CoNLL-U treebank: words, ranges (multiword tokens), empty_nodes, comments.

    on_corrupt="skip" leaves out broken sentences; their messages (the first 20) go to `errors`.
    """
    if on_corrupt not in ("stop", "skip"):
        raise ValueError(f'read_conllu: expected on_corrupt "stop" or "skip", got {on_corrupt!r}')
    sentences, messages = _io.read_conllu(os.fspath(path), on_corrupt == "skip")
    if errors is not None:
        errors += messages
    return sentences


def open_tokens(path, dtype=None):
    """The tokens of a file as a read-only uint16 or uint32 tensor on the mapped file.

    Files of write_tokens, .npy files, and with a dtype files of bare tokens.
    """
    return _io.open_tokens(os.fspath(path), dtype)


def write_tokens(path, tokens):
    """Writes a 1-d tensor of ids, 2 bytes each where all fit and 4 otherwise."""
    _io.write_tokens(os.fspath(path), tokens)


def load_sharded(folder, *, mmap=False):
    """The tensors of a folder with model.safetensors.index.json, or with model.safetensors alone."""
    return _io.load_sharded(os.fspath(folder), mmap)


def save_sharded(folder, tensors, *, max_shard_size=5_000_000_000):
    """Writes a dict of tensors as model-0000i-of-0000n.safetensors and an index, as Hugging Face
    does; as model.safetensors alone where they fit one file of max_shard_size bytes."""
    _io.save_sharded(os.fspath(folder), dict(tensors), max_shard_size)
