"""The default generator's state."""
import contextlib

from ._C import (Generator, default_generator, get_rng_state, initial_seed, manual_seed,  # noqa: F401
                 seed, set_rng_state)

__all__ = ["default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed",
           "set_rng_state"]


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True):
    """Random numbers drawn inside the `with` block do not change those drawn after it."""
    if not enabled:
        yield
        return
    state = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(state)
