"""Is the confidence of introspection to be believed, and do its rounds help? Small models (d 128, 2
layers) trained alike on the pages of a Turkish text but for the number of rounds, scored on the
pages held out.

    PYTHONPATH=build/release/python .venv/bin/python bench/agiformer_introspection.py

Nothing is fitted afterwards: the calibration error (15 bins) is that of the model's own confidence in
"the next byte is predicted right". Writes the table into docs/agiformer.md and the reliability diagram
into out/introspection/report.html.
"""
import argparse
import json
import pathlib
import statistics
import subprocess

import lydia
from lydia import metrics, report, text
from lydia.agiformer import AGIFORMER

ROOT = pathlib.Path(__file__).resolve().parent.parent
START, END = "<!-- introspection -->", "<!-- /introspection -->"
LENGTH, BATCH = 256, 4
MOST = 400  # windows that are scored
SIZE = ["model=base", "model.d_model=128", "model.n_layers=2", "model.n_heads=4", "model.d_ff=512",
        "model.max_seq_len=256", "model.n_experts=1", "model.expert_types=[language]"]


def train(args, rounds, seed):
    """The figures that `lydia train` prints, and the model."""
    folder = args.out / f"rounds-{rounds}-seed-{seed}"
    overrides = [*SIZE, f"model.use_introspection={str(rounds > 0).lower()}", f"+model.max_iterations={max(rounds, 1)}",
                 f"data.path={args.text}", f"data.length={LENGTH}", f"data.batch_size={BATCH}",
                 f"training.max_steps={args.steps}", f"training.learning_rate={args.rate}", "training.eval_interval=0",
                 "training.save_interval=0", f"seed={seed}", f"output_dir={folder}"]
    if not (folder / "model/model.safetensors").exists():
        subprocess.run([ROOT / "build/release/lydia", "train", *overrides, "--json", "--quiet"], check=True, cwd=ROOT,
                       capture_output=True)
    return AGIFORMER.from_pretrained(folder / "model")


def with_rounds(model, rounds):
    """The same weights with fewer rounds; with 0 the states of the last block are taken as they are."""
    config = {**model.config, "max_iterations": max(rounds, 1), "use_introspection": rounds > 0}
    other = AGIFORMER(**config).eval()
    names = {name for name, _ in other.named_parameters()}
    other.load_state_dict({k: v for k, v in model.state_dict().items() if k in names})
    return other


def windows(path):
    """Bytes of the pages held out, [n, LENGTH + 1], evenly spread over them."""
    held_out = text.split_text(path.read_bytes(), 10)[1]
    count = (len(held_out) - 1) // LENGTH
    starts = [i * LENGTH for i in range(0, count, -(-count // MOST))]
    return lydia.tensor([list(held_out[i:i + LENGTH + 1]) for i in starts], dtype=lydia.int64)


def score(model, held_out):
    """Bits per byte; with introspection also its confidence and whether it was right, of every byte."""
    bits, confidence, right = 0.0, [], []
    with lydia.no_grad():
        for part in held_out.split(32):
            ids, target = part[:, :-1], part[:, 1:]
            logits, info = model(text=ids)
            parts = lydia.nn.functional.cross_entropy(logits.reshape(-1, 256), target.reshape(-1), reduction="sum")
            bits += parts.item() / 0.6931471805599453
            seen = info["blocks"][-1].get("introspection")
            if seen:
                confidence.append(seen["confidence"].reshape(-1))
                right.append((logits.argmax(-1) == target).reshape(-1))
    bits /= held_out.shape[0] * LENGTH
    return bits, (lydia.cat(confidence), lydia.cat(right).long()) if confidence else None


def cell(values, digits):
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{spread}" if values else ""


def write(lines):
    path = ROOT / "docs/agiformer.md"
    head, rest = path.read_text().split(START)
    path.write_text(head + START + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, default=ROOT / "build/corpus/help-tr.txt")
    parser.add_argument("--steps", type=int, default=976)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "out/introspection")
    parser.add_argument("--dry", action="store_true", help="prints the table, leaves the page alone")
    args = parser.parse_args()
    held_out = windows(args.text)
    lines = [f"`bench/agiformer_introspection.py`: {args.steps * LENGTH * BATCH:,} bytes a run, {args.seeds} seeds, "
             f"{held_out.shape[0] * LENGTH:,} bytes held out; mean ± standard deviation.", "",
             "| rounds in training | bits per byte | the same weights, fewer rounds | next byte right | mean confidence | ECE |",
             "|---|---|---|---|---|---|"]
    page = report.HtmlPage("Introspection").paragraph(__doc__)
    for rounds in (0, 1, 2):
        bits, fewer, eces, rights, means = [], {}, [], [], []
        for seed in range(args.seeds):
            model = train(args, rounds, seed)
            value, seen = score(model, held_out)
            bits.append(value)
            if seen:
                eces.append(metrics.calibration_error(*seen, bins=15))
                rights.append(seen[1].float().mean().item())
                means.append(seen[0].mean().item())
                page.figure(metrics.reliability_svg(*seen, bins=15, title=f"{rounds} rounds, seed {seed}"))
            for less in range(rounds):
                fewer.setdefault(less, []).append(score(with_rounds(model, less), held_out)[0])
            print(f"rounds {rounds}, seed {seed}: {value:.4f} bits per byte, ECE {eces[-1:]}, "
                  f"fewer rounds {[round(v[-1], 4) for v in fewer.values()]}", flush=True)
        lines.append(f"| {rounds} | {cell(bits, 4)} | {', '.join(f'{k}: {cell(v, 3)}' for k, v in fewer.items())} | "
                     f"{cell(rights, 3)} | {cell(means, 3)} | {cell(eces, 4)} |")
    page.preformatted("\n".join(lines))
    report.save(page, args.out / "report.html")
    print("\n".join(lines))
    if not args.dry:
        write(lines)


if __name__ == "__main__":
    main()
