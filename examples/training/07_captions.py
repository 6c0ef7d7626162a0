"""AGIFORMER learns to say in Turkish what it sees and hears, beside a twin that gets the words alone.

Pictures: Fashion-900, 600 pictures of clothes, each with one of three captions ("Resimde bir çanta
var."). Sounds: the Free Spoken Digit Dataset, takes 5-14, at 16 kHz ("Duyulan rakam yedi."). The twin
has the same sizes, the same captions and the same steps, but no picture and no sound: it can learn the
language, and that each word is one of ten (log2 10 = 3.32 bits), no more. Told are the bits of a whole
held-out caption, the share of captions whose word is right when the model writes them itself, and what
is left of both when the model is given the picture or sound of another caption.

The recipe was chosen on a fifth of the training part (--validate); the test part is touched once, by
models that learnt from all of the training part. Writes out/captions/. --quick trains a little and
leaves the test part alone.
"""
import math

import lydia
from lesson import data, expect, measured, options, runs_table
from lydia import audio, report
from lydia.agiformer import AGIFORMER
from lydia.nn import functional as F

CLOTHES = "tişört pantolon kazak elbise palto sandalet gömlek ayakkabı çanta bot".split()
DIGITS = "sıfır bir iki üç dört beş altı yedi sekiz dokuz".split()
RATE, SAMPLES, LINE_END = 16000, 12800, 10

args = options(__doc__, "captions", seeds=3, epochs=40, rate=3e-3, validate=False)
FRAMES = 1 if args.quick else 3  # of the captions


class Pictures:
    kind, words, mark = "image", CLOTHES, 0.6
    frames = ["Resimde bir {} var.", "Bu bir {}.", "Görülen giysi: {}."]

    @staticmethod
    def read(part):
        folder = data("classic/fashion900", args.quick)
        images = lydia.io.read_idx(str(folder / f"{part}-images-idx3-ubyte.gz")).float() / 127.5 - 1
        labels = lydia.io.read_idx(str(folder / f"{part}-labels-idx1-ubyte.gz")).long()
        return images.unsqueeze(1).expand(-1, 3, -1, -1).contiguous(), labels

    @staticmethod
    def change(x):
        """Mirrored or not, moved by up to two pixels."""
        x = lydia.where(lydia.rand(len(x), 1, 1, 1) < 0.5, x.flip(3), x)
        dy, dx = lydia.randint(0, 5, (2,)).tolist()
        return F.pad(x, (2, 2, 2, 2), value=-1.0)[:, :, dy:dy + 28, dx:dx + 28]


