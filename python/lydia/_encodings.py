"""What the tokenizers of lydia.text take and give: texts, ids, tokens to add, encodings."""
import array
import bisect
import operator
import types


def to_bytes(text):
    """A text as UTF-8: str (lone surrogates are kept), or bytes as they are."""
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    if isinstance(text, (bytes, bytearray, memoryview)):
        return bytes(text)
    raise TypeError(f"tokenizer: expected a text as str or bytes, got {type(text).__name__}")


def to_pair(texts):
    """Two texts as UTF-8."""
    if len(texts) != 2:
        raise TypeError(f"tokenizer: expected a text or a pair of texts, got {len(texts)}")
    return to_bytes(texts[0]), to_bytes(texts[1])


def to_str(data, errors="replace"):
    """Bytes of a tokenizer as str."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors)


def to_ids(ids):
    """A list of ints from one id, a list, an array of NumPy or a tensor."""
    if hasattr(ids, "tolist"):
        ids = ids.tolist()
    try:
        return array.array("i", [ids] if isinstance(ids, int) else ids).tolist()
    except OverflowError:
        raise IndexError("tokenizer: expected ids of the vocabulary, got some beyond 32 bits") from None
    except TypeError:
        many = not isinstance(ids, str) and any(isinstance(one, (list, tuple)) for one in ids)
        raise TypeError(f"tokenizer: expected integers as ids, got {ids!r:.60}"
                        + " (decode_batch takes the ids of many texts)" * many) from None


def to_id(id):
    """One id as an int."""
    return to_ids([id])[0]


def to_int(name, value, high, low=0):
    """An argument that is an integer from `low` to `high`."""
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError(f"tokenizer: expected {name} as an integer, got {value!r:.60}") from None
    if not low <= value <= high:
        raise ValueError(f"tokenizer: expected {name} from {low} to {high}, got {value}")
    return value


MAX_SEED = 2**64 - 1
MAX_PADDING = 2**24  # tokens: texts are not filled up to more
MAX_THREADS = 1024


def to_temperature(value):
    """A temperature as a float."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"tokenizer: expected temperature as a number, got {value!r:.60}") from None


class AddedToken:
    """A token to add, and how it is found in a text. Texts are never normalised here: `normalized`,
    which Hugging Face's takes, changes nothing."""

    def __init__(self, content, special=False, single_word=False, lstrip=False, rstrip=False,
                 normalized=None):
        if not isinstance(content, str):
            raise TypeError(f"AddedToken: expected a text, got {type(content).__name__}")
        self.content = content
        self.special = special
        self.single_word = single_word
        self.lstrip = lstrip
        self.rstrip = rstrip

    def __repr__(self):
        return f"AddedToken({self.content!r}, special={self.special})"

    def as_tuple(self, special=False):
        """(content, special, single_word, lstrip, rstrip)."""
        return (self.content, self.special or special, self.single_word, self.lstrip, self.rstrip)


class Encoding(list):
    """The ids of a text, as a list, with what each of them is and where it came from."""

    def __init__(self, raw, word_starts=None):
        super().__init__(raw.ids)
        self._raw = raw
        self.word_starts = word_starts  # where words begin that were given one by one

    def __reduce__(self):
        return _encoding_of, (list(self), _plain(self._raw), self.word_starts)

    @property
    def ids(self):
        """The ids as a plain list."""
        return list(self)

    @property
    def type_ids(self):
        """0 for tokens of the first text, 1 for those of the second."""
        return self._raw.type_ids

    @property
    def tokens(self):
        """The names of the tokens."""
        return self._raw.tokens

    @property
    def offsets(self):
        """(begin, end) in code points of the text; (0, 0) for special tokens."""
        return self._raw.offsets

    @property
    def byte_offsets(self):
        """(begin, end) in bytes of the text in UTF-8: they tile it."""
        return self._raw.byte_offsets

    @property
    def word_ids(self):
        """The number of each token's word in its text, None for special tokens."""
        if self.word_starts is None:
            return self._raw.word_ids
        # A token may begin with the space before its word: its last character says which it is.
        return [None if of is None else bisect.bisect(self.word_starts, max(end - 1, 0)) - 1
                for (_, end), of in zip(self._raw.offsets, self._raw.sequence_ids)]

    @property
    def sequence_ids(self):
        """Which text each token is of: 0, 1, or None for special tokens."""
        return self._raw.sequence_ids

    @property
    def special_tokens_mask(self):
        """1 for tokens that come from no text."""
        return self._raw.special_tokens_mask

    @property
    def attention_mask(self):
        """0 for padding."""
        return self._raw.attention_mask

    @property
    def morpho_types(self):
        """The morpheme type of each token, where it was asked for."""
        return self._raw.morpho_types

    @property
    def semantic_categories(self):
        """The semantic category of each token, where it was asked for."""
        return self._raw.semantic_categories

    @property
    def overflowing(self):
        """The further parts of a text that was truncated."""
        return [Encoding(part, self.word_starts) for part in self._raw.overflowing]


