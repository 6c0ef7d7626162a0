"""`python -m lydia`, and the `lydia` command of the installed package: runs the lydia binary."""

import os
import sys
from pathlib import Path


def main():
    package = Path(__file__).parent
    # Installed, the binary lies in the package; in a build tree, at the top of it.
    for binary in (package / "lydia", package.parents[1] / "lydia"):
        if binary.is_file():
            os.execv(binary, ["lydia", *sys.argv[1:]])
    sys.exit("lydia: the binary is missing from this installation")


if __name__ == "__main__":
    main()
