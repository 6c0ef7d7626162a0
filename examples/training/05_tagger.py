"""Parts of speech of Turkish words: a bidirectional LSTM over pieces of words.

UD_Turkish-BOUN's development part, 979 sentences, five folds: each sentence is tagged by networks that
learnt from the other four fifths, and copies of a sentence share a fold. A word is the sum of vectors of
its pieces: the word, its first 1-4 and last 1-6 letters, its shape; rows of one table, by a hash. In
training a network also names the morphological features, the treebank's own part of speech and the relation
of each word, which teaches it more than the 15 tags alone. Three networks a fold vote. The recipe was chosen on other folds (--fold-seed 1). The
baseline is each word's most frequent tag, and for new words that of the longest ending seen. Writes
out/tagger/. --quick trains one network on one fold.
"""
import collections
import zlib

import lydia
from lesson import data, expect, measured, options, runs_table
from lydia import metrics, nn, report
from lydia.nn import functional as F
from lydia.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from lydia.train import Trainer, TrainModule
from lydia.utils.data import DataLoader, Dataset, LengthBatchSampler, pad_collate, split_by_group

ROWS, WIDTH = 1 << 15, 96
ALSO = ("feats", "xpos", "deprel")

args = options(__doc__, "tagger", networks=3, epochs=15, fold_seed=0)
if args.quick:
    args.epochs = 3
FOLDS = 5


def lower(word):
    """Lower case by Turkish rules: I is the capital of the dotless ı."""
    return word.replace("I", "ı").replace("İ", "i").lower()


def shape(word):
    """Runs of capitals, small letters and digits as one sign each: "TBMM'ye" is X'x."""
    signs = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(c for i, c in enumerate(signs) if i == 0 or c != signs[i - 1])


def pieces(word, first):
    """Rows of the table, the word's own first; 0 where a word is too short for a piece."""
    small, form = lower(word), shape(word)
    found = ["w" + small]
    found += ["p" + small[:n] if len(small) >= n else None for n in range(1, 5)]
    found += ["s" + small[-n:] if len(small) >= n else None for n in range(1, 7)]
    found += ["h" + form, "H" + form + "^" * first, f"l{min(len(word), 12)}"]
    return [0 if piece is None else 1 + zlib.crc32(piece.encode()) % (ROWS - 1) for piece in found]


class Sentences(Dataset):
    """Pieces [words, pieces], tags [words], and numbers of what else is learnt [words, len(ALSO)]."""

    def __init__(self, sentences, tags):
        words = [w for s in sentences for w in s.words]
        also = [sorted({getattr(w, name) for w in words}) for name in ALSO]
        self.classes = [len(tags), *map(len, also)]
        number = [{value: i for i, value in enumerate(values)} for values in (tags, *also)]
        self.items = [{
            "pieces": lydia.tensor([pieces(w.form, i == 0) for i, w in enumerate(s.words)]),
            "tags": lydia.tensor([number[0][w.upos] for w in s.words]),
            "also": lydia.tensor([[n[getattr(w, name)] for name, n in zip(ALSO, number[1:])]
                                  for w in s.words])} for s in sentences]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class Tagger(TrainModule):
    def __init__(self, classes, steps):
        super().__init__()
        self.table = nn.Embedding(ROWS, WIDTH, padding_idx=0)
        nn.init.normal_(self.table.weight, 0, 0.08)
        with lydia.no_grad():
            self.table.weight[0].zero_()
        self.word = nn.Sequential(nn.LayerNorm(WIDTH), nn.Dropout(0.5))
        self.lstm = nn.LSTM(WIDTH, WIDTH, bidirectional=True, batch_first=True)
        self.dropout = nn.Dropout(0.5)
        self.heads = nn.ModuleList([nn.Linear(3 * WIDTH, count) for count in classes])
        self.steps = steps

    def hide(self, rows):
        """Some pieces of each word become 0, and the whole word more often: it must not lean on it."""
        chance = lydia.full((rows.shape[2],), 0.1)
        chance[0] = 0.3
        return rows * (lydia.rand(*rows.shape) >= chance)

    def words_in_context(self, batch):
        """[sentences, words, 3 WIDTH]: what stands around a word, and the word."""
        rows = self.hide(batch["pieces"]) if self.training else batch["pieces"]
        words = self.word(self.table(rows).sum(2))
        lengths = batch["attention_mask"].sum(1)
        packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
        around, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.dropout(lydia.cat([around, words], 2))

    def forward(self, batch):
        return self.heads[0](self.words_in_context(batch))

    def training_step(self, batch, batch_idx):
        words = self.words_in_context(batch).flatten(0, 1)
        loss = F.cross_entropy(self.heads[0](words), batch["tags"].flatten(), label_smoothing=0.1)
        for i, head in enumerate(self.heads[1:]):
            loss = loss + 0.3 * F.cross_entropy(head(words), batch["also"][..., i].flatten())
        return loss

    def predict_step(self, batch, batch_idx):
        """Probabilities [words, tags], the words of all sentences in a row."""
        return lydia.softmax(self(batch), 2)[batch["attention_mask"]]

    def configure_optimizers(self):
        optimizer = lydia.optim.AdamW(self.parameters(), lr=4e-3, weight_decay=0.01)
        return optimizer, lydia.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, self.steps)


