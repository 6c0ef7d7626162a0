"""Times lydia against torch, row by row, in turns, and writes the tables of docs/performance.md.

    make bench-peers                      all rows (about 20 minutes)
    make bench-peers ARGS="--group matmul --rounds 9"

A ratio is the median over rounds of (torch seconds / lydia seconds), the two measured right after
each other, each in a process of its own with 2 threads.
"""
import argparse
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from rows import ROWS

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MARK = "<!-- bench-peers: {} -->"


class Worker:
    def __init__(self, name):
        env = dict(os.environ, OMP_NUM_THREADS="2", LYDIA_NUM_THREADS="2")
        self.process = subprocess.Popen([sys.executable, str(HERE / "worker.py"), name], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, row, budget):
        self.process.stdin.write(json.dumps({"row": row, "budget": budget}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"worker died at row {ROWS[row].name}")
        time.sleep(0.02)  # its threads stop spinning before the other side starts
        return json.loads(line)


def run_program(name):
    """Seconds per call, as a program of bench/ prints them."""
    tool = ROOT / "build" / "release" / "bench" / name
    done = subprocess.run([str(tool)], capture_output=True, text=True, check=True)
    return {"seconds": float(done.stdout)}


def compare_memory(index):
    used = []
    for name in ("lydia", "torch"):
        env = dict(os.environ, OMP_NUM_THREADS="2", LYDIA_NUM_THREADS="2")
        done = subprocess.run([sys.executable, str(HERE / "worker.py"), name, str(index)], env=env,
                              capture_output=True, text=True)
        if done.returncode:
            return {"error": (done.stderr.strip().splitlines() or ["killed"])[-1]}
        used.append(json.loads(done.stdout)["bytes"])
    ratio = used[1] / used[0]
    return {"lydia": used[0], "torch": used[1], "ratio": ratio, "low": ratio, "high": ratio}


def machine():
    """Ceilings measured by bench/machine_peaks, in this run."""
    tool = ROOT / "build" / "release" / "bench" / "machine_peaks"
    if not tool.exists():
        return {}
    return json.loads(subprocess.run([str(tool), "--json"], capture_output=True, text=True, check=True).stdout)


def compare(index, ours, theirs, rounds, budget):
    if ROWS[index].memory:
        return compare_memory(index)
    pairs = []
    for _ in range(rounds):
        program = ROWS[index].program
        answers = [run_program(program) if program else ours.ask(index, budget),
                   theirs.ask(index, budget)]
        for answer in answers:
            if "error" in answer:
                return {"error": answer["error"]}
        pairs.append([a["seconds"] for a in answers])
    ratios = [t / o for o, t in pairs]
    return {"lydia": statistics.median(p[0] for p in pairs), "torch": statistics.median(p[1] for p in pairs),
            "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values)) if values else float("nan")


def ceiling(row, seconds, peaks):
    """Share of the machine's ceiling that the row reaches, where it has one."""
    if row.flops and peaks.get(row.peak):
        if row.bytes and row.bytes / peaks["read_gbs"] > row.flops / peaks[row.peak]:
            return f"{row.bytes / seconds / 1e9 / peaks['read_gbs']:.0%} of memory"
        return f"{row.flops / seconds / 1e9 / peaks[row.peak]:.0%} of {row.peak[:4].strip('_').upper()}"
    if row.bytes and peaks.get("read_gbs") and row.bytes > 64e6:
        return f"{row.bytes / seconds / 1e9 / peaks['read_gbs']:.0%} of memory"
    return ""


def shown(row, value):
    if row.memory:
        return f"{value / 2**20:.0f} MiB"
    return duration(value)


def duration(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def table(group, results, peaks):
    lines = [f"### {group[0].upper()}{group[1:]}", "",
             "| case | ran from | lydia | torch | ratio (min–max) | meant | ceiling |", "|---|---|---|---|---|---|---|"]
    ratios = []
    for row, r in results:
        if "error" in r:
            lines.append(f"| {row.name} | {row.ran} | – | – | {r['error'][:80]} | {row.floor} | |")
            continue
        ratios.append(r["ratio"])
        mark = "" if r["ratio"] >= 0.97 * row.floor else " **below**"
        lines.append(f"| {row.name} | {row.ran} | {shown(row, r['lydia'])} | {shown(row, r['torch'])} | "
                     f"{r['ratio']:.2f} ({r['low']:.2f}–{r['high']:.2f}){mark} | {row.floor} | "
                     f"{'' if row.memory else ceiling(row, r['lydia'], peaks)} |")
    lines += ["", f"Geometric mean {geometric_mean(ratios):.2f}, lowest {min(ratios, default=math.nan):.2f}.", ""]
    return "\n".join(lines)


def write_section(text, name):
    """Puts `text` between the marks of section `name` in docs/performance.md."""
    page = ROOT / "docs" / "performance.md"
    content = page.read_text()
    start, end = MARK.format(name), MARK.format("end " + name)
    if start not in content:
        content = content.rstrip() + f"\n\n{start}\n{end}\n"
    head, rest = content.split(start, 1)
    page.write_text(f"{head}{start}\n{text}\n{end}{rest.split(end, 1)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--group", action="append", help="only groups whose name contains this")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--budget", type=float, default=0.05, help="seconds per row, side and round")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures here")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    args = parser.parse_args()
    chosen = [i for i, r in enumerate(ROWS) if not args.group or any(g in r.group for g in args.group)]
    peaks = machine()
    ours, theirs = Worker("lydia"), Worker("torch")
    groups = {}
    for i in chosen:
        result = compare(i, ours, theirs, args.rounds, args.budget)
        groups.setdefault(ROWS[i].group, []).append((ROWS[i], result))
        text = result.get("error") or f"{result['ratio']:.2f}"
        print(f"{ROWS[i].group:32} {ROWS[i].name:44} {text}", flush=True)
    stamp = (f"{time.strftime('%Y-%m-%d')}, {platform.processor() or platform.machine()}, 2 threads, "
             f"{args.rounds} rounds; ceilings: " + ", ".join(f"{k} {v:.0f}" for k, v in peaks.items()))
    for group, results in groups.items():
        text = table(group, results, peaks)
        print("\n" + text)
        if not args.no_write:
            write_section(f"{text}\nMeasured {stamp}.", group)
    if args.json:
        args.json.write_text(json.dumps([{"group": g, "row": r.name, **res} for g, rs in groups.items()
                                         for r, res in rs], indent=1))


if __name__ == "__main__":
    main()