class Sounds:
    kind, words, mark = "audio", DIGITS, 0.85
    frames = ["Duyulan rakam {}.", "Konuşan kişi {} diyor.", "Söylenen: {}."]

    @staticmethod
    def read(part):
        folder = data("audio/fsdd", args.quick)
        test = {str(take) for take in range(5)}
        files = sorted(f for f in folder.glob("*.wav") if (f.stem.split("_")[2] in test) == (part == "test"))
        waves = [Sounds.fitted(*audio.read_wav(file)) for file in files]
        return lydia.stack(waves), lydia.tensor([int(file.name[0]) for file in files])

    @staticmethod
    def fitted(samples, rate):
        """The middle of a recording, or silence around it, with its loudest sample at 1."""
        x = audio.resample(samples.mean(0), rate, RATE)
        missing = SAMPLES - len(x)
        x = F.pad(x, (missing // 2, missing - missing // 2)) if missing > 0 else x[-missing // 2:][:SAMPLES]
        return x / (x.abs().max() + 1e-6)

    @staticmethod
    def change(x):
        """Moved by up to a twentieth of a second, and louder or softer."""
        return lydia.roll(x, int(lydia.randint(-800, 801, (1,))), 1) * (0.5 + lydia.rand(len(x), 1))


def captions(task, labels, frames):
    """ids and targets [n, length] of one caption each: a line end, the caption, a line end."""
    texts = [list(("\n" + task.frames[f].format(task.words[c]) + "\n").encode()) for c, f in zip(labels, frames)]
    length = max(map(len, texts)) - 1
    ids = [t[:-1] + [LINE_END] * (length - len(t) + 1) for t in texts]
    targets = [t[1:] + [-100] * (length - len(t) + 1) for t in texts]
    return lydia.tensor(ids, dtype=lydia.int64), lydia.tensor(targets, dtype=lydia.int64)


def train(task, inputs, labels, sees, epochs):
    model = AGIFORMER(vocab_size=256, d_model=64, n_layers=2, n_heads=4, d_ff=128, n_experts=1,
                      expert_types=["language"], max_seq_len=64, dropout=0.1, use_memory=False, use_introspection=False,
                      image_size=28, patch_size=7, vision_width=64, vision_layers=2, vision_heads=4)
    optimizer = lydia.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.05)
    batch = 16 if args.quick else 32
    steps = epochs * (len(labels) // batch)
    schedule = lydia.optim.lr_scheduler.OneCycleLR(optimizer, args.rate, steps)
    for _ in range(epochs):
        order = lydia.randperm(len(labels))
        for part in order[:len(order) // batch * batch].split(batch):
            ids, targets = captions(task, labels[part].tolist(), lydia.randint(0, FRAMES, (batch,)).tolist())
            given = {task.kind: task.change(inputs[part])} if sees else {}
            loss = model.loss(ids, targets, **given)[0]["total"]
            optimizer.zero_grad()
            loss.backward()
            lydia.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return model.eval()


def score(model, task, labels, inputs=None):
    """Bits of a caption, mean over the frames, and the share of words that it writes right."""
    given = {} if inputs is None else {task.kind: inputs}
    bits, right = 0.0, 0
    with lydia.no_grad():
        for frame in range(FRAMES):
            ids, targets = captions(task, labels.tolist(), [frame] * len(labels))
            logits, _ = model(text=ids, **given)
            bits += F.cross_entropy(logits.reshape(-1, 256), targets.reshape(-1), reduction="sum").item()
        start, end = task.frames[0].split("{}")
        prompt = lydia.tensor([list(("\n" + start).encode())] * len(labels), dtype=lydia.int64)
        written = model.generate(prompt, max_new_tokens=16, temperature=0, eos=LINE_END, **given)
    for row, label in zip(written.tolist(), labels.tolist()):
        right += bytes(row).strip() == (start + task.words[label] + end).encode()
    return bits / math.log(2) / (FRAMES * len(labels)), right / len(labels)


def run(task, seed):
    """Figures of a model that sees or hears and of its twin with the words alone."""
    lydia.manual_seed(seed)
    inputs, labels = task.read("train")
    order = lydia.randperm(len(labels))
    if args.quick or args.validate:
        held, order = order[:len(order) // 5], order[len(order) // 5:]
        held_inputs, held_labels = inputs[held], labels[held]
    else:
        held_inputs, held_labels = task.read("test")
    inputs, labels = inputs[order], labels[order]
    epochs = 6 if args.quick else args.epochs
    model, twin = (train(task, inputs, labels, sees, epochs) for sees in (True, False))
    out = {}
    for name, figures in [("", score(model, task, held_labels, held_inputs)),
                          (", another's", score(model, task, held_labels, held_inputs[lydia.randperm(len(held_labels))])),
                          (", words alone", score(twin, task, held_labels))]:
        out[f"{task.kind}: bits per caption{name}"], out[f"{task.kind}: word right{name}"] = figures
    return out


def main():
    page = report.HtmlPage("Captions").paragraph(__doc__)
    for task in (Pictures, Sounds):
        runs = []
        for seed in range(1 if args.quick else args.seeds):
            runs.append(run(task, seed))
            print(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in runs[-1].items()), flush=True)
        table = runs_table(runs)
        print(table)
        part = "validation" if args.validate or args.quick else "test"
        for name in runs[0]:
            measured(f"{part}, {name}", [r[name] for r in runs])
        page.heading(2, task.kind).table(table)
        mean = {name: sum(r[name] for r in runs) / len(runs) for name in runs[0]}
        bits, alone = (mean[f"{task.kind}: bits per caption{twin}"] for twin in ("", ", words alone"))
        word, chance = (mean[f"{task.kind}: word right{twin}"] for twin in ("", ", words alone"))
        less, mark = (0.3, 0.2) if args.quick else (1.5, task.mark)
        expect(bits <= alone - less, f"{task.kind}: a caption takes {bits:.3f} bits, words alone {alone:.3f}")
        expect(word >= max(mark, chance + 0.1), f"{task.kind}: the word is right in {word:.3f}, words alone {chance:.3f}")
    report.save(page, args.out / "report.html")


if __name__ == "__main__":
    main()
