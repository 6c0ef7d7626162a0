"""The tokenizer classes of lydia.text and lydia.language, over lydia._C._text."""
import itertools
import json
import os
import pathlib
import warnings

from ._C import _text
from ._encodings import (BatchEncoding, Encoding, MAX_PADDING, MAX_SEED, MAX_THREADS, pad_inputs,
                         tensor_maker, to_bytes, to_id, to_ids, to_int, to_pair, to_str, to_temperature)
from ._vocabulary import TokenVocabulary

HUB_OPTIONS = ("use_fast", "trust_remote_code", "local_files_only", "cache_dir", "revision", "token",
               "force_download")


def default_model_path():
    """$LYDIA_TOKENIZER, else out/tokenizer, which `make demo` fills."""
    path = os.environ.get("LYDIA_TOKENIZER")
    if path:
        return path
    if pathlib.Path("out/tokenizer/tokenizer_config.json").exists():
        return "out/tokenizer"
    raise ValueError("MorphoPieceTokenizer: expected a model from model_path, $LYDIA_TOKENIZER or "
                     "out/tokenizer (make demo trains one), got none")


NO_BOUND = int(1e30)  # as Hugging Face's: a model_max_length that no text has
SETTINGS = ("mode", "padding_side", "truncation_side", "model_max_length")
CONFIG_NAME = "tokenizer_config.json"


def saved_settings(path):
    """What save() wrote down of a tokenizer's settings in the folder `path`."""
    config = pathlib.Path(path, CONFIG_NAME)
    settings = json.loads(config.read_bytes()).get("settings", {}) if config.exists() else {}
    if not isinstance(settings, dict):
        raise ValueError(f"{config}: expected settings as an object, got {settings!r:.60}")
    return settings


def save_settings(folder, settings):
    """Puts settings into a folder's configuration, which is whole at every moment."""
    config = pathlib.Path(folder, CONFIG_NAME)
    content = {**json.loads(config.read_bytes()), "settings": settings}
    # Named as lydia's other temporary files: what a killed process leaves the next save removes.
    new = config.with_name(f".{CONFIG_NAME}.{os.getpid()}-0.tmp")
    with open(new, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, config)


class DecodeStream:
    """The text of ids as they come: characters are held back until they are whole."""

    def __init__(self, tokenizer, skip_special_tokens=True):
        self._raw = _text.DecodeStream(tokenizer._raw, skip_special_tokens)

    def step(self, token_id):
        """The text that a further id makes certain, "" while a character is incomplete."""
        return to_str(self._raw.push(to_id(token_id)))

    def finish(self):
        """What was held back."""
        return to_str(self._raw.finish())


