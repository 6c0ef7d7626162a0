"""`lydia atlas run` and what belongs to it, as a user calls them: kills, people, SBOMs, bad input."""
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

ROUNDS = int(os.environ.get("LYDIA_FUZZ_ROUNDS", "1"))


def atlas(folder, *args, check=None, env=None):
    result = subprocess.run([os.environ["LYDIA_BIN"], "atlas", *map(str, args)], cwd=folder,
                            capture_output=True, text=True, timeout=120,
                            env={**os.environ, "LANG": "C", **(env or {})})
    if check is not None:
        assert result.returncode == check, result.stdout + result.stderr
    return result


def task(name, command, *, inputs=(), outputs=True, more=""):
    """One task whose shell command leaves a mark when it has ended well."""
    lines = [f"  {name}:", "    parent: g"]
    if inputs:
        ports = ", ".join(f"i{k}: {{from: {source}}}" for k, source in enumerate(inputs))
        lines.append(f"    in: {{{ports}}}")
    if outputs:
        lines.append(f"    out: {{o: out/{name}.txt}}")
    command = command.replace("\\", "\\\\").replace('"', '\\"')
    lines.append(f'    run: [sh, -c, "set -e; {command}; echo x >> {{root}}/marks.{name}"]')
    lines.append('    check: [[test, -s, "{out.o}"]]' if outputs else '    check: [["true"]]')
    return "\n".join(lines) + "\n" + more


def write_plan(folder, tasks, head=""):
    groups = """groups:
  m: {kind: main, title: Test}
  s: {kind: sub, parent: m, title: Test}
  k: {kind: macro, parent: s, title: Test}
  g: {kind: micro, parent: k, title: Test}
"""
    (folder / "plan.yaml").write_text(f"atlas: 1\n{head}{groups}tasks:\n{tasks}")


def random_dag(folder, seed):
    """A plan of small tasks, each a function of those before it."""
    rng = random.Random(seed)
    tasks = ""
    for i in range(rng.randrange(4, 12)):
        inputs = [f"T{j}.o" for j in range(i) if rng.random() < 0.3]
        read = "cat " + " ".join(f"{{in.i{k}}}" for k in range(len(inputs))) if inputs else "true"
        pause = rng.choice(("0", "0", "0.02", "0.05"))
        tasks += task(f"T{i}", f"sleep {pause}; ({read}; echo {seed}.{i}) | cksum > {{out.o}}",
                      inputs=inputs)
    write_plan(folder, tasks)


def outputs(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "out").glob("*.txt"))}


def marks(folder):
    return {path.name: len(path.read_text().split()) for path in folder.glob("marks.*")}


