"""lydia.text.MorphoPieceTokenizer, called as users of Hugging Face's tokenizers call theirs."""
import copy
import pickle
import threading

import numpy as np
import pytest

import lydia
from lydia.language import MorphoPieceTokenizer as LanguageTokenizer
from lydia.text import (AddedToken, MORPH_TYPES, MorphoPieceTokenizer, SEMANTIC_CATEGORIES)

TEXTS = ["Kitaplarımızdan birini arkadaşlarıma verdim.", "Evlerimizdekiler dün gece geldiler.",
         "Çöpler artık sabahları toplanacak.", "Dosyayı kaydetmeden çıkmayın!"]
ODD = ["", " ", "İı Ii iİ ıI", "i̇", "a\u00a0b\r\nc", "👨‍👩‍👧 ’a'b", "<mask> <pad>", "\0", "NATO'nun 12345 TL'si",
       "\ud800", "ğ" * 5000]


@pytest.fixture(scope="module")
def tokenizer():
    return MorphoPieceTokenizer.train(iterator=TEXTS * 5, vocab_size=6000, hunspell=False)


@pytest.fixture
def fresh(tokenizer, tmp_path):
    """A copy that a test may change."""
    tokenizer.save(tmp_path / "model")
    return MorphoPieceTokenizer.load(tmp_path / "model")


def test_every_text_comes_back(tokenizer):
    for text in TEXTS + ODD:
        for mode in (None, "morph", "compact", "canonical"):
            assert tokenizer.decode(tokenizer.encode(text, mode=mode)) == text
    data = bytes(range(256)) * 2
    assert tokenizer.decode_bytes(tokenizer.encode(data)) == data


def test_an_encoding_is_the_list_of_its_ids(tokenizer):
    e = tokenizer.encode(TEXTS[0])
    assert isinstance(e, list) and e == e.ids and e[0] == tokenizer.bos_id
    assert len(e) == len(e.tokens) == len(e.offsets) == len(e.word_ids) == len(e.attention_mask)
    assert e.special_tokens_mask[0] == e.special_tokens_mask[-1] == 1 and not any(e.special_tokens_mask[1:-1])
    assert e.word_ids[0] is None and e.sequence_ids[1] == 0
    assert tokenizer.encode(TEXTS[0], add_special_tokens=False) == e[1:-1]


def test_offsets_tile_the_text(tokenizer):
    for text in TEXTS + ["ağ €uro 😀 x"]:
        e = tokenizer.encode(text, add_special_tokens=False)
        data = text.encode()
        assert b"".join(data[b:e_] for b, e_ in e.byte_offsets) == data
        ends = [end for _, end in e.byte_offsets]
        assert [begin for begin, _ in e.byte_offsets] == [0] + ends[:-1] and ends[-1] == len(data)
        assert e.offsets[-1][1] == len(text)
        assert all(0 <= begin <= end <= len(text) for begin, end in e.offsets)


def test_call_gives_what_models_take(tokenizer):
    batch = tokenizer(TEXTS[:2], padding=True, return_tensors="np", return_morpho_types=True,
                      return_semantic_categories=True)
    assert batch["input_ids"].dtype == np.int64 and batch.input_ids.shape == batch.attention_mask.shape
    assert batch.morpho_types.shape == batch.semantic_categories.shape == batch.input_ids.shape
    assert batch.input_ids[batch.attention_mask == 0].tolist() == [tokenizer.pad_id] * int((batch.attention_mask == 0).sum())
    assert tokenizer.batch_decode(batch.input_ids) == TEXTS[:2]
    one = tokenizer(TEXTS[0])
    assert one.input_ids == tokenizer.encode(TEXTS[0]) and set(one) == set(tokenizer.model_input_names)
    assert tuple(tokenizer(TEXTS[0], return_tensors="ld").input_ids.shape) == (1, len(one.input_ids))
    with pytest.raises(ValueError, match="padding=True"):
        tokenizer(TEXTS, return_tensors="np")
    with pytest.raises(AttributeError):
        batch.nothing


