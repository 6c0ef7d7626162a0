"""`lydia tokenizer` end to end, over a small model of the core list and a few sentences."""
import json
import os
import subprocess

import pytest

TEXT = """Kitaplarımızdan birini arkadaşlarıma verdim. Evlerimizdekiler dün gece geç geldiler.
Belediyenin yeni yönetmeliğine göre çöpler artık sabahları toplanacak.
Bilgisayarınızı yeniden başlatmak istiyor musunuz? Dosyayı kaydetmeden çıkmayın.
Çocuklar okuldan dönünce annelerine sarıldılar ve öğrendiklerini anlattılar.
""" * 5


def lydia(*args, stdin=b"", check=True, **environment):
    result = subprocess.run([os.environ["LYDIA_BIN"], "tokenizer", *map(str, args)], input=stdin,
                            capture_output=True, timeout=300, env={**os.environ, **environment})
    assert not check or result.returncode == 0, result.stderr.decode()
    return result


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    (folder / "text.txt").write_text(TEXT)
    out = lydia("train", folder / "text.txt", "--no-hunspell", "--vocab-size", 6000, "--output",
                folder / "model", "--json", "--quiet")
    report = json.loads(out.stdout)
    assert report["vocab_size"] <= 6000 and report["roots"] > 5000
    return folder / "model"


@pytest.fixture(scope="module")
def run(model):
    return lambda *args, **more: lydia(args[0], "--model", model, *args[1:], **more)


def words(result):
    return dict(line.split("\t") for line in result.stdout.decode().splitlines())


def test_help_of_every_part():
    assert lydia("--help").stdout.startswith(b"Usage: lydia tokenizer")
    for part in "train encode decode segment show eval info bench export".split():
        for option in ("--help", "-h"):
            result = lydia(part, option)
            assert result.stdout.startswith(f"Usage: lydia tokenizer {part}".encode())
            assert not result.stderr


@pytest.mark.parametrize("args, message", [
    (["segmnt"], "show, eval, info, bench, export, got 'segmnt'; did you mean 'segment'?"),
    (["encode", "-5 derece"], "got '-5 derece' (what begins with - but is none goes behind --)"),
    (["encode", "--jsn"], "expected an option of --help, got '--jsn'; did you mean '--json'?"),
    (["encode", "--mode"], "expected a value after --mode, got none"),
    (["encode", "--json=1"], "expected --json without a value"),
    (["train", "--vocab-size", "many"], "expected --vocab-size from 1024 to"),
    (["train", "--mode", "fast"], "fast"),
    (["eval"], "expected --gold FILE or --text FILE"),
    (["bench"], "expected --text FILE"),
    (["export"], "expected --output FILE"),
])
def test_wrong_use_is_one_line_and_status_2(args, message):
    result = lydia(*args, check=False)
    assert result.returncode == 2 and not result.stdout
    assert message in result.stderr.decode() and result.stderr.count(b"\n") == 1


def test_without_a_model_it_says_where_one_is_looked_for(tmp_path):
    result = lydia("encode", "ev", "--model", tmp_path / "none", check=False)
    assert result.returncode == 1 and str(tmp_path / "none") in result.stderr.decode()
    broken = tmp_path / "broken.bin"
    broken.write_bytes(b"no model")
    assert lydia("encode", "ev", "--model", broken, check=False).returncode == 2
    (tmp_path / "tokenizer_config.json").write_text('{"format": 9}')
    result = lydia("info", "--model", tmp_path, check=False)
    assert result.returncode == 2 and "expected format 1, got 9" in result.stderr.decode()
    assert str(tmp_path / "tokenizer_config.json") in result.stderr.decode()
    (tmp_path / "empty").mkdir()
    result = lydia("info", "--model", tmp_path / "empty", check=False)
    assert result.returncode == 1 and f"lydia tokenizer train --output {tmp_path}/empty" in result.stderr.decode()


def test_the_model_comes_from_the_environment_too(model):
    assert words(lydia("segment", "evler", LYDIA_TOKENIZER=str(model))) == {"evler": "ev|ler"}