@pytest.mark.parametrize("seed", range(4 * ROUNDS))
def test_random_dags_survive_kill_9(tmp_path, seed):
    """Whenever the driver dies, the resumed run ends as an uninterrupted one; nothing that has
    ended well runs again; no half-written output is ever in place."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
        random_dag(folder, seed)
    atlas(whole, "run", "--cpu", 4, check=0)
    expected = outputs(whole)
    rng = random.Random(seed + 1000)
    for _ in range(rng.randrange(1, 4)):
        driver = subprocess.Popen([os.environ["LYDIA_BIN"], "atlas", "run", "--cpu", "4"],
                                  cwd=killed, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.01, 0.3))
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        for name, content in outputs(killed).items():
            assert content == expected[name]
    atlas(killed, "run", "--cpu", 4, check=0)
    assert outputs(killed) == expected
    assert set(marks(killed).values()) == {1}
    last = atlas(killed, "run", "--json", check=0).stdout.splitlines()[-1]
    assert json.loads(last)["tasks"] == {"cached": len(expected)}


@pytest.mark.parametrize("seed", range(2 * ROUNDS))
def test_tasks_killed_with_all_their_processes(tmp_path, seed):
    """SIGKILL to everything, tasks too: what was not recorded runs again, the results are equal."""
    random_dag(tmp_path, 77 + seed)
    rng = random.Random(seed)
    for _ in range(3):
        driver = subprocess.Popen([os.environ["LYDIA_BIN"], "atlas", "run", "--cpu", "4"],
                                  cwd=tmp_path, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.02, 0.2))
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(driver.pid)],
                               capture_output=True, text=True).stdout.split()
        driver.send_signal(signal.SIGKILL)
        for pid in found:
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        driver.wait()
    atlas(tmp_path, "run", check=0)
    whole = tmp_path / "whole"
    whole.mkdir()
    random_dag(whole, 77 + seed)
    atlas(whole, "run", check=0)
    assert outputs(tmp_path) == outputs(whole)


def test_dry_run_why_status_and_json(tmp_path):
    write_plan(tmp_path, task("A", "cat {in.i0} > {out.o}", inputs=["inputs.text"])
               + task("B", "cat {in.i0} > {out.o}", inputs=["A.o"]),
               "inputs:\n  text: {path: text.txt}\n")
    (tmp_path / "text.txt").write_text("bir")
    assert "would run: it never has" in atlas(tmp_path, "run", "--dry-run", check=0).stdout
    assert not (tmp_path / "out").exists()
    events = [json.loads(line) for line in atlas(tmp_path, "run", "--json", check=0).stdout.splitlines()]
    assert [e["state"] for e in events if e.get("task") == "A"] == ["running", "done"]
    assert events[-1]["complete"] is True
    rows = [json.loads(line) for line in atlas(tmp_path, "status", "--json", check=0).stdout.splitlines()]
    assert [row["state"] for row in rows if "task" in row] == ["cached", "cached"]
    groups = [row for row in rows if "group" in row]
    assert groups and groups[0]["tasks"] == 2 and all(row["done"] == row["tasks"] for row in groups)
    (tmp_path / "text.txt").write_text("iki")
    why = [json.loads(line) for line in atlas(tmp_path, "why", "A", "--json", check=0).stdout.splitlines()]
    assert [change["part"] for change in why[0]["changes"]] == ["in.i0"]
    assert "would run after A" in atlas(tmp_path, "why", "--all", check=0).stdout
    text = atlas(tmp_path, "why", "A", check=0).stdout
    assert "before: text.txt sha256:" in text and "now:    text.txt sha256:" in text


def test_failures_exit_statuses_and_logs(tmp_path):
    write_plan(tmp_path, task("A", "echo the reason; exit 9") + task("B", "echo b > {out.o}"))
    result = atlas(tmp_path, "run", "--keep-going", check=1)
    assert "failed  A" in result.stderr and "the reason" in result.stderr
    assert "log: " in result.stderr
    assert (tmp_path / "out/B.txt").read_text() == "b\n"
    assert atlas(tmp_path, "run", "NONE").returncode == 2
    assert atlas(tmp_path, "run", "--frce").returncode == 2
    assert atlas(tmp_path / "out", "run").returncode == 2
    write_plan(tmp_path, task("A", "true", more="    after: [B]\n")
               + task("B", "true", more="    after: [A]\n"))
    result = atlas(tmp_path, "run", check=2)
    assert "cycle" in result.stderr


def test_a_result_that_cannot_be_kept_fails_the_run(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}") + task("B", "cat {in.i0} > {out.o}", inputs=["A.o"]))
    objects = tmp_path / ".atlas/store/objects"
    objects.mkdir(parents=True)
    for prefix in range(256):
        (objects / f"{prefix:02x}").write_text("in the way, as a full disk would be")
    result = atlas(tmp_path, "run", check=1)
    assert "could not be kept" in result.stderr
    assert not (tmp_path / "out/A.txt").exists()
    for prefix in range(256):
        (objects / f"{prefix:02x}").unlink()
    atlas(tmp_path, "run", check=0)
    assert (tmp_path / "out/B.txt").read_text() == "a\n"


def test_people_close_their_tasks(tmp_path):
    write_plan(tmp_path, "  R:\n    parent: g\n    run: human\n"
               + task("N", "echo n > {out.o}", more="    after: [R]\n"))
    assert atlas(tmp_path, "run").returncode == 3
    assert atlas(tmp_path, "done", "R").returncode == 2
    assert atlas(tmp_path, "done", "R", "--by", "Elif", "--evidence", "none.txt").returncode == 2
    (tmp_path / "minutes.txt").write_text("agreed")
    atlas(tmp_path, "done", "R", "--by", "Elif", "--evidence", "minutes.txt", check=0)
    atlas(tmp_path, "run", check=0)


def test_interrupt(tmp_path):
    write_plan(tmp_path, task("A", "sleep 30; echo a > {out.o}"))
    driver = subprocess.Popen([os.environ["LYDIA_BIN"], "atlas", "run"], cwd=tmp_path,
                              stderr=subprocess.DEVNULL)
    deadline = time.time() + 20
    while not list((tmp_path / ".atlas/attempts").glob("A/1/log.txt")) and time.time() < deadline:
        time.sleep(0.05)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(timeout=20) == 130
    assert "cancelled" in atlas(tmp_path, "status", check=0).stdout


def test_parameters_and_foreach(tmp_path):
    write_plan(tmp_path, task("S", "echo {params.word} {each.seed} > {out.o}").replace(
        "out/S.txt", '"out/{each.seed}.txt"') + '    foreach: {seed: ["1", "2"]}\n'
        + task("ALL", "cat {in.i0} > {out.o}", inputs=["S.o"]), "params: {word: merhaba}\n")
    atlas(tmp_path, "run", check=0)
    assert (tmp_path / "out/ALL.txt").read_text() == "merhaba 1\nmerhaba 2\n"
    atlas(tmp_path, "run", "--param", "word=selam", check=0)
    assert (tmp_path / "out/ALL.txt").read_text() == "selam 1\nselam 2\n"
    assert atlas(tmp_path, "run", "--param", "none=1").returncode == 2


def test_the_cache_survives_moving_the_folder(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    random_dag(here, 5)
    atlas(here, "run", check=0)
    here.rename(there)
    last = json.loads(atlas(there, "run", "--json", check=0).stdout.splitlines()[-1])
    assert set(last["tasks"]) == {"cached"}


GATED = task("T", "echo 1 > {out.o}",
             more='    uses:\n      - {purl: "pkg:pypi/tensorrt@8.6.1", license: LicenseRef-NVIDIA-TensorRT,'
                  " role: linked-dynamic}\n"
                  '      - {purl: "pkg:pypi/numpy@2.4.6", license: BSD-3-Clause, role: linked-dynamic}\n'
                  '      - {name: corpus, version: "1", license: own words, role: dataset}\n') + task(
    "D", "cat {in.i0} > {out.o}", inputs=["T.o"], more="    delivery: distribute\n")
POLICY = "policy: {goal: commercial-closed-source, delivery: binary}\n"


def test_the_gate_and_its_waivers(tmp_path):
    write_plan(tmp_path, GATED, "# a comment that stays\n" + POLICY)
    result = atlas(tmp_path, "run", check=1)
    assert "licence gate" in result.stderr
    who = ["--owner", "legal", "--reason", 'read: "yes"', "--expires", "2099-01-01"]
    atlas(tmp_path, "waive", "plan.yaml", "--task", "T", "--code", "license-review", *who, check=0)
    text = (tmp_path / "plan.yaml").read_text()
    assert "# a comment that stays" in text
    atlas(tmp_path, "run", check=0)
    atlas(tmp_path, "run", "--today", "2099-01-02", check=0)  # done is done; a new result is stopped
    assert atlas(tmp_path, "run", "D", "--force", "--today", "2099-01-02").returncode == 1
    for bad in (["--expires", "soon"], ["--owner", ""], ["--task", "NONE"]):
        assert atlas(tmp_path, "waive", "plan.yaml", "--purl", "pkg:x/y", *who, *bad).returncode == 2
    assert (tmp_path / "plan.yaml").read_text() == text


def test_sboms_are_valid_and_repeatable(tmp_path):
    write_plan(tmp_path, GATED.replace("out/T.txt", "out/model.onnx"), POLICY)
    for ran in (False, True):
        cyclonedx = atlas(tmp_path, "sbom", "plan.yaml", check=0).stdout
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(cyclonedx) is None
        assert cyclonedx == atlas(tmp_path, "sbom", "plan.yaml", check=0).stdout
        bom = json.loads(cyclonedx)
        model = next(c for c in bom["components"] if c["name"] == "out/model.onnx")
        assert model["type"] == "machine-learning-model"
        assert model["modelCard"]["modelParameters"]["datasets"] == [{"ref": "use:corpus@1"}]
        assert ("hashes" in model) == ran
        path = tmp_path / "plan.spdx.json"
        atlas(tmp_path, "sbom", "plan.yaml", "--format", "spdx", "-o", path, check=0)
        assert validate_full_spdx_document(parse_file(str(path))) == []
        atlas(tmp_path, "run", "T", check=0)
    notice = atlas(tmp_path, "sbom", "plan.yaml", "--format", "notice", check=0).stdout
    assert "numpy 2.4.6" in notice and "tensorrt" not in notice
    assert atlas(tmp_path, "sbom", "plan.yaml", "--format", "x").returncode == 2


@pytest.mark.parametrize("plan", sorted((Path(__file__).parents[2] / "plans").rglob("*.yaml")),
                         ids=lambda path: path.name)
def test_our_own_plans_pass_check(plan):
    result = atlas(plan.parent, "check", plan)
    assert result.returncode == 0, result.stdout