def test_pairs(tokenizer):
    out = tokenizer("Ev", "Okul", return_special_tokens_mask=True, return_length=True)
    types, ids = out["token_type_ids"], out["input_ids"]
    assert ids.count(tokenizer.eos_id) == 2 and types[0] == 0 and types[-1] == 1
    assert sum(out["special_tokens_mask"]) == tokenizer.num_special_tokens_to_add(pair=True) == 3
    assert out["length"] == [len(ids)] and out.sequence_ids()[-2] == 1
    assert tokenizer.encode("Ev", "Okul") == ids
    assert tokenizer.encode_batch([("Ev", "Okul")])[0] == ids
    with pytest.raises(ValueError, match="as many second texts"):
        tokenizer(["a", "b"], ["c"])


def test_truncation_with_overflow(tokenizer):
    text = " ".join(TEXTS)
    whole = tokenizer.encode(text, add_special_tokens=False)
    out = tokenizer(text, truncation=True, max_length=10, stride=3, return_overflowing_tokens=True,
                    return_offsets_mapping=True)
    assert all(len(row) <= 10 for row in out["input_ids"])
    assert set(out["overflow_to_sample_mapping"]) == {0}
    joined = list(out["input_ids"][0][1:-1])
    for row in out["input_ids"][1:]:
        assert joined[-3:] == row[1:4]
        joined += row[4:-1]
    assert joined == whole
    e = tokenizer.encode(text, truncation=True, max_length=10, overflow=True)
    assert len(e) == 10 and len(e.overflowing[0]) == 10
    with pytest.warns(UserWarning, match="max_length"):  # as Hugging Face's do
        assert tokenizer(text, truncation=True) == tokenizer(text)
    with pytest.raises(ValueError, match="longest_first"):
        tokenizer(text, truncation="short", max_length=5)
    with pytest.raises(ValueError, match="stride"):
        tokenizer(text, truncation=True, max_length=5, stride=3)


def test_padding(tokenizer):
    out = tokenizer(["ev"], padding="max_length", max_length=16, padding_side="left")
    assert len(out.input_ids[0]) == 16 and out.input_ids[0][0] == tokenizer.pad_id
    assert len(tokenizer(["ev"], padding=True, pad_to_multiple_of=8).input_ids[0]) == 8
    rows = [tokenizer(text) for text in TEXTS]
    padded = tokenizer.pad(rows, return_tensors="np")
    assert padded.input_ids.tolist() == tokenizer(TEXTS, padding=True).input_ids
    with pytest.raises(ValueError, match="padding"):
        tokenizer("ev", padding="all")


def test_questions_about_tokens(tokenizer):
    text = "Evler büyük"
    out = tokenizer(text)
    i = out.char_to_token(6)
    begin, end = out.token_to_chars(i)
    assert begin <= 6 < end and out.token_to_chars(0) is None
    first, behind = out.word_to_tokens(out.word_ids()[i])
    assert first <= i < behind and out.word_to_tokens(99) is None
    assert out.char_to_token(99) is None and len(out.tokens()) == len(out.input_ids)


def test_words_given_one_by_one_keep_their_numbers(tokenizer):
    words = ["Ankara'da", "evlerimizden", ",", "geldiler"]
    out = tokenizer(words, is_split_into_words=True, return_offsets_mapping=True)
    assert tokenizer.decode(out.input_ids) == " ".join(words)
    numbers = out.word_ids()
    assert numbers[0] is numbers[-1] is None and [n for n in numbers if n is not None] == sorted(numbers[1:-1])
    first, behind = out.word_to_tokens(1)
    text = " ".join(words)
    begin, end = out.offset_mapping[first][0], out.offset_mapping[behind - 1][1]
    assert text[begin:end].strip() == words[1] and set(numbers[1:-1]) == {0, 1, 2, 3}
    batch = tokenizer([words, words[:2]], is_split_into_words=True, padding=True, max_length=6,
                      truncation=True, return_overflowing_tokens=True)
    assert max(n for i in range(len(batch.encodings)) for n in batch.word_ids(i) if n is not None) == 3
    with pytest.raises(ValueError, match="is_split_into_words"):
        tokenizer("ev", is_split_into_words=True)


def test_pickles_and_copies_are_the_same_tokenizer(fresh):
    fresh.add_tokens(AddedToken("<x>", special=True))
    fresh.set_frame(after=["<x>"])
    fresh.mode = "morph"
    for twin in (pickle.loads(pickle.dumps(fresh)), copy.deepcopy(fresh)):
        assert twin.encode(TEXTS[0] + "<x>") == fresh.encode(TEXTS[0] + "<x>")
        assert twin.mode == "morph" and twin.added_tokens == fresh.added_tokens


