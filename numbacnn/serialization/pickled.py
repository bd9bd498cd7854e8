"""A parser of the pickles that `torch.save` writes: it knows few of the format's instructions and runs nothing.

A pickle is a program for a small machine with a stack, which may import and call anything.  Here a name that it imports is only
looked up in a table of functions that make a container or an array; all others are refused.
"""

import pickletools
from collections import Counter, OrderedDict

from numbacnn.serialization.memory import MOST_DIMENSIONS

MARK = object()


class Refused(ValueError):
    """What a pickle asks for is not part of a checkpoint."""


class Global:
    """A name that a pickle imports, and what a call of it does; None where it can only be named."""

    def __init__(self, name, call=None):
        self.name, self.call = name, call


def parse(file, table, persistent):
    """The object that a pickle describes.

    Parameters
    ----------
    file : binary file
        Read up to the pickle's end.
    table : dict of str to object
        What a pickle may import, by "module.name": a `Global`, or a value that stands for itself.
    persistent : callable
        Makes what a persistent id stands for; `torch.save` describes memory in that way.

    Raises
    ------
    Refused
        If the pickle imports something else.
    ValueError
        If it is damaged, or has an instruction that `torch.save` does not use.
    """
    machine = _Machine(table, persistent)
    try:
        for instruction, argument, _ in pickletools.genops(file):
            step = STEPS.get(instruction.name)
            if step is None:
                raise Refused(f"the pickle instruction {instruction.name}")
            step(machine, argument)
    except Refused:
        raise
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    return machine.result


class _Machine:
    def __init__(self, table, persistent):
        self.table, self.persistent = table, persistent
        self.stack, self.memo, self.result = [], {}, None

    def push(self, value):
        self.stack.append(value)

    def to_mark(self):
        """Pop everything above the last mark, and the mark."""
        at = len(self.stack) - 1
        while self.stack[at] is not MARK or at < 0:
            at -= 1
        found = self.stack[at + 1:]
        del self.stack[at:]
        return found

    def last(self, count):
        """The uppermost values, taken away."""
        if len(self.stack) < count:
            raise IndexError("the stack is empty")
        found = self.stack[len(self.stack) - count:]
        del self.stack[len(self.stack) - count:]
        return found

    def find(self, module, name):
        full = f"{module}.{name}"
        if full not in self.table:
            raise Refused(full)
        self.push(self.table[full])

    def find_on_stack(self, _):
        self.find(*self.last(2))

    def call(self, _):
        function, arguments = self.last(2)
        if not isinstance(function, Global) or function.call is None or type(arguments) is not tuple:
            raise Refused(f"a call of {getattr(function, 'name', type(function).__name__)}")
        self.push(function.call(*arguments))

    def build(self, _):
        """Attributes of an object: PyTorch gives a state dict its `_metadata`, which says nothing about numbers."""
        (state,) = self.last(1)
        if not isinstance(self.stack[-1], OrderedDict) or type(state) is not dict or set(state) - {"_metadata"}:
            raise Refused(f"attributes of a {type(self.stack[-1]).__name__}")

    def set_items(self, pairs):
        if not isinstance(self.stack[-1], dict) or len(pairs) % 2:
            raise TypeError("items for what is not a dict")
        self.stack[-1].update(zip(pairs[::2], pairs[1::2]))

    def append(self, values):
        if type(self.stack[-1]) is not list:
            raise TypeError("values for what is not a list")
        self.stack[-1].extend(values)

    def persist(self, _):
        (what,) = self.last(1)
        self.push(self.persistent(what))

    def remember(self, where):
        self.memo[len(self.memo) if where is None else where] = self.stack[-1]

    def stop(self, _):
        (self.result,) = self.last(1)
        if isinstance(self.result, Global) or self.result is MARK:
            raise Refused(f"the name {getattr(self.result, 'name', 'mark')} alone")


def _constant(value):
    return lambda machine, _: machine.push(value)


STEPS = {
    **dict.fromkeys(("PROTO", "FRAME"), lambda machine, _: None),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
                    _Machine.push),
    "NONE": _constant(None), "NEWTRUE": _constant(True), "NEWFALSE": _constant(False), "MARK": _constant(MARK),
    "EMPTY_TUPLE": _constant(()),
    "EMPTY_DICT": lambda machine, _: machine.push({}), "EMPTY_LIST": lambda machine, _: machine.push([]),
    **{f"TUPLE{n}": lambda machine, _, n=n: machine.push(tuple(machine.last(n))) for n in (1, 2, 3)},
    "TUPLE": lambda machine, _: machine.push(tuple(machine.to_mark())),
    "APPEND": lambda machine, _: machine.append(machine.last(1)), "APPENDS": lambda machine, _: machine.append(machine.to_mark()),
    "SETITEM": lambda machine, _: machine.set_items(machine.last(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.to_mark()),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.remember),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), lambda machine, where: machine.push(machine.memo[where])),
    "GLOBAL": lambda machine, name: machine.find(*name.split(" ", 1)), "STACK_GLOBAL": _Machine.find_on_stack,
    "REDUCE": _Machine.call, "BUILD": _Machine.build, "BINPERSID": _Machine.persist, "STOP": _Machine.stop,
}


def ordered(*arguments):
    """An OrderedDict of nothing, or of pairs."""
    pairs = arguments[0] if arguments else []
    return OrderedDict((key, value) for key, value in pairs)


def counted(*arguments):
    """A Counter of nothing, or of a dict."""
    return Counter(dict(arguments[0])) if arguments else Counter()


def whole_numbers(values):
    """A tuple of ints from 0 on, few enough to be the extents of an array."""
    if len(values) > MOST_DIMENSIONS or any(type(value) is not int or value < 0 for value in values):
        raise ValueError(f"{values!r} are not extents")
    return tuple(values)
