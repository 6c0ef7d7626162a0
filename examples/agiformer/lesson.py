"""Under --quick the examples' models are small: the documented sizes take gigabytes and minutes."""
import sys

import lydia.agiformer
from lydia.agiformer import AGIFORMER

QUICK = "--quick" in sys.argv
SMALL = dict(d_model=64, n_layers=2, n_heads=4, d_ff=128, memory_size=100, max_seq_len=128, vision_width=48)


class _Small(AGIFORMER):
    """AGIFORMER with small sizes, whatever is asked for."""

    def __init__(self, **settings):
        super().__init__(**{**settings, **SMALL})


if QUICK:
    lydia.agiformer.AGIFORMER = _Small
lydia.manual_seed(0)
