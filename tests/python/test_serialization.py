"""lydia.save, lydia.load and lydia.safetensors: round trips, shared memory, broken files, atomicity."""
import collections
import io
import json
import os
import random
import struct
import subprocess
import sys

import numpy as np
import pytest

import lydia
from lydia import safetensors


def tensors():
    out = {t.name: lydia.tensor([[0, 1, 2], [3, 4, 5]]).to(t) for t in lydia.dtype}
    out.update(turned=lydia.arange(6.0).reshape(2, 3).t(), scalar=lydia.tensor(2.5), empty=lydia.zeros(0, 3),
               every_second=lydia.arange(10)[::2])
    return out


def assert_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, lydia.Tensor):
        assert a.dtype == b.dtype and a.shape == b.shape and a.requires_grad == b.requires_grad
        assert lydia.equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_same(a[key], b[key])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            assert_same(x, y)
    else:
        assert a == b


def test_safetensors_round_trip(tmp_path):
    path = tmp_path / "a.safetensors"
    safetensors.save_file(tensors(), path, metadata={"step": "3"})
    for loaded in (safetensors.load_file(path), safetensors.load_file(path, mmap=True),
                   safetensors.load(safetensors.save(tensors()))):
        for name, t in tensors().items():
            assert_same(loaded[name], t)
        assert set(loaded) == set(tensors())
    safetensors.load_file(path)["float32"].fill_(1)
    with pytest.raises(ValueError, match="read-only"):
        safetensors.load_file(path, mmap=True)["float32"].fill_(1)


def test_the_format_is_the_published_one():
    data = safetensors.save({"a": lydia.tensor([1.0, 2.0])}, {"k": "v"})
    length, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    assert header == {"__metadata__": {"k": "v"},
                      "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    assert np.frombuffer(data[8 + length:], "<f4").tolist() == [1, 2]


def test_safe_open(tmp_path):
    path = str(tmp_path / "a.safetensors")
    w = lydia.arange(12.0).reshape(3, 4)
    safetensors.save_file({"w": w, "b": lydia.ones(2, dtype=lydia.int8)}, path, {"epoch": "1"})
    with safetensors.safe_open(path, framework="pt", device="cpu") as f:
        assert list(f.keys()) == ["b", "w"] and f.offset_keys() == ["w", "b"]
        assert f.metadata() == {"epoch": "1"}
        assert_same(f.get_tensor("w"), w)
        part = f.get_slice("w")
        assert part.get_shape() == [3, 4] and part.get_dtype() == "F32"
        assert_same(part[1:, ::2], w[1:, ::2].clone())
        for missing in (f.get_tensor, f.get_slice):
            with pytest.raises(KeyError, match="none"):
                missing("none")
    with pytest.raises(ValueError, match="closed"):
        f.keys()
    with pytest.raises(ValueError, match="framework"):
        safetensors.safe_open(path, framework="tf")


OBJECTS = [
    None, True, 3, -2 ** 70, 2.5, float("inf"), "text \u00fc \ud800", b"\x00\xff", 1 + 2j, lydia.int8,
    lydia.device("cpu"), lydia.Size([2, 3]), [], (), {}, {1, "a"}, [1, (2.0, [None])],
    {"a": 1, 2: "b", (1, 2): None, None: True, 1.5: []}, collections.OrderedDict(b=1, a=2),
    lydia.tensor([1.5, 2]), [lydia.ones(2, dtype=lydia.bfloat16), {"x": lydia.zeros(0, 2)}],
    {"a.b": lydia.ones(1), "a": {"b": lydia.zeros(1)}, "__metadata__": lydia.ones(2), "": lydia.ones(3)},
    lydia.ones(2, requires_grad=True)]


@pytest.mark.parametrize("number", range(len(OBJECTS)))
def test_save_and_load_any_data(number, tmp_path):
    obj, path = OBJECTS[number], tmp_path / "a"
    lydia.save(obj, path)
    assert_same(lydia.load(path), obj)
    assert_same(lydia.load(str(path), weights_only=False, mmap=True, map_location="cpu"), obj)
    stream = io.BytesIO()
    lydia.save(obj, stream)
    assert_same(lydia.load(io.BytesIO(stream.getvalue())), obj)


def test_a_saved_file_is_a_safetensors_file(tmp_path):
    path = tmp_path / "a"
    lydia.save({"model": {"w": lydia.ones(2)}, "step": 3}, path)
    assert_same(safetensors.load_file(path), {"model.w": lydia.ones(2)})
    safetensors.save_file({"w": lydia.ones(2)}, path)
    assert_same(lydia.load(path), {"w": lydia.ones(2)})


def test_shared_memory_is_written_once_and_shared_again(tmp_path):
    base = lydia.arange(1000)
    w = lydia.ones(50, 20)
    path = tmp_path / "a"
    lydia.save([base[10:20], base[15:30].reshape(3, 5), base[12:2:-3], w, w, w.t()], path)
    assert os.path.getsize(path) < 5000 + 4 * 1000
    a, b, c, x, y, turned = lydia.load(path)
    assert a.tolist() == list(range(10, 20)) and c.tolist() == [12, 9, 6, 3]
    b[0, 0] = -1
    a[2] = -2
    assert a[5] == -1 and c[0] == -2
    x[0, 1] = 7
    assert y[0, 1] == 7 and turned[1, 0] == 7
    tied = lydia.ones(2, requires_grad=True)
    lydia.save({"a": tied, "b": tied}, path)
    loaded = lydia.load(path)
    assert loaded["a"] is loaded["b"] and loaded["a"].is_leaf


def test_what_cannot_be_saved_is_named(tmp_path):
    path = tmp_path / "a"
    lydia.save({"kept": 1}, path)
    with pytest.raises(TypeError, match=r"test_serialization.*object at model.layers.0|object at model"):
        lydia.save({"model": {"layers": [object()]}}, path)
    for bad in (print, np.ones(2), collections.namedtuple("T", "a")(1), np.float64(1), lydia.nn):
        with pytest.raises(TypeError, match="save: expected"):
            lydia.save(bad, path)
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match="hold itself"):
        lydia.save(loop, path)
    assert lydia.load(path) == {"kept": 1}


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    lydia.save({"old": lydia.ones(3)}, path)
    code = ("import lydia, sys\n"
            "while True:\n"
            "    print('writing', flush=True)\n"
            "    lydia.save({'new': lydia.ones(1 << 20)}, sys.argv[1])\n")
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, env=os.environ)
    child.stdout.readline()
    child.kill()  # in the middle of a write
    child.communicate()
    loaded = lydia.load(path)
    assert loaded.get("old", loaded.get("new")).sum().item() in (3, 1 << 20)


