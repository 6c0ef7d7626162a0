"""Which parts of AGIFORMER earn their place: small models (d 128, 2 layers) on the same tokens, several
seeds, bits per byte on held-out pages beside a plain transformer of as many parameters.

    make ablation                      # bytes; rows for AgglutinativeAttention where out/tokenizer is
    make ablation ARGS="--seeds 1 --tokens 100000"

Writes the table into docs/agiformer.md.
"""
import argparse
import concurrent.futures
import json
import math
import os
import pathlib
import re
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
LYDIA = ROOT / "build/release/lydia"
START, END = "<!-- ablation -->", "<!-- /ablation -->"

WINDOW, BATCH = 512, 2  # a window is read in two segments where there is a memory
SIZE = ["model=base", "model.d_model=128", "model.n_layers=2", "model.n_heads=4", "model.max_seq_len=512"]


def experts(*types, width=512):
    return [*SIZE, f"model.d_ff={width}", f"model.n_experts={len(types)}", f"model.expert_types=[{','.join(types)}]"]


DENSE, ONE, TWO = experts("dense"), experts("language"), experts("language", "logic")
FOUR = experts("language", "logic", "spatial", "causal")
MEMORY, INTROSPECTION = ["model.use_memory=true"], ["model.use_introspection=true"]
TEXT_ONLY, WHOLE = "two experts, memory (text_only)", "four experts, memory, introspection"
ROWS = [
    ("dense feed-forward network", DENSE),
    ("one expert", ONE),
    ("two experts", TWO),
    ("four experts", FOUR),
    ("dense feed-forward network, memory", [*DENSE, *MEMORY]),
    (TEXT_ONLY, [*TWO, *MEMORY]),
    ("two experts, introspection", [*TWO, *INTROSPECTION]),
    (WHOLE, [*FOUR, *MEMORY, *INTROSPECTION]),
]
# A token of MorphoPiece is several bytes, and its vocabulary costs as much again: a quarter of the tokens.
MORPHOLOGY = [
    ("MorphoPiece, one expert with AgglutinativeAttention", [*ONE, "+model.use_morphology=true"]),
    ("MorphoPiece, one expert without", [*ONE, "+model.use_morphology=false"]),
]
MORPHOLOGY_SHARE = 4


def parameters(overrides):
    out = subprocess.run([LYDIA, "model-info", *overrides], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(re.search(r"total +([\d ]+\d)  ", out.stdout).group(1).replace(" ", ""))


def plain(count):
    """A plain transformer of about `count` parameters: rotary positions, a gated feed-forward network as wide as
    that takes."""
    least = parameters(experts("dense", width=1))
    each = parameters(experts("dense", width=2)) - least
    return experts("dense", width=1 + round((count - least) / each))


def learned_positions(count):
    """GPT-2's arrangement: 12 w^2 a layer, w (256 + 512) for tokens and places, rounded to whole heads."""
    width = (-768 + math.sqrt(768 ** 2 + 96 * count)) / 48
    return ["model=byte_transformer", "model.layers=2", "model.heads=4", f"model.width={round(width / 4) * 4}",
            "data=text", "training=agiformer"]


def run(overrides, seed, steps, rate, folder):
    """One training, on one thread: models this small gain more from a neighbour than from a second thread."""
    out = subprocess.run(
        [LYDIA, "train", *overrides, f"data.length={WINDOW}", f"data.batch_size={BATCH}", f"training.max_steps={steps}",
         f"training.learning_rate={rate}", f"training.eval_interval={steps}", f"seed={seed}", f"output_dir={folder}",
         "--json", "--quiet"], cwd=ROOT, capture_output=True, text=True,
        env=dict(os.environ, LYDIA_NUM_THREADS="1", OMP_NUM_THREADS="1"))
    if out.returncode:
        raise SystemExit(f"{' '.join(overrides)}: {out.stderr.strip()}")
    return json.loads(out.stdout)


def mean_of(figures, name):
    found = [f[name] for f in figures if name in f]
    return f"{statistics.mean(found):.3f}" if found else ""


def table(rows, args):
    lines = [f"`make ablation`, {args.tokens:,} tokens a run (MorphoPiece: {args.tokens // MORPHOLOGY_SHARE:,}), {args.seeds} "
             "seeds; bits per byte on held-out pages, mean ± standard deviation; the share of held-out tokens that the expert "
             "used least gets.", "",
             "| | parameters | bits per byte | ECE of confidence | least used expert |", "|---|---|---|---|---|"]
    for name, count, figures in rows:
        bits = [f["bits_per_byte"] for f in figures]
        spread = statistics.stdev(bits) if len(bits) > 1 else 0
        lines.append(f"| {name} | {f'{count:,}' if count else ''} | {statistics.mean(bits):.4f} ± {spread:.4f} | "
                     f"{mean_of(figures, 'confidence_ece')} | {mean_of(figures, 'least_expert_usage')} |")
    return "\n".join(lines)


def write(text):
    path = ROOT / "docs/agiformer.md"
    page = path.read_text()
    head, rest = page.split(START)
    path.write_text(f"{head}{START}\n{text}\n{END}{rest.split(END)[1]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time, one thread each")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--out", default="out/ablation")
    parser.add_argument("--dry", action="store_true", help="prints the table, leaves the page alone")
    args = parser.parse_args()
    steps = max(1, args.tokens // (WINDOW * BATCH))
    size = {name: parameters(overrides) for name, overrides in ROWS}
    rows = [("plain transformer of text_only's size", plain(size[TEXT_ONLY])),
            ("plain transformer of the whole's size", plain(size[WHOLE])),
            ("text_only's size, learned positions (GPT-2's)", learned_positions(size[TEXT_ONLY])), *ROWS]
    tokenizer = os.environ.get("LYDIA_TOKENIZER", "out/tokenizer")
    if (ROOT / tokenizer / "tokenizer_config.json").exists():
        rows += [(name, [*overrides, "data=morphopiece", f"data.tokenizer={tokenizer}"]) for name, overrides in MORPHOLOGY]
    done = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = []
        for number, (_, overrides) in enumerate(rows):
            share = MORPHOLOGY_SHARE if "data=morphopiece" in overrides else 1
            running.append([pool.submit(run, overrides, seed, steps // share, args.rate, f"{args.out}/{number}-{seed}")
                            for seed in range(args.seeds)])
        for (name, overrides), runs in zip(rows, running):
            figures = [future.result() for future in runs]
            known = "model=base" in overrides and "data=morphopiece" not in overrides
            done.append((name, parameters(overrides) if known else None, figures))
            print(f"{name}: {[round(f['bits_per_byte'], 4) for f in figures]}", flush=True)
    text = table(done, args)
    print(text) if args.dry else write(text)


if __name__ == "__main__":
    main()
