"""Helpers around training."""
from . import checkpoint  # noqa: F401