def test_decode_takes_arrays_tensors_and_single_ids(tokenizer):
    ids = tokenizer.encode(TEXTS[0])
    for form in (np.array(ids), np.array(ids, dtype=np.int32), lydia.tensor(ids), tuple(ids)):
        assert tokenizer.decode(form) == TEXTS[0]
    assert tokenizer.decode(tokenizer.eos_id) == ""
    assert tokenizer.decode(ids, skip_special_tokens=False) == f"<bos>{TEXTS[0]}<eos>"
    with pytest.raises(IndexError):
        tokenizer.decode([10 ** 6])
    with pytest.raises(IndexError):
        tokenizer.decode([-1])


def test_a_stream_gives_whole_characters(tokenizer):
    text = "ağ 😀 evlerimizden"
    ids = tokenizer.encode(text)
    pieces = list(tokenizer.decode_stream(ids))
    assert "".join(pieces) == text and all("\ufffd" not in piece for piece in pieces)
    stream = tokenizer.decode_stream()
    assert "".join(stream.step(i) for i in ids) + stream.finish() == text


def test_the_vocabulary_goes_both_ways(tokenizer):
    vocab = tokenizer.get_vocab()
    assert len(vocab) == len(tokenizer) == tokenizer.vocab_size == tokenizer.get_vocab_size()
    for i in (0, 4, 100, len(tokenizer) - 1):
        assert tokenizer.token_to_id(tokenizer.id_to_token(i)) == i
    assert tokenizer.token_to_id("no such token") is None
    assert tokenizer.convert_tokens_to_ids(["<pad>", "no such token"]) == [0, tokenizer.unk_id]
    assert tokenizer.convert_ids_to_tokens([0, 1, 100], skip_special_tokens=True) == [tokenizer.id_to_token(100)]
    assert tokenizer.special_tokens_map["mask_token"] == "<mask>"
    assert tokenizer.all_special_ids == [0, 1, 2, 3, 4] and tokenizer.pad_id == 0
    with pytest.raises(IndexError):
        tokenizer.id_to_token(len(tokenizer))


def test_special_names_in_a_text_are_text_unless_asked(tokenizer):
    assert tokenizer.mask_id not in tokenizer.encode("ev <mask>")
    assert tokenizer.mask_id in tokenizer.encode("ev <mask>", parse_special=True)


def test_added_tokens_live_on_disk(fresh, tmp_path):
    size = fresh.vocab_size
    assert fresh.add_tokens(["<kişi>", AddedToken("LIBRE", single_word=True)]) == 2
    assert fresh.add_special_tokens({"additional_special_tokens": ["<son>"]}) == 1
    assert fresh.add_tokens("<kişi>") == 0 and len(fresh) == size + 3 and fresh.vocab_size == size
    text = "Ben <kişi>'ye LIBRE verdim<son>"
    ids = fresh.encode(text)
    assert {size, size + 1, size + 2} <= set(ids)
    assert fresh.decode(ids) == text.replace("<son>", "")
    assert fresh.decode(ids, skip_special_tokens=False) == f"<bos>{text}<eos>"
    fresh.set_frame(before=["<kişi>"])
    names = fresh.save_pretrained(tmp_path / "saved")
    assert any(name.endswith("tokenizer_config.json") for name in names)
    again = MorphoPieceTokenizer.from_pretrained(tmp_path / "saved")
    assert again.encode(text) == fresh.encode(text) and again.encode("ev")[0] == size
    assert again.added_tokens == {"<kişi>": size, "LIBRE": size + 1, "<son>": size + 2}
    with pytest.raises(ValueError):
        fresh.set_frame(before=["<nothing>"])


def test_batches_on_threads_equal_single_calls(tokenizer):
    texts = [f"{text} {i}" for i in range(50) for text in TEXTS]
    single = [tokenizer.encode(text).ids for text in texts]
    assert tokenizer.encode_batch(texts, threads=3) == single
    assert tokenizer.decode_batch(single, threads=3) == texts
    found = []
    workers = [threading.Thread(target=lambda: found.append([tokenizer.encode(t) for t in texts])) for _ in range(3)]
    [w.start() for w in workers], [w.join() for w in workers]
    assert found == [single] * 3


