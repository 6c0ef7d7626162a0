"""Building blocks of networks: modules, layers, losses, first values; torch.nn's names."""
from . import functional, init, modules, utils  # noqa: F401
from ._summary import summary  # noqa: F401
from .modules import *  # noqa: F401,F403
from .modules.state import load_model, load_state_file, save_model  # noqa: F401
from .parameter import Parameter  # noqa: F401
