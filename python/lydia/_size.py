"""lydia.Size: the shape of a tensor."""
from . import _C


class Size(tuple):
    """A tuple of sizes that knows its number of elements."""
    __slots__ = ()

    def numel(self):
        """The product of the sizes; 1 for an empty one."""
        product = 1
        for n in self:
            product *= n
        return product

    def __repr__(self):
        return f"lydia.Size({list(self)})"

    def __getitem__(self, key):
        got = tuple.__getitem__(self, key)
        return Size(got) if isinstance(key, slice) else got

    def __add__(self, other):
        return Size(tuple.__add__(self, tuple(other)))


_C._set_size_type(Size)