def test_analysis(tokenizer):
    morphs = tokenizer.segment("kitaplarımızdan")
    assert [m["surface"] for m in morphs] == ["kitap", "lar", "ımız", "dan"]
    assert MORPH_TYPES[morphs[1]["type"]] == "plural" and morphs[0]["lemma"] == "kitap"
    readings = tokenizer.segment("evleri", nbest=4)
    assert len(readings) > 1 and readings[0]["cost"] <= readings[1]["cost"] and readings[0]["known"]
    drawn = {"|".join(m["surface"] for m in tokenizer.sample("evleri", temperature=20, seed=s)) for s in range(30)}
    assert len(drawn) > 1
    ids = tokenizer.encode("kediler", add_special_tokens=False, mode="morph", types=True)
    assert SEMANTIC_CATEGORIES[ids.semantic_categories[0]] == "animal"
    assert "plural" in [MORPH_TYPES[t] for t in ids.morpho_types]
    assert len(tokenizer.morpho_types(ids)) == len(tokenizer.semantic_categories(np.array(ids))) == len(ids)
    assert len(MORPH_TYPES) == 23 and len(SEMANTIC_CATEGORIES) == 12


def test_drawn_segmentations_come_back(tokenizer):
    drawn = {tuple(tokenizer.encode(TEXTS[0], temperature=20, seed=seed)) for seed in range(10)}
    assert len(drawn) > 1 and {tokenizer.decode(ids) for ids in drawn} == {TEXTS[0]}


def test_agiformer_calls_it_as_its_documents_say(tokenizer, tmp_path):
    tokenizer.save(tmp_path)
    t = LanguageTokenizer(vocab_size=32000, model_path=tmp_path)
    ids = t.tokenize("Merhaba dünya")
    assert ids and all(isinstance(i, int) for i in ids)
    assert t.decode(np.array(ids)) == "Merhaba dünya" and t.vocab_size == tokenizer.vocab_size
    assert (t.pad_id, t.unk_id) == (0, 1)
    assert all(isinstance(name, str) for name in tokenizer.tokenize("Merhaba dünya"))
    with pytest.raises(ValueError, match="at most 100"):
        LanguageTokenizer(vocab_size=100, model_path=tmp_path)


def test_training_tells_how_far_it_is_and_passes_errors_on():
    stages = []
    MorphoPieceTokenizer.train(iterator=TEXTS, vocab_size=6000, hunspell=False,
                               progress=lambda stage, done, total: stages.append((stage, done, total)))
    assert stages and all(0 <= done <= total for _, done, total in stages)

    def broken():
        yield TEXTS[0]
        raise RuntimeError("stop")
    with pytest.raises(RuntimeError, match="stop"):
        MorphoPieceTokenizer.train(iterator=broken(), vocab_size=6000, hunspell=False)
    with pytest.raises(OSError):
        MorphoPieceTokenizer.train("no such file.txt", hunspell=False)


def test_wrong_arguments(tokenizer, tmp_path, monkeypatch):
    with pytest.raises(TypeError, match="str or bytes"):
        tokenizer.encode(5)
    with pytest.raises(ValueError, match="mode|morph"):
        tokenizer.encode("ev", mode="fast")
    with pytest.raises(OSError):
        MorphoPieceTokenizer(model_path=tmp_path / "none")
    with pytest.raises(TypeError, match="model_path="):
        MorphoPieceTokenizer("out/tokenizer")
    monkeypatch.delenv("LYDIA_TOKENIZER", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="LYDIA_TOKENIZER"):
        MorphoPieceTokenizer()


def test_export_is_a_unigram_model(tokenizer, tmp_path):
    import json
    share = tokenizer.export(tmp_path / "tokenizer.json", text=" ".join(TEXTS))
    assert 0 < share <= 1
    exported = json.loads((tmp_path / "tokenizer.json").read_text())
    assert exported["model"]["type"] == "Unigram" and exported["model"]["lydia"]["words_cut_alike"] == share
    assert tokenizer.export(tmp_path / "tokenizer.json") is None


