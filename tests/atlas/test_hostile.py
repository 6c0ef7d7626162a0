"""Tasks, files and disks that misbehave, and what `lydia atlas` makes of it."""
import json
import os
import signal
import sqlite3
import subprocess
import time

import pytest

from test_run import atlas, outputs, task, write_plan

LYDIA = os.environ["LYDIA_BIN"]


def end_of(result):
    return json.loads(result.stdout.splitlines()[-1])["tasks"]


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=20):
    deadline = time.time() + seconds
    while not condition() and time.time() < deadline:
        time.sleep(0.02)
    assert condition()


@pytest.mark.parametrize("command, words", [
    ("mkfifo {out.o}", "is no file or folder"),
    ("mkdir {out.o}; mkfifo {out.o}/in", "expected a file, folder or link, got something else"),
    ("ln -s /etc/passwd {out.o}", "is a link"),
    ("ln -s nowhere {out.o}", "is a link"),
])
def test_outputs_that_are_no_files(tmp_path, command, words):
    write_plan(tmp_path, task("A", command).replace('"-s"', '"-e"').replace("test, -s", "test, -n")
               + task("B", "echo b > {out.o}"))
    result = atlas(tmp_path, "run", "--keep-going", "--json", check=1)
    assert end_of(result) == {"done": 1, "failed": 1}
    assert words in result.stdout
    assert not os.path.lexists(tmp_path / "out/A.txt")


def test_inputs_that_are_no_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    write_plan(tmp_path, task("A", "cat {in.i0} > {out.o}", inputs=["inputs.p"]) + task("B", "echo b > {out.o}"),
               "inputs: {p: {path: pipe}}\n")
    result = atlas(tmp_path, "run", "--keep-going", "--json", check=1)
    assert end_of(result) == {"done": 1, "failed": 1}
    assert "input 'i0'" in result.stdout
    atlas(tmp_path, "status", check=0)
    assert "input 'i0'" in atlas(tmp_path, "why", "A", check=0).stdout


def test_a_folder_that_leads_out_of_the_root(tmp_path):
    outside, plan = tmp_path / "outside", tmp_path / "plan"
    outside.mkdir()
    plan.mkdir()
    (outside / "A.txt").write_text("mine")
    write_plan(plan, task("A", "echo a > {out.o}") + task("B", "echo b > {out.o}").replace("out/B", "b"))
    (plan / "out").symlink_to(outside)
    assert "path-escape" in atlas(plan, "check").stdout
    result = atlas(plan, "run", "--keep-going", "--json")
    assert result.returncode != 0
    assert (outside / "A.txt").read_text() == "mine"


def test_an_edit_that_hides_behind_its_times(tmp_path):
    write_plan(tmp_path, task("A", "cat {in.i0} > {out.o}", inputs=["inputs.x"]), "inputs: {x: {path: x}}\n")
    for text in ("aaa", "bbb"):
        (tmp_path / "x").write_text(text)
        os.utime(tmp_path / "x", (1577836800, 1577836800))
        time.sleep(0.1)  # older than the clock's tick
        atlas(tmp_path, "status", check=0)
        atlas(tmp_path, "run", check=0)
        assert (tmp_path / "out/A.txt").read_text() == text


def test_a_damaged_object_is_made_again(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}") + task("B", "cat {in.i0} > {out.o}; echo b >> {out.o}",
                                                              inputs=["A.o"]))
    atlas(tmp_path, "run", check=0)
    before = outputs(tmp_path)
    for damaged in [p for p in (tmp_path / ".atlas/store/objects").rglob("*") if p.is_file()]:
        damaged.chmod(0o644)
        damaged.write_text("poison")
        for name in before:
            (tmp_path / "out" / name).unlink()
        result = atlas(tmp_path, "run", "--json", check=0)
        assert end_of(result) == {"cached": 1, "done": 1}
        assert "runs again" in result.stdout and "was damaged" in result.stdout
        assert outputs(tmp_path) == before


