#!/usr/bin/env python3
"""Times `lydia atlas run` on a generated plan: the driver's own cost per task, and a run in which
nothing is to be done.

    bench/atlas_run.py [--tasks 10000] [--repeats 5] [--lydia build/release/lydia] [--json]

The tasks copy a small file each, in layers of a hundred; the commands' own time does not count. The
system's time for the driver is that of forks, flushes to the disk and files that come and go.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def plan_text(tasks):
    out = ["atlas: 1", "groups:", "  main: {kind: main, title: T}",
           "  sub: {kind: sub, parent: main, title: T}",
           "  macro: {kind: macro, parent: sub, title: T}"]
    out += [f"  micro-{g}: {{kind: micro, parent: macro, title: T}}" for g in range((tasks + 99) // 100)]
    out.append("tasks:")
    for i in range(tasks):
        out += [f"  T{i}:", f"    parent: micro-{i // 100}"]
        if i >= 100:
            out.append(f"    in: {{before: {{from: T{i - 100}.copy}}}}")
        out += [f"    out: {{copy: out/{i // 100}/{i}.txt}}",
                "    run: [cp, /etc/hostname, '{out.copy}']", "    check: [['true']]"]
    return "\n".join(out) + "\n"


def run(lydia, folder, *args):
    """Wall seconds, peak KiB of the driver, and the run's last event."""
    start = time.perf_counter()
    with subprocess.Popen([lydia, "atlas", "run", "plan.yaml", "--json", *args], cwd=folder,
                          stdout=subprocess.PIPE, text=True) as process:
        last = None
        for last in process.stdout:
            pass
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"the run exited with {process.returncode}: {last}")
    return time.perf_counter() - start, usage.ru_maxrss, json.loads(last)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=10000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--lydia", default="build/release/lydia")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    lydia = str(Path(args.lydia).resolve())
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "plan.yaml").write_text(plan_text(args.tasks), encoding="utf-8")
        wall, _, first = run(lydia, folder, "--cpu", "16")
        again = [run(lydia, folder) for _ in range(args.repeats)]
        if any(event["tasks"] != {"cached": args.tasks} for _, _, event in again):
            sys.exit("the second run was not all cache hits")
    result = {
        "tasks": args.tasks,
        "first_run_seconds": round(wall, 2),
        "driver_user_ms_per_task": round(first["driver_user_seconds"] * 1000 / args.tasks, 3),
        "driver_system_ms_per_task": round(first["driver_system_seconds"] * 1000 / args.tasks, 3),
        "noop_seconds": round(statistics.median(seconds for seconds, _, _ in again), 3),
        "noop_peak_mib": round(max(peak for _, peak, _ in again) / 1024, 1),
    }
    if args.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value}")


if __name__ == "__main__":
    main()
