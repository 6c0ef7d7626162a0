"""What torch.utils.data does not have: splits by group, batches by length, packing."""
from ... import _C
from .dataset import Dataset, Subset
from .sampler import Sampler

_core = _C._datasets


def split_by_group(dataset, groups, fractions, seed=0, *, by_hash=False):
    """Parts of the dataset such that no group (a patient, a document) is in two of them.

    `groups` has the group of each example. The parts are as near to the fractions as whole groups
    allow; with by_hash=True a group's part follows from its name alone, so that it stays where it
    is when the data grows, and the fractions hold on average.
    """
    names = [str(group) for group in groups]
    if len(names) != len(dataset):
        raise ValueError(f"split_by_group: expected {len(dataset)} groups, got {len(names)}")
    split = _core.split_by_hash if by_hash else _core.split_by_group
    return [Subset(dataset, indices) for indices in split(names, list(fractions), seed)]


class GroupedSampler(Sampler):
    """Every index once; the members of a group stay together. Groups, and members, are shuffled."""

    def __init__(self, groups, generator=None):
        self.groups, self.generator = list(groups), generator

    def __iter__(self):
        members = {}
        for i in _C.randperm(len(self.groups), generator=self.generator).tolist():
            members.setdefault(self.groups[i], []).append(i)
        # The first member of a shuffle would favour large groups, so groups are shuffled by name.
        names = list(dict.fromkeys(self.groups))
        order = _C.randperm(len(names), generator=self.generator).tolist()
        return iter([i for name in order for i in members[names[name]]])

    def __len__(self):
        return len(self.groups)


class GroupedBatchSampler(Sampler):
    """Batches from one group each (`groups[i]` is the group of example i), in the order of `sampler`.

    A batch comes when it is full; what is left of the groups follows at the end, unless drop_last.
    """

    def __init__(self, sampler, groups, batch_size, drop_last=False):
        if batch_size < 1:
            raise ValueError(f"GroupedBatchSampler: expected a batch_size above 0, got {batch_size}")
        self.sampler, self.groups = sampler, list(groups)
        self.batch_size, self.drop_last = batch_size, drop_last

    def __iter__(self):
        open_batches = {}
        for index in self.sampler:
            batch = open_batches.setdefault(self.groups[index], [])
            batch.append(index)
            if len(batch) == self.batch_size:
                yield open_batches.pop(self.groups[index])
        if not self.drop_last:
            yield from open_batches.values()


class LengthBatchSampler(Sampler):
    """Batches of examples of similar length, at most `max_tokens` long in all when that is given.

    Each loop over it is an epoch of its own shuffle; set_epoch() chooses which.
    """

    def __init__(self, lengths, batch_size, *, max_tokens=0, pool=100, shuffle=True, drop_last=False,
                 seed=0):
        self.lengths, self.batch_size, self.max_tokens = list(lengths), batch_size, max_tokens
        self.pool, self.shuffle, self.drop_last, self.seed = pool, shuffle, drop_last, seed
        self.epoch = 0

    def _batches(self):
        return _core.length_batches(self.lengths, self.batch_size, self.max_tokens, self.pool,
                                    self.shuffle, self.drop_last, self.seed, self.epoch)

    def __iter__(self):
        batches = self._batches()
        self.epoch += 1
        return iter(batches)

    def __len__(self):
        return len(self._batches())

    def set_epoch(self, epoch):
        """Another order for each epoch."""
        self.epoch = epoch

    def state_dict(self):
        """The epoch, for a checkpoint."""
        return {"epoch": self.epoch}

    def load_state_dict(self, state):
        """Takes over what state_dict() gave."""
        self.epoch = state["epoch"]


class PackedDataset(Dataset):
    """Several short sequences in each row of `max_length` tokens.

    `dataset[i]` is a sequence of ids, or a dict with one as `field`. A row has, int64 [max_length]:
    input_ids; labels (the next token of the same sequence, else `ignore_label`); position_ids,
    counting anew in each sequence; segment_ids, 1, 2, ... by sequence, 0 in the padding. Give
    packed_mask(segment_ids) to attention, so that sequences do not see each other.
    """

    def __init__(self, dataset, lengths, max_length, *, field="input_ids", pad_id=0, ignore_label=-100):
        self.dataset, self.lengths, self.max_length = dataset, list(lengths), max_length
        self.field, self.pad_id, self.ignore_label = field, pad_id, ignore_label
        if len(self.lengths) != len(dataset):
            raise ValueError(f"PackedDataset: expected {len(dataset)} lengths, got {len(self.lengths)}")
        self.rows = _core.pack_lengths(self.lengths, max_length)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        ids, labels, positions, segments = [], [], [], []
        for segment, member in enumerate(self.rows[index], 1):
            tokens = self.dataset[member]
            tokens = tokens[self.field] if isinstance(tokens, dict) else tokens
            tokens = tokens.tolist() if isinstance(tokens, _C.Tensor) else list(tokens)
            if len(tokens) != self.lengths[member]:
                raise ValueError(f"PackedDataset: example {member} has {len(tokens)} tokens, its "
                                 f"length was given as {self.lengths[member]}")
            ids += tokens
            labels += tokens[1:] + [self.ignore_label] * bool(tokens)
            positions += range(len(tokens))
            segments += [segment] * len(tokens)
        left = self.max_length - len(ids)
        row = {"input_ids": ids + [self.pad_id] * left, "labels": labels + [self.ignore_label] * left,
               "position_ids": positions + [0] * left, "segment_ids": segments + [0] * left}
        return {name: _C._tensor_of(values, _C.dtype.int64) for name, values in row.items()}


def pad_collate(values=None, *, multiple_of=1, length_of="input_ids", mask="attention_mask"):
    """A collate_fn for dicts: tensors (or lists) of different lengths are padded at their end.

    `values`: what a field is padded with, by its name (0 otherwise). A bool field `mask` is added,
    true where `length_of` is not padding.
    """
    return _PadCollate(dict(values or {}), multiple_of, length_of, mask)


class _PadCollate:
    def __init__(self, values, multiple_of, length_of, mask):
        self.values, self.multiple_of, self.length_of, self.mask = values, multiple_of, length_of, mask

    def __call__(self, examples):
        from ..._tensor import as_tensor
        from ...nn.functional import pad
        out = {}
        for name in examples[0]:
            tensors = [as_tensor(example[name]) for example in examples]
            lengths = [t.shape[0] if t.ndim else 0 for t in tensors]
            if tensors[0].ndim == 0:
                out[name] = _C.stack(tensors)
                continue
            longest = -(-max(lengths) // self.multiple_of) * self.multiple_of
            value = self.values.get(name, 0)
            tail = [0, 0] * (tensors[0].ndim - 1)
            out[name] = _C.stack([pad(t, [*tail, 0, longest - n], value=value)
                                  for t, n in zip(tensors, lengths)])
            if name == self.length_of:
                real = _C.arange(longest) < _C._tensor_of(lengths, None).unsqueeze(1)
                out[self.mask] = real
        return out
