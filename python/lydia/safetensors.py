"""safetensors files (github.com/huggingface/safetensors): named tensors and a few strings that load
without running anything. Names follow Hugging Face's package.

    lydia.safetensors.save_file({"weight": w}, "model.safetensors", metadata={"epoch": "3"})
    weights = lydia.safetensors.load_file("model.safetensors")
    with lydia.safetensors.safe_open("model.safetensors", framework="pt") as f:
        w = f.get_tensor("weight")

Files are untrusted: what breaks the format is a ValueError that says where. Writing is atomic: the
path holds the old file or the new one, whole.
"""
import os

from . import _C
from ._C import Tensor, _io

__all__ = ["load", "load_file", "safe_open", "save", "save_file"]


def _open(path):
    """The file at `path`; FileNotFoundError, an OSError, where there is none."""
    path = os.fspath(path)
    try:
        return _io.File.open(path)
    except OSError as error:
        if not os.path.exists(path):
            raise FileNotFoundError(str(error)) from None
        raise


def _pairs(op, tensors):
    if not isinstance(tensors, dict):
        raise TypeError(f"{op}: expected a dict of tensors, got {type(tensors).__name__}")
    for name, t in tensors.items():
        if not isinstance(name, str) or not isinstance(t, Tensor):
            raise TypeError(f"{op}: expected tensors by name, got {type(t).__name__} at {name!r}")
    return [(name, t.detach()) for name, t in tensors.items()]


def save_file(tensors, filename, metadata=None):
    """Writes a dict of name -> tensor, and of strings, to a file, whole or not at all.

    Any strides will do; tensors that share memory are each written. OSError where the system refuses.
    """
    _io.save(os.fspath(filename), _pairs("save_file", tensors), dict(metadata or {}))


def save(tensors, metadata=None):
    """The same as bytes."""
    return _io.pack(_pairs("save", tensors), dict(metadata or {}))


def _all(file, device, map):
    return {name: file.tensor(name, map).to(device) for name in file.names()}


def load_file(filename, device="cpu", *, mmap=False):
    """The tensors of a file by name. mmap=True: read-only tensors on the mapped file, read from the
    disk as they are touched.

    FileNotFoundError, OSError, ValueError for a file that breaks the format, NotImplementedError for
    dtypes that lydia has not.
    """
    return _all(_open(filename), device, mmap)


def load(data):
    """The tensors in the bytes of a file, by name."""
    return _all(_io.File.parse(bytes(data), "load"), "cpu", False)


class _Slice:
    """A tensor of an open file, of which s[...] reads a part."""

    def __init__(self, file, name, device):
        self._file, self._name, self._device = file, name, device
        file.shape(name)  # a KeyError now rather than later

    def get_shape(self):
        """The sizes, as a list."""
        return self._file.shape(self._name)

    def get_dtype(self):
        """The dtype as the format writes it, such as 'F32'."""
        return self._file.dtype(self._name)

    def __getitem__(self, key):
        return self._file.tensor(self._name, True)[key].clone().to(self._device)


class safe_open:
    """Opens a file for reading one tensor at a time; a context manager.

    framework: "pt" (or "lydia"); other frameworks' arrays are not made here.
    """

    def __init__(self, filename, framework="pt", device="cpu"):
        if framework not in ("pt", "torch", "pytorch", "lydia"):
            raise ValueError(f"safe_open: expected framework 'pt' or 'lydia', got {framework!r}")
        self._file = _open(filename)
        self._device = _C.device(device) if isinstance(device, str) else device

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file = None

    def _opened(self):
        if self._file is None:
            raise ValueError("safe_open: the file is closed")
        return self._file

    def keys(self):
        """The names of the tensors, sorted."""
        return sorted(self._opened().names())

    def offset_keys(self):
        """The names of the tensors, in the order of their data."""
        return self._opened().names()

    def metadata(self):
        """The file's strings as a dict; None where it has none."""
        return self._opened().metadata() or None

    def get_tensor(self, name):
        """A tensor of its own. KeyError where the file has none of that name."""
        return self._opened().tensor(name, False).to(self._device)

    def get_slice(self, name):
        """An object of which s[...] reads a part of the tensor, with get_shape() and get_dtype()."""
        return _Slice(self._opened(), name, self._device)