def test_segment_takes_arguments_or_lines(run):
    given = ["kitaplarımızdan", "evlerimizdekiler", "geldiler", "HTML'nin", "İSTANBUL'DA"]
    out = words(run("segment", *given))
    assert out["kitaplarımızdan"] == "kitap|lar|ımız|dan"
    assert out["HTML'nin"].split("|")[-2:] == ["'", "nin"]
    assert all(out[word].replace("|", "") == word for word in given)
    assert words(run("segment", stdin="\n".join(given).encode())) == out


def test_segment_says_what_the_parts_are(run):
    assert words(run("segment", "--types", "kitaplar"))["kitaplar"] == "kitap:noun|lar:PLU"
    reading = json.loads(run("segment", "--json", "kitabı").stdout)
    assert reading["word"] == "kitabı" and reading["known"]
    root = reading["morphs"][0]
    assert (root["surface"], root["lemma"], root["begin"], root["end"]) == ("kitab", "kitap", 0, 5)
    lines = run("segment", "--types", "--nbest", 5, "evleri").stdout.decode().splitlines()
    assert len(lines) > 1 and len(set(lines)) == len(lines)


def test_color_is_only_shown_when_asked_for(run):
    assert b"\x1b[" not in run("segment", "evler").stdout
    assert b"\x1b[" in run("segment", "--color", "evler").stdout


@pytest.mark.parametrize("mode", ["morph", "compact", "canonical"])
def test_lines_come_back(run, mode):
    ids = run("encode", "--mode", mode, stdin=TEXT.encode()).stdout
    assert run("decode", stdin=ids).stdout.decode() == TEXT


@pytest.mark.parametrize("mode", ["morph", "compact", "canonical"])
def test_raw_bytes_come_back(run, mode):
    data = bytes(range(256)) * 3 + TEXT.encode() + b"\xff\xfe<mask>\r\n\0" + "İı ğ😀 i̇".encode()
    ids = run("encode", "--raw", "--mode", mode, stdin=data).stdout
    assert run("decode", "--raw", stdin=ids).stdout == data
    assert run("encode", "--raw", stdin=b"").stdout == b"\n"


def test_encode_says_more_on_request(run):
    one = json.loads(run("encode", "--json", "Ağaçlar").stdout)
    assert {len(one[name]) for name in ("ids", "tokens", "offsets", "types")} == {len(one["ids"])}
    assert one["offsets"][-1][1] == 7 and "plural" in one["types"]
    special = run("encode", "--special", "--tokens", "ev").stdout.decode().split()
    assert special[0] == "<bos>" and special[-1] == "<eos>"
    parsed = run("encode", "--tokens", "--parse-special", "<mask>").stdout.decode()
    assert parsed.split() == ["<mask>"]
    assert run("encode", "--tokens", "<mask>").stdout.decode().split() != ["<mask>"]


def test_drawn_cuts_depend_on_the_seed_and_come_back(run):
    draw = lambda seed: run("encode", "--temperature", 50, "--seed", seed, "evlerini").stdout
    assert draw(1) == draw(1)
    drawn = {draw(seed) for seed in range(12)}
    assert len(drawn) > 1
    assert all(run("decode", stdin=ids).stdout == b"evlerini\n" for ids in drawn)


@pytest.mark.parametrize("ids", ["12 x", "1.5", "99999999"])
def test_decode_refuses_what_is_no_id(run, ids):
    result = run("decode", *ids.split(), check=False)
    assert result.returncode in (1, 2) and result.stderr.count(b"\n") == 1