RAW_PARTS = ("ids", "type_ids", "tokens", "offsets", "byte_offsets", "word_ids", "sequence_ids",
             "special_tokens_mask", "attention_mask", "morpho_types", "semantic_categories")


def _plain(raw):
    """What is in a compiled encoding, as lists that can be pickled and answer in its place."""
    parts = {name: getattr(raw, name) for name in RAW_PARTS}
    return types.SimpleNamespace(**parts, overflowing=[_plain(part) for part in raw.overflowing])


def _encoding_of(ids, raw, word_starts):
    """An Encoding from a pickle."""
    out = Encoding(raw, word_starts)
    out[:] = ids
    return out


class BatchEncoding(dict):
    """What calling a tokenizer gives: lists or tensors by name, and questions about tokens."""

    def __init__(self, data, encodings, single):
        super().__init__(data)
        self.encodings = encodings
        self._single = single

    def __reduce__(self):
        return type(self), (dict(self), self.encodings, self._single)

    def __getitem__(self, key):
        """What has this name; by a number, the Encoding of that text."""
        return self.encodings[key] if isinstance(key, int) else super().__getitem__(key)

    @property
    def data(self):
        """All of it as a plain dict."""
        return dict(self)

    @property
    def is_fast(self):
        """Whether it can say which token is where."""
        return bool(self.encodings)

    @property
    def n_sequences(self):
        """1, or 2 for pairs of texts; None without encodings."""
        if not self.encodings:
            return None
        return 2 if 1 in self.encodings[0].sequence_ids else 1

    def to(self, device):
        """Moves the tensors to a device. Returns itself."""
        for name, value in self.items():
            if hasattr(value, "to"):
                self[name] = value.to(device)
        return self

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def tokens(self, batch_index=0):
        """The names of a text's tokens."""
        return self.encodings[batch_index].tokens

    def word_ids(self, batch_index=0):
        """The number of each token's word, None for special tokens."""
        return self.encodings[batch_index].word_ids

    def sequence_ids(self, batch_index=0):
        """Which text of a pair each token is of, None for special tokens."""
        return self.encodings[batch_index].sequence_ids

    def _where(self, batch_or_index, index):
        return (0, batch_or_index) if index is None else (batch_or_index, index)

    def char_to_token(self, batch_or_char_index, char_index=None, sequence_index=0):
        """The first token that holds a character of a text, or None."""
        batch, char = self._where(batch_or_char_index, char_index)
        encoding = self.encodings[batch]
        for i, (begin, end) in enumerate(encoding.offsets):
            if begin <= char < end and encoding.sequence_ids[i] == sequence_index:
                return i
        return None

    def token_to_chars(self, batch_or_token_index, token_index=None):
        """(begin, end) of a token in its text, or None for special tokens."""
        batch, token = self._where(batch_or_token_index, token_index)
        encoding = self.encodings[batch]
        return None if encoding.sequence_ids[token] is None else encoding.offsets[token]

    def token_to_word(self, batch_or_token_index, token_index=None):
        """The number of a token's word, None for special tokens."""
        batch, token = self._where(batch_or_token_index, token_index)
        return self.encodings[batch].word_ids[token]

    def token_to_sequence(self, batch_or_token_index, token_index=None):
        """Which text of a pair a token is of, None for special tokens."""
        batch, token = self._where(batch_or_token_index, token_index)
        return self.encodings[batch].sequence_ids[token]

    def char_to_word(self, batch_or_char_index, char_index=None, sequence_index=0):
        """The number of the word that holds a character, or None."""
        batch, char = self._where(batch_or_char_index, char_index)
        token = self.char_to_token(batch, char, sequence_index)
        return None if token is None else self.encodings[batch].word_ids[token]

    def word_to_chars(self, batch_or_word_index, word_index=None, sequence_index=0):
        """(begin, end) of a word in its text, with the space its first token may stand for, or
        None."""
        batch, word = self._where(batch_or_word_index, word_index)
        tokens = self.word_to_tokens(batch, word, sequence_index)
        if tokens is None:
            return None
        offsets = self.encodings[batch].offsets
        return offsets[tokens[0]][0], offsets[tokens[1] - 1][1]

    def word_to_tokens(self, batch_or_word_index, word_index=None, sequence_index=0):
        """(first, behind the last) of a word's tokens, or None."""
        batch, word = self._where(batch_or_word_index, word_index)
        encoding = self.encodings[batch]
        found = [i for i, (w, s) in enumerate(zip(encoding.word_ids, encoding.sequence_ids))
                 if w == word and s == sequence_index]
        return (found[0], found[-1] + 1) if found else None

    def convert_to_tensors(self, tensor_type):
        """The lists as tensors: "np" (NumPy), "ld" (lydia) or "pt" (torch). Returns itself."""
        make = tensor_maker(tensor_type)
        for name, value in self.items():
            try:
                one = self._single and name != "length"
                self[name] = make([value] if one else value)
            except (ValueError, TypeError) as error:
                raise ValueError(f"tokenizer: expected texts of equal length for tensors of {name} "
                                 "(padding=True makes them so)") from error
        return self


