"""MorphoPiece beside Hugging Face tokenizers 0.23.2 and SentencePiece 0.2.3, trained on the same text.

    make bench-tokenizers GOLD=FILE TEXT=FOLDER                      both tables (minutes)
    make bench-tokenizers ... ARGS="--sizes 32000 --no-speed"

Quality: cuts against the held half of a gold list (`lydia tokenizer eval` says how they are scored;
"segment" is the analysis, the others are cuts between tokens) and tokens per word of lines that nobody
was trained on, one in ten, without their line breaks. Modes without sequences have a model of their own. Speed: one thread, text to
ids, the runs taking turns; MorphoPiece's come from `lydia tokenizer bench`. Tables go into
docs/morphopiece.md.
"""
import argparse
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
sys.path.pop(0)  # this file's folder: it would hide the package of the same name
import sentencepiece
import tokenizers
from lydia.text import split_text

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "morphopiece.md"
LYDIA = ROOT / "build" / "release" / "lydia"


class HuggingFace:
    """A Unigram or BPE model over words with the space before them, as SentencePiece has it."""

    def __init__(self, kind, text, size, keep=None):
        self.name = f"tokenizers {kind}"
        kept = keep and keep / f"tokenizers-{kind}-{size}.json"
        if kept and kept.exists():
            self.model = tokenizers.Tokenizer.from_file(str(kept))
            return
        model, make = {"BPE": (tokenizers.models.BPE, tokenizers.trainers.BpeTrainer),
                       "Unigram": (tokenizers.models.Unigram, tokenizers.trainers.UnigramTrainer)}[kind]
        self.model = tokenizers.Tokenizer(model())
        self.model.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
        more = {"unk_token": "<unk>"} if kind == "Unigram" else {}
        trainer = make(vocab_size=size, special_tokens=["<unk>"], show_progress=False, **more)
        self.model.train_from_iterator(text.splitlines(), trainer)
        if kept:
            self.model.save(str(kept))

    def cuts(self, word):
        return {begin for begin, end in self.model.encode(word).offsets if end > begin} - {0}

    def run(self, chunks):
        return sum(len(e.ids) for e in self.model.encode_batch_fast(chunks))

    def time(self, chunks):
        before = time.perf_counter()
        self.model.encode_batch_fast(chunks)
        return time.perf_counter() - before


class SentencePiece:
    def __init__(self, kind, text, size, keep=None):
        self.name = f"SentencePiece {kind}"
        kept = keep and keep / f"sentencepiece-{kind}-{size}.model"
        if kept and kept.exists():
            self.model = sentencepiece.SentencePieceProcessor(model_file=str(kept))
            return
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "text.txt"
            path.write_text(text)
            sentencepiece.SentencePieceTrainer.train(
                input=str(path), model_prefix=f"{folder}/m", vocab_size=size, minloglevel=2,
                model_type=kind.lower(), hard_vocab_limit=False, character_coverage=1.0,
                normalization_rule_name="identity",
                num_threads=1, max_sentence_length=1 << 20)
            self.model = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/m.model")
            if kept:
                kept.write_bytes(pathlib.Path(f"{folder}/m.model").read_bytes())

    def cuts(self, word):
        at, out = -1, set()  # every word begins with U+2581
        for piece in self.model.encode(word, out_type=str):
            out.add(at)
            at += len(piece)
        return out - {-1, 0}

    def run(self, chunks):
        return sum(map(len, self.model.encode(chunks, num_threads=1)))

    def time(self, chunks):
        before = time.perf_counter()
        self.model.encode(chunks, num_threads=1)
        return time.perf_counter() - before


def read_gold(path, part):
    """{word: [(cuts, optional cuts), ...]} of a half: SHA-256 of the word even (tune) or odd."""
    words = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        word, _, cuts, optional, *_ = line.split("\t") + ["", ""]
        odd = int(hashlib.sha256(word.encode()).hexdigest()[-1], 16) % 2
        if part == "all" or odd == (part == "hold"):
            words.setdefault(word, []).append((set(map(int, cuts.split())), set(map(int, optional.split()))))
    return words