def test_eval_of_cuts_and_of_tokens_per_word(run, model, tmp_path):
    gold = tmp_path / "gold.tsv"
    gold.write_text("evler\tev|ler\t2\t\t3\nkitap\tkitap\t\t\t1\n")
    text = model.parent / "text.txt"
    out = json.loads(run("eval", "--gold", gold, "--text", text, "--bpe", text, "--json").stdout)
    rows = {row["name"]: row for row in out["rows"]}
    assert rows["segment"]["types"] == {"words": 2, "precision": 1, "recall": 1, "f1": 1, "exact": 1}
    assert rows["segment"]["types"] == rows["morph"]["types"] == rows["canonical"]["types"]
    assert 1 < rows["compact"]["tokens_per_word"] <= rows["morph"]["tokens_per_word"]
    assert rows["bpe"]["tokens_per_word"] > 0
    assert b"F1 types" in run("eval", "--gold", gold).stdout
    gold.write_text("evler\tev|ler\t2\t\t3\nevden\tevden\t\t\t1\n")
    errors = json.loads(run("eval", "--gold", gold, "--errors", "--json").stdout)["errors"]
    assert errors["root cut"] == 1 and sum(errors.values()) == 1
    assert run("eval", "--text", text, "--errors", check=False).returncode == 2
    gold.write_text("evler\n")
    assert run("eval", "--gold", gold, check=False).returncode == 2


def test_info_names_the_sources(run):
    info = json.loads(run("info", "--json").stdout)
    assert info["kind"] == "morphopiece" and info["vocab_size"] > 1000
    assert "text.txt" in json.dumps(info["meta"])
    shown = run("info").stdout
    assert b"lists of lydia's" in shown and b"text.txt" in shown and b"{" not in shown


def test_show_in_the_terminal_and_as_a_page(run, model, tmp_path):
    page = tmp_path / "page.html"
    sentence = "Kitaplarımı <b> & evleri gördüm."
    text = run("show", "--bpe", model.parent / "text.txt", sentence).stdout.decode()
    assert "Kitap|lar|ım|ı" in text and "bpe" in text and "\x1b[" not in text
    assert "in all" not in text and "colours" not in text
    two = run("show", "--color", sentence, "evler").stdout.decode()
    counts = [int(row.split()[1]) for row in two.splitlines() if row.startswith("  morph ")]
    assert len(counts) == 2 and f"tokens in all: morph {sum(counts)}, compact" in two
    assert "colours: " in two and "possessive" in two
    run("show", "--html", page, sentence)
    html = page.read_text()
    assert html.startswith("<!doctype html>") and "&lt;b&gt;" in html and "<b>" not in html
    assert "http" not in html and "<script" not in html


def test_bench_gives_figures(run, model, tmp_path):
    fresh = tmp_path / "fresh.txt"
    out = json.loads(run("bench", "--text", model.parent / "text.txt", "--runs", 1, "--json",
                         "--new-words", fresh).stdout)
    assert {row["name"] for row in out["rows"]} == {"warm", "new words", "cold", "decode", "batch"}
    assert all(row["mb_per_s"] > 0 for row in out["rows"])
    given = fresh.read_text().split()
    assert len(given) == len(set(given)) > 100
    assert run("bench", "--text", fresh, "--threads", "0", check=False).returncode == 2


def test_export_writes_a_unigram_model_and_says_that_it_is_approximate(run, model, tmp_path):
    path = tmp_path / "tokenizer.json"
    out = json.loads(run("export", "--output", path, "--text", model.parent / "text.txt",
                         "--json").stdout)
    exported = json.loads(path.read_text())
    assert exported["model"]["type"] == "Unigram" and exported["model"]["byte_fallback"]
    assert "approximate" in exported["model"]["lydia"]["note"]
    assert exported["model"]["lydia"]["words_cut_alike"] == out["words_cut_alike"] > 0.5
    pieces = [piece for piece, _ in exported["model"]["vocab"]]
    assert len(pieces) == len(set(pieces)) == out["pieces"]
    assert "approximate" in run("export", "--output", path).stdout.decode()


def test_training_is_repeatable_and_says_what_is_wrong(model, tmp_path):
    text = model.parent / "text.txt"
    for name in ("a.bin", "b.bin"):
        lydia("train", text, "--no-hunspell", "--vocab-size", 6000, "--output", tmp_path / name,
              "--quiet")
    a = (tmp_path / "a.bin").read_bytes()
    assert a == (tmp_path / "b.bin").read_bytes() == (model / "morphopiece.bin").read_bytes()
    assert lydia("train", tmp_path / "no.txt", check=False).returncode == 1
    result = lydia("train", text, "--vocab-size", 10, "--no-hunspell", check=False)
    assert result.returncode == 2 and b"vocab" in result.stderr
