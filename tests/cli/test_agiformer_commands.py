"""AGIFORMER from the command line: variants, training with memory, generate, inspect, model-info."""
import json
import os
import random
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = ["base", "text_only", "multimodal", "full", "minimal", "t4_optimized"]
SMALL = ["model.d_model=32", "model.n_layers=2", "model.n_heads=4", "model.d_ff=48", "model.max_seq_len=32",
         "+model.image_size=16", "+model.patch_size=8", "+model.vision_width=16", "+model.vision_layers=1",
         "+model.vision_heads=2", "training.batch_size=4", "training.max_steps=12", "training.learning_rate=1e-3",
         "training.eval_interval=0", "data.length=48"]


def lydia(*args, ok=True):
    run = subprocess.run([os.environ["LYDIA_BIN"], *map(str, args)], cwd=ROOT, capture_output=True, timeout=120)
    assert (run.returncode == 0) == ok, run.stderr.decode(errors="replace")
    return run.stdout if ok else run.stderr.decode(errors="replace")


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A hundred documents of the words of a small language."""
    draw = random.Random(0)
    words = "evler yollar geldi gitti mavi deniz kitap okudu ve bir güzel".split()
    documents = [" ".join(draw.choices(words, k=30)) + "." for _ in range(100)]
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n\n".join(documents))
    return path


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_have_the_documented_sizes(variant):
    config = lydia("train", "--cfg", "job", "--resolve", f"model={variant}", "training.max_steps=500").decode()

    def value(key):
        return re.search(rf"^ *{key}: (.*)$", config, re.M).group(1)
    width = {"minimal": 256, "t4_optimized": 384}.get(variant, 512)
    assert int(value("d_model")) == width and int(value("d_ff")) == 4 * width
    assert int(value("n_experts")) == {"full": 4, "minimal": 1}.get(variant, 2)
    assert value("use_linear_attention") == str(variant == "full").lower()
    assert value("use_memory") == str(variant != "base").lower()
    assert value("use_introspection") == str(variant in ("multimodal", "full")).lower()
    assert int(value("max_seq_len")) == (256 if variant in ("minimal", "t4_optimized") else 512)
    assert int(value("memory_size")) == (500 if variant == "minimal" else 1000)
    assert float(value("learning_rate")) == (1e-3 if variant == "minimal" else 1e-4)
    assert value("max_steps") == "500" and int(value("batch_size")) == 32 and value("name") == "text"
    small = lydia("train", "--cfg", "job", "--resolve", f"model={variant}", "hardware=cpu").decode()
    assert "length: 128" in small and "batch_size: 8" in small


@pytest.fixture(scope="module")
def trained(text, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    figures = json.loads(lydia("train", "model=full", *SMALL, f"data.path={text}", f"output_dir={out}", "--json",
                               "--quiet"))
    return out, figures


def test_training_reports_the_parts_of_the_loss(trained):
    out, figures = trained
    for name in ("loss", "bits_per_byte", "load_balancing", "confidence_loss", "error_loss", "ponder_loss",
                 "confidence_ece", "least_expert_usage"):
        assert figures[name] > 0, name
    assert figures["loss"] < 5.5
    assert {p.name for p in (out / "model").iterdir()} >= {"config.json", "model.safetensors",
                                                          "generation_config.json", "tokenizer_config.json"}
    again = json.loads(lydia("eval", out, "--json"))
    assert again["loss"] == pytest.approx(figures["loss"], rel=1e-5)


def test_the_schedule_is_warm_up_then_inverse_square_root(trained):
    rates = {}
    for line in (trained[0] / "metrics.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if "lr" in entry:
            rates[entry["step"]] = entry["lr"]
    assert rates[1] == pytest.approx(1e-3)  # warm for a tenth of 12 steps: one
    assert rates[10] == pytest.approx(1e-3 * (1 / 10) ** 0.5, rel=1e-3)


def test_generate(trained):
    args = ("generate", "--model", trained[0], "--prompt", "evler", "--max-new-tokens", 20)
    one = lydia(*args, "--seed", 3)
    assert one.startswith(b"evler") and len(one) == 5 + 20 + 1
    assert one == lydia(*args, "--seed", 3) == lydia(*args, "--seed", 3, "--no-stream")
    assert lydia(*args, "--temperature", 0) == lydia(*args, "--temperature", 0)
    assert "temperature" in lydia(*args, "--temperature", -1, ok=False)
    run = subprocess.run([os.environ["LYDIA_BIN"], *map(str, args), "--top-p", "2"], cwd=ROOT, capture_output=True)
    assert run.returncode != 0 and not run.stdout  # refused before a word is written
    assert "number" in lydia(*args, "--top-p", "viel", ok=False)
    assert "at least one character" in lydia("generate", "--model", trained[0], "--prompt", "", ok=False)
    assert "config.json" in lydia("generate", "--model", trained[0] / "nothing", "--prompt", "a", ok=False)


def test_inspect(trained, tmp_path):
    page = tmp_path / "page.html"
    out = lydia("inspect", "--model", trained[0], "--text", "evler <güzel>", "--html", page).decode()
    assert "bits per token" in out and "read entropy" in out and "confidence" in out
    for expert in ("language", "logic", "spatial", "causal"):
        assert expert in out
    html = page.read_text()
    assert "evler &lt;güzel&gt;" in html and "<svg" in html and "https://" not in html


def test_model_info(trained):
    out = lydia("model-info", "--model", trained[0]).decode()
    total = int(re.search(r"total +([\d ]+\d)  ", out).group(1).replace(" ", ""))
    import lydia as package
    model = package.agiformer.AGIFORMER.from_pretrained(trained[0] / "model")
    assert total == package.agiformer.utils.count_parameters(model)["total"]
    assert "expert 3 (causal)" in out and "2 of 4 per token" in out
    minimal = lydia("model-info", "model=minimal").decode()
    assert re.search(r"total +5 9\d\d \d\d\d", minimal)
    # Keys and values, 2 d^2, of 2 d^2 + (2 d^2 + 3 d f): those of all tokens, whatever is chosen.
    assert "12.5 % of them on all tokens" in minimal
    two = lydia("model-info", "model=t4_optimized").decode()  # (4 + 1/4) d^2 of that + (14 + 2.25) d^2 / 2
    assert "34.3 % of them on all tokens" in two
    assert "minimal" in lydia("model-info", "model=mlp", ok=False)
    assert "did you mean" in lydia("train", "model=minimall", ok=False)


def test_morphopiece_from_training_to_text(text, tmp_path):
    from lydia.language import MorphoPieceTokenizer
    MorphoPieceTokenizer.train(str(text), vocab_size=1500, hunspell=False).save(tmp_path / "tokenizer")
    small = [s for s in SMALL if not s.startswith("training.batch_size")]
    lydia("train", "model=minimal", "data=morphopiece", *small, "data.batch_size=4", f"data.path={text}",
          f"data.tokenizer={tmp_path / 'tokenizer'}", f"output_dir={tmp_path / 'run'}", "--quiet")
    prompt = "Evlerden geldi"
    out = lydia("generate", "--model", tmp_path / "run", "--prompt", prompt, "--max-new-tokens", 8, "--seed", 1)
    assert out.startswith(prompt.encode()) and len(out) > len(prompt) + 1
    shown = lydia("inspect", "--model", tmp_path / "run", "--text", "Evlerden geldik").decode()
    assert "noun root" in shown and "verb root" in shown
    from lydia.agiformer import AGIFORMER
    model = AGIFORMER.from_pretrained(tmp_path / "run/model")
    assert model.config["pad_id"] == model.tokenizer.pad_id


@pytest.mark.parametrize("command", [
    ["generate", "--prompt", "a"], ["inspect", "--text", "a"], ["model-info", "--model", "{}", "model=full"],
    ["generate", "--model", "{}/nothing", "--prompt", "a"], ["inspect", "--model", "{}/nothing", "--text", "a"],
    ["inspect", "--model", "{}", "--text", ""], ["inspect", "--model", "{}", "--text", "a", "--html", "/no/such/x.html"],
    ["generate", "--model", "{}", "--prompt", "a", "--temperature", "nan"], ["model-info", "--model", "{}/nothing"],
    ["generate", "--model", "{}", "--prompt", "a", "--top-k", "-1"],
    ["generate", "--model", "{}", "--prompt", "a", "--repetition-penalty", "inf"],
    ["train", "model=text_onyl"], ["train", "model=full", "model.n_experts=0"], ["train", "model=full", "+model.windw=1"],
    ["train", "model=minimal", "data=fashion900"], ["train", "model=minimal", "model.n_layers=100000000000"]])
def test_bad_commands_say_so_in_a_line(trained, command):
    message = lydia(*(part.replace("{}", str(trained[0])) for part in command), ok=False).strip()
    assert message and "\n" not in message
    if "--model" not in command and command[0] != "train":
        assert "--model: expected the folder" in message


def test_damaged_models_are_refused_in_a_line(trained, tmp_path):
    import shutil
    source = trained[0] / "model"
    config = json.loads((source / "config.json").read_text())
    weights = (source / "model.safetensors").read_bytes()

    def refused(name, content):
        folder = tmp_path / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
        message = lydia("generate", "--model", folder, "--prompt", "a", "--max-new-tokens", 1, ok=False).strip()
        assert message and "\n" not in message
        return message

    for name in ("config.json", "model.safetensors"):
        assert name in refused(name, None)
        for content in (b"", b"[]", b"{", bytes(range(256))):
            refused(name, content)
    for change in ({"d_model": 2 ** 62}, {"n_layers": 2 ** 40}, {"n_experts": -1}, {"vocab_size": 1.5}, {"windw": 1},
                   {"expert_types": ["langauge"]}, {"d_model": 64}, {"use_memory": "yes"}):
        refused("config.json", json.dumps({**config, **change}).encode())
    assert "another architecture" in refused("config.json", json.dumps({**config, "model_type": "gpt2"}).encode())
    refused("model.safetensors", weights[:len(weights) // 2])
    refused("model.safetensors", weights[:8] + b"\xff" * 8 + weights[16:])
    refused("generation_config.json", b'{"temperature": -1}')
    refused("generation_config.json", b'[]')
    refused("generation_config.json", b'{"top_k": "many"}')
    refused("tokenizer_config.json", b'{"tokenizer_class": "morphopiece"}')


CAPTIONS = ["model=multimodal", "model.d_model=32", "model.n_layers=1", "model.n_heads=2", "model.d_ff=48",
            "model.n_experts=1", "model.expert_types=[language]", "model.max_seq_len=32", "model.dropout=0.0",
            "model.use_introspection=false", "+model.image_size=8", "+model.patch_size=4", "+model.vision_width=16",
            "+model.vision_layers=1", "+model.vision_heads=2", "training.learning_rate=5e-3",
            "training.eval_interval=0", "data.batch_size=16", "data.workers=0", "--quiet"]


def test_captions_of_pictures(tmp_path):
    import lydia as package
    draw = random.Random(0)
    for part, count in (("train", 64), ("test", 16)):
        labels = bytes(i % 2 for i in range(count))
        pictures = bytes(draw.randrange(40) + 200 * label for label in labels for _ in range(64))
        sizes = [count.to_bytes(4, "big"), (8).to_bytes(4, "big"), (8).to_bytes(4, "big")]
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + b"".join(sizes) + pictures)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + sizes[0] + labels)
    run = tmp_path / "run"
    data = ["data=fashion_captions", f"data.path={tmp_path}", "data.words=[gece, gündüz]", 'data.frames=["Bu {}."]']
    figures = json.loads(lydia("train", *CAPTIONS, *data, "training.max_steps=200", f"output_dir={run}", "--json"))
    assert figures["bits_per_caption"] < 0.5  # words alone: one bit
    assert json.loads(lydia("eval", run, "--split", "test", "--json"))["bits_per_caption"] < 0.5
    for level, word in ((20, "gece"), (220, "gündüz")):
        package.vision.write_png(tmp_path / "one.png", package.full((3, 8, 8), level, dtype=package.uint8))
        out = lydia("generate", "--model", run, "--prompt", "\nBu ", "--image", tmp_path / "one.png",
                    "--temperature", 0, "--max-new-tokens", 9).decode()
        assert f"Bu {word}." in out
    assert "use_multimodal" in lydia("train", "model=minimal", *data, f"output_dir={run}-x", "--quiet", ok=False)
    assert "a word for each of the 2" in lydia("train", *CAPTIONS, *data, "data.words=[a]", ok=False)
    assert "expected {}" in lydia("train", *CAPTIONS, *data, "data.frames=[a]", ok=False)


def test_captions_of_sounds(tmp_path):
    import lydia as package
    time = package.arange(0, 1600) / 8000
    for take in range(12):
        for label, hertz in ((0, 300.0), (1, 2000.0)):
            wave = package.sin(time * (2 * 3.14159 * hertz * (1 + take / 200))) * 0.5
            package.audio.write_wav(tmp_path / f"{label}_a_{take}.wav", wave, 8000)
    run = tmp_path / "run"
    data = ["data=fsdd_captions", f"data.path={tmp_path}", "data.words=[kalın, ince]", 'data.frames=["Ses {}."]',
            "data.test_values=[0, 1]", "data.seconds=0.2"]
    figures = json.loads(lydia("train", *CAPTIONS, *data, "training.max_steps=200", f"output_dir={run}", "--json"))
    assert figures["bits_per_caption"] < 0.5
    for label, word in ((0, "kalın"), (1, "ince")):
        out = lydia("generate", "--model", run, "--prompt", "\nSes ", "--audio", tmp_path / f"{label}_a_1.wav",
                    "--temperature", 0, "--max-new-tokens", 7).decode()
        assert f"Ses {word}." in out
