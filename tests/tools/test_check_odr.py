"""tools/check_odr finds one name with two bodies, and nothing where the names are kept apart."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_odr"


def check(tmp_path, sources):
    folder = tmp_path / "CMakeFiles" / "room.dir"
    folder.mkdir(parents=True)
    for name, text in sources.items():
        (tmp_path / name).write_text(text)
        subprocess.run(["g++", "-g", "-c", name, "-o", folder / f"{name}.o"], cwd=tmp_path,
                       check=True)
    result = subprocess.run([sys.executable, CHECK, tmp_path], capture_output=True, text=True)
    return result.returncode, result.stdout


A = "template <class T> T f(T x) { return x; }\nint a() { return f(1); }\n"
B = "\ntemplate <class T> T f(T x) { return -x; }\nint b() { return f(1); }\n"


def test_a_clash_names_both_places(tmp_path):
    status, output = check(tmp_path, {"a.cc": A, "b.cc": B})
    assert status == 1
    assert output.startswith("int f<int>(int)\n")
    assert "a.cc:1\n" in output and "b.cc:2\n" in output
    assert output.endswith("2 objects, 1 clashes\n")


@pytest.mark.parametrize("apart", [f"namespace {{ {A} }}", A.replace("f", "g")])
def test_names_kept_apart_pass(tmp_path, apart):
    assert check(tmp_path, {"a.cc": apart, "b.cc": B}) == (
        0, "check_odr: 2 objects, 0 clashes\n")


def test_a_function_of_a_header_passes(tmp_path):
    (tmp_path / "f.h").write_text(A.split("\n")[0])
    user = '#include "f.h"\nint {0}() {{ return f(1); }}\n'
    status, output = check(tmp_path, {"a.cc": user.format("a"), "b.cc": "\n" + user.format("b")})
    assert status == 0, output


def test_an_empty_build_folder_is_no_success(tmp_path):
    assert check(tmp_path, {})[0] == 1
