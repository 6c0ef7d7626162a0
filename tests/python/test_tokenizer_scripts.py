"""What scripts written for Hugging Face do with a tokenizer beside calling it: arguments out of range,
pickles, saved settings, further names."""
import copy
import pickle

import numpy as np
import pytest

from lydia.text import AddedToken, MorphoPieceTokenizer
from test_tokenizer import TEXTS, fresh, tokenizer  # noqa: F401  (fixtures)


def test_a_truncated_pair_of_long_texts_is_one_encoding(tokenizer):
    long = "ev at " * 1000
    assert len(tokenizer.encode(long, long, truncation=True, max_length=7)) == 7
    (one,) = tokenizer.encode_batch([(long, long)], truncation=True, max_length=7)
    assert len(one) == 7 and one.overflowing == []


def test_numbers_say_which_argument_is_wrong(tokenizer):
    for arguments, error, message in (
            ({"seed": -1}, ValueError, "seed from 0"), ({"seed": "a"}, TypeError, "seed as an integer"),
            ({"temperature": "a"}, TypeError, "temperature as a number"),
            ({"threads": 2**40}, ValueError, "threads from 0"),
            ({"truncation": True, "max_length": -1}, ValueError, "max_length from 0"),
            ({"truncation": True, "max_length": 1.5}, TypeError, "max_length as an integer"),
            ({"truncation": True, "max_length": 9, "stride": 2**70}, ValueError, "stride from 0"),
            ({"padding": "max_length", "max_length": 10**12}, ValueError, "max_length beside padding"),
            ({"padding": True, "pad_to_multiple_of": 10**12}, ValueError, "pad_to_multiple_of")):
        with pytest.raises(error, match=message):
            tokenizer("ev", **arguments)
    with pytest.raises(ValueError, match="max_length beside padding"):
        tokenizer.pad({"input_ids": [7]}, padding="max_length", max_length=10**12)
    with pytest.raises(ValueError, match="seed from 0"):
        tokenizer.sample("ev", seed=-1)
    # Hugging Face's way to say "without a bound"
    with pytest.warns(UserWarning, match="cuts nothing"):
        assert tokenizer("ev", truncation=True, max_length=int(1e30)) == tokenizer("ev")


def test_pickles_of_encodings_know_what_they_knew(tokenizer):
    e = tokenizer.encode(" ".join(TEXTS), truncation=True, max_length=10, overflow=True, types=True)
    for twin in (pickle.loads(pickle.dumps(e)), copy.deepcopy(e)):
        assert type(twin) is type(e) and twin == e
        for name in ("tokens", "offsets", "byte_offsets", "word_ids", "sequence_ids", "attention_mask",
                     "special_tokens_mask", "type_ids", "morpho_types", "semantic_categories", "overflowing"):
            assert getattr(twin, name) == getattr(e, name)
        assert twin.overflowing[0].tokens == e.overflowing[0].tokens
    words = tokenizer([["ev", "evlerimizden"], ["at"]], is_split_into_words=True, padding=True, return_tensors="np")
    twin = pickle.loads(pickle.dumps(words))
    assert twin.word_ids(0) == words.word_ids(0) and twin.tokens(1) == words.tokens(1)
    assert twin.input_ids.tolist() == words.input_ids.tolist() and twin.char_to_token(0) == words.char_to_token(0)


def test_settings_are_saved(fresh, tmp_path):
    assert min(fresh.model_max_length, 512) == 512  # no bound is a number, as scripts expect
    with pytest.raises(ValueError, match='max_length beside padding="max_length"'):
        fresh("ev", padding="max_length")
    fresh.mode, fresh.padding_side, fresh.model_max_length = "morph", "left", 64
    paths = fresh.save_pretrained(tmp_path / "again")
    assert [path.rsplit("/")[-1] for path in paths] == ["morphopiece.bin", "tokenizer_config.json"]
    again = MorphoPieceTokenizer.from_pretrained(tmp_path / "again")
    assert (again.mode, again.padding_side, again.truncation_side, again.model_max_length) == (
        "morph", "left", "right", 64)
    assert len(again.encode("ev " * 100, truncation=True)) == 64
    other = MorphoPieceTokenizer.from_pretrained(tmp_path / "again", mode="compact", padding_side="right")
    assert (other.mode, other.padding_side, other.model_max_length) == ("compact", "right", 64)
    config = tmp_path / "again" / "tokenizer_config.json"
    for wrong, message in (('"settings": []', "settings as an object"), ('"settings": {"mode": "x"}', "expected mode")):
        config.write_text(config.read_text().split('"settings"')[0] + wrong + "}")
        with pytest.raises(ValueError, match=message):
            MorphoPieceTokenizer.load(tmp_path / "again")


def test_more_names_that_scripts_use(fresh):
    fresh.add_special_tokens({"additional_special_tokens": ["<|user|>"]})
    fresh.add_tokens(AddedToken("<|plain|>", normalized=False))
    assert fresh.additional_special_tokens == ["<|user|>"]
    assert fresh.additional_special_tokens_ids == [fresh.convert_tokens_to_ids("<|user|>")]
    ids, more = fresh.encode("ev", add_special_tokens=False), fresh.encode("at", add_special_tokens=False)
    assert fresh.build_inputs_with_special_tokens(ids) == fresh.encode("ev")
    pair = fresh.build_inputs_with_special_tokens(ids, more)
    assert pair == fresh.encode("ev", "at")
    mask = fresh("ev", "at", return_special_tokens_mask=True).special_tokens_mask
    assert fresh.get_special_tokens_mask(pair, already_has_special_tokens=True) == mask
    assert fresh.get_special_tokens_mask(ids, more) == mask
    assert fresh.encode_plus("ev", "at") == fresh("ev", "at")
    assert fresh.batch_encode_plus(["ev", "at"]) == fresh(["ev", "at"])
    assert fresh.tokenize("ev", "at", True) == fresh.encode("ev", "at").tokens
    assert fresh.convert_tokens_to_string(fresh.tokenize(TEXTS[0])) == TEXTS[0]
    with pytest.raises(ValueError, match="names of tokens"):
        fresh.convert_tokens_to_string(["no such token"])


def test_one_id_of_numpy_is_one_name_and_lengths_are_lists(tokenizer):
    name = tokenizer.convert_ids_to_tokens(300)
    assert tokenizer.convert_ids_to_tokens(np.int64(300)) == name
    assert tokenizer.convert_ids_to_tokens(np.array([300, 300])) == [name, name]
    assert tokenizer("ev", return_length=True)["length"] == [len(tokenizer.encode("ev"))]
    assert tokenizer("ev", return_length=True, return_tensors="np")["length"].shape == (1,)
    with pytest.raises(TypeError, match="decode_batch"):
        tokenizer.decode(np.array([[5, 300]]))
