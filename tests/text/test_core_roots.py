"""The hand-written core list (lydia/text/data/roots_*.tsv): format, counts, and flags that fit the letters."""
import collections
import pathlib
import re

import pytest

DATA = pathlib.Path(__file__).resolve().parents[2] / "lydia" / "text" / "data"
FILES = sorted(DATA.glob("roots_*.tsv"))
ALPHABET = "aâbcçdefgğhıiîjklmnoöpqrsştuûüvwxyz"
VOWELS = "aâeıiîoöuûü"
CLASSES = set("noun proper verb adj adv pron num ques postp conj det interj".split())
CATEGORIES = set("place time person animal emotion object food action adjective unknown".split())
CAUSATIVES = {f"caus_{kind}" for kind in "t ir ar it art dir".split()}
PASSIVES = {f"pass_{kind}" for kind in "il n in".split()}
VERB_FLAGS = {"aor_i", "aor_a"} | CAUSATIVES | PASSIVES
FLAGS = VERB_FLAGS | set(
    "soft drop double front back compound abbrev foreign time lexical".split())

Row = collections.namedtuple("Row", "where root kind flags category")


def rows():
    for path in FILES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith("#"):
                continue
            fields = line.split("\t")
            where = f"{path.name}:{number}"
            assert len(fields) == 4, f"{where}: expected 4 fields, got {line!r}"
            root, kind, flags, category = fields
            yield Row(where, root, kind, [] if flags == "-" else flags.split(","), category)


ROWS = list(rows())


def vowels_of(word):
    return [letter for letter in word if letter in VOWELS]


def broken(rule):
    """Rows that break a rule, as text."""
    return [f"{row.where} {row.root} {row.kind} {row.flags}" for row in ROWS if not rule(row)]


def test_names_are_known_and_letters_are_turkish():
    assert not broken(lambda row: row.kind in CLASSES)
    assert not broken(lambda row: row.category in CATEGORIES)
    assert not broken(lambda row: set(row.flags) <= FLAGS)
    assert not broken(lambda row: len(row.flags) == len(set(row.flags)))
    assert not broken(lambda row: re.fullmatch(f"[{ALPHABET}]+", row.root))


def test_every_root_is_listed_once_in_its_class():
    seen = collections.Counter((row.root, row.kind) for row in ROWS)
    assert not [key for key, count in seen.items() if count > 1]


def test_files_are_sorted_by_the_alphabet_and_short():
    for path in FILES:
        here = [row for row in ROWS if row.where.startswith(path.name + ":")]
        keys = [([ALPHABET.index(letter) for letter in row.root], row.kind) for row in here]
        assert keys == sorted(keys), path.name
        assert len(here) <= 800, path.name


def test_there_are_enough_roots_of_every_class():
    assert len({row.root for row in ROWS}) >= 5000
    count = collections.Counter(row.kind for row in ROWS)
    least = dict(verb=900, noun=2500, adj=700, adv=250, proper=400, pron=20, num=25, ques=10,
                 postp=20, conj=30, det=20, interj=30)
    assert not {kind: (count[kind], n) for kind, n in least.items() if count[kind] < n}


@pytest.mark.parametrize("flag, rule", [
    ("soft", lambda row: row.root[-1] in "pçtkg"),
    ("drop", lambda row: re.search(f"[ıiuü][^{VOWELS}]$", row.root) and len(vowels_of(row.root)) > 1),
    ("double", lambda row: row.root[-1] not in VOWELS),
    ("front", lambda row: vowels_of(row.root)[-1] in "aâıoûu"),
    ("back", lambda row: vowels_of(row.root)[-1] in "eiîöü"),
    ("aor_i", lambda row: row.kind == "verb" and len(vowels_of(row.root)) == 1),
    ("aor_a", lambda row: row.kind == "verb" and len(vowels_of(row.root)) > 1),
    ("compound", lambda row: row.root[-1] in "ıiuü" and len(vowels_of(row.root)) > 2),
    ("time", lambda row: row.kind in ("noun", "adv", "postp")),
])
def test_flags_fit_the_letters(flag, rule):
    assert flag == "back" or any(flag in row.flags for row in ROWS)
    assert not broken(lambda row: flag not in row.flags or rule(row))


def test_voice_is_said_of_verbs_only_and_once():
    assert not broken(lambda row: row.kind == "verb" or not VERB_FLAGS & set(row.flags))
    for voice in (CAUSATIVES, PASSIVES, {"aor_i", "aor_a"}, {"front", "back"}):
        assert not broken(lambda row: len(voice & set(row.flags)) <= 1)


def test_verbs_are_actions_and_carry_no_infinitive():
    assert not broken(lambda row: row.kind != "verb" or row.category == "action")
    known = {row.root for row in ROWS if row.kind == "verb"}
    assert not broken(lambda row: row.kind != "verb"
                      or not (re.search("m[ae]k$", row.root) and row.root[:-3] in known))


@pytest.mark.parametrize("root, kind, flags", [
    ("kitap", "noun", ["soft"]), ("ağaç", "noun", ["soft"]), ("at", "noun", []),
    ("top", "noun", []), ("oğul", "noun", ["drop"]), ("hak", "noun", ["double"]),
    ("saat", "noun", ["front"]), ("rol", "noun", ["front"]), ("kalp", "noun", ["soft", "front"]),
    ("hukuk", "noun", []), ("ufuk", "noun", ["drop"]), ("tıp", "noun", ["soft", "double"]),
    ("kayıt", "noun", ["soft", "drop"]), ("gel", "verb", ["aor_i"]), ("git", "verb", ["soft"]),
    ("yap", "verb", []), ("affet", "verb", ["soft", "aor_a"]), ("buzdolabı", "noun", ["compound"]),
    ("bugün", "noun", ["time"]), ("gözlük", "noun", ["soft", "lexical"]),
])
def test_known_alternations(root, kind, flags):
    assert [row.flags for row in ROWS if (row.root, row.kind) == (root, kind)] == [flags]
