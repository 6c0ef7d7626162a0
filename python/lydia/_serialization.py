"""lydia.save and lydia.load: nested Python data with tensors, in files that hold data alone.

A file is a safetensors file: each tensor by its place in the data ("model.weight"), so that other
programs read them, and the structure around them as JSON in the metadata string "lydia.save":

    {"version": 1, "root": node}
    node: null, true, a number, a string                      themselves
          {"list": [node]}, {"tuple": [...]}, {"set": [...]}, {"size": [...]}
          {"dict": [[node, node]]}, {"ordered_dict": [...]}   keys and values
          {"bytes": "base64"}, {"complex": [re, im]}, {"dtype": "float32"}, {"device": "cpu"}
          {"tensor": name, "requires_grad": bool}             and, for one of several views of the same
                                                              memory, "view": [sizes, strides, offset]
"""
import base64
import json
import os
from collections import OrderedDict

from . import _C
from ._C import Tensor, _io
from ._size import Size
from .safetensors import _open

_KEY, _VERSION = "lydia.save", 1
_MAX_DEPTH = 200
_SEQUENCES = {list: "list", tuple: "tuple", set: "set", Size: "size"}
_MAPPINGS = {dict: "dict", OrderedDict: "ordered_dict"}


class _Writer:
    """Turns an object into a node, and gathers its tensors."""

    def __init__(self):
        self.nodes = []  # (tensor, its node, its place)
        self._stack = []

    def node(self, x, path):
        """The node of x; `path` is its place, for names and messages."""
        kind = type(x)
        if x is None or kind in (bool, int, float, str):
            return x
        if isinstance(x, Tensor):
            return self._tensor(x, path)
        if kind in _SEQUENCES or kind in _MAPPINGS:
            return self._container(x, kind, path)
        if kind in (bytes, bytearray):
            return {"bytes": base64.b64encode(x).decode()}
        if kind is complex:
            return {"complex": [x.real, x.imag]}
        if kind is _C.dtype:
            return {"dtype": x.name}
        if kind is _C.device:
            return {"device": str(x)}
        raise TypeError("save: expected tensors, numbers, strings, bytes, lists, tuples, sets and dicts of "
                        f"them, got {kind.__module__}.{kind.__qualname__} at {'.'.join(path) or 'the top'}")

    def _container(self, x, kind, path):
        if len(path) > _MAX_DEPTH or id(x) in self._stack:
            raise ValueError(f"save: expected data at most {_MAX_DEPTH} deep that does not hold itself")
        self._stack.append(id(x))
        if kind in _SEQUENCES:
            out = {_SEQUENCES[kind]: [self.node(v, path + (str(i),)) for i, v in enumerate(x)]}
        else:
            out = {_MAPPINGS[kind]: [[self.node(k, path + ("key",)), self.node(v, path + (str(k),))]
                                     for k, v in x.items()]}
        self._stack.pop()
        return out

    def _tensor(self, t, path):
        node = {"tensor": None, "requires_grad": t.requires_grad}
        self.nodes.append((t.detach(), node, ".".join(path) or "tensor"))
        return node

    def tensors(self):
        """(name, tensor) pairs to write; completes the nodes. Memory is written once."""
        groups, pairs, used = {}, [], {"__metadata__"}
        for t, node, place in self.nodes:
            key = (t._storage_id(), t.dtype) if t.numel() else len(groups)
            groups.setdefault(key, []).append((t, node, place))
        for group in groups.values():
            first, _, place = group[0]
            name, n = place, 1
            while name in used:
                name, n = f"{place}#{n}", n + 1
            used.add(name)
            layouts = {_layout(t) for t, _, _ in group}
            low = 0
            if len(layouts) > 1:
                low, high = min(_first(t) for t, _, _ in group), max(_last(t) for t, _, _ in group)
                first = _C._whole_storage(first).narrow(0, low, high + 1 - low)
            pairs.append((name, first))
            for t, node, _ in group:
                node["tensor"] = name
                if len(layouts) > 1:
                    sizes, strides, offset = _layout(t)
                    node["view"] = [sizes, strides, offset - low]
        return pairs


def _layout(t):
    return tuple(t.shape), tuple(t.stride()), t.storage_offset()


def _first(t):
    return t.storage_offset() + sum((n - 1) * s for n, s in zip(t.shape, t.stride()) if s < 0)


def _last(t):
    return t.storage_offset() + sum((n - 1) * s for n, s in zip(t.shape, t.stride()) if s > 0)


def take_apart(obj):
    """What save() writes: (name, tensor) pairs, and the strings that hold the structure."""
    writer = _Writer()
    tree = {"version": _VERSION, "root": writer.node(obj, ())}
    pairs = writer.tensors()
    return pairs, {_KEY: json.dumps(tree, separators=(",", ":"))}


