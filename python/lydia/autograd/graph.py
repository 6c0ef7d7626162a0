"""The recorded graph as text, and hooks on what it saves."""
from .. import _C


def to_dot(tensors, names=None):
    """The graph behind a tensor (or several) for Graphviz. `names` maps names to tensors."""
    return _C._to_dot(tensors, dict(names or {}))


def to_mermaid(tensors, names=None):
    """The graph behind a tensor (or several) as a Mermaid diagram."""
    return _C._to_mermaid(tensors, dict(names or {}))


class saved_tensors_hooks(_C._SavedTensorsHooks):
    """Inside the block, pack_hook(tensor) replaces what ops save for backward, and
    unpack_hook(packed) must give the tensor back when backward asks for it."""
