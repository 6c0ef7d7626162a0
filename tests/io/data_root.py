"""Where the real data lies: LYDIA_DATA, else ../shared/data beside the repository."""
import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("LYDIA_DATA", Path(__file__).resolve().parents[2].parent / "shared/data"))


def real(path):
    """The path of a file of the real data; the test is skipped, and says so, where it is missing."""
    if not (ROOT / path).exists():
        pytest.skip(f"real data: {ROOT / path} is not there (set LYDIA_DATA)")
    return ROOT / path
