"""Corpora, characters and n-gram models from Python."""
import math

import pytest

import lydia
from lydia import text


def test_split_text():
    documents = [f"belge {i}\nşimdi" for i in range(200)]
    whole = "\n\n".join(documents) + "\n"
    assert "".join(text.split_documents(whole)) == whole and len(text.split_documents(whole)) == 200
    train, held = text.split_text(whole, 10)
    assert len(train) + len(held) == len(whole)
    assert 5 <= len(text.split_documents(held)) <= 40
    assert not set(text.split_documents(train)) & set(text.split_documents(held))
    assert text.split_text(whole.encode(), 10) == (train.encode(), held.encode())
    assert text.split_text(whole + "\nyeni belge\n", 10)[1].startswith(held.rstrip("\n"))
    with pytest.raises(ValueError):
        text.split_text("a", 1)


def test_char_vocab():
    vocab = text.CharVocab("aab ğğ", min_count=2)
    assert len(vocab) == 3 and vocab.characters == "ağ"
    ids = vocab.encode("ağb")
    assert ids.dtype == lydia.int64 and ids.tolist() == [1, 2, 0]
    assert vocab.decode(ids) == "ağ\ufffd"
    with pytest.raises(IndexError):
        vocab.decode(lydia.tensor([3]))


def test_ngram_model():
    ids = lydia.tensor([0, 1, 2] * 50)
    model = text.NgramModel(ids, 4, order=3)
    assert model.order == 3
    total = sum(model.probability(lydia.tensor([0, 1]), t) for t in range(4))
    assert math.isclose(total, 1, rel_tol=1e-12)
    assert model.probability(lydia.tensor([0, 1]), 2) > 0.9 > 0.1 > model.probability(lydia.tensor([0, 1]), 3) > 0
    mean = -sum(math.log2(model.probability(ids[:i], ids[i].item())) for i in range(9)) / 9
    assert math.isclose(model.bits_per_token(ids[:9]), mean, rel_tol=1e-12)
    assert text.NgramModel(ids, 4, 1).bits_per_token(ids) > 1.5 > model.bits_per_token(ids)
    for bad in (lydia.tensor([4]), lydia.tensor([-1])):
        with pytest.raises(IndexError):
            model.bits_per_token(bad)
    with pytest.raises(ValueError):
        model.bits_per_token(lydia.tensor([0.5]))
    with pytest.raises(ValueError):
        text.NgramModel(ids, 4, 0)