def test_processes_that_leave_their_group_end_with_their_task(tmp_path):
    write_plan(tmp_path, task("A", "setsid sh -c 'echo $$ > {root}/pid; exec sleep 1000' & "
                                   "while [ ! -s {root}/pid ]; do sleep 0.05; done; echo a > {out.o}"))
    atlas(tmp_path, "run", check=0)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_a_wrapper_that_is_killed_takes_its_command_with_it(tmp_path):
    write_plan(tmp_path, task("A", "echo $$ > {root}/pid; (echo $BASHPID; sleep 1000); echo a > {out.o}",
                              more="    timeout: 100s\n"))
    driver = subprocess.Popen([LYDIA, "atlas", "run"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    shell = int((tmp_path / "pid").read_text())
    wrapper = int(open(f"/proc/{shell}/stat").read().rsplit(")", 1)[1].split()[1])
    inside = subprocess.run(["ps", "-o", "pid=", "--ppid", str(shell)], capture_output=True, text=True).stdout
    os.kill(wrapper, signal.SIGKILL)
    assert "without a record" in driver.communicate(timeout=30)[1]
    wait_for(lambda: not alive(shell))
    for pid in inside.split():
        wait_for(lambda: not alive(int(pid)))


def test_what_tasks_print_does_not_reach_the_terminal_raw(tmp_path):
    (tmp_path / "evil").write_bytes(b"\x1b[2J\x1b]0;pwn\x07\xff\r ok")
    write_plan(tmp_path, task("A", "cat {root}/evil; exit 1"))
    result = subprocess.run([LYDIA, "atlas", "run"], cwd=tmp_path, capture_output=True)
    assert b"\x1b" not in result.stderr and b"\x07" not in result.stderr
    assert b"\\x1b[2J" in result.stderr and "�".encode() in result.stderr
    write_plan(tmp_path, task("A", "true", more='    title: "\\e[2Jx"\n'))
    result = atlas(tmp_path, "show")
    assert "\x1b" not in result.stdout + result.stderr


def test_looking_writes_nothing(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}"))
    for look in (["status"], ["why", "A"], ["run", "--dry-run"], ["show"], ["sbom"]):
        atlas(tmp_path, *look, check=0)
    assert not (tmp_path / ".atlas").exists()
    atlas(tmp_path, "run", check=0)
    files = lambda: {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.rglob("*")}
    before = files()
    for look in (["status"], ["why", "A"], ["run", "--dry-run"], ["show"], ["sbom"]):
        atlas(tmp_path, *look, check=0)
    assert files() == before


def mounted(tmp_path, command, size="2m"):
    """Runs a shell command in a mount namespace, where ./disk is a small file system."""
    (tmp_path / "disk").mkdir(exist_ok=True)
    line = f"mount -t tmpfs -o size={size} none disk && {command}"
    result = subprocess.run(["unshare", "-m", "sh", "-c", line], cwd=tmp_path, capture_output=True, text=True,
                            timeout=120, env={**os.environ, "LANG": "C"})
    if "unshare failed" in result.stderr or "permission denied" in result.stderr:
        pytest.skip("no file systems can be mounted here")
    return result


def test_a_full_disk_fails_the_task_and_leaves_a_plan_that_works(tmp_path):
    write_plan(tmp_path, task("A", "yes > {out.o}") + task("B", "echo b > {out.o}", more="    after: [A]\n"))
    small = (tmp_path / "plan.yaml").read_text().replace("yes >", "echo a >")
    (tmp_path / "small.yaml").write_text(small)
    result = mounted(tmp_path, f"cp plan.yaml small.yaml disk && cd disk && {LYDIA} atlas run plan.yaml; echo rc $?; "
                               f"{LYDIA} atlas status plan.yaml && {LYDIA} atlas gc plan.yaml && "
                               f"{LYDIA} atlas run small.yaml && cat out/B.txt")
    assert "rc 1" in result.stdout, result.stderr
    assert "failed  A" in result.stderr and "skipped  B" in result.stderr
    assert result.returncode == 0 and result.stdout.endswith("b\n"), result.stdout + result.stderr


def test_a_read_only_disk_can_be_looked_at(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}"))
    result = mounted(tmp_path, f"cp plan.yaml disk && cd disk && {LYDIA} atlas run && mount -o remount,ro . && "
                               f"{LYDIA} atlas status && {LYDIA} atlas why --all && {LYDIA} atlas show && "
                               f"{LYDIA} atlas run --dry-run")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("cached") == 4


def test_a_state_of_the_first_version_is_brought_up(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}"))
    atlas(tmp_path, "run", check=0)
    state = sqlite3.connect(tmp_path / ".atlas/state.db")
    for line in ("DROP TABLE waiting", "DROP TABLE efforts", "DROP TABLE files",
                 "CREATE TABLE files(path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime INTEGER NOT NULL,"
                 " inode INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID", "PRAGMA user_version = 1"):
        state.execute(line)
    state.commit()
    state.close()
    assert "cached" in atlas(tmp_path, "status", check=0).stdout
    assert end_of(atlas(tmp_path, "run", "--json", check=0)) == {"cached": 1}


def test_plans_are_found_by_one_rule(tmp_path):
    write_plan(tmp_path, task("A", "echo a > {out.o}"))
    for command in ("status", "gc", "show", "check", "sbom", "run"):
        atlas(tmp_path, command, check=0)
        for wrong in (["none.yaml"], ["plan.yaml", "extra"]):
            result = atlas(tmp_path, command, *wrong, check=2)
            assert "none.yaml" in result.stderr or "extra" in result.stderr
    for day in ("tomorrow", "2026-02-31", "0"):
        for command in ("check", "run"):
            assert "--today" in atlas(tmp_path, command, "--today", day, check=2).stderr
    result = atlas(tmp_path, "check", "none.yaml", "--json", check=2)
    assert json.loads(result.stdout)["event"] == "error"
    assert atlas(tmp_path, "check", "--root", "nowhere").returncode == 2
    assert atlas(tmp_path, "run", "--cpu", "0").returncode == 2
    assert atlas(tmp_path, "show", "--html", "--json").returncode == 2


def test_a_preempted_attempt_is_not_in_the_key(tmp_path):
    write_plan(tmp_path, task("A", "[ -e {root}/again ] || {{ touch {root}/again; kill -9 $$; }}; echo a > {out.o}"
                              .replace("{{", "{").replace("}}", "}"), more="    retries: 2\n"))
    result = atlas(tmp_path, "run", "--json", check=0)
    assert [json.loads(line).get("attempt") for line in result.stdout.splitlines()][-2] == 2
    assert end_of(atlas(tmp_path, "run", "--json", check=0)) == {"cached": 1}


def test_names_of_foreach_tasks_mean_all_of_them(tmp_path):
    write_plan(tmp_path, task("S", "echo {params.a}{params.b}{each.n} > {out.o}").replace(
        "out/S.txt", '"out/{each.n}.txt"') + '    foreach: {n: ["1", "2"]}\n' + task("X", "echo x > {out.o}"),
        "params: {a: p, b: q}\n")
    result = atlas(tmp_path, "run", "S", "--param", "a=1", "--param", "b=2", "--json", check=0)
    assert end_of(result) == {"done": 2}
    assert (tmp_path / "out/2.txt").read_text() == "122\n"


def test_why_begins_with_the_cause(tmp_path):
    write_plan(tmp_path, task("A", "cat {in.i0} > {out.o}", inputs=["inputs.x"])
               + task("B", "cat {in.i0} > {out.o}", inputs=["A.o"])
               + task("C", "cat {in.i0} > {out.o}", inputs=["B.o"]), "inputs: {x: {path: x}}\n")
    (tmp_path / "x").write_text("1")
    atlas(tmp_path, "run", check=0)
    (tmp_path / "x").write_text("2")
    text = atlas(tmp_path, "why", "C", check=0).stdout
    assert text.startswith("A: would run: in.i0\n") and "C: would run after B, because of A" in text


def test_people_are_calibrated_by_what_they_took(tmp_path):
    people = "personas: {elif: {name: Elif Demir, title: Lead, hours_per_day: 6}, can: {name: Can, title: Dev}}\n"
    humans = "".join(f"  R{i}: {{parent: g, run: human, effort: {{elif: [1h, 2h, 3h]}}}}\n" for i in range(4))
    write_plan(tmp_path, humans + "  R9: {parent: g, run: human, effort: {can: 1h}}\n", people)
    (tmp_path / "minutes.txt").write_text("agreed")
    shown = lambda: json.loads(atlas(tmp_path, "show", "--json", check=0).stdout)
    plain = shown()
    done = ["--evidence", "minutes.txt"]
    assert "did you mean 'elif'" in atlas(tmp_path, "done", "R0", "--by", "eliff", *done, check=2).stderr
    for i, hours in ((0, "3h"), (1, "4h"), (2, "20h")):
        atlas(tmp_path, "done", f"R{i}", "--by", "Elif Demir", "--took", hours, *done, check=0)
    assert "elif takes 2 of an estimate (3 finished)" in atlas(tmp_path, "status", check=0).stdout
    after = shown()
    person = next(p for p in after["persons"] if p["persona"] == "elif")
    assert (person["calibration"], person["finished"]) == (2, 3)
    # One task of two hours is left, which is to take four, of days of six hours: 16 on the calendar.
    assert after["finish"] == 16 * 3600
    assert plain["finish"] == 32 * 3600
    assert after["p50"] <= after["p90"]
    assert "takes 2 of an estimate" in atlas(tmp_path, "show", check=0).stdout
    # Without --took: the working hours since a run said that the task waits.
    atlas(tmp_path, "run", check=3)
    state = sqlite3.connect(tmp_path / ".atlas/state.db")
    state.execute("UPDATE waiting SET since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-6 hours') WHERE task = 'R9'")
    state.commit()
    state.close()
    atlas(tmp_path, "done", "R9", "--by", "can", *done, check=0)  # 8 of 24 hours are work
    rows = [json.loads(line) for line in atlas(tmp_path, "status", "--json", check=0).stdout.splitlines()]
    assert abs(next(r for r in rows if r.get("persona") == "can")["factor"] - 2) < 0.05


def test_eta_from_history(tmp_path):
    """What is left is expected to take what it took: the schedule of two tasks in a row is the sum
    of their measured times, and its p90 is above its p50."""
    write_plan(tmp_path, task("A", "sleep 0.4; echo {params.x} > {out.o}") + task(
        "B", "sleep 0.2; cat {in.i0} > {out.o}", inputs=["A.o"]), "params: {x: '0'}\n")
    for x in range(3):
        atlas(tmp_path, "run", "--param", f"x={x}", check=0)
    state = sqlite3.connect(tmp_path / ".atlas/state.db")
    times = {name: sorted(s for (s,) in state.execute("SELECT seconds FROM attempts WHERE task = ?", name))
             for name in ("A", "B")}
    state.close()
    text = (tmp_path / "plan.yaml").read_text().replace("sleep 0.4", "sleep 0.40")
    (tmp_path / "plan.yaml").write_text(text)
    shown = json.loads(atlas(tmp_path, "show", "--json", check=0).stdout)
    assert shown["finish"] == pytest.approx(times["A"][1] + times["B"][1], rel=1e-6)
    assert min(times["A"]) + min(times["B"]) <= shown["p50"] <= shown["p90"]


def test_the_page_shows_past_attempts(tmp_path):
    write_plan(tmp_path, task("A", "[ -e {root}/again ] || { touch {root}/again; exit 3; }; echo a > {out.o}",
                              more="    retries: 1\n") + task("B", "exit 1", inputs=["A.o"]))
    atlas(tmp_path, "run", check=1)
    page = atlas(tmp_path, "show", "--html", check=0).stdout
    assert page.count("attempt 1, failed") == 2 and page.count("attempt 2, done") == 1
    assert 'class="chip hit">cached' in page
    bars = atlas(tmp_path, "show", "--gantt", check=0).stdout
    assert [line.split()[-2] for line in bars.splitlines() if "█" in line][:3] == ["failed,", "done,", "failed,"]
    attempts = json.loads(atlas(tmp_path, "show", "--json", check=0).stdout)["attempts"]
    assert [(a["task"], a["number"], a["state"]) for a in attempts] == [
        (0, 1, "failed"), (0, 2, "done"), (1, 1, "failed")]