def save(obj, f):
    """Writes `obj` to a path, atomically, or to an open binary file.

    `obj` may hold tensors, numbers, strings, bytes, None, dtypes, devices, and lists, tuples, sets and
    dicts of them; TypeError for anything else. Tensors that share memory share it again after
    loading. Gradients and hooks are not kept.
    """
    pairs, metadata = take_apart(obj)
    if hasattr(f, "write"):
        f.write(_io.pack(pairs, metadata))
    else:
        _io.save(os.fspath(f), pairs, metadata)


class _Reader:
    """Turns nodes back into objects; ValueError for what save() does not write."""

    def __init__(self, tensor, label, map, device):
        """tensor(name, map): the stored tensor of that name."""
        self._stored_tensor, self._label, self._map, self._device = tensor, label, map, device
        self._stored, self._whole = {}, {}

    def bad(self, what):
        """The error for a broken file."""
        return ValueError(f"load: {self._label}: {what}")

    def whole(self, text):
        """The object that a structure describes."""
        try:
            tree = json.loads(text)
            if tree["version"] != _VERSION:
                raise self.bad(f"expected version {_VERSION} of the format, got {tree['version']!r}")
            return self.object(tree["root"])
        except NotImplementedError:  # a dtype or device this machine has not
            raise
        except (ValueError, TypeError, LookupError, RuntimeError, OverflowError) as error:
            if str(error).startswith("load: "):
                raise
            raise self.bad(f"the structure is broken ({error})") from None

    def object(self, node):
        """The object of a node."""
        if node is None or isinstance(node, (bool, int, float, str)):
            return node
        if not isinstance(node, dict):
            raise self.bad(f"expected a node of the structure, got {type(node).__name__}")
        if "tensor" in node:
            return self._tensor(**node)
        (kind, value), = node.items()
        for table in (_SEQUENCES, _MAPPINGS):
            for make, name in table.items():
                if name == kind:
                    return make(self._items(value, table is _MAPPINGS))
        if kind == "bytes":
            return base64.b64decode(value, validate=True)
        if kind == "complex":
            return complex(*value)
        if kind == "dtype":
            return _C.dtype[value]
        if kind == "device":
            return _C.device(value)
        raise self.bad(f"expected a known kind of node, got {kind!r}")

    def _items(self, nodes, pairs):
        if not pairs:
            return [self.object(n) for n in nodes]
        return [(self.object(k), self.object(v)) for k, v in nodes]

    def _tensor(self, tensor, requires_grad, view=None):
        if view is None:
            key = (tensor, requires_grad)
            if key not in self._whole:  # the same tensor in two places stays the same
                self._whole[key] = self._finished(self._load(tensor), requires_grad)
            return self._whole[key]
        sizes, strides, offset = view
        return self._finished(self._load(tensor).as_strided(sizes, strides, offset).detach(), requires_grad)

    def _load(self, name):
        if name not in self._stored:
            self._stored[name] = self._stored_tensor(name, self._map).to(self._device)
        return self._stored[name].detach()

    @staticmethod
    def _finished(t, requires_grad):
        return t.requires_grad_() if requires_grad else t


def _parse(f):
    if hasattr(f, "read"):
        data, label = bytes(f.read()), getattr(f, "name", "the file")
        _refuse_pickles(data[:4], label)
        return _io.File.parse(data, str(label)), str(label)
    path = os.fspath(f)
    if os.path.isfile(path):
        with open(path, "rb") as file:
            _refuse_pickles(file.read(4), path)
    return _open(path), path


def _refuse_pickles(start, label):
    if start[:2] == b"PK" or start[:1] == b"\x80":
        raise ValueError(f"load: {label}: expected a file of lydia.save or safetensors, got a zip archive or "
                         "pickle, as torch.save writes; save it from torch as safetensors")


def load(f, map_location=None, *, weights_only=True, mmap=None):
    """The object in a file that save() wrote, or the dict of tensors in any safetensors file.

    f: a path or an open binary file. map_location: the device of all tensors (a device or its name).
    mmap=True: read-only tensors on the mapped file. `weights_only` is there for torch's sake: whatever
    it is, loading runs no code and makes nothing but data. FileNotFoundError, OSError; ValueError for a
    file that is broken or of another kind.
    """
    if map_location is not None and not isinstance(map_location, (str, _C.device)):
        raise NotImplementedError("load: expected map_location to be a device or its name, got "
                                  f"{type(map_location).__name__}")
    file, label = _parse(f)
    text = file.metadata().get(_KEY)
    reader = _Reader(file.tensor, label, bool(mmap), map_location or "cpu")
    if text is None:
        return {name: reader._load(name) for name in file.names()}
    return reader.whole(text)


def put_together(tensors, strings, label):
    """The object of take_apart(); the tensors by name where the strings hold no structure."""
    text = strings.get(_KEY)
    return tensors if text is None else _Reader(lambda name, map: tensors[name], label, False, "cpu").whole(text)
