"""lydia.config from Python: attribute access, instantiate, files."""
import collections
import copy
import functools
import pickle

import pytest

from lydia import config


class Pair:
    def __init__(self, left, right=None, **rest):
        self.left, self.right, self.rest = left, right, rest


PAIR = f"{__name__}.Pair"


def test_attributes_and_missing(tmp_path):
    (tmp_path / "c.yaml").write_text("a: {b: [1, {c: 2}]}\nneeded: ???\nx: ${a.b.1.c}\n")
    cfg = config.compose(tmp_path, "c")
    assert cfg.a.b[1].c == 2 and cfg["x"] == 2 and cfg.get("none", 5) == 5
    with pytest.raises(ValueError, match="needed=VALUE"):
        cfg.needed
    with pytest.raises(AttributeError, match="no key 'z'"):
        cfg.z
    cfg.a.d = {"e": 1}
    assert cfg.a.d.e == 1
    assert cfg.to_dict() == {"a": {"b": [1, {"c": 2}], "d": {"e": 1}}, "needed": "???", "x": 2}
    assert config.compose([tmp_path], "c", resolve=False).x == "${a.b.1.c}"


def test_config_stays_a_config():
    cfg = config.Config(a={"b": 1})
    cfg.update(c={"d": 2}, a={"b": 3})
    assert cfg.c.d == 2 and cfg.a.b == 3
    assert cfg.setdefault("e", {"f": 1}).f == 1
    for other in (copy.deepcopy(cfg), copy.copy(cfg), pickle.loads(pickle.dumps(cfg)), cfg.copy()):
        assert other == cfg and isinstance(other.c, config.Config)
    copied = copy.deepcopy(cfg)
    copied.c.d = 5
    assert cfg.c.d == 2
    del cfg.c
    assert not hasattr(cfg, "c")


def test_later_folders_add_to_earlier_ones(tmp_path):
    for folder, files in {"one": {"c": "defaults: [{m: a}, _self_]\n"}, "two": {"m/a": "k: 1\n", "c": "z: 0\n"}}.items():
        for name, text in files.items():
            path = tmp_path / folder / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    assert config.compose([tmp_path / "one", tmp_path / "two"], "c") == {"m": {"k": 1}}


def test_yaml_round_trip_and_files(tmp_path):
    value = {"a": [1, 2.5, None, True, "x: y", ["n"]], "b": {}, "ç": "ğ"}
    assert config._C._config_parse_yaml(config.to_yaml(value), "t") == value
    config.save_run(tmp_path / "run", value, ["a=1"])
    assert config.load(tmp_path / "run" / "config.yaml") == value
    assert config.load(tmp_path / "run" / "overrides.yaml") == ["a=1"]
    (tmp_path / "bad.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ValueError, match="bad.yaml: not UTF-8"):
        config.load(tmp_path / "bad.yaml")
    with pytest.raises(TypeError, match="expected None, a bool"):
        config.to_yaml({"a": object()})
    loop = []
    loop.append(loop)
    with pytest.raises((ValueError, RecursionError)):
        config.to_yaml(loop)


def test_instantiate():
    made = config.instantiate({"_target_": PAIR, "left": {"_target_": PAIR, "left": 1}, "right": [{"_target_": PAIR, "left": 2}]})
    assert made.left.left == 1 and made.right[0].left == 2
    assert config.instantiate({"_target_": PAIR, "_args_": [1, 2]}).right == 2
    assert config.instantiate({"_target_": PAIR, "_args_": [1, 2]}, 5).left == 5
    assert config.instantiate({"_target_": PAIR, "left": {"a": 1}}, left={"b": 2}).left == {"a": 1, "b": 2}
    partial = config.instantiate({"_target_": PAIR, "_partial_": True, "right": 3, "left": "???"})
    assert isinstance(partial, functools.partial) and partial(4).right == 3
    inner = config.instantiate({"_target_": PAIR, "_recursive_": False, "left": {"_target_": PAIR, "left": 1}}).left
    assert inner == {"_target_": PAIR, "left": 1}
    assert config.instantiate({"_target_": "collections.OrderedDict.fromkeys", "_args_": [[1]]}) == collections.OrderedDict({1: None})
    assert config.instantiate([{"_target_": PAIR, "left": 1}, 2])[1] == 2
    assert config.instantiate(None) is None
    assert config.instantiate({"a": {"_target_": PAIR, "left": 1}}).a.left == 1


@pytest.mark.parametrize("node, error, text", [
    ({"_target_": "no_such_module.f"}, ValueError, "no such name"),
    ({"_target_": "os.nothing"}, ValueError, "no such name"),
    ({"_target_": "os.sep"}, TypeError, "something to call"),
    ({"_target_": 3}, TypeError, "dotted name"),
    ({"_target_": "..os"}, TypeError, "dotted name"),
    ({"_target_": PAIR, "left": "???"}, ValueError, "left: mandatory"),
    ({"_target_": PAIR, "_partial_": 1}, TypeError, "_partial_: expected true or false"),
    ({"_target_": PAIR, "_args_": "ab"}, TypeError, "_args_: expected a list"),
    ({"_target_": PAIR}, TypeError, "left"),
    ("text", TypeError, "expected a dict"),
])
def test_instantiate_errors(node, error, text):
    with pytest.raises(error, match=text):
        config.instantiate(node)
