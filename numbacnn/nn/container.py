"""Modules made of other Modules in order."""

from collections import OrderedDict
from itertools import groupby

from numbacnn.nn.module import Module
from numbacnn.nn.traced_chain import traced
from numbacnn.nn.traceable import traceable


class _Ordered(Module):
    """Base of Sequential and ModuleList: children named "0", "1", ... or by the names of an OrderedDict."""

    def _position(self, index):
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} is out of range: {type(self).__name__} has {len(self)} modules")
        return [*self._modules][index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            return self._part([*self._modules.items()][index])
        return self._modules[self._position(index)]

    def __setitem__(self, index, module):
        self.add_module(self._position(index), module)

    def __delitem__(self, index):
        for name in [*self._modules][index] if isinstance(index, slice) else [self._position(index)]:
            delattr(self, name)
        # Names are positions, so those behind the gap move up.
        children = [*self._modules.values()]
        self._modules.clear()
        self.extend(children)

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def append(self, module):
        """Add a Module at the end; returns the container itself."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules):
        """Add Modules at the end; returns the container itself."""
        for module in modules:
            self.append(module)
        return self

    def pop(self, index):
        """Take the Module at position `index` out and return it."""
        module = self[index]
        del self[index]
        return module

    def __add__(self, other):
        return type(self)(*self, *other) if isinstance(self, Sequential) else type(self)([*self, *other])

    def __iadd__(self, other):
        return self.extend(other)

    def insert(self, index, module):
        """Add a Module before position `index`; returns the container itself."""
        children = [*self._modules.values()]
        children.insert(index, module)
        self._modules.clear()
        return self.extend(children)


class Sequential(_Ordered):
    """Modules applied one after the other, each to the result of the one before.

    Parameters
    ----------
    *args : Modules, or one OrderedDict of name to Module
    """

    def __init__(self, *args):
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            self.extend(args)

    def _part(self, named):
        return Sequential(OrderedDict(named))  # a part of a LeNet5 is not a LeNet5

    @traceable
    def forward(self, input):
        """Apply all Modules in order."""
        chain = traced(self, input)
        return self.layer_by_layer(input) if chain is None else chain(input)

    def layer_by_layer(self, input):
        """Apply all Modules in order, each an operation of its own on the tape."""
        for module in self:
            input = module(input)
        return input


class ModuleList(_Ordered):
    """A list of Modules that the network around it knows of; it has no forward of its own.

    Parameters
    ----------
    modules : iterable of Module, optional
    """

    def __init__(self, modules=()):
        super().__init__()
        self.extend(modules or ())

    def _part(self, named):
        return type(self)(module for _, module in named)

    def __repr__(self):
        lines, first = [], 0
        for text, run in groupby(map(repr, self)):
            count = len([*run])
            place = f"{first}-{first + count - 1}" if count > 1 else f"{first}"
            lines += [f"({place}): {f'{count} x ' if count > 1 else ''}{text}".replace("\n", "\n  ")]
            first += count
        return "ModuleList(" + "".join(f"\n  {line}" for line in lines) + ("\n)" if lines else ")")
