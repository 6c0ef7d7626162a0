"""Readers and writers of data files (safetensors: lydia.safetensors). Files are untrusted: they are checked, and nothing in them is
ever run. Broken records are a CorruptRecord (a ValueError) that names the file and the place."""
import os

from ._C import _io

CorruptRecord, CsvFile, JsonLines, TextLines = _io.CorruptRecord, _io.CsvFile, _io.JsonLines, _io.TextLines

__all__ = ["CorruptRecord", "CsvFile", "JsonLines", "TextLines", "load_npy", "load_npz", "read_csv",
           "read_idx", "read_jsonl", "read_text", "save_npy", "save_npz"]


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
