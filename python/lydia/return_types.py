"""The named tuples that ops with several results give."""
from collections import namedtuple

max = namedtuple("max", ["values", "indices"])
min = namedtuple("min", ["values", "indices"])
aminmax = namedtuple("aminmax", ["min", "max"])
