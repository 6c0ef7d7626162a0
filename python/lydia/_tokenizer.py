"""The tokenizer classes of lydia.text and lydia.language, over lydia._C._text."""
import itertools
import os
import pathlib

from ._C import _text
from ._encodings import (AddedToken, BatchEncoding, Encoding, to_bytes, to_ids, to_str)

SPECIAL_NAMES = ("pad", "unk", "bos", "eos", "mask")


def default_model_path():
    """$LYDIA_TOKENIZER, else out/tokenizer, which `make demo` fills."""
    path = os.environ.get("LYDIA_TOKENIZER")
    if path:
        return path
    if pathlib.Path("out/tokenizer/tokenizer_config.json").exists():
        return "out/tokenizer"
    raise ValueError("MorphoPieceTokenizer: expected a model from model_path, $LYDIA_TOKENIZER or "
                     "out/tokenizer (make demo trains one), got none")


class DecodeStream:
    """The text of ids as they come: characters are held back until they are whole."""

    def __init__(self, tokenizer, skip_special_tokens=True):
        self._raw = _text.DecodeStream(tokenizer._raw, skip_special_tokens)

    def step(self, token_id):
        """The text that a further id makes certain, "" while a character is incomplete."""
        return to_str(self._raw.push(int(token_id)))

    def finish(self):
        """What was held back."""
        return to_str(self._raw.finish())


