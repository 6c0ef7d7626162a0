"""Fashion-900: ten kinds of clothes from 600 pictures of 28 x 28 pixels.

With so few examples the recipe is nearly all augmentation: mirror images, small shifts, rectangles hidden,
pictures mixed; weight decay; a moving average of the weights; three networks that vote, each on
ten views of a picture. The recipe was chosen on fifths of the training part held out (--validate); the
test part is touched once, at the end, by votes that learnt from all of the training part. Writes
out/fashion/. --quick trains one network a little and leaves the test part alone.
"""
import lydia
from lesson import confusion_table, curves, data, expect, measured, options, runs_table
from lydia import metrics, nn, report, vision
from lydia.nn import functional as F
from lydia.train import EMAWeightAveraging, Trainer, TrainModule
from lydia.utils.data import DataLoader, Dataset, TensorDataset

CLOTHES = "T-shirt trousers pullover dress coat sandal shirt sneaker bag boot".split()

args = options(__doc__, "fashion", seeds=5, networks=3, epochs=80, validate=False)


def read(part):
    folder = data("classic/fashion900", args.quick)
    images = lydia.io.read_idx(str(folder / f"{part}-images-idx3-ubyte.gz")).float() / 127.5 - 1
    labels = lydia.io.read_idx(str(folder / f"{part}-labels-idx1-ubyte.gz")).long()
    return images.unsqueeze(1), labels


def parts(seed):
    """What to learn from and what is held out: another fifth of the training part for each seed."""
    train = read("train")
    if not (args.quick or args.validate):
        return train, read("test")
    generator = lydia.Generator()
    generator.manual_seed(seed)
    order = lydia.randperm(len(train[1]), generator=generator)
    fifth = len(order) // 5
    return [tuple(t[rows] for t in train) for rows in (order[fifth:], order[:fifth])]


class Changed(Dataset):
    """Pictures that are never twice the same."""

    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.change = vision.Compose([vision.RandomHorizontalFlip(),
                                      vision.RandomAffine(0, (0.05, 0.05), fill=-1.0),
                                      vision.RandomErasing(0.3, (0.02, 0.2), value=0.0)])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.change(self.images[i]), self.labels[i]


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


class Classifier(TrainModule):
    """The last layer sees where a thing is, not only that it is there: with clothes that matters."""

    def __init__(self, steps, width):
        super().__init__()
        self.net = nn.Sequential(
            *block(1, width), nn.MaxPool2d(2), *block(width, 2 * width), nn.MaxPool2d(2),
            *block(2 * width, 4 * width), nn.Flatten(), nn.Dropout(0.2), nn.Linear(4 * width * 49, 10))
        self.mix, self.steps = vision.MixUp(alpha=0.2, num_classes=10), steps

    def forward(self, x):
        return self.net(x)

    def training_step(self, batch, batch_idx):
        images, shares = self.mix(*batch)
        return F.cross_entropy(self(images), shares, label_smoothing=0.05)

    def predict_step(self, batch, batch_idx):
        """Probabilities, the mean over a picture and its mirror image, each also moved by a pixel."""
        views = [x.roll(shift, (2, 3)) for x in (batch[0], batch[0].flip(3))
                 for shift in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))]
        return sum(lydia.softmax(self(x), 1) for x in views) / len(views)

    def configure_optimizers(self):
        weights = [p for p in self.parameters() if p.ndim > 1]
        others = [p for p in self.parameters() if p.ndim <= 1]
        optimizer = lydia.optim.AdamW([{"params": weights, "weight_decay": 0.1},
                                       {"params": others, "weight_decay": 0.0}], lr=3e-3)
        return optimizer, lydia.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, self.steps)


def network(train, held, folder):
    """Probabilities of the held-out pictures after the last step: nothing is chosen by them."""
    epochs = 8 if args.quick else args.epochs
    loader = DataLoader(Changed(*train), batch_size=32, shuffle=True, drop_last=True)
    model = Classifier(epochs * len(loader), 8 if args.quick else 24)
    trainer = Trainer(max_epochs=epochs, default_root_dir=folder, gradient_clip_val=1.0,
                      callbacks=[EMAWeightAveraging(0.9 if args.quick else 0.99)])
    trainer.fit(model, loader)
    return lydia.cat(trainer.predict(model, DataLoader(TensorDataset(*held), batch_size=100)))


def main():
    predictions, truths, runs, folders = [], [], [], []
    for seed in range(1 if args.quick else args.seeds):
        lydia.manual_seed(seed)
        train, held = parts(seed)
        folders += [args.out / f"seed-{seed}-{i}" for i in range(1 if args.quick else args.networks)]
        votes = [network(train, held, folder) for folder in folders[-args.networks:]]
        runs.append({"one network": sum(metrics.accuracy(p, held[1]) for p in votes) / len(votes),
                     "vote": metrics.accuracy(sum(votes), held[1])})
        predictions.append(sum(votes) / len(votes))
        truths.append(held[1])
        print(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in runs[-1].items()), flush=True)
    table = runs_table(runs)
    print(table)
    part = "validation" if args.validate else "test"
    for name in runs[0]:
        measured(f"{part} accuracy, {name}", [run[name] for run in runs])
    page = report.HtmlPage("Fashion-900").paragraph(__doc__).table(table)
    page.heading(2, "What is taken for what").table(
        confusion_table(lydia.cat(predictions), lydia.cat(truths), CLOTHES))
    page.heading(2, "Training").figure(report.line_plot(curves(folders), x_label="step", y_label="loss"))
    report.save(page, args.out / "report.html")
    mean, mark = sum(run["vote"] for run in runs) / len(runs), 0.4 if args.quick else 0.82
    expect(args.validate or mean >= mark, f"accuracy {mean:.4f} is at least {mark}")


if __name__ == "__main__":
    main()
