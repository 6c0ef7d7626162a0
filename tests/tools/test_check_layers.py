"""tools/check_layers finds each kind of breach, and names file and line (ctest runs it
on the repository itself as `layers`)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECK = ROOT / "tools" / "check_layers"


def check(root):
    result = subprocess.run([sys.executable, CHECK, "--root", root], capture_output=True, text=True)
    return result.returncode, result.stdout


def tree(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


HEADER = "// A header.\n"

BREACHES = [
    ({"lydia/core/a.h": HEADER + '#include "lydia/ops/b.h"\n', "lydia/ops/b.h": HEADER},
     "lydia/core/a.h:2: core may not include ops"),
    ({"lydia/ops/a.cc": '#include "lydia/cpu/b.h"\n', "lydia/cpu/b.h": HEADER},
     "lydia/ops/a.cc:1: ops may not include cpu"),
    ({"lydia/backend/a.cc": '#include "lydia/cpu/b.h"\n', "lydia/cpu/b.h": HEADER},
     "lydia/backend/a.cc:1: only backend/registry.cc names cpu"),
    ({"lydia/ops/a.cc": '#include "b.h"\n', "lydia/ops/b.h": HEADER},
     "lydia/ops/a.cc:1: \"b.h\": write includes from the repository root"),
    ({"lydia/ops/a.cc": '#include "lydia/core/gone.h"\n'},
     "lydia/ops/a.cc:1: \"lydia/core/gone.h\" does not exist"),
    ({"lydia/core/a.cc": '#include "cli/b.h"\n', "cli/b.h": HEADER},
     "lydia/core/a.cc:1: lydia may not include cli"),
    ({"lydia/ops/a.cc": "\n#include <omp.h>\n"}, "lydia/ops/a.cc:2: <omp.h> belongs to lydia/cpu"),
    ({"lydia/cpu/a.h": HEADER + "#include <dnnl.hpp>\n"},
     "lydia/cpu/a.h:2: <dnnl.hpp> belongs in .cc files"),
    ({"lydia/cpu/a.cc": "#include <Eigen/Dense>\n"},
     "lydia/cpu/a.cc:1: <Eigen/Dense> is not in the third-party table"),
    ({"lydia/cellar/a.cc": ""}, "lydia/cellar/a.cc:1: lydia/cellar is not a room"),
    ({"lydia/core/a.cc": "\n" * 501}, "lydia/core/a.cc:501: 501 lines"),
    ({"lydia/core/a.h": "#pragma once\n"}, "lydia/core/a.h:1: a header begins with a comment"),
]


@pytest.mark.parametrize("files, message", BREACHES, ids=[m.split(": ", 1)[1] for _, m in BREACHES])
def test_breach_is_found(tmp_path, files, message):
    status, output = check(tree(tmp_path, files))
    assert status == 1
    assert message in output
    assert output.endswith(" 1 findings\n")


def test_what_the_table_allows_passes(tmp_path):
    status, output = check(tree(tmp_path, {
        "lydia/core/a.h": HEADER + "#include <vector>\n",
        "lydia/nn/n.h": HEADER + '#include "lydia/core/a.h"\n',
        "lydia/serve/s.cc": '#include "lydia/nn/n.h"\n#include <sys/socket.h>\n',
        "lydia/cpu/k.cc": "#include <hwy/highway.h>\n#include <omp.h>\n",
        "lydia/cpu/simd_inl.h": HEADER + "#include <hwy/highway.h>\n",
        "lydia/backend/registry.cc": '#include "lydia/cpu/k.h"\n',
        "lydia/cpu/k.h": HEADER,
        "cli/main.cc": '#include "lydia/cpu/k.h"\n',
    }))
    assert (status, output) == (0, "check_layers: 8 files, 0 findings\n")