def test_the_names_that_scripts_for_hugging_face_use(tokenizer, fresh):
    for name in ("pad", "unk", "bos", "eos", "mask"):
        assert getattr(tokenizer, f"{name}_token") == f"<{name}>"
        assert getattr(tokenizer, f"{name}_token_id") == getattr(tokenizer, f"{name}_id")
    assert tokenizer.cls_token_id == tokenizer.bos_id and tokenizer.sep_token == "<eos>"
    assert tokenizer.vocab == tokenizer.get_vocab() and tokenizer.is_fast
    assert fresh.name_or_path.endswith("model") and tokenizer.name_or_path == ""
    ids = tokenizer.encode(TEXTS[0], return_tensors="np")
    assert ids.tolist() == [tokenizer.encode(TEXTS[0])]
    assert tokenizer.decode(ids[0], clean_up_tokenization_spaces=False) == TEXTS[0]


def test_a_batch_says_where_tokens_and_words_are(tokenizer):
    batch = tokenizer("Evlerim güzel", "Okul")
    assert batch[0].ids == batch.input_ids and batch.data == dict(batch) and batch.is_fast
    assert batch.n_sequences == 2 and tokenizer("Ev").n_sequences == 1
    word = batch.char_to_word(8)
    begin, end = batch.word_to_chars(word)
    assert "Evlerim güzel"[begin:end].strip() == "güzel"
    assert batch.token_to_word(batch.char_to_token(8)) == word and batch.token_to_word(0) is None
    assert batch.token_to_sequence(1) == 0 and batch.token_to_sequence(0) is None
    tensors = tokenizer("Ev", return_tensors="ld").to("cpu")
    assert tensors.input_ids.shape[0] == 1


def test_frames_are_special_tokens(fresh):
    fresh.set_frame("<bos>")
    assert fresh.encode("ev")[0] == fresh.bos_id and fresh.num_special_tokens_to_add() == 1
    for names in (["x"], ["nothing"], "b"):
        with pytest.raises(ValueError, match="special tokens"):
            fresh.set_frame(names)


@pytest.mark.parametrize("ids", ["12", ["5"], [1.5], [[1], [2]], [None]])
def test_ids_are_integers(tokenizer, ids):
    with pytest.raises(TypeError, match="expected integers"):
        tokenizer.decode(ids)


def test_numbers_out_of_range_say_so(tokenizer):
    for call in (lambda: tokenizer.decode([2**31]), lambda: tokenizer.id_to_token(2**40),
                 lambda: tokenizer.decode([10**6]), lambda: tokenizer.decode_stream().step(2**40)):
        with pytest.raises(IndexError, match="expected"):
            call()
    for nbest in (0, -1, 10**12):
        with pytest.raises(ValueError, match="nbest from 1 to 1000"):
            tokenizer.segment("ev", nbest=nbest)
    with pytest.raises(TypeError, match="name of a token"):
        tokenizer.token_to_id(5)
    for text in (None, 5):
        with pytest.raises(TypeError, match="expected a text"):
            tokenizer(text)


def test_pad_takes_one_text_and_checks_what_it_is_asked(tokenizer):
    one = tokenizer.pad({"input_ids": [7, 8]}, padding="max_length", max_length=4)
    assert one == {"input_ids": [7, 8, 0, 0], "attention_mask": [1, 1, 0, 0]}
    many = tokenizer.pad([{"input_ids": [7]}, {"input_ids": [7, 8]}])
    assert many.input_ids == [[7, 0], [7, 8]]
    assert tokenizer.pad([{"input_ids": [7]}, {"input_ids": [7, 8]}], padding=False).input_ids == [[7], [7, 8]]
    for arguments in ({"padding": "max_length"}, {"padding": "bogus"}):
        with pytest.raises(ValueError, match="expected"):
            tokenizer.pad({"input_ids": [7]}, **arguments)
    with pytest.raises(ValueError, match="got none"):
        tokenizer.pad([])


def test_special_tokens_of_the_model_stay_special(fresh):
    assert fresh.add_tokens(["<bos>", "<pad>"]) == 0
    assert fresh.decode(fresh.encode("a")) == "a"
    assert fresh.bos_id not in fresh.encode("<bos>", add_special_tokens=False)
    assert fresh.add_special_tokens({"additional_special_tokens": ["[X]"], "pad_token": "<pad>"}) == 1
    for bad in ({"pad_token": "[PAD]"}, {"bogus": "x"}):
        with pytest.raises(ValueError, match="additional_special_tokens"):
            fresh.add_special_tokens(bad)
    with pytest.raises(TypeError, match="expected a text"):
        fresh.add_tokens([None])
    with pytest.raises(AttributeError):
        fresh.pad_token = fresh.eos_token


