"""lydia.config beside what Hydra composed (golden.json, made by tools/make_config_goldens.py)."""
import json
import math
import os
from pathlib import Path

import pytest

from lydia import config

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))

def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"__float__": repr(value)}
    return value


def same(a, b):
    """Equal, and of the same types: 1, 1.0 and True are three things."""
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


def runs():
    for case in GOLDEN["cases"]:
        for run in case["runs"]:
            yield pytest.param(case, run, id=f"{case['name']}: {' '.join(run['overrides'])}")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("LYDIA_GOLDEN", "from env")
    monkeypatch.delenv("LYDIA_UNSET", raising=False)


def outcome(make, expected):
    if "error" in expected:
        with pytest.raises((ValueError, TypeError, OSError)) as caught:
            print(make())
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith("config: ")
    else:
        got = plain(make())
        assert same(got, expected["value"]), f"{got}\n{expected['value']}"


@pytest.mark.parametrize("case, run", list(runs()))
def test_composition(case, run, tmp_path):
    for path, text in case["files"].items():
        target = tmp_path / (path + ".yaml")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for resolve, part in ((True, "resolved"), (False, "raw")):
        outcome(lambda: config.compose(tmp_path, case["config"], run["overrides"],
                                       resolve=resolve).to_dict(), run.get(part, run))
        if "error" in run:
            return  # Hydra checks the syntax of interpolations at once, lydia when they are resolved


@pytest.mark.parametrize("scalar", GOLDEN["scalars"], ids=lambda s: s["text"])
def test_yaml_scalar(scalar):
    outcome(lambda: config._C._config_parse_yaml("a: " + scalar["text"], "x")["a"], scalar)


@pytest.mark.parametrize("word", GOLDEN["words"], ids=lambda w: repr(w["text"]))
def test_override_word(word, tmp_path):
    (tmp_path / "c.yaml").write_text("a: 0\n")
    line = "++a=" + word["text"]
    if "sweep" in word:
        assert len(config.sweeps(tmp_path, "c", [line])) > 1
        return
    outcome(lambda: config.compose(tmp_path, "c", [line], resolve=False).to_dict()["a"], word)


@pytest.mark.parametrize("sweep", GOLDEN["sweeps"], ids=lambda s: " ".join(s["overrides"]))
def test_sweep(sweep, tmp_path):
    (tmp_path / "c.yaml").write_text("a: 0\nb: 0\nc: 0\n")
    (tmp_path / "g").mkdir()
    if any(line.startswith(("+a", "g@")) for line in sweep["overrides"]):
        pytest.skip("not composable with this file")
    assert config.sweeps(tmp_path, "c", sweep["overrides"]) == sweep["runs"]
