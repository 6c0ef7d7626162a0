"""Readers from Python, against NumPy, csv and json of the standard library, and on the real data."""
import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import lydia
from lydia import io

sys.path.insert(0, str(Path(__file__).parent))
from data_root import real  # noqa: E402

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16",
          "float32", "float64"]


def array(dtype, shape, order="C"):
    values = np.random.default_rng(3).integers(0, 2 if dtype == "bool" else 100, shape)
    return np.asarray(values.astype(dtype), order=order)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_files(tmp_path, dtype):
    arrays = {"c": array(dtype, (3, 4, 5)), "f": array(dtype, (3, 4, 5), "F"), "none": array(dtype, (0, 3)),
              "one": array(dtype, ()), "big": array(dtype, (7,)).astype(np.dtype(dtype).newbyteorder(">")),
              "ğ name": array(dtype, (2,))}
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        back = io.load_npz(tmp_path / "a.npz")
        assert list(back) == list(arrays)
        for name, expected in arrays.items():
            assert back[name].dtype.name == dtype
            np.testing.assert_array_equal(back[name].numpy(), expected)
    for name, expected in arrays.items():
        np.save(tmp_path / "a.npy", expected)
        for mmap in (False, True):
            np.testing.assert_array_equal(io.load_npy(tmp_path / "a.npy", mmap=mmap).numpy(), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_reads_what_is_written(tmp_path, dtype):
    expected = {"a": array(dtype, (3, 4)), "none": array(dtype, (0, 3)), "one": array(dtype, ())}
    tensors = {name: lydia.from_numpy(a) for name, a in expected.items()}
    tensors["turned"], expected["turned"] = tensors["a"].t(), expected["a"].T
    for compressed in (False, True):
        io.save_npz(tmp_path / "a.npz", tensors, compressed=compressed)
        with np.load(tmp_path / "a.npz", allow_pickle=False) as back:
            assert back.files == list(expected)
            for name, value in expected.items():
                np.testing.assert_array_equal(back[name], value)
                assert back[name].dtype == dtype
    io.save_npy(tmp_path / "a.npy", tensors["turned"])
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy", allow_pickle=False), expected["turned"])


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([{}, 3], dtype=object))
    with pytest.raises(NotImplementedError, match="no dtype of lydia"):
        io.load_npz(tmp_path / "a.npz")
    with pytest.raises(TypeError, match="convert to float32"):
        io.save_npz(tmp_path / "b.npz", {"a": lydia.ones(2, dtype=lydia.bfloat16)})
    with pytest.raises(OSError):
        io.load_npz(tmp_path / "none.npz")


CSV = 'id,"full ""name""",note\r\n1,"Ay, Şe","two\nlines"\r\n2,,""\r\n'


def test_csv_as_the_standard_library_reads_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf" + CSV.encode())
    table = io.read_csv(path)
    expected = list(csv.DictReader(CSV.splitlines(keepends=True)))
    assert list(table) == expected and table[-1] == expected[-1] and table.where(1) == f"{path}:4"
    assert list(io.read_csv(path, header=False))[0] == table.columns
    with pytest.raises(IndexError):
        table[2]
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(io.CorruptRecord, match=":3: expected 2 fields, got 1"):
        io.read_csv(path)
    skipped = io.read_csv(path, on_corrupt="skip")
    assert list(skipped) == [{"a": "1", "b": "2"}] and skipped.corrupt_count == 1
    with pytest.raises(ValueError, match="on_corrupt"):
        io.read_csv(path, on_corrupt="maybe")


def test_jsonl_and_text(tmp_path):
    records = [{"ad": "Ayşe", "n": [1, -2.5, None, True], "o": {}}, [], "x", 2**63 - 1, 1e-300]
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(r) for r in records).encode()))
    assert io.read_jsonl(path) == records
    lines = io.JsonLines(str(path))
    assert len(lines) == 5 and lines[0] == records[0] and lines.where(4) == f"{path}:5"
    path = tmp_path / "b.jsonl"
    path.write_text('{"a": 1}\n{"a": \n{"a": 3}\n')
    with pytest.raises(io.CorruptRecord, match="b.jsonl:2: json: malformed JSON"):
        io.read_jsonl(path)
    errors = []
    assert io.read_jsonl(path, on_corrupt="skip", errors=errors) == [{"a": 1}, {"a": 3}]
    assert len(errors) == 1 and ":2:" in errors[0]
    path.write_bytes("bir\r\n\niki".encode())
    assert list(io.read_text(path)) == ["bir", "", "iki"]
    assert list(io.read_text(path, skip_blank=True)) == ["bir", "iki"]


def test_real_idx():
    images = io.read_idx(real("cxr/pneumoniamnist/train-images-idx3-ubyte.gz"))
    labels = io.read_idx(real("cxr/pneumoniamnist/train-labels-idx1-ubyte.gz"))
    assert images.shape == (4708, 28, 28) and images.dtype == lydia.uint8
    assert labels.numpy().sum() == 3494
    raw = gzip.open(real("cxr/pneumoniamnist/train-images-idx3-ubyte.gz")).read()
    np.testing.assert_array_equal(images.numpy().ravel(), np.frombuffer(raw, np.uint8, offset=16))


def test_real_csv():
    path = real("cxr/hannover/labels.csv")
    with open(path, newline="", encoding="utf-8") as file:
        assert list(io.read_csv(path)) == list(csv.DictReader(file))
    path = real("cxr/hannover/data.csv")
    with open(path, newline="", encoding="utf-8") as file:
        assert list(io.read_csv(path)) == list(csv.DictReader(file))


def test_real_jsonl_and_text():
    path = real("tr/legal/anayasa.jsonl")
    assert io.read_jsonl(path) == [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    path = real("tr/text/libreoffice-help-tr.txt")
    assert list(io.read_text(path)) == path.read_text("utf-8").rstrip("\n").split("\n")