def batches(dataset, **options):
    lengths = [len(item["tags"]) for item in dataset]
    return DataLoader(dataset, batch_sampler=LengthBatchSampler(lengths, 16, **options),
                      collate_fn=pad_collate({"tags": -100, "also": -100}, length_of="pieces"))


def network(train, held, classes, seed, folder):
    lydia.manual_seed(seed)
    loader = batches(train, seed=seed)
    model = Tagger(classes, args.epochs * len(loader))
    Trainer(max_epochs=args.epochs, default_root_dir=folder, gradient_clip_val=1.0).fit(model, loader)
    in_order = DataLoader(held, batch_size=16, collate_fn=pad_collate(length_of="pieces"))
    return lydia.cat(Trainer().predict(model, in_order))


class Majority:
    """The most frequent tag of a word, else of the longest ending of up to 6 letters that was seen."""

    def __init__(self, sentences):
        self.counts = collections.defaultdict(collections.Counter)
        for word in (w for s in sentences for w in s.words):
            for piece in self.keys(word.form):
                self.counts[piece][word.upos] += 1

    def keys(self, form):
        small = lower(form)
        return ["=" + small, *(small[-n:] for n in range(min(6, len(small)), 0, -1)), ""]

    def tag(self, form):
        return next(self.counts[k] for k in self.keys(form) if k in self.counts).most_common(1)[0][0]


def fold_figures(sentences, dataset, parts, fold, tags):
    """The figures of a fold, its probabilities and its true tags."""
    learn = [i for k, part in enumerate(parts) if k != fold for i in part.indices]
    held = parts[fold].indices
    train, test = ([dataset[i] for i in indices] for indices in (learn, held))
    truth = lydia.cat([item["tags"] for item in test])
    votes = [network(train, test, dataset.classes, seed, args.out / f"fold-{fold}-{seed}")
             for seed in range(1 if args.quick else args.networks)]
    baseline = Majority([sentences[i] for i in learn])
    guesses = [tags.index(baseline.tag(w.form)) for i in held for w in sentences[i].words]
    figures = {"majority": metrics.accuracy(lydia.tensor(guesses), truth),
               "one network": sum(metrics.accuracy(p, truth) for p in votes) / len(votes),
               "vote": metrics.accuracy(sum(votes), truth)}
    print(f"fold {fold}: " + ", ".join(f"{k} {v:.4f}" for k, v in figures.items()), flush=True)
    return figures, sum(votes) / len(votes), truth


def tag_table(predicted, truth, tags):
    table = report.Table(["tag", "words", "precision", "recall", "F1"], "lrrrr")
    for tag, s in zip(tags, metrics.precision_recall_f1(predicted, truth, len(tags), average=None)):
        table.row(tag, int(s.support), *(f"{value:.3f}" for value in (s.precision, s.recall, s.f1)))
    return table


def main():
    sentences = lydia.io.read_conllu(str(data("tr/ud_boun", args.quick) / "tr_boun-ud-dev.conllu"))
    tags = sorted({word.upos for sentence in sentences for word in sentence.words})
    dataset = Sentences(sentences, tags)
    parts = split_by_group(dataset, [s.text for s in sentences], [1 / FOLDS] * FOLDS, seed=args.fold_seed)
    results = [fold_figures(sentences, dataset, parts, fold, tags) for fold in range(1 if args.quick else FOLDS)]
    runs = [figures for figures, _, _ in results]
    predicted, truth = (lydia.cat([result[i] for result in results]) for i in (1, 2))
    summary, per_tag = runs_table(runs, "fold"), tag_table(predicted, truth, tags)
    print(summary, per_tag, sep="\n")
    page = report.HtmlPage("Parts of speech of Turkish words").paragraph(__doc__)
    page.heading(2, "Accuracy").table(summary).heading(2, "By tag").table(per_tag)
    report.save(page, args.out / "report.html")
    for name in runs[0]:
        measured(f"UPOS accuracy, {name}", [run[name] for run in runs], "folds")
    mean = sum(run["vote"] for run in runs) / len(runs)
    baseline = sum(run["majority"] for run in runs) / len(runs)
    expect(mean > baseline, f"the networks ({mean:.4f}) tag better than the majority ({baseline:.4f})")
    if not args.quick:
        expect(mean >= 0.88, f"cross-validated accuracy {mean:.4f} is at least 0.88")


if __name__ == "__main__":
    main()