class MorphoPieceTokenizer:
    """The Turkish tokenizer that cuts words at morphemes and gives every byte back.

    Called as Hugging Face's are. `model_path` is a folder or a file; without one it is
    $LYDIA_TOKENIZER, else out/tokenizer. `vocab_size`: the most tokens the model may have.
    `mode`: "morph", "compact" or "canonical", for all calls that say nothing else.
    """

    model_input_names = ["input_ids", "token_type_ids", "attention_mask"]

    def __init__(self, vocab_size=None, model_path=None, mode=None, *, padding_side="right",
                 truncation_side="right", model_max_length=None):
        self._setup(_text.Tokenizer.load(os.fspath(model_path or default_model_path())), mode,
                    padding_side, truncation_side, model_max_length)
        if vocab_size is not None and self.vocab_size > vocab_size:
            raise ValueError(f"MorphoPieceTokenizer: expected a model of at most {vocab_size} "
                             f"tokens, got one of {self.vocab_size}")

    def _setup(self, raw, mode=None, padding_side="right", truncation_side="right",
               model_max_length=None):
        self._raw = raw
        self.mode = mode
        self.padding_side = padding_side
        self.truncation_side = truncation_side
        self.model_max_length = model_max_length

    # ---- making, loading, saving ----------------------------------------------------------------

    @classmethod
    def load(cls, path, mode=None):
        """From the folder that save() made, or from a model file."""
        return cls(model_path=path, mode=mode)

    @classmethod
    def from_pretrained(cls, path, **options):
        """The same as load(), by its other name."""
        return cls(model_path=path, **options)

    def save(self, folder):
        """Writes the model and tokenizer_config.json into a folder."""
        self._raw.save(os.fspath(folder))

    def save_pretrained(self, folder):
        """The same as save(); returns the paths that were written."""
        self.save(folder)
        folder = pathlib.Path(folder)
        return tuple(str(path) for path in sorted(folder.iterdir()) if path.is_file())

    @classmethod
    def train(cls, files=(), iterator=None, vocab_size=32000, mode="compact", *, counts=(),
              roots=(), hunspell=True, core_list=True, em_passes=2, text_licence="unknown",
              progress=None):
        """Makes a model from lydia's own roots, Debian's hunspell-tr when it is installed, text
        files and an iterator of texts.

        `hunspell`: False for none, or (dic, aff). `progress(stage, done, total)` is called as the
        work goes on.
        """
        dic, aff = _text.find_hunspell_turkish() if hunspell is True else (hunspell or ("", ""))
        paths = [files] if isinstance(files, (str, os.PathLike)) else files
        texts = None if iterator is None else (to_bytes(text) for text in iterator)
        out = cls.__new__(cls)
        out._setup(_text.train_morphopiece(
            [os.fspath(p) for p in paths], texts, [os.fspath(p) for p in counts],
            [os.fspath(p) for p in roots], vocab_size, mode, os.fspath(dic), os.fspath(aff),
            text_licence, core_list, em_passes, progress))
        return out

    def __getstate__(self):
        added = [token[:-1] for token in self._raw.added_tokens]
        settings = {name: value for name, value in vars(self).items() if name != "_raw"}
        return self._raw.model_bytes(), added, self._raw.frame, settings

    def __setstate__(self, state):
        model, added, frame, settings = state
        self._raw = _text.Tokenizer.from_model_bytes(model)
        self._raw.add_tokens(added)
        self._raw.set_frame(*frame)
        vars(self).update(settings)

    # ---- the vocabulary -------------------------------------------------------------------------

    @property
    def vocab_size(self):
        """Tokens of the model, without added ones."""
        return self._raw.vocab_size

    def __len__(self):
        return len(self._raw)

    def get_vocab_size(self, with_added_tokens=True):
        """Tokens of the model, with the added ones or without."""
        return len(self._raw) if with_added_tokens else self._raw.vocab_size

    def get_vocab(self, with_added_tokens=True):
        """Ids by the names of tokens."""
        return {self._raw.id_to_token(i): i for i in range(self.get_vocab_size(with_added_tokens))}

    def token_to_id(self, token):
        """The id of a token's name, or None."""
        return self._raw.token_to_id(token)

    def id_to_token(self, id):
        """The name of a token; IndexError outside the vocabulary."""
        return self._raw.id_to_token(id)

    def convert_tokens_to_ids(self, tokens):
        """Ids of one name or of many; <unk>'s for names that there are none of."""
        one = lambda token: self.unk_id if (i := self.token_to_id(token)) is None else i
        return one(tokens) if isinstance(tokens, str) else [one(token) for token in tokens]

    def convert_ids_to_tokens(self, ids, skip_special_tokens=False):
        """Names of one id or of many."""
        if isinstance(ids, int):
            return self.id_to_token(ids)
        return [self.id_to_token(i) for i in to_ids(ids)
                if not (skip_special_tokens and self._raw.is_special(i))]

    @property
    def pad_id(self):
        """The id of <pad>."""
        return self._raw.special_ids[0]

    @property
    def unk_id(self):
        """The id of <unk>, which encoding never gives."""
        return self._raw.special_ids[1]

    @property
    def bos_id(self):
        """The id of <bos>."""
        return self._raw.special_ids[2]

    @property
    def eos_id(self):
        """The id of <eos>."""
        return self._raw.special_ids[3]

    @property
    def mask_id(self):
        """The id of <mask>."""
        return self._raw.special_ids[4]

    @property
    def all_special_ids(self):
        """Ids of the model's special tokens and of the added ones that are special."""
        return list(self._raw.special_ids) + [token[-1] for token in self._raw.added_tokens
                                              if token[1] and token[-1] >= self.vocab_size]

    @property
    def all_special_tokens(self):
        """Names of all_special_ids."""
        return [self.id_to_token(i) for i in self.all_special_ids]

    @property
    def special_tokens_map(self):
        """Names of the model's special tokens: {"pad_token": "<pad>", ...}."""
        return {f"{name}_token": self.id_to_token(i)
                for name, i in zip(SPECIAL_NAMES, self._raw.special_ids)}

    @property
    def added_tokens(self):
        """Ids of the added tokens by their content."""
        return {token[0]: token[-1] for token in self._raw.added_tokens}

    def get_added_vocab(self):
        """The same as added_tokens."""
        return self.added_tokens

    def add_tokens(self, tokens, special_tokens=False):
        """Adds tokens that are found in texts as they are; returns how many are new."""
        if isinstance(tokens, (str, AddedToken)):
            tokens = [tokens]
        tokens = [t if isinstance(t, AddedToken) else AddedToken(t) for t in tokens]
        return self._raw.add_tokens([t.as_tuple(special_tokens) for t in tokens])

    def add_special_tokens(self, tokens):
        """Adds tokens that decode leaves out: a list, or Hugging Face's dict of lists."""
        if isinstance(tokens, dict):
            tokens = [one for value in tokens.values()
                      for one in ([value] if isinstance(value, (str, AddedToken)) else value)]
        return self.add_tokens(tokens, special_tokens=True)

    def num_special_tokens_to_add(self, pair=False):
        """How many special tokens are put around one text or two."""
        return self._raw.frame_size(pair)

    def set_frame(self, before=(), between=(), after=()):
        """The special tokens, by name, that are put around texts: before A between B after."""
        self._raw.set_frame(*(self._ids_of_names(names) for names in (before, between, after)))

    def _ids_of_names(self, names):
        ids = [self.token_to_id(name) for name in names]
        if None in ids:
            raise ValueError(f"tokenizer: expected names of tokens, got {list(names)}")
        return ids

    # ---- text to ids ----------------------------------------------------------------------------

    def _options(self, add_special_tokens, truncation, max_length, stride, padding,
                 pad_to_multiple_of, padding_side, details, types, mode, temperature, seed,
                 parse_special):
        if max_length is None:
            max_length = self.model_max_length
        cut = None
        if truncation not in (False, None, "do_not_truncate"):
            strategy = "longest_first" if truncation is True else truncation
            if max_length is None:
                raise ValueError("tokenizer: expected max_length beside truncation, got none")
            cut = (max_length, stride, strategy, self.truncation_side)
        pad = None
        if padding not in (False, None, "do_not_pad"):
            if padding not in (True, "longest", "max_length"):
                raise ValueError('tokenizer: expected padding True, False, "longest" or '
                                 f'"max_length", got {padding!r}')
            if padding == "max_length" and max_length is None:
                raise ValueError('tokenizer: expected max_length beside padding="max_length"')
            pad = (max_length if padding == "max_length" else 0, pad_to_multiple_of or 0,
                   padding_side or self.padding_side)
        return (add_special_tokens, details, types, parse_special, mode or self.mode or "",
                temperature, seed, cut, pad)

    def encode(self, text, text_pair=None, add_special_tokens=True, *, truncation=False,
               max_length=None, stride=0, padding=False, pad_to_multiple_of=None,
               padding_side=None, mode=None, temperature=0.0, seed=0, parse_special=False,
               types=False):
        """The ids of a text, or of two, as a list that also knows tokens, offsets, word_ids, ...

        `temperature` above 0 draws the cuts (subword regularisation) from `seed`. Text that spells
        a special token is ordinary text unless `parse_special`. `types`: morpho_types and
        semantic_categories too.
        """
        options = self._options(add_special_tokens, truncation, max_length, stride, padding,
                                pad_to_multiple_of, padding_side, True, types, mode, temperature,
                                seed, parse_special)
        one = to_bytes(text) if text_pair is None else (to_bytes(text), to_bytes(text_pair))
        return Encoding(self._raw.encode_batch([one], options, 1)[0])

    def encode_batch(self, inputs, add_special_tokens=True, *, truncation=False, max_length=None,
                     stride=0, padding=False, pad_to_multiple_of=None, padding_side=None,
                     mode=None, temperature=0.0, seed=0, parse_special=False, types=False,
                     threads=0):
        """encode() for many texts, or pairs of texts, on threads (0: lydia.get_num_threads())."""
        options = self._options(add_special_tokens, truncation, max_length, stride, padding,
                                pad_to_multiple_of, padding_side, True, types, mode, temperature,
                                seed, parse_special)
        texts = [(to_bytes(one[0]), to_bytes(one[1])) if isinstance(one, (tuple, list))
                 else to_bytes(one) for one in inputs]
        return [Encoding(raw) for raw in self._raw.encode_batch(texts, options, threads)]

    def __call__(self, text, text_pair=None, add_special_tokens=True, padding=False,
                 truncation=False, max_length=None, stride=0, pad_to_multiple_of=None,
                 padding_side=None, return_tensors=None, return_token_type_ids=True,
                 return_attention_mask=True, return_overflowing_tokens=False,
                 return_special_tokens_mask=False, return_offsets_mapping=False,
                 return_length=False, return_morpho_types=False, return_semantic_categories=False,
                 mode=None, temperature=0.0, seed=0, parse_special=False, threads=0,
                 is_split_into_words=False):
        """Texts as inputs of a model, as Hugging Face's tokenizers give them.

        `is_split_into_words`: a text is a list of words. They are joined by spaces; word_ids are
        then the numbers of these words, and offsets are those of the joined text.
        """
        single = isinstance(text, (str, bytes))
        starts = None
        if is_split_into_words:
            text, starts, single = self._join_words(text, text_pair)
        texts = [text] if single else list(text)
        if text_pair is not None:
            pairs = [text_pair] if single else list(text_pair)
            if len(pairs) != len(texts):
                raise ValueError(f"tokenizer: expected as many second texts as first ones, got "
                                 f"{len(pairs)} for {len(texts)}")
            texts = list(zip(texts, pairs))
        encodings = self.encode_batch(
            texts, add_special_tokens, truncation=truncation, max_length=max_length,
            stride=stride, padding=padding, pad_to_multiple_of=pad_to_multiple_of,
            padding_side=padding_side, mode=mode, temperature=temperature, seed=seed,
            parse_special=parse_special, types=return_morpho_types or return_semantic_categories,
            threads=threads)
        for encoding, begins in zip(encodings, starts or ()):
            encoding.word_starts = begins
        samples = list(range(len(encodings)))
        if return_overflowing_tokens:
            parts = [(i, part) for i, one in enumerate(encodings)
                     for part in [one, *one.overflowing]]
            samples = [i for i, _ in parts]
            encodings = [part for _, part in parts]
            single = False
        wanted = {"input_ids": lambda e: e.ids}
        if return_token_type_ids:
            wanted["token_type_ids"] = lambda e: e.type_ids
        if return_attention_mask:
            wanted["attention_mask"] = lambda e: e.attention_mask
        if return_special_tokens_mask:
            wanted["special_tokens_mask"] = lambda e: e.special_tokens_mask
        if return_offsets_mapping:
            wanted["offset_mapping"] = lambda e: e.offsets
        if return_morpho_types:
            wanted["morpho_types"] = lambda e: e.morpho_types
        if return_semantic_categories:
            wanted["semantic_categories"] = lambda e: e.semantic_categories
        if return_length:
            wanted["length"] = len
        data = {name: [get(e) for e in encodings] for name, get in wanted.items()}
        if return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = samples
        if single:
            data = {name: value[0] for name, value in data.items()}
        out = BatchEncoding(data, encodings, single)
        return out.convert_to_tensors(return_tensors) if return_tensors else out

    @staticmethod
    def _join_words(text, text_pair):
        """Lists of words as texts, where each word begins in them, and whether it was one list."""
        if text_pair is not None or isinstance(text, (str, bytes)):
            raise ValueError("tokenizer: expected a list of words, or a list of such lists, beside "
                             "is_split_into_words")
        single = all(isinstance(word, str) for word in text)
        lists = [list(text)] if single else [list(words) for words in text]
        starts = [[0, *itertools.accumulate(len(word) + 1 for word in words)][:len(words)]
                  for words in lists]
        texts = [" ".join(words) for words in lists]
        return (texts[0] if single else texts), starts, single

    def tokenize(self, text, add_special_tokens=False, mode=None):
        """The names of a text's tokens."""
        return self.encode(text, add_special_tokens=add_special_tokens, mode=mode).tokens

    def pad(self, encoded_inputs, padding=True, max_length=None, pad_to_multiple_of=None,
            padding_side=None, return_tensors=None):
        """Pads inputs that were made one by one: a list of dicts, or a dict of lists."""
        if not isinstance(encoded_inputs, dict):
            encoded_inputs = {name: [one[name] for one in encoded_inputs]
                              for name in encoded_inputs[0]}
        batch = {name: [to_ids(row) for row in rows] for name, rows in encoded_inputs.items()}
        batch.setdefault("attention_mask", [[1] * len(row) for row in batch["input_ids"]])
        length = max((len(row) for row in batch["input_ids"]), default=0)
        if padding == "max_length":
            length = max_length
        if pad_to_multiple_of:
            length = -(-length // pad_to_multiple_of) * pad_to_multiple_of
        left = (padding_side or self.padding_side) == "left"
        fill = {"input_ids": self.pad_id, "special_tokens_mask": 1}
        for name, rows in batch.items():
            for row in rows:
                extra = [fill.get(name, 0)] * (length - len(row))
                row[:] = extra + row if left else row + extra
        out = BatchEncoding(batch, [], False)
        return out.convert_to_tensors(return_tensors) if return_tensors else out

    # ---- ids to text ----------------------------------------------------------------------------

    def decode_bytes(self, ids, skip_special_tokens=True):
        """The bytes of ids: exactly those that were encoded."""
        return self._raw.decode(to_ids(ids), skip_special_tokens)

    def decode(self, ids, skip_special_tokens=True, errors="replace"):
        """The text of ids (a list, an array of NumPy or a tensor)."""
        return to_str(self.decode_bytes(ids, skip_special_tokens), errors)

    def decode_batch(self, batch, skip_special_tokens=True, threads=0):
        """decode() for many lists of ids."""
        raw = self._raw.decode_batch([to_ids(ids) for ids in batch], skip_special_tokens, threads)
        return [to_str(text) for text in raw]

    def batch_decode(self, sequences, skip_special_tokens=True):
        """The same as decode_batch()."""
        return self.decode_batch(sequences, skip_special_tokens)

    def decode_stream(self, ids=None, skip_special_tokens=True):
        """Without ids: a DecodeStream to feed. With ids: the pieces of their text, one by one."""
        stream = DecodeStream(self, skip_special_tokens)
        return stream if ids is None else self._pieces(stream, ids)

    @staticmethod
    def _pieces(stream, ids):
        for i in ids:
            piece = stream.step(i)
            if piece:
                yield piece
        rest = stream.finish()
        if rest:
            yield rest

    # ---- analysis -------------------------------------------------------------------------------

    def segment(self, word, nbest=None):
        """The morphemes of a word: dicts of surface, label, type, type_name, span, lemma.

        With nbest: a list of the best readings, dicts of morphs, cost and known.
        """
        readings = [{"morphs": morphs, "cost": cost, "known": known}
                    for morphs, cost, known in self._raw.segment(to_bytes(word), nbest or 1)]
        return readings[0]["morphs"] if nbest is None else readings

    def sample(self, word, temperature=1.0, seed=0):
        """One reading of a word, drawn with probability ~ exp(-cost / temperature)."""
        return self._raw.sample(to_bytes(word), temperature, seed)[0]

    def morpho_types(self, ids):
        """The morpheme type of each id, 0 to 22 (lydia.text.MORPH_TYPES names them)."""
        return self._raw.morpho_types(to_ids(ids))

    def morpho_type_lists(self, ids):
        """For each id the types of all morphemes it stands for."""
        return self._raw.morpho_type_lists(to_ids(ids))

    def semantic_categories(self, ids):
        """The semantic category of each id, 0 to 11 (lydia.text.SEMANTIC_CATEGORIES)."""
        return self._raw.semantic_categories(to_ids(ids))

    def info(self):
        """What the model is and what it was made from."""
        import json
        out = dict(self._raw.info(), vocab_size=self.vocab_size)
        out["meta"] = json.loads(out["meta"])
        return out

    def export(self, path, text=None):
        """Writes an approximate tokenizer.json for Hugging Face tokenizers.

        Returns the share of the words of `text` that both cut alike, None without a text.
        """
        content, share = self._raw.export_json(None if text is None else to_bytes(text))
        pathlib.Path(path).write_text(content + "\n", encoding="utf-8")
        return share

    def __repr__(self):
        return f"{type(self).__name__}(vocab_size={self.vocab_size}, mode={self.mode or self._raw.info()['mode']!r})"
