"""Under --quick the examples' models are small: the documented sizes take gigabytes and minutes."""
import os
import sys
import tempfile

import lydia.agiformer
from lydia.agiformer import AGIFORMER

QUICK = "--quick" in sys.argv
SMALL = dict(d_model=64, n_layers=2, n_heads=4, d_ff=128, memory_size=100, max_seq_len=128, vision_width=48)


class _Small(AGIFORMER):
    """AGIFORMER with small sizes, whatever is asked for."""

    def __init__(self, **settings):
        super().__init__(**{**settings, **SMALL})


def make_tokenizer(path):
    """Trains a small MorphoPiece and saves it at `path`, below a temporary folder that becomes the
    current one."""
    from lydia.language import MorphoPieceTokenizer
    os.chdir(tempfile.mkdtemp())
    sentences = ["Merhaba dünya.", "Bu bir test metnidir.", "Yeni belgeler açtık ve kaydettik."]
    MorphoPieceTokenizer.train(iterator=sentences * 10, vocab_size=1500, hunspell=False).save(path)


if QUICK:
    lydia.agiformer.AGIFORMER = _Small
lydia.manual_seed(0)
