"""What `lydia atlas emit` writes is valid for its target, and runs to the results of `lydia atlas
run`: under a small sbatch that keeps to --dependency, a Python that stands in for Airflow, and
shells in place of containers. Only the store is shared: the plan's folder is out of reach."""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
import types
import warnings
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of hera's own imports
    from hera.workflows.models import Workflow

LYDIA = os.environ["LYDIA_BIN"]

PLAN = """atlas: 1
params: {word: merhaba}
personas: {elif: {name: Elif, title: Lead, hours_per_day: 6}}
inputs: {text: {path: data/text.txt}, folder: {path: data/more}}
groups: {m: {kind: main, title: T}, s: {kind: sub, parent: m, title: T}, k: {kind: macro, parent: s, title: T}, g: {kind: micro, parent: k, title: T}}
tasks:
  UP:
    parent: g
    in: {text: {from: inputs.text}}
    out: {o: out/up.txt}
    run: [tools/upper, "{in.text}", "{out.o}"]
    check: [[test, -s, "{out.o}"]]
    retries: 2
    timeout: 1m
  EACH:
    parent: g
    foreach: {seed: ["1", "2", "it's"]}
    in: {up: {from: UP.o}, more: {from: inputs.folder}}
    out: {o: "out/each {each.seed}.txt"}
    run: [sh, -c, 'cat "$1" "$2/in/x" > "$3"; echo "{params.word} $4" >> "$3"', sh, "{in.up}", "{in.more}", "{out.o}", "{each.seed}"]
    check: [[test, -s, "{out.o}"]]
    needs: {cpu: 1.5, mem: 64M, locks: [disk]}
  READ: {parent: g, run: human, out: {ok: read.txt}}
  ALL:
    parent: g
    in: {each: {from: EACH.o}, ok: {from: READ.ok}}
    out: {o: out/all.txt, copy: out/folder}
    run: [sh, -c, 'o="$1"; c="$2"; shift 2; cat "$@" > "$o"; mkdir -p "$c/in"; cp "$1" "$c/in/x"', sh, "{out.o}", "{out.copy}", "{in.each}", "{in.ok}"]
    check: [[test, -s, "{out.o}"]]
  SIGN: {parent: g, run: human, in: {all: {from: ALL.o}}, out: {ok: signed.txt}}
  SHIP: {parent: g, in: {ok: {from: SIGN.ok}}, out: {o: out/ship.txt}, run: [cp, "{in.ok}", "{out.o}"], check: [[test, -s, "{out.o}"]]}
"""


def atlas(folder, *args, check=0):
    result = subprocess.run([LYDIA, "atlas", *map(str, args)], cwd=folder, capture_output=True, text=True,
                            timeout=120, env={**os.environ, "LANG": "C"})
    assert result.returncode == check, result.stdout + result.stderr
    return result


@pytest.fixture
def plan(tmp_path):
    """A plan's folder, one person's task closed and another one open; beside it the store."""
    folder = tmp_path / "plan"
    (folder / "data/more/in").mkdir(parents=True)
    (folder / "data/text.txt").write_text("selam\n")
    (folder / "data/more/in/x").write_text("more\n")
    (folder / "tools").mkdir()
    (folder / "tools/upper").write_text('#!/bin/sh\ntr a-z A-Z < "$1" > "$2"\n')
    (folder / "tools/upper").chmod(0o755)
    (folder / "plan.yaml").write_text(PLAN)
    (folder / "read.txt").write_text("read\n")
    (folder / "minutes.txt").write_text("agreed\n")
    atlas(folder, "done", "READ", "--by", "elif", "--evidence", "minutes.txt")
    return folder


def emit(plan, target, *args):
    store = plan.parent / "store"
    out = plan.parent / "emitted"
    result = atlas(plan, "emit", "--to", target, "--store", store, "--program", LYDIA, "--param", "word=günaydın",
                   "-o", out, *args)
    assert "SIGN is left out: it waits for a person" in result.stderr
    assert "SHIP is left out" in result.stderr
    hidden = plan.with_name("hidden")
    plan.rename(hidden)  # no node may look there
    return out, store, hidden


def assert_same_results(hidden, store):
    """The store's results are those of a run in the plan's folder, which takes them all."""
    plan = hidden.with_name("plan")
    hidden.rename(plan)
    alone = plan.with_name("alone")
    shutil.copytree(plan, alone, ignore=shutil.ignore_patterns(".atlas"))
    atlas(alone, "done", "READ", "--by", "elif", "--evidence", "minutes.txt")
    atlas(alone, "run", "--param", "word=günaydın", check=3)
    last = atlas(plan, "run", "--store", store, "--param", "word=günaydın", "--json", check=3).stdout.splitlines()[-1]
    assert json.loads(last)["tasks"] == {"cached": 6, "human": 1, "skipped": 1}
    for path in sorted((alone / "out").rglob("*")):
        if path.is_file():
            assert (plan / "out" / path.relative_to(alone / "out")).read_bytes() == path.read_bytes()
    assert "günaydın it's\n" in (plan / "out/all.txt").read_text()


