"""The `lydia` command: version, help, wrong use (status 2, one line, the nearest name), doctor."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def lydia(*args, **options):
    return subprocess.run([os.environ["LYDIA_BIN"], *args], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, **options)


def test_version_is_the_one_of_cmake():
    stated = re.search(r"project\(lydia VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    result = lydia("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"lydia {stated}\n", "")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_every_command(option):
    result = lydia(option)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: lydia <command>")
    assert "doctor" in result.stdout


def test_no_command_prints_the_help_as_an_error():
    result = lydia()
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: lydia <command>")


@pytest.mark.parametrize("args, message", [
    (["dcotor"], "lydia: expected a command (see lydia --help), got 'dcotor'; "
                 "did you mean 'doctor'?\n"),
    (["--verion"], "lydia: expected a command (see lydia --help), got '--verion'; "
                   "did you mean '--version'?\n"),
    (["xyzzyx"], "lydia: expected a command (see lydia --help), got 'xyzzyx'\n"),
    ([""], "lydia: expected a command (see lydia --help), got ''\n"),
    (["a\nb"], "lydia: expected a command (see lydia --help), got 'a?b'\n"),
    (["doctor", "--jsn"], "lydia doctor: expected no argument or --json, got '--jsn'; "
                          "did you mean '--json'?\n"),
    (["doctor", "now"], "lydia doctor: expected no argument or --json, got 'now'\n"),
])
def test_wrong_use(args, message):
    result = lydia(*args)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", message)


def test_doctor_json_agrees_with_linux():
    report = json.loads(lydia("doctor", "--json").stdout)
    assert list(report) == ["lydia", "cpu", "memory", "gpu", "libraries"]
    assert report["cpu"]["cores"] == len(os.sched_getaffinity(0))
    flags = set(re.search(r"^flags\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)[1].split())
    assert report["cpu"]["isa"]["AVX2"] == ({"avx2", "fma", "f16c"} <= flags)
    assert report["cpu"]["isa"]["AMX"] == ({"amx_tile", "amx_int8", "amx_bf16"} <= flags)
    total = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    assert report["memory"]["total"] == total * 1024
    assert report["gpu"]["usable"] is False and report["gpu"]["reason"]
    assert {"oneDNN", "Highway", "OpenMP", "LAPACK", "glibc"} <= set(report["libraries"])
    assert "lapack" in Path(report["libraries"]["LAPACK"].split(", ")[1]).name


def test_doctor_text_tells_the_same_facts():
    report = json.loads(lydia("doctor", "--json").stdout)
    text = lydia("doctor").stdout
    for section, facts in report.items():
        assert re.search(rf"^{section}$", text, re.M)
        for key in facts:
            assert re.search(rf"^  {re.escape(key)} +\S", text, re.M), key
    assert report["gpu"]["reason"] in text


def test_doctor_uses_the_threads_it_is_told():
    env = dict(os.environ, LYDIA_NUM_THREADS="3")
    assert json.loads(lydia("doctor", "--json", env=env).stdout)["cpu"]["threads"] == 3


def test_a_bad_thread_count_is_an_error():
    result = lydia("doctor", env=dict(os.environ, LYDIA_NUM_THREADS="many"))
    assert result.returncode == 2
    assert "LYDIA_NUM_THREADS" in result.stderr and result.stderr.count("\n") == 1


def test_output_that_cannot_be_written_is_an_error():
    with open("/dev/full", "w") as full:
        result = subprocess.run([os.environ["LYDIA_BIN"], "--version"], stdout=full,
                                stderr=subprocess.PIPE, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (1, "lydia: the output could not be written\n")