def test_errors_of_files(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        lydia.load(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="missing"):
        safetensors.safe_open(tmp_path / "missing")
    with pytest.raises(OSError):
        lydia.load(tmp_path)
    with pytest.raises(OSError):
        lydia.save(1, tmp_path / "no" / "folder")
    path = tmp_path / "a"
    for content, match in ((b"", "8 bytes"), (b"PK\x03\x04....", "torch"), (b"\x80\x02}q\x00.", "pickle"),
                           (b"\xff" * 64, "header")):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=match):
            lydia.load(path)
        with pytest.raises(ValueError, match=match):
            lydia.load(io.BytesIO(content))
    for wrong in ([1], {"a": 1}, {1: lydia.ones(1)}):
        with pytest.raises(TypeError, match="expected"):
            safetensors.save_file(wrong, path)
    with pytest.raises(NotImplementedError, match="map_location"):
        lydia.load(path, map_location={"cuda": "cpu"})


@pytest.mark.parametrize("tree", [
    "", "[", "1", "{}", '{"version":1}', '{"version":2,"root":1}', '{"version":1,"root":[1]}',
    '{"version":1,"root":{}}', '{"version":1,"root":{"code":"x"}}', '{"version":1,"root":{"list":1}}',
    '{"version":1,"root":{"dict":[1]}}', '{"version":1,"root":{"dict":[[{"list":[]},1]]}}',
    '{"version":1,"root":{"bytes":"%"}}', '{"version":1,"root":{"dtype":"float1"}}',
    '{"version":1,"root":{"device":"moon"}}', '{"version":1,"root":{"complex":[1,2,3]}}',
    '{"version":1,"root":{"tensor":"none","requires_grad":false}}', '{"version":1,"root":{"tensor":"a"}}',
    '{"version":1,"root":{"tensor":"a","requires_grad":true}}',
    '{"version":1,"root":{"tensor":["a"],"requires_grad":false}}',
    '{"version":1,"root":{"tensor":"a","requires_grad":false,"view":[[9],[1],0]}}',
    '{"version":1,"root":{"tensor":"a","requires_grad":false,"view":[[2],[-1],0]}}',
    '{"version":1,"root":{"tensor":"a","requires_grad":false,"view":[[2],[1]]}}',
    '{"version":1,"root":' + '{"list":[' * 5000 + "]}" * 5000 + "}", "[" * 100000])
def test_a_broken_structure_is_a_value_error(tree, tmp_path):
    path = tmp_path / "a"
    safetensors.save_file({"a": lydia.arange(3)}, path, {"lydia.save": tree})
    with pytest.raises(ValueError, match="load: .*a: "):
        lydia.load(path)


def test_random_damage_gives_typed_errors(tmp_path):
    stream = io.BytesIO()
    lydia.save({"w": lydia.arange(6.0), "l": [lydia.ones(2, dtype=lydia.int16), (1, "a")]}, stream)
    good, rng = stream.getvalue(), random.Random(0)
    damaged = 0
    for _ in range(1500):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)):]
        try:
            lydia.load(io.BytesIO(bytes(data)))
        except (ValueError, NotImplementedError):
            damaged += 1
    assert damaged > 700
