"""Spoken digits: log-mel spectrograms and a small convolutional network.

The Free Spoken Digit Dataset: 6 speakers say 10 digits 15 times each, at 8 kHz. Takes 0-4 of each are
its test part, as its authors have it; takes 5-14 are learnt from. The recipe was chosen on takes 12-14
held out of those (--validate); the test part is touched once, at the end, by models that learnt from
all of 5-14. Writes out/digits/. --quick trains a little and leaves the test part alone.
"""
import re

import lydia
from lesson import confusion_table, curves, data, expect, measured, options, runs_table
from lydia import audio, metrics, nn, report
from lydia.nn import functional as F
from lydia.train import EMAWeightAveraging, Trainer, TrainModule
from lydia.utils.data import DataLoader, TensorDataset

RATE, SECONDS = 8000, 0.8
DIGITS = "zero one two three four five six seven eight nine".split()

args = options(__doc__, "digits", seeds=5, epochs=40, validate=False)


def takes():
    """(takes to learn from, takes held out)"""
    if args.quick:
        return range(5, 8), range(12, 13)
    return (range(5, 12), range(12, 15)) if args.validate else (range(5, 15), range(5))


def fitted(samples):
    """The middle of a recording, or silence around it: RATE * SECONDS samples."""
    size, length = int(RATE * SECONDS), samples.shape[-1]
    if length > size:
        return samples[(length - size) // 2:][:size]
    return F.pad(samples, ((size - length) // 2, size - length - (size - length) // 2))


def read(wanted):
    """Spectrograms [n, 1, mels, frames], digits [n] and the speakers' names."""
    mel = audio.MelSpectrogram(RATE, n_fft=256, hop_length=80, n_mels=40, f_min=50)
    pictures, digits, speakers = [], [], []
    for path in sorted(data("audio/fsdd", args.quick).glob("*.wav")):
        digit, speaker, take = re.fullmatch(r"(\d)_(\w+)_(\d+)", path.stem).groups()
        if int(take) not in wanted:
            continue
        samples, rate = audio.read_wav(path)
        if rate != RATE:
            samples = audio.resample(samples, rate, RATE)
        picture = audio.log_mel(fitted(samples[0]), mel)
        pictures.append((picture - picture.mean()) / 3)  # whatever the loudness
        digits.append(int(digit))
        speakers.append(speaker)
    return lydia.stack(pictures).unsqueeze(1), lydia.tensor(digits), speakers


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


class Listener(TrainModule):
    def __init__(self, steps, width):
        super().__init__()
        self.net = nn.Sequential(
            *block(1, width), nn.MaxPool2d(2), *block(width, 2 * width), nn.MaxPool2d(2),
            *block(2 * width, 4 * width), nn.MaxPool2d(2), *block(4 * width, 4 * width),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(4 * width, 10))
        self.masks = [audio.TimeMasking(12, iid_masks=True), audio.FrequencyMasking(8, iid_masks=True)]
        self.steps = steps

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        x, y = batch
        x = x.roll(lydia.randint(-8, 9, (1,)).item(), 3)  # earlier or later by up to 80 ms
        for mask in self.masks:
            x = mask(x)
        return F.cross_entropy(self(x), y, label_smoothing=0.1)

    def configure_optimizers(self):
        optimizer = lydia.optim.AdamW(self.parameters(), lr=4e-3, weight_decay=0.05)
        return optimizer, lydia.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, self.steps)


def train_one(seed, train, held):
    """Logits of the held-out takes after the last step: nothing is chosen by them."""
    lydia.manual_seed(seed)
    epochs, batch_size = (20, 16) if args.quick else (args.epochs, 32)
    loader = DataLoader(TensorDataset(*train[:2]), batch_size, shuffle=True, drop_last=True)
    model = Listener(epochs * len(loader), 8 if args.quick else 16)
    trainer = Trainer(max_epochs=epochs, default_root_dir=args.out / f"seed-{seed}",
                      callbacks=[EMAWeightAveraging(0.98)], gradient_clip_val=1.0)
    trainer.fit(model, loader)
    return lydia.cat(trainer.predict(model, DataLoader(TensorDataset(*held[:2]), batch_size=128)))


def figures_of(logits, held):
    right = (logits.argmax(1) == held[1]).float()
    figures = {"accuracy": right.mean().item()}
    for name in sorted(set(held[2])):
        of = lydia.tensor([speaker == name for speaker in held[2]])
        figures[f"accuracy, {name}"] = right[of].mean().item()
    return figures


def main():
    train, held = (read(wanted) for wanted in takes())
    all_logits, runs = [], []
    for seed in range(1 if args.quick else args.seeds):
        all_logits.append(train_one(seed, train, held))
        runs.append(figures_of(all_logits[-1], held))
        print(f"seed {seed}: accuracy {runs[-1]['accuracy']:.4f}", flush=True)
    table = runs_table(runs)
    print(table)
    page = report.HtmlPage("Spoken digits").paragraph(__doc__).table(table)
    page.heading(2, "Which digit is taken for which").table(
        confusion_table(lydia.cat(all_logits), held[1].repeat(len(runs)), DIGITS))
    folders = [args.out / f"seed-{seed}" for seed in range(len(runs))]
    page.heading(2, "Training").figure(report.line_plot(curves(folders), x_label="step", y_label="loss"))
    report.save(page, args.out / "report.html")
    accuracies = [run["accuracy"] for run in runs]
    measured("validation accuracy" if args.validate else "test accuracy", accuracies)
    mean, mark = sum(accuracies) / len(runs), 0.4 if args.quick else 0.95
    expect(mean >= mark, f"accuracy {mean:.4f} is at least {mark}")


if __name__ == "__main__":
    main()
