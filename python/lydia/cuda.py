"""The seam for GPUs: says whether there is one, and why not."""
from . import _C


def is_available():
    """True where lydia was built with CUDA and a GPU answers."""
    return _C._cuda_available()


def device_count():
    """The number of GPUs lydia can use."""
    return 1 if is_available() else 0


def status():
    """One line: which GPU there is, or why none can be used."""
    return _C._cuda_status()


def manual_seed(seed):
    """Seeds the GPU's generator; without a GPU nothing, as in torch."""


manual_seed_all = manual_seed


def synchronize(device=None):
    """Waits for the GPU's work. NotImplementedError where there is none."""
    if not is_available():
        raise NotImplementedError(f"synchronize: {status()}")
