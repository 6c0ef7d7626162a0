"""A convolutional network on PneumoniaMNIST (chest X-rays, 28 x 28): AUROC and calibration.

Three seeds. Nothing is mirrored: a mirrored chest has its heart on the wrong side. The loss weighs the
classes by how rare they are. Half of the validation part chooses the weights, the other half tells how
good the probabilities are after temperature scaling; the test part is touched once, at the end. Writes
out/pneumonia/. --quick trains a little, on a few pictures, and leaves the test part alone.
"""
import lydia
from lesson import curves, data, expect, measured, options, runs_table
from lydia import metrics, nn, report, vision
from lydia.nn import functional as F
from lydia.train import ModelCheckpoint, Trainer, TrainModule, load_checkpoint
from lydia.utils.data import DataLoader, Dataset

args = options(__doc__, "pneumonia", seeds=3, epochs=15)


def read(part):
    folder = data("cxr/pneumoniamnist", args.quick)
    images = lydia.io.read_idx(str(folder / f"{part}-images-idx3-ubyte.gz")).float() / 127.5 - 1
    labels = lydia.io.read_idx(str(folder / f"{part}-labels-idx1-ubyte.gz")).long()
    return images.unsqueeze(1), labels


class Pictures(Dataset):
    """Small turns, shifts and changes of size, in training only."""

    def __init__(self, images, labels, change):
        self.images, self.labels = images, labels
        self.change = vision.RandomAffine(8, (0.07, 0.07), (0.92, 1.08)) if change else None

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = self.images[i]
        return (self.change(image) if self.change else image), self.labels[i]


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


class Classifier(TrainModule):
    def __init__(self, weights, steps, width):
        super().__init__()
        self.net = nn.Sequential(
            *block(1, width), *block(width, width), nn.MaxPool2d(2), nn.Dropout(0.1),
            *block(width, 2 * width), *block(2 * width, 2 * width), nn.MaxPool2d(2), nn.Dropout(0.2),
            *block(2 * width, 4 * width), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3),
            nn.Linear(4 * width, 2))
        self.class_weights, self.steps = weights, steps

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        return F.cross_entropy(self(batch[0]), batch[1], weight=self.class_weights,
                               label_smoothing=0.05)

    def validation_step(self, batch, batch_idx):
        self.log("val_loss", F.cross_entropy(self(batch[0]), batch[1]), len(batch[1]))

    def configure_optimizers(self):
        optimizer = lydia.optim.AdamW(self.parameters(), lr=2e-3, weight_decay=0.05)
        return optimizer, lydia.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, self.steps)


def logits_of(trainer, model, loader):
    return lydia.cat(trainer.predict(model, loader)), lydia.cat([labels for _, labels in loader])


def train_one(seed, train, choose, calibrate, test, page):
    lydia.manual_seed(seed)
    epochs = 1 if args.quick else args.epochs
    counts = lydia.bincount(train[1]).float()
    loader = DataLoader(Pictures(*train, change=True), batch_size=64, shuffle=True, drop_last=True)
    plain = [DataLoader(Pictures(*part, change=False), batch_size=256) for part in
             (choose, calibrate, test) if part is not None]
    model = Classifier(len(train[1]) / (2 * counts), epochs * len(loader), 4 if args.quick else 32)
    keeper = ModelCheckpoint("val_loss")
    trainer = Trainer(max_epochs=epochs, default_root_dir=args.out / f"seed-{seed}",
                      callbacks=[keeper], gradient_clip_val=1.0)
    trainer.fit(model, loader, plain[0])
    model.load_state_dict(load_checkpoint(keeper.best_model_path)["model"])
    temperature = metrics.fit_temperature(*logits_of(trainer, model, plain[0]))
    figures = {"temperature": temperature}
    for name, held in zip(("validation", "test"), plain[1:]):
        logits, labels = logits_of(trainer, model, held)
        p = lydia.softmax(logits / temperature, dim=1)
        figures[f"{name} auroc"] = metrics.auroc(p[:, 1], labels)
        figures[f"{name} accuracy"] = metrics.accuracy(p, labels)
        figures[f"{name} ece"] = metrics.calibration_error(p, labels)
        figures[f"{name} share predicted"] = p[:, 1].mean().item()
        figures[f"{name} share true"] = labels.float().mean().item()
        page.figure(metrics.reliability_svg(p, labels, title=f"{name}, seed {seed}"))
    return figures


def main():
    train, validation = read("train"), read("val")
    test = None if args.quick else read("test")
    if args.quick:
        train = (train[0][:256], train[1][:256])
    half = len(validation[1]) // 2  # the order of the files is shuffled
    choose, calibrate = ((validation[0][s], validation[1][s]) for s in
                         (slice(None, half), slice(half, None)))
    page = report.HtmlPage("Pneumonia on chest X-rays").paragraph(__doc__).heading(2, "Reliability")
    runs = []
    for seed in range(1 if args.quick else args.seeds):
        runs.append(train_one(seed, train, choose, calibrate, test, page))
        print(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in runs[-1].items()), flush=True)
    table = runs_table(runs)
    print(table)
    for name in runs[0]:
        measured(name, [run[name] for run in runs])
    folders = [args.out / f"seed-{seed}" for seed in range(len(runs))]
    page.heading(2, "Figures").table(table).heading(2, "Training").figure(
        report.line_plot(curves(folders, "val_loss"), x_label="step", y_label="validation loss"))
    report.save(page, args.out / "report.html")
    part, mark = ("validation", 0.7) if args.quick else ("test", 0.95)
    mean = sum(run[f"{part} auroc"] for run in runs) / len(runs)
    expect(mean >= mark, f"AUROC on the {part} part {mean:.4f} is at least {mark}")


if __name__ == "__main__":
    main()
