"""Every source of data of `lydia train`, from files made here to a model that has learned them."""
import json
import os
import subprocess
import wave
from pathlib import Path

import lydia
import lydia.io
import lydia.vision
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def train(out, *overrides, check=True):
    result = subprocess.run(
        [os.environ["LYDIA_BIN"], "train", "--quiet", "--json", f"output_dir={out}",
         "training.log_interval=1", "training.schedule.warmup_steps=0", *map(str, overrides)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, cwd=ROOT)
    if check:
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)
    return result


def evaluate(out, *args):
    return subprocess.run([os.environ["LYDIA_BIN"], "eval", str(out), "--json", *map(str, args)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                          cwd=ROOT)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "run"


# ---- pictures

def colour_pictures(folder, count=24):
    """Two classes of two colours, of many sizes; a patient has four pictures."""
    rng = np.random.default_rng(0)
    for label, colour in (("blue", (20, 30, 220)), ("red", (220, 30, 20))):
        (folder / label).mkdir(parents=True)
        for i in range(count):
            size = rng.integers(9, 30, 2)
            pixels = np.clip(np.array(colour) + rng.integers(-20, 20, (*size, 3)), 0, 255)
            lydia.vision.write_png(folder / label / f"p{label}{i // 4}_{i}.png",
                                   lydia.tensor(pixels.astype(np.uint8).transpose(2, 0, 1).copy()))


FOLDER = ("model=cnn", "data=image_folder", "model.widths=[8]", "data.height=12", "data.width=10",
          "data.batch_size=8", "training.max_steps=40", "training.optimizer.lr=0.01")


def test_image_folder(tmp_path, out):
    colour_pictures(tmp_path / "pictures")
    figures = train(out, *FOLDER, f"data.path={tmp_path}/pictures", "data.group_part=0")
    assert figures["accuracy"] == 1.0
    assert json.loads((out / "model/labels.json").read_text()) == ["blue", "red"]
    (tmp_path / "pictures/blue").rename(tmp_path / "pictures/azure")
    other = evaluate(out)
    assert other.returncode == 2 and "labels.json" in other.stderr


def test_image_folder_with_its_own_parts(tmp_path, out):
    for part in ("train", "val", "test"):
        colour_pictures(tmp_path / "pictures" / part, 12)
    train(out, *FOLDER, f"data.path={tmp_path}/pictures")
    assert json.loads(evaluate(out, "--split", "test").stdout)["accuracy"] == 1.0


def test_a_broken_picture_is_named_or_counted(tmp_path, out):
    colour_pictures(tmp_path / "pictures")
    broken = tmp_path / "pictures/red/pred0_1.png"
    broken.write_bytes(broken.read_bytes()[:40])
    stopped = train(out, *FOLDER, f"data.path={tmp_path}/pictures", check=False)
    assert stopped.returncode == 2 and str(broken) in stopped.stderr
    skipped = train(out, *FOLDER, f"data.path={tmp_path}/pictures", "data.on_corrupt=skip")
    assert skipped["corrupt_records"] >= 1 and skipped["accuracy"] == 1.0
    assert "corrupt records left out" in (out / "report.html").read_text()


def test_npz(tmp_path, out):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (200, 1))
    images = rng.integers(0, 100, (200, 5, 5, 3)) + 150 * (labels[:, :, None, None] * [1, 0, 0])
    np.savez(tmp_path / "a.npz", train_images=images.clip(0, 255).astype(np.uint8),
             train_labels=labels, test_images=images[:20].clip(0, 255).astype(np.uint8),
             test_labels=labels[:20])
    figures = train(out, "model=mlp", "data=npz", f"data.path={tmp_path}/a.npz",
                    "training.max_steps=60")
    assert figures["accuracy"] > 0.95
    assert json.loads(evaluate(out, "--split", "test").stdout)["accuracy"] > 0.95
    np.savez(tmp_path / "b.npz", train_images=images.astype(np.uint8), train_labels=labels[:7])
    wrong = train(out, "data=npz", f"data.path={tmp_path}/b.npz", check=False)
    assert wrong.returncode == 2 and "train_labels" in wrong.stderr
    parts = {"train_images": images.astype(np.uint8), "train_labels": labels}
    for changed, message in (
            ({"train_labels": labels / 2}, "train_labels: expected whole numbers, got float64"),
            ({"val_images": images[:0].astype(np.uint8), "val_labels": labels[:0]},
             "to learn from and to validate with, got 200 and 0")):
        np.savez(tmp_path / "c.npz", **parts | changed)
        wrong = train(tmp_path / "c", "data=npz", f"data.path={tmp_path}/c.npz", check=False)
        assert wrong.returncode == 2 and message in wrong.stderr


