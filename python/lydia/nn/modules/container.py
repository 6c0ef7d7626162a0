"""Modules and parameters in rows and under keys."""
import collections
import itertools

from ..parameter import Parameter
from .module import Module, _indented


def _at(count, index, what):
    """A position within `count`, counted from the end where negative."""
    index = int(index.__index__())
    if not -count <= index < count:
        raise IndexError(f"{what}: expected an index within {count} entries, got {index}")
    return index % count


class _Numbered(Module):
    """Children "0", "1", ... as a list."""

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(*self._pack(list(self)[index]))
        return self._modules[str(_at(len(self), index, type(self).__name__))]

    def __setitem__(self, index, module):
        setattr(self, list(self._modules)[_at(len(self), index, type(self).__name__)], module)

    def __delitem__(self, index):
        names = list(self._modules)
        gone = names[index] if isinstance(index, slice) else [names[_at(len(self), index, "del")]]
        self._renumber([m for name, m in self._modules.items() if name not in gone])

    def __add__(self, other):
        return type(self)(*self._pack([*self, *other]))

    def __iadd__(self, other):
        return self.extend(other)

    def _renumber(self, modules):
        self._modules.clear()
        for module in modules:
            self.append(module)

    def append(self, module):
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Adds modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index, module):
        """Adds a module before entry `index`."""
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)
        return self

    def pop(self, index):
        """Takes an entry out and returns it."""
        module = self[index]
        del self[index]
        return module


class Sequential(_Numbered):
    """The output of each module is the input of the next. Takes modules, or one dict of them."""

    def __init__(self, *args):
        super().__init__()
        if len(args) == 1 and isinstance(args[0], dict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)

    @staticmethod
    def _pack(modules):
        return modules

    def __getitem__(self, index):
        items = list(self._modules.items())
        if isinstance(index, slice):
            return type(self)(collections.OrderedDict(items[index]))
        return items[_at(len(items), index, "Sequential")][1]

    def forward(self, input):
        for module in self:
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules."""

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.extend(modules)

    @staticmethod
    def _pack(modules):
        return [modules]

    def __repr__(self):
        if not len(self):
            return "ModuleList()"
        lines, at = [], 0
        for text, group in itertools.groupby(repr(module) for module in self):
            count = len(list(group))
            label = f"({at})" if count == 1 else f"({at}-{at + count - 1})"
            times = "" if count == 1 else f"{count} x "
            lines.append(f"\n  {label}: {times}{_indented(text)}")
            at += count
        return f"ModuleList({''.join(lines)}\n)"


class ModuleDict(Module):
    """Modules by key, in the order in which they came."""

    def __init__(self, modules=None):
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key):
        return self._modules[key]

    def __setitem__(self, key, module):
        self.add_module(key, module)

    def __delitem__(self, key):
        del self._modules[key]

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules)

    def __contains__(self, key):
        return key in self._modules

    def clear(self):
        """Takes all modules out."""
        self._modules.clear()

    def pop(self, key):
        """Takes a module out and returns it."""
        return self._modules.pop(key)

    def keys(self):
        """The keys."""
        return self._modules.keys()

    def items(self):
        """(key, module) pairs."""
        return self._modules.items()

    def values(self):
        """The modules."""
        return self._modules.values()

    def update(self, modules):
        """Adds the modules of a dict, or of (key, module) pairs."""
        for key, module in modules.items() if hasattr(modules, "items") else modules:
            self[key] = module


class ParameterList(Module):
    """A list of parameters; tensors that come in become Parameters."""

    def __init__(self, values=None):
        super().__init__()
        self.extend(values or ())

    def append(self, value):
        """Adds a parameter at the end."""
        value = value if isinstance(value, Parameter) else Parameter(value)
        self.register_parameter(str(len(self)), value)
        return self

    def extend(self, values):
        """Adds parameters at the end."""
        for value in values:
            self.append(value)
        return self

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters.values())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._parameters[str(_at(len(self), index, "ParameterList"))]

    def __setitem__(self, index, value):
        value = value if isinstance(value, Parameter) else Parameter(value)
        self._parameters[str(_at(len(self), index, "ParameterList"))] = value

    def extra_repr(self):
        return "\n".join(f"({i}): Parameter of shape {list(p.shape)}, {p.dtype}"
                         for i, p in enumerate(self))


class ParameterDict(Module):
    """Parameters by name; tensors that come in become Parameters."""

    def __init__(self, parameters=None):
        super().__init__()
        self.update(parameters or {})

    def update(self, parameters):
        """Adds or replaces parameters, from a mapping or pairs."""
        for name, value in dict(parameters).items():
            self[name] = value

    def __setitem__(self, name, value):
        value = value if isinstance(value, Parameter) else Parameter(value)
        self.register_parameter(name, value)

    def __getitem__(self, name):
        return self._parameters[name]

    def __delitem__(self, name):
        del self._parameters[name]

    def __contains__(self, name):
        return name in self._parameters

    def __len__(self):
        return len(self._parameters)

    def __iter__(self):
        return iter(self._parameters)

    def keys(self):
        """The names."""
        return self._parameters.keys()

    def values(self):
        """The parameters."""
        return self._parameters.values()

    def items(self):
        """Pairs of name and parameter."""
        return self._parameters.items()

    def pop(self, name):
        """Takes a parameter out."""
        return self._parameters.pop(name)

    def extra_repr(self):
        return "\n".join(f"({name}): Parameter of shape {list(p.shape)}, {p.dtype}"
                         for name, p in self.items())