class MorphoPieceTokenizer(TokenVocabulary):
    """The Turkish tokenizer that cuts words at morphemes and gives every byte back.

    Called as Hugging Face's are. `model_path` is a folder or a file; without one it is
    $LYDIA_TOKENIZER, else out/tokenizer. `vocab_size`: the most tokens the model may have.
    `mode`: "morph", "compact" or "canonical", for all calls that say nothing else. What is not given
    of `mode`, sides and `model_max_length` (what truncation cuts to unless told otherwise) is as it
    was saved.
    """

    model_input_names = ["input_ids", "token_type_ids", "attention_mask"]

    def __init__(self, vocab_size=None, model_path=None, mode=None, *, padding_side=None,
                 truncation_side=None, model_max_length=None):
        if vocab_size is not None and not hasattr(vocab_size, "__index__"):
            raise TypeError("MorphoPieceTokenizer: expected vocab_size as an integer, got "
                            f"{vocab_size!r:.60} (the model is model_path=)")
        path = os.fspath(model_path or default_model_path())
        raw = _text.Tokenizer.load(path)
        given = (mode, padding_side, truncation_side, model_max_length)
        saved = saved_settings(path)
        self._setup(raw, *(saved.get(name) if value is None else value
                           for name, value in zip(SETTINGS, given)))
        self.name_or_path = path
        if vocab_size is not None and self.vocab_size > vocab_size:
            raise ValueError(f"MorphoPieceTokenizer: expected a model of at most {vocab_size} "
                             f"tokens, got one of {self.vocab_size}")

    def _setup(self, raw, mode=None, padding_side=None, truncation_side=None,
               model_max_length=None):
        padding_side, truncation_side = padding_side or "right", truncation_side or "right"
        for name, value in (("padding_side", padding_side), ("truncation_side", truncation_side)):
            if value not in ("left", "right"):
                raise ValueError(f'tokenizer: expected {name} "left" or "right", got {value!r}')
        if mode not in (None, "morph", "compact", "canonical"):
            raise ValueError('tokenizer: expected mode "morph", "compact", "canonical" or None, got '
                             f"{mode!r}")
        self._raw = raw
        self.name_or_path = ""
        self.mode = mode
        self.padding_side = padding_side
        self.truncation_side = truncation_side
        self.model_max_length = NO_BOUND if model_max_length is None else model_max_length

    # ---- making, loading, saving ----------------------------------------------------------------

    @classmethod
    def load(cls, path, mode=None):
        """From the folder that save() made, or from a model file."""
        return cls(model_path=path, mode=mode)

    @classmethod
    def from_pretrained(cls, path, **options):
        """The same as load(), by its other name: a folder or a file, there is no hub. Options that
        only say where and how Hugging Face's would look for it are left aside."""
        if not os.path.exists(path):
            raise FileNotFoundError("from_pretrained: expected a folder or a file on this machine, got "
                                    f"{os.fspath(path)!r}")
        ours = {name: value for name, value in options.items() if name not in HUB_OPTIONS}
        return cls(model_path=path, **ours)

    def save(self, folder):
        """Writes the model and tokenizer_config.json into a folder."""
        self._raw.save(os.fspath(folder))
        save_settings(folder, {name: getattr(self, name) for name in SETTINGS})

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

    # ---- text to ids ----------------------------------------------------------------------------

    def _bound(self, max_length):
        """`max_length`, else model_max_length where it is a bound; None without either."""
        most = self.model_max_length if max_length is None else max_length
        return None if most is None or most == NO_BOUND else most

    def _options(self, add_special_tokens, truncation, max_length, stride, padding,
                 pad_to_multiple_of, padding_side, details, types, mode, temperature, seed,
                 parse_special, overflow):
        max_length = self._bound(max_length)
        cut = None
        if truncation not in (False, None, "do_not_truncate"):
            strategy = "longest_first" if truncation is True else truncation
            if max_length is None:
                warnings.warn("tokenizer: truncation without max_length or model_max_length cuts "
                              "nothing", stacklevel=4)
            most = min(to_int("max_length", 2**62 if max_length is None else max_length, NO_BOUND),
                       2**62)
            cut = (most, to_int("stride", stride, 2**62), strategy, self.truncation_side,
                   bool(overflow))
        pad = None
        if padding not in (False, None, "do_not_pad"):
            if padding not in (True, "longest", "max_length"):
                raise ValueError('tokenizer: expected padding True, False, "longest" or '
                                 f'"max_length", got {padding!r}')
            if padding == "max_length" and max_length is None:
                raise ValueError('tokenizer: expected max_length beside padding="max_length"')
            length = 0
            if padding == "max_length":
                length = to_int("max_length beside padding", max_length, MAX_PADDING)
            pad = (length, to_int("pad_to_multiple_of", pad_to_multiple_of or 0, MAX_PADDING),
                   padding_side or self.padding_side)
        return (bool(add_special_tokens), details, types, bool(parse_special),
                mode or self.mode or "", to_temperature(temperature),
                to_int("seed", seed, MAX_SEED), cut, pad)

    def encode(self, text, text_pair=None, add_special_tokens=True, *, truncation=False,
               max_length=None, stride=0, padding=False, pad_to_multiple_of=None,
               padding_side=None, mode=None, temperature=0.0, seed=0, parse_special=False,
               types=False, overflow=False, return_tensors=None):
        """The ids of a text, or of two, as a list that also knows tokens, offsets, word_ids, ...

        With `return_tensors` ("np", "ld" or "pt") they are a tensor of one row.

        `temperature` above 0 draws the cuts (subword regularisation) from `seed`. Text that spells
        a special token is ordinary text unless `parse_special`. `types`: morpho_types and
        semantic_categories too. `overflow`: the further parts of a text that is truncated, as
        `overflowing`; of a pair each part of one text with each of the other.
        """
        options = self._options(add_special_tokens, truncation, max_length, stride, padding,
                                pad_to_multiple_of, padding_side, True, types, mode, temperature,
                                seed, parse_special, overflow)
        one = to_bytes(text) if text_pair is None else (to_bytes(text), to_bytes(text_pair))
        encoding = Encoding(self._raw.encode_batch([one], options, 1)[0])
        return tensor_maker(return_tensors)([encoding.ids]) if return_tensors else encoding

    def encode_batch(self, inputs, add_special_tokens=True, *, truncation=False, max_length=None,
                     stride=0, padding=False, pad_to_multiple_of=None, padding_side=None,
                     mode=None, temperature=0.0, seed=0, parse_special=False, types=False,
                     threads=0, overflow=False):
        """encode() for many texts, or pairs of texts, on threads (0: lydia.get_num_threads())."""
        if isinstance(inputs, (str, bytes, dict)):
            raise TypeError("encode_batch: expected a list of texts or pairs, got "
                            f"{type(inputs).__name__}")
        options = self._options(add_special_tokens, truncation, max_length, stride, padding,
                                pad_to_multiple_of, padding_side, True, types, mode, temperature,
                                seed, parse_special, overflow)
        texts = [to_pair(one) if isinstance(one, (tuple, list)) else to_bytes(one)
                 for one in inputs]
        threads = to_int("threads", threads, MAX_THREADS)
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
        if not single and (isinstance(text, dict) or not hasattr(text, "__iter__")):
            to_bytes(text)  # says what was expected
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
            threads=threads, overflow=return_overflowing_tokens)
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
        data = {name: [get(e) for e in encodings] for name, get in wanted.items()}
        if single:
            data = {name: value[0] for name, value in data.items()}
        if return_length:  # a list even of one text
            data["length"] = [len(e) for e in encodings]
        if return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = samples
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

    def encode_plus(self, text, text_pair=None, **options):
        """The same as calling it with one text."""
        return self(text, text_pair, **options)

    def batch_encode_plus(self, batch, **options):
        """The same as calling it with many texts, or pairs of texts."""
        return self(batch, **options)

    def tokenize(self, text, pair=None, add_special_tokens=False, mode=None):
        """The names of a text's tokens, or of two texts'."""
        return self.encode(text, pair, add_special_tokens, mode=mode).tokens

    def convert_tokens_to_string(self, tokens):
        """The text of tokens, by their names."""
        ids = [self.token_to_id(token) for token in tokens]
        if None in ids:
            raise ValueError(f"tokenizer: expected names of tokens, got {tokens[ids.index(None)]!r}")
        return self.decode(ids, skip_special_tokens=False)

    def pad(self, encoded_inputs, padding=True, max_length=None, pad_to_multiple_of=None,
            padding_side=None, return_tensors=None):
        """Pads inputs that were made one by one: a list of dicts, or a dict of lists (of ids, or
        of one text's ids)."""
        batch, single = pad_inputs(encoded_inputs, padding, self._bound(max_length), pad_to_multiple_of,
                                   (padding_side or self.padding_side) == "left", self.pad_id)
        out = BatchEncoding(batch, [], single)
        return out.convert_to_tensors(return_tensors) if return_tensors else out

    # ---- ids to text ----------------------------------------------------------------------------

    def decode_bytes(self, ids, skip_special_tokens=True):
        """The bytes of ids: exactly those that were encoded."""
        return self._raw.decode(to_ids(ids), skip_special_tokens)

    def decode(self, ids, skip_special_tokens=True, errors="replace",
               clean_up_tokenization_spaces=None):
        """The text of ids (a list, an array of NumPy or a tensor).

        It is the text as it was: there are no spaces to clean up, whatever is asked for.
        """
        return to_str(self.decode_bytes(ids, skip_special_tokens), errors)

    def decode_batch(self, batch, skip_special_tokens=True, threads=0):
        """decode() for many lists of ids."""
        raw = self._raw.decode_batch([to_ids(ids) for ids in batch], skip_special_tokens,
                                     to_int("threads", threads, MAX_THREADS))
        return [to_str(text) for text in raw]

    def batch_decode(self, sequences, skip_special_tokens=True, clean_up_tokenization_spaces=None):
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
        if nbest is not None:
            nbest = to_int("nbest", nbest, 1000, low=1)
        readings = [{"morphs": morphs, "cost": cost, "known": known}
                    for morphs, cost, known in self._raw.segment(to_bytes(word), nbest or 1)]
        return readings[0]["morphs"] if nbest is None else readings

    def sample(self, word, temperature=1.0, seed=0):
        """One reading of a word, drawn with probability ~ exp(-cost / temperature)."""
        return self._raw.sample(to_bytes(word), to_temperature(temperature),
                                to_int("seed", seed, MAX_SEED))[0]

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
