"""Splits by group, batches by length, packing, padding, token files and picture folders in Python."""
import sys
from pathlib import Path

import numpy as np
import pytest

import lydia
from lydia import io, vision
from lydia.utils.data import (DataLoader, GroupedBatchSampler, GroupedSampler, ImageFolder,
                              LengthBatchSampler, PackedDataset, RandomSampler, TokenDataset,
                              balanced_weights, packed_mask, pad_collate, split_by_group)

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))
from data_root import real  # noqa: E402


@pytest.mark.parametrize("by_hash", [False, True])
def test_split_by_group(by_hash):
    rng = np.random.default_rng(1)
    patients = rng.integers(0, 150, 1000)
    parts = split_by_group(range(1000), patients, [0.7, 0.1, 0.2], seed=3, by_hash=by_hash)
    groups = [{patients[i] for i in part.indices} for part in parts]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]
    assert sorted(i for part in parts for i in part.indices) == list(range(1000))
    off = [abs(len(part) - 1000 * f) for part, f in zip(parts, [0.7, 0.1, 0.2])]
    assert max(off) < (90 if by_hash else 3)
    with pytest.raises(ValueError, match="1000 groups"):
        split_by_group(range(1000), patients[:-1], [1.0])
    with pytest.raises(ValueError, match="sum to 1"):
        split_by_group(range(1000), patients, [0.5, 0.6])


def test_real_patients_do_not_straddle():
    rows = list(io.read_csv(real("cxr/hannover/labels.csv")))
    patients = [row["patient_id"] for row in rows]
    parts = split_by_group(rows, patients, [0.8, 0.2])
    left, right = ({part.dataset[i]["patient_id"] for i in part.indices} for part in parts)
    assert left and right and not left & right and len(left | right) == 71


def test_grouped_samplers():
    groups = [i * i % 5 for i in range(60)]
    order = list(GroupedSampler(groups, lydia.Generator().manual_seed(2)))
    assert sorted(order) == list(range(60))
    assert sum(groups[a] != groups[b] for a, b in zip(order, order[1:])) == len(set(groups)) - 1

    def make(drop_last=False):
        sampler = RandomSampler(range(60), generator=lydia.Generator().manual_seed(2))
        return DataLoader(range(60), batch_sampler=GroupedBatchSampler(sampler, groups, 7, drop_last))

    batches = [b.tolist() for b in make()]
    assert sorted(sum(batches, [])) == list(range(60))
    assert all(len({groups[i] for i in b}) == 1 and len(b) <= 7 for b in batches)
    assert {len(b) for b in make(drop_last=True)} == {7}
    loader = make()
    iterator = iter(loader)
    first = [next(iterator).tolist() for _ in range(3)]
    resumed = make()
    resumed.load_state_dict(loader.state_dict())
    assert first + [b.tolist() for b in resumed] == batches


def test_length_batches_resume():
    lengths = np.random.default_rng(0).integers(1, 50, 200).tolist()

    def make():
        sampler = LengthBatchSampler(lengths, 8, max_tokens=200, pool=5, seed=4)
        return DataLoader(range(200), batch_sampler=sampler)

    loader = make()
    assert len(loader) > 25
    first, second = [b.tolist() for b in loader], [b.tolist() for b in loader]
    assert first != second and sorted(sum(first, [])) == list(range(200))
    assert all(max(lengths[i] for i in b) * len(b) <= 200 for b in first)
    loader = make()
    list(loader)
    iterator = iter(loader)
    next(iterator)
    resumed = make()
    resumed.load_state_dict(loader.state_dict())
    assert [b.tolist() for b in resumed] == second[1:]


