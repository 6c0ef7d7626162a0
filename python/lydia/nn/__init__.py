"""Building blocks of networks."""
from . import functional  # noqa: F401
