#!/usr/bin/env python3
"""Times `lydia atlas check` on a generated plan: parse and every check, wall time and peak memory.

    bench/atlas_check.py [--tasks 10000] [--repeats 5] [--lydia build/release/lydia] [--json]

The plan is a layered graph: ten tasks to a micro task, ten micros to a macro, each task reading two
outputs of the layer before it. Peak memory is what the kernel reports for the child.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def plan_text(tasks: int, seed: int = 1) -> str:
    """A plan of so many tasks that `lydia atlas check` finds no error in."""
    rng = random.Random(seed)
    out = ["atlas: 1", f"title: Generated plan of {tasks} tasks",
           "policy: {goal: internal, delivery: none}",
           "personas:", "  ada: {name: Ada, title: Engineer, hours_per_day: 6}",
           "groups:", "  main: {kind: main, title: Everything}",
           "  sub-1: {kind: sub, parent: main, title: All of it}"]
    micros = (tasks + 9) // 10
    for macro in range((micros + 9) // 10):
        out.append(f"  macro-{macro + 1}: {{kind: macro, parent: sub-1, number: '{macro + 1}', "
                   f"title: Block {macro + 1}, owner: [ada]}}")
        for micro in range(macro * 10, min(micros, macro * 10 + 10)):
            number = f"{macro + 1}.{micro % 10 + 1}"
            out.append(f"  micro-{number}: {{kind: micro, parent: macro-{macro + 1}, "
                       f"number: '{number}', title: Step {number}}}")
    out.append("tasks:")
    for i in range(tasks):
        sources = ({rng.randrange(max(0, i - 200), i) for _ in range(2)} if i else set())
        reads = ", ".join(f"in{k}: {{from: T-{s:05}.data}}" for k, s in enumerate(sorted(sources)))
        words = ", ".join(f'"{{in.in{k}}}"' for k in range(len(sources)))
        out += [f"  T-{i:05}:",
                f"    parent: micro-{i // 100 + 1}.{i // 10 % 10 + 1}",
                f"    description: Step {i} of the generated plan reads its inputs and joins them.",
                "    uses:",
                '    - {purl: "pkg:pypi/numpy@2.1.0", license: BSD-3-Clause, role: build-tool}',
                f"    in: {{{reads}}}",
                f"    out: {{data: build/{i:05}.bin}}",
                f'    run: ["join", {words + ", " if words else ""}"-o", "{{out.data}}"]',
                '    check: [["test", "-s", "{out.data}"]]',
                "    needs: {cpu: 1, mem: 512M}",
                "    effort: {ada: [1h, 2h, 4h]}"]
    return "\n".join(out) + "\n"


def measure(command: list) -> tuple:
    """Wall seconds, peak KiB and exit status of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=10000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--lydia", default="build/release/lydia")
    parser.add_argument("--write", metavar="FILE", help="only write the plan")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    text = plan_text(args.tasks)
    if args.write:
        Path(args.write).write_text(text, encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        runs = [measure([args.lydia, "atlas", "check", str(path)]) for _ in range(args.repeats)]
    if any(status != 0 for _, _, status in runs):
        sys.exit(f"{args.lydia} atlas check: exit status {runs[0][2]}")
    result = {"tasks": args.tasks, "plan_mib": round(len(text.encode()) / 2**20, 2),
              "seconds_best": round(min(r[0] for r in runs), 3),
              "seconds_worst": round(max(r[0] for r in runs), 3),
              "peak_mib": round(max(r[1] for r in runs) / 1024, 1)}
    print(json.dumps(result) if args.json else
          "\n".join(f"{key:14} {value}" for key, value in result.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
