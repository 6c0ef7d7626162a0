"""The layers of lydia.nn."""
from .container import ModuleDict, ModuleList, ParameterList, Sequential  # noqa: F401
from .linear import Bilinear, Embedding, Identity, Linear  # noqa: F401
from .module import Module  # noqa: F401