PADDED = ("input_ids", "token_type_ids", "attention_mask", "special_tokens_mask", "morpho_types",
          "semantic_categories")


def pad_inputs(inputs, padding, max_length, multiple_of, left, pad_id):
    """({name: rows}, whether it was one text alone) with all rows of equal length. What is no input
    of a model (labels, offsets) stays as it is."""
    if padding not in (True, False, None, "longest", "max_length", "do_not_pad"):
        raise ValueError('tokenizer: expected padding True, False, "longest" or "max_length", got '
                         f"{padding!r}")
    if padding == "max_length" and max_length is None:
        raise ValueError('tokenizer: expected max_length beside padding="max_length"')
    if padding == "max_length":
        max_length = to_int("max_length beside padding", max_length, MAX_PADDING)
    multiple_of = to_int("pad_to_multiple_of", multiple_of or 0, MAX_PADDING)
    if not isinstance(inputs, dict):
        inputs = list(inputs)
        if not inputs:
            raise ValueError("tokenizer: expected texts to pad, got none")
        inputs = {name: [one[name] for one in inputs] for name in inputs[0]}
    ids = inputs["input_ids"]
    single = len(ids) > 0 and not hasattr(ids[0], "__len__")
    others = {name: value for name, value in inputs.items() if name not in PADDED}
    batch = {name: [to_ids(row) for row in ([rows] if single else rows)]
             for name, rows in inputs.items() if name in PADDED}
    batch.setdefault("attention_mask", [[1] * len(row) for row in batch["input_ids"]])
    if padding not in (False, None, "do_not_pad"):
        longest = max(map(len, batch["input_ids"]), default=0)
        length = max_length if padding == "max_length" else longest
        if multiple_of:
            length = -(-length // multiple_of) * multiple_of
        fill = {"input_ids": pad_id, "special_tokens_mask": 1}
        for name, rows in batch.items():
            for row in rows:
                extra = [fill.get(name, 0)] * (length - len(row))
                row[:] = extra + row if left else row + extra
    if single:
        batch = {name: rows[0] for name, rows in batch.items()}
    return {**batch, **others}, single


def tensor_maker(name):
    """The function that makes int64 tensors of a kind: "np", "ld" or "pt"."""
    if name == "np":
        import numpy
        return lambda value: numpy.array(value, dtype=numpy.int64)
    if name == "ld":
        import lydia
        return lambda value: lydia.tensor(value, dtype=lydia.int64)
    if name == "pt":
        import torch
        return lambda value: torch.tensor(value, dtype=torch.int64)
    raise ValueError(f'tokenizer: expected return_tensors "np", "ld" or "pt", got {name!r}')