SBATCH = f"""#!{sys.executable}
import os, re, subprocess, sys, time
jobs = os.environ["FAKE_SLURM"]
values = dict(re.match("--([a-z-]+)=?(.*)", a, re.S).groups() for a in sys.argv[1:])
assert set(values) <= {{"parsable", "job-name", "cpus-per-task", "mem", "gres", "time", "wrap",
                       "dependency", "kill-on-invalid-dep"}}, values
before = values.get("dependency", "afterok").split(":")
assert before[0] == "afterok"
number = len(os.listdir(jobs)) + 1
os.mkdir(f"{{jobs}}/{{number}}")
print(number, flush=True)
if os.fork():
    os._exit(0)
os.setsid()
for fd in (0, 1, 2):
    os.dup2(os.open(f"{{jobs}}/{{number}}/log", os.O_RDWR | os.O_CREAT | os.O_APPEND), fd)
codes = []
for b in before[1:]:
    while not os.path.exists(f"{{jobs}}/{{b}}/rc"):
        time.sleep(0.02)
    codes.append(open(f"{{jobs}}/{{b}}/rc").read())
code = "cancelled"
if set(codes) <= {{"0"}}:
    open(f"{{jobs}}/{{number}}/began", "w")
    code = str(subprocess.run(["sh", "-c", values["wrap"]], cwd="/").returncode)
open(f"{{jobs}}/{{number}}/new", "w").write(code)
os.rename(f"{{jobs}}/{{number}}/new", f"{{jobs}}/{{number}}/rc")
"""


def submit(script, folder):
    """Runs the script with our sbatch; how each job ended."""
    jobs, programs = folder / "jobs", folder / "bin"
    jobs.mkdir()
    programs.mkdir()
    (programs / "sbatch").write_text(SBATCH)
    (programs / "sbatch").chmod(0o755)
    env = {**os.environ, "FAKE_SLURM": str(jobs), "PATH": f"{programs}:{os.environ['PATH']}"}
    count = int(subprocess.run(["sh", script], env=env, capture_output=True, text=True, check=True,
                               timeout=60).stdout.split()[0])
    ends = {}
    for number in range(1, count + 1):
        for _ in range(3000):
            if (jobs / str(number) / "rc").exists():
                break
            threading.Event().wait(0.02)
        ends[number] = (jobs / str(number) / "rc").read_text()
    return ends, "".join((jobs / str(n) / "log").read_text() for n in ends)


def test_slurm(plan, tmp_path):
    script, store, hidden = emit(plan, "slurm")
    for shell in ("sh", "bash"):
        subprocess.run([shell, "-n", script], check=True)
    text = script.read_text()
    assert re.search(r"--dependency=afterok:\$j0\b", text)
    assert "--cpus-per-task=2 --mem=64M" in text
    assert "--time=4" in text  # three attempts of a minute, and one to fetch and keep
    ends, log = submit(script, tmp_path)
    assert set(ends.values()) == {"0"}, log
    assert_same_results(hidden, store)
    again, log = submit(script, Path(shutil.move(tmp_path / "jobs", tmp_path / "old")).parent / "store")
    assert set(again.values()) == {"0"} and "running" not in log  # all from the cache


def test_slurm_stops_behind_a_failure(plan, tmp_path):
    (plan / "data/text.txt").write_text("")  # UP's check wants something
    script, store, hidden = emit(plan, "slurm")
    ends, log = submit(script, tmp_path)
    assert list(ends.values()) == ["1"] + ["cancelled"] * (len(ends) - 1), log
    assert log.count("trying again") == 2
    assert not list((store / "results").glob("*")) or len(list((store / "results").iterdir())) == 1  # READ's