def test_settings_are_checked_at_once(fresh, tmp_path):
    folder = tmp_path / "model"
    assert MorphoPieceTokenizer.from_pretrained(folder, use_fast=True).encode("ev") == fresh.encode("ev")
    for bad in ({"mode": "bogus"}, {"padding_side": "top"}, {"truncation_side": "middle"}):
        with pytest.raises(ValueError, match="expected"):
            MorphoPieceTokenizer.load(folder, **bad) if "mode" in bad else MorphoPieceTokenizer(model_path=folder, **bad)
    with pytest.raises(FileNotFoundError, match="on this machine"):
        MorphoPieceTokenizer.from_pretrained("someone/some-model")


def test_tokens_may_be_added_while_other_threads_encode(tokenizer):
    import pickle
    import threading
    mine = pickle.loads(pickle.dumps(tokenizer))
    text = " ".join(TEXTS)
    wanted = mine.encode(text, add_special_tokens=False)
    stop, wrong = threading.Event(), []

    def work():
        while not stop.is_set():
            for ids in mine(([text] * 4), add_special_tokens=False)["input_ids"]:
                if list(ids) != list(wanted):
                    wrong.append(ids)
            mine.get_vocab()
            mine.decode(wanted)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(200):
        mine.add_tokens([f"<never {i}>"])
        mine.set_frame(["<bos>"] * (i % 3), ["<eos>"], ["<eos>"])
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong and len(mine) == len(tokenizer) + 200


def test_types_of_added_tokens(tokenizer):
    import pickle
    mine = pickle.loads(pickle.dumps(tokenizer))
    mine.add_tokens(["plain"])
    mine.add_special_tokens({"additional_special_tokens": ["<|start|>"]})
    ids = mine.encode("<|start|> plain ev", add_special_tokens=False)
    special, other = ids.index(mine.token_to_id("<|start|>")), ids.index(mine.token_to_id("plain"))
    types = mine.morpho_types(ids)
    assert (types[special], types[other]) == (1, 22)
    assert mine.semantic_categories(ids)[special] == 1
    assert [list(t) for t in mine.morpho_type_lists(ids)][other] == [22]


def test_lone_surrogates_are_one_code_point(tokenizer):
    for text in ("a\udfffb", "\ud800", "ev\udc00\ud800 ev", "ç\udcffç"):
        encoding = tokenizer.encode(text, add_special_tokens=False)
        assert tokenizer.decode(encoding) == text
        assert encoding.offsets[-1][1] == len(text)
        assert all(begin <= end <= len(text) for begin, end in encoding.offsets)
        if " " not in text:
            assert "".join(m["surface"] for m in tokenizer.segment(text)) == text


def test_overflow_is_made_when_asked_for(tokenizer):
    long = "ev at " * 200
    one = tokenizer(long, long, truncation=True, max_length=20)
    assert len(one.input_ids) == 20 and one.encodings[0].overflowing == []
    all_of_them = tokenizer(long, long, truncation=True, max_length=100, return_overflowing_tokens=True)
    assert len(all_of_them.input_ids) > 4 and set(map(len, all_of_them.input_ids)) >= {100}
    with pytest.raises(ValueError, match="parts of a truncated pair"):
        tokenizer(long, long, truncation=True, max_length=5, return_overflowing_tokens=True)


def test_batches_are_lists_and_pads_leave_labels_alone(tokenizer):
    for call in (lambda: tokenizer.encode_batch("ev at"), lambda: tokenizer({"text": "ev"}),
                 lambda: tokenizer.encode_batch([("a", "b", "c")]), lambda: tokenizer.encode_batch([("a",)])):
        with pytest.raises(TypeError, match="expected"):
            call()
    padded = tokenizer.pad([{"input_ids": [1, 2], "label": 1}, {"input_ids": [1], "label": 0}])
    assert padded["label"] == [1, 0] and padded.input_ids == [[1, 2], [1, 0]]