def test_packing_is_the_same_computation_as_one_sequence_at_a_time():
    """Attention over a packed row gives each sequence what it gets alone."""
    lengths = [5, 3, 7, 2]
    data = [list(range(10 * i, 10 * i + n)) for i, n in enumerate(lengths)]
    packed = PackedDataset(data, lengths, 10)
    assert len(packed) == 2
    table = lydia.randn(40, 8)
    attend = lydia.nn.functional.scaled_dot_product_attention
    for row in packed:
        x = table[row["input_ids"]].reshape(1, 1, 10, 8)
        out = attend(x, x, x, attn_mask=packed_mask(row["segment_ids"].unsqueeze(0)))[0, 0]
        for segment in range(1, int(row["segment_ids"].amax().item()) + 1):
            at = [i for i, s in enumerate(row["segment_ids"].tolist()) if s == segment]
            ids = row["input_ids"][at[0]:at[-1] + 1]
            alone = table[ids].reshape(1, 1, len(at), 8)
            lydia.testing.assert_close(out[at[0]:at[-1] + 1],
                                       attend(alone, alone, alone, is_causal=True)[0, 0])
            assert row["position_ids"][at[0]:at[-1] + 1].tolist() == list(range(len(at)))
            assert row["labels"][at[0]:at[-1] + 1].tolist() == ids.tolist()[1:] + [-100]
    with pytest.raises(ValueError, match="given as 3"):
        PackedDataset([[1, 2]], [3], 10)[0]


def test_pad_collate():
    collate = pad_collate({"labels": -100}, multiple_of=4)
    batch = collate([{"input_ids": [1, 2, 3], "labels": [1, 2, 3], "n": 3.0},
                     {"input_ids": [4, 5, 6, 7, 8], "labels": [4, 5, 6, 7, 8], "n": 5.0}])
    assert batch["input_ids"].tolist() == [[1, 2, 3] + [0] * 5, [4, 5, 6, 7, 8, 0, 0, 0]]
    assert batch["labels"][0].tolist() == [1, 2, 3] + [-100] * 5
    assert batch["attention_mask"].sum(1).tolist() == [3, 5] and batch["n"].tolist() == [3, 5]


def test_tokens_and_balance(tmp_path):
    io.write_tokens(tmp_path / "t.bin", lydia.arange(100))
    tokens = io.open_tokens(tmp_path / "t.bin")
    assert tokens.dtype == lydia.uint16
    data = TokenDataset(tokens, 8)
    assert len(data) == 12 and data[-1]["labels"].tolist() == list(range(89, 97))
    out = [batch["input_ids"].shape for batch in DataLoader(data, 4, num_workers=2)]
    assert out == [(4, 8)] * 3
    with pytest.raises(IndexError):
        data[12]
    assert balanced_weights([1, 1, 0]) == [0.5, 0.5, 1]


def test_sharded(tmp_path):
    tensors = {f"w{i}": lydia.full((4,), i) for i in range(5)}
    io.save_sharded(tmp_path, tensors, max_shard_size=64)
    assert (tmp_path / "model.safetensors.index.json").exists()
    back = io.load_sharded(tmp_path)
    assert {k: v.tolist() for k, v in back.items()} == {k: v.tolist() for k, v in tensors.items()}


def test_image_folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        vision.write_png(tmp_path / name / "x.png", lydia.zeros(1, 4, 4, dtype=lydia.uint8))
    data = ImageFolder(str(tmp_path), "gray")
    assert data.classes == ["a", "b"] and data[1]["label"].item() == 1
    batch = next(iter(DataLoader(data, 2)))
    assert batch["image"].shape == (2, 1, 4, 4) and batch["label"].tolist() == [0, 1]


def test_real_treebank():
    path = real("tr/ud_boun/tr_boun-ud-dev.conllu")
    sentences = io.read_conllu(path)
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()
             if line and not line.startswith("#")]
    words = [c for c in lines if c[0].isdigit()]
    assert len(sentences) == 979
    assert [(w.form, w.upos, w.head) for s in sentences for w in s.words] == \
        [(c[1], c[3], int(c[6])) for c in words]
    ranges = [c for c in lines if "-" in c[0]]
    assert [r.form for s in sentences for r in s.ranges] == [c[1] for c in ranges]
    assert sentences[0].sent_id == "bio_9"
