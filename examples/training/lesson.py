"""What the examples of this folder share: their options, where the data are, tables of several runs."""
import argparse
import os
import pathlib

from lydia import io, metrics, report


def options(doc, name, **more):
    """--quick, --out, and an option for each of `more`, which gives its default; False: a switch."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run, for tests")
    parser.add_argument("--out", type=pathlib.Path, help=f"default: out/{name}, out/quick/{name} if quick")
    for option, default in more.items():
        kind = {"action": "store_true"} if default is False else {"type": type(default), "default": default}
        parser.add_argument("--" + option.replace("_", "-"), **kind)
    args = parser.parse_args()
    args.out = args.out or pathlib.Path("out/quick" if args.quick else "out") / name
    return args


def data(path, quick):
    """A file or folder below LYDIA_DATA; without it the program ends, in good order where it is quick."""
    found = pathlib.Path(os.environ.get("LYDIA_DATA", "../shared/data")) / path
    if not found.exists():
        print(f"SKIPPED: expected the data in {found}, got none; set LYDIA_DATA")
        raise SystemExit(0 if quick else 1)
    return found


def expect(holds, statement):
    """Ends the program where a statement does not hold."""
    print(("ok: " if holds else "NO: ") + statement)
    if not holds:
        raise SystemExit(1)


def measured(what, values, each="seeds"):
    """Tells the mean of several runs and its interval; `make figures` puts such lines into the docs."""
    if len(values) > 1:
        mean = metrics.mean_interval(values)
        print(f"  measured {what} {mean.value:.4f}, 95 % interval {mean.low:.4f} to {mean.high:.4f} over "
              f"{len(values)} {each}")


def runs_table(runs, each="seed"):
    """Figures (rows) of runs, their mean and its interval: `runs` is a list of {name: value}."""
    several = len(runs) > 1
    headers = ["figure", *(f"{each} {i}" for i in range(len(runs)))]
    table = report.Table(headers + ["mean", "95 % interval"] * several, "l" + "r" * (len(runs) + 2 * several))
    for name in runs[0]:
        values = [run[name] for run in runs]
        cells = [f"{value:.4f}" for value in values]
        if several:
            mean = metrics.mean_interval(values)
            cells += [f"{mean.value:.4f}", f"{mean.low:.4f} to {mean.high:.4f}"]
        table.row(name, *cells)
    return table


def confusion_table(predicted, target, names):
    """Counts with the truth in rows."""
    counts = metrics.confusion_matrix(predicted, target, len(names)).tolist()
    table = report.Table(["truth", *names], "l" + "r" * len(names))
    for name, row in zip(names, counts):
        table.row(name, *row)
    return table


def curves(folders, figure="loss"):
    """{name: (steps, values)} of a figure in the metrics.jsonl of each folder, for line_plot."""
    found = {}
    for folder in folders:
        lines = [line for line in io.read_jsonl(folder / "metrics.jsonl") if figure in line]
        found[folder.name] = [line["step"] for line in lines], [line[figure] for line in lines]
    return found