def score(words, cuts):
    """Precision, recall, F1 and exact words, at the level of types, the best variant of each."""
    hits = given = gold = exact = 0
    for word, variants in words.items():
        found = cuts(word)
        counts = [(len((found - o) & c), len(found - o), len(c - o)) for c, o in variants]
        best = max(counts, key=lambda n: 2 * n[0] / (n[1] + n[2]) if n[1] + n[2] else 1)
        hits, given, gold = hits + best[0], given + best[1], gold + best[2]
        exact += best[0] == best[1] == best[2]
    precision, recall = hits / max(given, 1), hits / max(gold, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return [100 * x for x in (precision, recall, f1, exact / len(words))]


def run_lydia(*args):
    done = subprocess.run([str(LYDIA), "tokenizer", *map(str, args)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return json.loads(done.stdout)


def quality(args, train, held, folder):
    gold = read_gold(args.gold, args.part)
    lines = [line for line in held.splitlines() if line.strip()]
    count = len(held.encode().split())  # at ASCII white space, as MorphoPiece counts
    rows = []
    (folder / "held.txt").write_text(held)
    for size in args.sizes:
        for mode, names in (("morph", ("segment", "morph", "canonical")), ("compact", ("compact",))):
            model = folder / f"{mode}{size}"
            run_lydia("train", folder / "train.txt", "--vocab-size", size, "--mode", mode, "--output", model,
                      "--quiet", "--json")
            out = run_lydia("eval", "--model", model, "--gold", args.gold, "--part", args.part,
                            "--text", folder / "held.txt", "--json")
            for row in out["rows"]:
                if row["name"] not in names:
                    continue
                t = row["types"]
                rows.append([f"MorphoPiece {row['name']}", size, 100 * t["precision"], 100 * t["recall"],
                             100 * t["f1"], 100 * t["exact"], row.get("tokens_per_word")])
        for make, kind in ((SentencePiece, "BPE"), (SentencePiece, "Unigram"),
                           (HuggingFace, "BPE"), (HuggingFace, "Unigram")):
            peer = make(kind, train, size)
            rows.append([peer.name, size, *score(gold, peer.cuts), peer.run(lines) / count])
    head = "| tokenizer | vocabulary | P | R | F1 | exact words | tokens/word |\n|---|--:|--:|--:|--:|--:|--:|\n"
    return head + "".join(f"| {r[0]} | {r[1] // 1000}k | " + " | ".join(f"{x:.1f}" for x in r[2:6]) +
                          (f" | {r[6]:.3f} |\n" if r[6] else " | |\n") for r in rows)


def chunks_of(text, size=8192):
    out, now = [], []
    for word in text.split(" "):
        now.append(word)
        if len(now) * 8 > size:
            out.append(" ".join(now))
            now = []
    return out + [" ".join(now)]


def speed(args, train, folder):
    model, fresh = (args.keep or folder) / "speed", folder / "fresh.txt"
    if not model.exists():
        run_lydia("train", folder / "train.txt", "--output", model, "--quiet", "--json")
    bench = ["bench", "--model", model, "--text", folder / "train.txt", "--runs", 1, "--json", "--new-words", fresh]
    run_lydia(*bench)
    new = fresh.read_text()
    peers = [make(kind, train, 32000, args.keep)
             for make in (HuggingFace, SentencePiece) for kind in ("Unigram", "BPE")]
    if not args.rounds:
        return None
    texts = {"warm": chunks_of(train), "new words": chunks_of(new)}
    sizes = {"warm": len(train.encode()) / 1e6, "new words": len(new.encode()) / 1e6}
    rates = {}
    for _ in range(args.rounds):
        for row in run_lydia(*bench)["rows"]:
            name = "MorphoPiece" + (f", {row['threads']} threads" if row["threads"] > 1 else "")
            rates.setdefault((name, row["name"]), []).append(row["mb_per_s"])
        for peer in peers:
            for what, chunks in texts.items():
                rates.setdefault((peer.name, what), []).append(sizes[what] / peer.time(chunks))
    median = {key: statistics.median(values) for key, values in rates.items()}
    names = list(dict.fromkeys(name for name, _ in median))
    out = "| tokenizer | warm, MB/s | new words, MB/s |\n|---|--:|--:|\n"
    for name in names:
        cells = [f"{median[name, what]:.1f}" if (name, what) in median else "" for what in texts]
        out += f"| {name} | {cells[0]} | {cells[1]} |\n"
    return out


def write(mark, table):
    """Puts a table between the marks of the page."""
    begin, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    page = PAGE.read_text()
    head, rest = page.split(begin)
    PAGE.write_text(head + begin + table + end + rest.split(end, 1)[1])
    print(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", required=True)
    parser.add_argument("--part", default="hold", choices=("all", "tune", "hold"))
    parser.add_argument("--text", required=True, help="a file, or a folder of *.txt")
    parser.add_argument("--sizes", type=int, nargs="+", default=[16000, 32000, 64000])
    parser.add_argument("--rounds", type=int, default=7, help="of the speed table; 0: only train")
    parser.add_argument("--keep", type=pathlib.Path, metavar="FOLDER",
                        help="keep what the speed table's models trained there, and take it the next time")
    parser.add_argument("--no-quality", action="store_true")
    parser.add_argument("--no-speed", action="store_true")
    args = parser.parse_args()
    path = pathlib.Path(args.text)
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    lines = "".join(line for file in files for line in file.open() if line.strip())
    train, held = split_text(lines, 10)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "train.txt").write_text(train)
        if not args.no_quality:
            write("tokenizers: quality", quality(args, train, held, folder))
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
        if not args.no_speed and (table := speed(args, train, folder)):
            write("tokenizers: speed", table)


if __name__ == "__main__":
    main()
