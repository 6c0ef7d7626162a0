"""How a batch is made, in a worker process or in the loader's own: fetching, errors, seeding."""
import random
import sys
import traceback

from ... import _C
from ...io import CorruptRecord
from .dataset import IterableDataset


class Failure:
    """An exception on its way from a worker to the loader."""

    def __init__(self, error, where):
        self.type, self.where = type(error), where
        self.text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        self.message = str(error)

    def reraise(self):
        """Raises the error again in its own type, with the worker's traceback in its text."""
        text = f"Caught {self.type.__name__} {self.where}.\nOriginal {self.text}"
        if self.type is CorruptRecord:
            text = self.message
        if self.type is KeyError:  # shows its text with repr
            raise RuntimeError(text)
        try:
            error = self.type(text)
        except Exception:  # a type that cannot be made of one text
            error = RuntimeError(text)
        raise error


class Fetcher:
    """Makes batches. `corrupt` gathers the messages of the broken records of one batch."""

    def __init__(self, dataset, collate_fn, auto_collation, drop_last, on_corrupt):
        self.dataset, self.collate_fn, self.auto = dataset, collate_fn, auto_collation
        self.drop_last, self.skip_corrupt = drop_last, on_corrupt == "skip"
        self.iterator = iter(dataset) if isinstance(dataset, IterableDataset) else None
        self.where, self.corrupt = None, []

    def _read(self, read):
        """read(), or None for a broken record that is to be skipped; StopIteration passes."""
        try:
            return [read()]
        except CorruptRecord as error:
            if not self.skip_corrupt:
                raise
            self.corrupt.append(str(error))
            return []

    def examples(self, indices):
        """The examples of a batch; of an iterable dataset `indices` only says how many."""
        out = []
        if self.iterator is None:
            whole = getattr(self.dataset, "__getitems__", None)
            if whole is not None and not self.skip_corrupt:
                return whole(list(indices))
            for index in indices:
                self.where = f"at example {index}"
                out += self._read(lambda: self.dataset[index])
            return out
        while len(out) < len(indices):
            try:
                out += self._read(lambda: next(self.iterator))
            except StopIteration:
                if not out or (self.drop_last and len(out) < len(indices)):
                    raise
                break
        return out

    def skip(self, indices, count):
        """Leaves out `count` batches of an iterable dataset."""
        try:
            for _ in range(count):
                if self.auto:
                    self.examples(indices)
                else:
                    self._read(lambda: next(self.iterator))
        except StopIteration:
            pass  # the next batch says so

    def fetch(self, indices):
        """A batch, or None when all its records were broken. StopIteration at the end."""
        self.where, self.corrupt = None, []
        if self.auto:
            out = self.examples(indices)
            self.where = None
            return self.collate_fn(out) if out else None
        if self.iterator is not None:
            read = lambda: next(self.iterator)  # noqa: E731
        else:
            self.where = f"at example {indices}"
            read = lambda: self.dataset[indices]  # noqa: E731
        found = self._read(read)
        return self.collate_fn(found[0]) if found else None


def seed_all(seed):
    """Seeds lydia, random and, where it is in use, NumPy."""
    _C.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)