# ---- sound

def write_sound(path, hiss, seed, seconds, rate):
    """Noise, or a tone of a random pitch with a little noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    samples = rng.normal(0, 0.2 if hiss else 0.01, t.size)
    if not hiss:
        samples += 0.4 * np.sin(2 * np.pi * rng.uniform(300, 3000) * t)
    samples *= 32767
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes(samples.clip(-32768, 32767).astype("<i2").tobytes())


def test_wav_folder(tmp_path, out):
    for label in ("hiss", "tone"):
        for speaker in range(4):
            for take in range(6):
                write_sound(tmp_path / f"{label}_s{speaker}_{take}.wav", label == "hiss",
                            10 * speaker + take, 0.2 + 0.03 * take, 8000 if take % 2 else 16000)
    figures = train(out, "model=cnn", "data=fsdd", f"data.path={tmp_path}", "model.widths=[8,16]",
                    "data.seconds=0.3", "data.group_part=1", "data.test_values=[0]",
                    "data.batch_size=8", "training.max_steps=100")
    assert figures["accuracy"] == 1.0
    assert json.loads(evaluate(out, "--split", "test").stdout)["accuracy"] == 1.0
    assert json.loads((out / "model/labels.json").read_text()) == ["hiss", "tone"]


# ---- tables

def write_table(path, count=200, broken=()):
    rng = np.random.default_rng(0)
    lines = ["height,weight,kind,price"]
    for i in range(count):
        a, b = rng.normal(100, 20), rng.normal(5, 2)
        kind = "big" if (a - 100) / 20 + (b - 5) / 2 > 0 else "small"
        height = "tall" if i in broken else f"{a:.3f}"
        lines.append(f"{height},{b:.3f},{kind},{3 * a + 10 * b:.3f}")
    path.write_text("\n".join(lines) + "\n")


TABLE = ("model=mlp", "data=csv", "model.hidden=[16]", "model.dropout=0.0", "training.max_steps=200",
         "training.optimizer.lr=0.02")


def test_csv_classes(tmp_path, out):
    write_table(tmp_path / "t.csv")
    figures = train(out, *TABLE, f"data.path={tmp_path}/t.csv", f"data.test_path={tmp_path}/t.csv",
                    "data.target=kind", "data.features=[height,weight]")
    assert figures["accuracy"] > 0.9
    assert json.loads(evaluate(out, "--split", "test").stdout)["accuracy"] > 0.9


def test_csv_numbers(tmp_path, out):
    write_table(tmp_path / "t.csv")
    figures = train(out, *TABLE, f"data.path={tmp_path}/t.csv", "data.target=price",
                    "data.target_kind=number", "data.features=[height,weight]",
                    "training.optimizer.lr=0.1", "training.max_steps=400", "training.clip_norm=0")
    assert figures["r2"] > 0.95 and figures["mean_absolute_error"] ** 2 < figures["loss"] * 1.001


def test_csv_with_broken_rows(tmp_path, out):
    write_table(tmp_path / "t.csv", broken=(3, 9))
    args = (*TABLE, f"data.path={tmp_path}/t.csv", "data.target=kind",
            "data.features=[height,weight]")
    stopped = train(out, *args, check=False)
    assert stopped.returncode == 2 and "t.csv:5" in stopped.stderr and "'tall'" in stopped.stderr
    assert train(out, *args, "data.on_corrupt=skip")["corrupt_records"] == 2
    unknown = train(out, *args, "data.target=kimd", check=False)
    assert unknown.returncode == 2 and "kimd" in unknown.stderr


# ---- words and text

def write_treebank(path, broken=False):
    """Words in -mak are verbs; the others are nouns, but for those behind "bir": adjectives."""
    rng = np.random.default_rng(0)
    stems = ["gel", "git", "kal", "ver", "dur", "bak"]
    text = ""
    for s in range(60):
        text += f"# sent_id = {s}\n"
        previous = ""
        for i in range(1, int(rng.integers(2, 9)) + 1):
            kind = rng.integers(0, 3)
            word = "bir" if kind == 0 else stems[rng.integers(6)] + ("mak" if kind == 1 else "lar")
            tag = ("DET" if kind == 0 else "VERB" if kind == 1
                   else "ADJ" if previous == "bir" else "NOUN")
            if broken and s == 7 and i == 1:
                tag = "NUON"
            text += f"{i}\t{word}\t_\t{tag}\t_\t_\t0\troot\t_\t_\n"
            previous = word
        text += "\n"
    path.write_text(text)


TAGGER = ("model=tagger", "data=boun", "model.width=16", "model.hidden=16", "model.dropout=0.0",
          "training.max_steps=120", "training.optimizer.lr=0.02", "data.buckets=512")


def test_conllu(tmp_path, out):
    write_treebank(tmp_path / "t.conllu")
    figures = train(out, *TAGGER, f"data.path={tmp_path}/t.conllu",
                    f"data.test_path={tmp_path}/t.conllu")
    assert figures["accuracy"] > 0.97  # what stands before a word counts
    # Alone or beside others, with padding, a sentence gets the same scores.
    one = json.loads(evaluate(out, "--split", "test", "data.batch_size=1").stdout)
    many = json.loads(evaluate(out, "--split", "test", "data.batch_size=60").stdout)
    assert one["loss"] == pytest.approx(many["loss"], rel=1e-5)
    assert one["accuracy"] == many["accuracy"]


def test_conllu_with_an_unknown_tag(tmp_path, out):
    write_treebank(tmp_path / "t.conllu", broken=True)
    stopped = train(out, *TAGGER, f"data.path={tmp_path}/t.conllu", check=False)
    assert stopped.returncode == 2 and "t.conllu:" in stopped.stderr and "NUON" in stopped.stderr
    figures = train(out, *TAGGER, f"data.path={tmp_path}/t.conllu", "data.on_corrupt=skip",
                    "training.max_steps=2")
    assert figures["corrupt_records"] == 1


TEXT = ("model=byte_transformer", "model.width=32", "model.layers=1", "model.dropout=0.0",
        "data.length=32", "training.max_steps=100", "training.optimizer.lr=1e-2")


def test_jsonl(tmp_path, out):
    lines = [json.dumps({"text": f"Bir iki üç dört beş. Satır {i}."}) for i in range(300)]
    lines[5] = lines[5][:-2]
    lines[8] = json.dumps({"text": 3})
    (tmp_path / "t.jsonl").write_text("\n".join(lines) + "\n")
    args = (*TEXT, "data=anayasa", f"data.path={tmp_path}/t.jsonl")
    stopped = train(out, *args, check=False)
    assert stopped.returncode == 2 and "t.jsonl:6" in stopped.stderr
    figures = train(out, *args, "data.on_corrupt=skip")
    assert figures["bits_per_byte"] < 1.5 and figures["corrupt_records"] == 2


def test_tokens(tmp_path, out):
    tokens = [300 + i % 7 for i in range(3000)]
    lydia.io.write_tokens(str(tmp_path / "t.bin"), lydia.tensor(tokens))
    figures = train(out, *TEXT, "data=tokens", f"data.path={tmp_path}/t.bin",
                    f"data.validation_path={tmp_path}/t.bin", "data.vocabulary=307",
                    "data.bytes_per_token=2.0", "training.max_steps=200")
    assert figures["perplexity"] < 1.1
    assert figures["bits_per_byte"] == pytest.approx(figures["loss"] / np.log(2) / 2)
    small = train(tmp_path / "small", *TEXT, "data=tokens", f"data.path={tmp_path}/t.bin",
                  f"data.validation_path={tmp_path}/t.bin", "data.vocabulary=300", check=False)
    assert small.returncode == 1 and "expected indices in [0, 300)" in small.stderr


@pytest.mark.parametrize("args, message", [
    (("model=cnn", "data=csv", "data.path=x", "data.target=y"), "mlp"),
    (("model=tagger", "data=text"), "byte_transformer"),
    (("data=npz",), "data.path"),
    (("data=image_folder", "data.path=/nowhere"), "/nowhere"),
    (("data=fsdd", "data.path=/nowhere"), "/nowhere"),
    (("model=tagger", "data=boun", "data.path=/nowhere.conllu"), "/nowhere"),
    (("data=fsdd", "data.n_mel=3"), "n_mels"),
    (("data=fashion900", "+data.on_corrupt=sip"), "skip"),
    (("data=fashion900", "data.batch_size=0"), "batch"),
    (("data=fashion900", "data.workers=-1"), "workers"),
])
def test_wrong_use_is_one_line_that_helps(out, args, message):
    result = train(out, *args, check=False)
    assert result.returncode in (1, 2)
    assert message in result.stderr and result.stderr.count("\n") == 1, result.stderr