def test_kubernetes(plan):
    out, store, hidden = emit(plan, "k8s", "--image", "registry/lydia:1")
    jobs = list(yaml.safe_load_all(out.read_text()))
    assert len(jobs) == 5
    threads, codes = [], []
    for job in reversed(jobs):  # in no order: each waits itself
        kubernetes_validate.validate(job, "1.29", strict=True)
        pod = job["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"] == "registry/lydia:1"
        assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "lydia-store"}
        assert pod["containers"][0]["volumeMounts"][0]["mountPath"] == str(store)
        lines = [" ".join(["timeout", "60"] + ["sh", "-c", "'" + c["command"][2].replace("sleep 5", "sleep 0.1")
                                               .replace("'", "'\\''") + "'"])
                 for c in pod.get("initContainers", []) + pod["containers"]]
        threads.append(threading.Thread(target=lambda l=lines: codes.append(
            subprocess.run(["sh", "-c", " && ".join(l)], cwd="/", capture_output=True).returncode)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert codes == [0] * len(jobs)
    assert_same_results(hidden, store)


def run_in_order(tasks):
    """tasks: name -> (names before it, shell line)."""
    done = set()
    while len(done) < len(tasks):
        ready = [name for name, (before, _) in tasks.items() if name not in done and set(before) <= done]
        assert ready, "a ring"
        for name in ready:
            subprocess.run(["sh", "-c", tasks[name][1]], cwd="/", check=True, capture_output=True, timeout=60)
            done.add(name)


def test_argo(plan):
    out, store, hidden = emit(plan, "argo")
    document = yaml.safe_load(out.read_text())
    workflow = Workflow.model_validate(document, strict=False) if hasattr(Workflow, "model_validate") \
        else Workflow.parse_obj(document)
    assert workflow.spec.entrypoint == "plan"
    spec = document["spec"]
    templates = {t["name"]: t for t in spec["templates"]}
    tasks = {node["name"]: (node.get("dependencies", []), templates[node["template"]]["container"]["command"][2])
             for node in templates[spec["entrypoint"]]["dag"]["tasks"]}
    assert len(tasks) == 5
    run_in_order(tasks)
    assert_same_results(hidden, store)


def test_airflow(plan, monkeypatch):
    out, store, hidden = emit(plan, "airflow")
    text = out.read_text()
    operators = {}

    class Dag:
        def __init__(self, dag_id, **more):
            assert re.fullmatch(r"[\w.-]+", dag_id)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

    class Operator:
        def __init__(self, task_id, bash_command, **more):
            assert re.fullmatch(r"[\w.-]{1,250}", task_id) and task_id not in operators
            assert set(more) <= {"retries", "execution_timeout"}
            raw = re.fullmatch(r"\{% raw %\}(.*)\{% endraw %\}", bash_command, re.S)
            self.before, self.line, self.more = [], raw.group(1), more
            operators[task_id] = self
            self.name = task_id

        def __rshift__(self, other):
            other.before.append(self.name)

    for name, members in (("airflow", {"DAG": Dag}), ("airflow.operators", {}),
                          ("airflow.operators.bash", {"BashOperator": Operator})):
        module = types.ModuleType(name)
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, module)
    exec(compile(text, str(out), "exec"), {})  # a syntax error fails here
    assert sorted(len(o.before) for o in operators.values()) == [0, 1, 1, 1, 3]
    assert max(o.more["execution_timeout"].total_seconds() for o in operators.values()
               if "execution_timeout" in o.more) == 180
    run_in_order({name: (o.before, o.line) for name, o in operators.items()})
    assert_same_results(hidden, store)


def test_a_node_refuses_what_it_cannot_trust(plan, tmp_path):
    script, store, hidden = emit(plan, "slurm")
    keys = re.findall(r"run-one ([0-9a-f]{64})", script.read_text())
    result = atlas(tmp_path, "run-one", keys[-1], "--store", store, check=2)  # ALL before EACH
    assert "'ALL' needs the result of" in result.stderr
    assert "has no task of key" in atlas(tmp_path, "run-one", "0" * 64, "--store", store, check=2).stderr
    assert "64 hexadecimal digits" in atlas(tmp_path, "run-one", "../../x", "--store", store, check=2).stderr
    assert "s3://bucket" in atlas(tmp_path, "run-one", keys[0], "--store", "s3://bucket/x", check=2).stderr
    node = store / "nodes" / keys[0]
    node.chmod(stat.S_IRUSR | stat.S_IWUSR)
    node.write_text(node.read_text().replace("data/text.txt", "../../x.txt"))
    assert "damaged" in atlas(tmp_path, "run-one", keys[0], "--store", store, check=2).stderr


def test_two_folders_share_a_store(plan, tmp_path):
    """What one copy of the plan has made, the other one takes; a record for other paths is none."""
    store = tmp_path / "store"
    atlas(plan, "run", "ALL", "--store", store)
    other = tmp_path / "other"
    shutil.copytree(plan, other, ignore=shutil.ignore_patterns(".atlas", "out"))
    last = atlas(other, "run", "UP", "--store", store, "--json").stdout.splitlines()[-1]
    assert json.loads(last)["tasks"] == {"cached": 1}
    assert (other / "out/up.txt").read_text() == "SELAM\n"
    for record in (store / "actions").iterdir():
        record.chmod(stat.S_IRUSR | stat.S_IWUSR)
        record.write_text(record.read_text().replace("out/up.txt", "../stolen.txt"))
    third = tmp_path / "third"
    shutil.copytree(plan, third, ignore=shutil.ignore_patterns(".atlas", "out"))
    last = atlas(third, "run", "UP", "--store", store, "--json").stdout.splitlines()[-1]
    assert json.loads(last)["tasks"] == {"done": 1}
    assert not (tmp_path / "stolen.txt").exists()
