"""state_dict and load_state_dict of modules, and modules in files."""
import collections
import os

from ... import _C
from ..._C import Tensor
from ..._grad_mode import no_grad
from ..parameter import Parameter

IncompatibleKeys = collections.namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])


def entries(module, prefix=""):
    """(key, store, name) of everything in the state, in its order; store[name] is the tensor."""
    for name, value in module._parameters.items():
        if value is not None:
            yield prefix + name, module._parameters, name
    for name, value in module._buffers.items():
        if value is not None and name not in module._non_persistent_buffers_set:
            yield prefix + name, module._buffers, name
    for name, child in module._modules.items():
        if child is not None:
            yield from entries(child, f"{prefix}{name}.")


def _same_memory(a, b):
    return (a._storage_id() == b._storage_id() and a.dtype == b.dtype and a.shape == b.shape
            and a.stride() == b.stride() and a.storage_offset() == b.storage_offset())


def _listed(what, names):
    return [f"{what}: {', '.join(names)}"] if names else []


def _compare(own, state):
    """Missing keys, unexpected keys and wrong shapes. A tied key is missing only when no key of
    its tensor is there."""
    missing, wrong = [], []
    present = [store[name] for key, store, name in own if key in state]
    for key, store, name in own:
        value = store[name]
        if key not in state:
            if not any(_same_memory(value, other) for other in present):
                missing.append(key)
        elif not isinstance(state[key], Tensor):
            wrong.append(f"{key} (expected a tensor, got {type(state[key]).__name__})")
        elif state[key].shape != value.shape:
            wrong.append(f"{key} (expected {list(value.shape)}, got {list(state[key].shape)})")
    known = {key for key, _, _ in own}
    return missing, [key for key in state if key not in known], wrong


def load_state(module, state, strict, assign):
    """Copies (or, with assign, puts) the tensors of a state into a module."""
    own = list(entries(module))
    missing, unexpected, wrong = _compare(own, state)
    if wrong or strict and (missing or unexpected):
        parts = (_listed("missing keys", missing) + _listed("unexpected keys", unexpected)
                 + _listed("wrong shapes", wrong))
        raise RuntimeError(f"load_state_dict: {type(module).__name__}: {'; '.join(parts)}")
    with no_grad():
        for key, store, name in own:
            if key not in state:
                continue
            if not assign:
                store[name].copy_(state[key])
            elif isinstance(store[name], Parameter):
                store[name] = Parameter(state[key], store[name].requires_grad)
            else:
                store[name] = state[key].detach()
    return IncompatibleKeys(missing, unexpected)


def save_model(module, path, metadata=None):
    """Writes module.state_dict() to a safetensors file, atomically.

    Tensors that several names share are written once; the metadata then has "tied:<name>".
    """
    _C._save_state(list(module.state_dict().items()), os.fspath(path), dict(metadata or {}))


def load_state_file(path):
    """The state_dict of a safetensors file, tied names included."""
    return dict(_C._load_state(os.fspath(path)))


def load_model(module, path, strict=True):
    """module.load_state_dict of a safetensors file, also of one that leaves tied names out."""
    return module.load_state_dict(load_state_file(path), strict=strict)
