"""What a tokenizer's tokens are called: names and ids, special and added tokens."""
from ._encodings import AddedToken, to_id, to_ids

SPECIAL_NAMES = ("pad", "unk", "bos", "eos", "mask")


class TokenVocabulary:
    """The vocabulary side of a tokenizer, over its `_raw`."""

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

    @property
    def vocab(self):
        """The same as get_vocab()."""
        return self.get_vocab()

    def token_to_id(self, token):
        """The id of a token's name, or None."""
        if not isinstance(token, str):
            raise TypeError(f"tokenizer: expected the name of a token, got {type(token).__name__}")
        return self._raw.token_to_id(token)

    def id_to_token(self, id):
        """The name of a token; IndexError outside the vocabulary."""
        return self._raw.id_to_token(to_id(id))

    def convert_tokens_to_ids(self, tokens):
        """Ids of one name or of many; <unk>'s for names that there are none of."""
        one = lambda token: self.unk_id if (i := self.token_to_id(token)) is None else i
        return one(tokens) if isinstance(tokens, str) else [one(token) for token in tokens]

    def convert_ids_to_tokens(self, ids, skip_special_tokens=False):
        """Names of one id or of many."""
        if hasattr(ids, "tolist"):  # NumPy's integers, arrays, tensors
            ids = ids.tolist()
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
    def additional_special_tokens(self):
        """Names of the added tokens that are special."""
        return [self.id_to_token(i) for i in self.additional_special_tokens_ids]

    @property
    def additional_special_tokens_ids(self):
        """Ids of the added tokens that are special."""
        return self.all_special_ids[len(SPECIAL_NAMES):]

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
        """Adds tokens that decode leaves out: a list, or {"additional_special_tokens": list}.

        The model's own <pad>, <unk>, <bos>, <eos> and <mask> are fixed.
        """
        if isinstance(tokens, dict):
            own = self.special_tokens_map
            for name, value in tokens.items():
                if name != "additional_special_tokens" and own.get(name) != str(value):
                    raise ValueError("add_special_tokens: expected additional_special_tokens (the "
                                     f"model's own are {own}), got {name}={value!r}")
            tokens = tokens.get("additional_special_tokens", [])
        return self.add_tokens(tokens, special_tokens=True)

    def num_special_tokens_to_add(self, pair=False):
        """How many special tokens are put around one text or two."""
        return self._raw.frame_size(pair)

    def set_frame(self, before=(), between=(), after=()):
        """The special or added tokens, by name, that are put around texts: before A between B after."""
        self._raw.set_frame(*(self._ids_of_names(names) for names in (before, between, after)))

    def build_inputs_with_special_tokens(self, token_ids_0, token_ids_1=None):
        """Ids of a text, or of two, with the special tokens that are put around them."""
        before, between, after = self._raw.frame
        second = [] if token_ids_1 is None else between + to_ids(token_ids_1)
        return before + to_ids(token_ids_0) + second + after

    def get_special_tokens_mask(self, token_ids_0, token_ids_1=None, already_has_special_tokens=False):
        """1 for special tokens, 0 for the others: of ids that have them, or of those that
        build_inputs_with_special_tokens gives."""
        ids = to_ids(token_ids_0)
        if not already_has_special_tokens:
            ids = self.build_inputs_with_special_tokens(ids, token_ids_1)
        return [int(self._raw.is_special(i)) for i in ids]

    def _ids_of_names(self, names):
        names = [names] if isinstance(names, str) else list(names)
        ids = [self.token_to_id(name) for name in names]
        if not all(i is not None and (self._raw.is_special(i) or i >= self.vocab_size) for i in ids):
            raise ValueError(f"tokenizer: expected names of special tokens or added ones, got {names}")
        return ids

    # ---- the same by Hugging Face's names -----------------------------------------------------------

    @property
    def pad_token(self):
        """The name of <pad>."""
        return self.id_to_token(self.pad_id)

    @property
    def pad_token_id(self):
        """The same as pad_id."""
        return self.pad_id

    @property
    def unk_token(self):
        """The name of <unk>."""
        return self.id_to_token(self.unk_id)

    @property
    def unk_token_id(self):
        """The same as unk_id."""
        return self.unk_id

    @property
    def bos_token(self):
        """The name of <bos>."""
        return self.id_to_token(self.bos_id)

    @property
    def bos_token_id(self):
        """The same as bos_id."""
        return self.bos_id

    @property
    def eos_token(self):
        """The name of <eos>."""
        return self.id_to_token(self.eos_id)

    @property
    def eos_token_id(self):
        """The same as eos_id."""
        return self.eos_id

    @property
    def mask_token(self):
        """The name of <mask>."""
        return self.id_to_token(self.mask_id)

    @property
    def mask_token_id(self):
        """The same as mask_id."""
        return self.mask_id

    @property
    def cls_token(self):
        """What stands for it here: <bos>."""
        return self.bos_token

    @property
    def cls_token_id(self):
        """The id of <bos>."""
        return self.bos_id

    @property
    def sep_token(self):
        """What stands for it here: <eos>."""
        return self.eos_token

    @property
    def sep_token_id(self):
        """The id of <eos>."""
        return self.eos_id

    @property
    def is_fast(self):
        """True: it knows offsets and words."""
        return True
