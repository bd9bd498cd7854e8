"""Operands: what a task works on, declared once, by name and kind.

    @reads(x=Lanes(2), weight=Columns(2), bias=Columns(1)).writes(out=Tiles(2))
    def forward(op, k):
        n, oc = divmod(k, op.weight.shape[0])
        linear.linear_forward(only(op.x, 0, n), only(op.weight, 0, oc), only(op.bias, 0, oc), cell(op.out, n, oc))

Both sides come from that line: in the compiled task `op.weight` is an array of columns, and the row of a plan is given
`weight=` in Python, where a missing one is an error that names it. The slot of the table that it lies in needs no name.

A kind may leave open what its numbers are made of, until a task is asked for: `forward.of(T=6)`. Which lanes are `used` is
always open; all are, unless a program needs no more than half of them.
"""
import numpy as np
from numba.core import types as numba_types

from ..simd import types, views
from ..simd.choice import HALF, L
from .buffers import FLOAT


class ArrayOf:
    """An array of `ndim` axes.

    Parameters
    ----------
    ndim : int
    **extents : int or str
        What its numbers are made of: a number, or the name of an extent that the task is asked for with.
    """

    words, extents, order = 0, {}, "A"

    def __init__(self, ndim, **extents):
        self.ndim, self._made_of = ndim, {**self.extents, **extents}

    def view(self, slot, chosen):
        """How a task sees the array in a slot, the open extents given."""
        kind, floats = self.number(**{name: chosen[extent] if type(extent) is str else extent
                                      for name, extent in self._made_of.items()})
        return views.array_view(kind, FLOAT * floats, self.ndim, slot, self.order)


class Lanes(ArrayOf):
    """A number is a pixel of each of so many images."""

    extents = {"lanes": "used"}

    @staticmethod
    def number(lanes):
        """(type, floats)."""
        return types.Lanes(lanes), lanes


class Columns(ArrayOf):
    """A number is T weights."""

    extents = {"T": "T"}

    @staticmethod
    def number(T):
        """(type, floats)."""
        return types.Column(T), T


class Tiles(ArrayOf):
    """A number is T channels, `pitch` floats apart, of each of so many images."""

    extents = {"T": "T", "lanes": "used", "pitch": L}

    @staticmethod
    def number(T, lanes, pitch):
        """(type, floats)."""
        return types.Tile(T, lanes, pitch), T * lanes


class Stacks(Tiles):
    """A number is T channels, each of which sees itself alone."""

    @staticmethod
    def number(T, lanes, pitch):
        """(type, floats)."""
        return types.Stack(T, lanes, pitch), T * lanes


class Strips(ArrayOf):
    """A number is the pixels, `begin` to `end` of those that T outputs with K taps see, `pitch` floats apart."""

    extents = {"T": "T", "K": "K", "begin": "begin", "end": "end", "lanes": "used", "pitch": "pitch"}

    @staticmethod
    def number(T, K, begin, end, lanes, pitch):
        """(type, floats)."""
        kind = types.Strip(T, K, begin, end, lanes, pitch)
        return kind, kind.vectors * lanes


class Patches(ArrayOf):
    """A number is the T x K scalars into which a grid of sums over so many lanes folds."""

    extents = {"T": "T", "K": "K", "lanes": HALF}

    @staticmethod
    def number(T, K, lanes):
        """(type, floats)."""
        return types.Patch(T, K, lanes), T * K


class Turned(ArrayOf):
    """A number is L channels, in the lanes, of each of so many images."""

    @staticmethod
    def number():
        """(type, floats)."""
        return types.Turned(HALF, L), HALF * L


class Spreads(ArrayOf):
    """A number is K channels of each of as many images, scalar by scalar."""

    extents = {"K": "K"}

    @staticmethod
    def number(K):
        """(type, floats)."""
        return types.Spread(K, HALF, L), K * HALF


class Sheets(ArrayOf):
    """A number is L x K sums, L of them in the lanes."""

    extents = {"K": "K"}

    @staticmethod
    def number(K):
        """(type, floats)."""
        return types.Sheet(L, K), L * K


class Floats(ArrayOf):
    """Plain float32."""

    @staticmethod
    def number():
        """(type, floats)."""
        return numba_types.float32, 1


class DenseFloats(Floats):
    """Plain float32 without gaps, row after row: loops along it become SIMD code by themselves."""

    order = "C"


class Pixels(ArrayOf):
    """Brightness as image files have it, uint8."""

    def view(self, slot, chosen):
        """How a task sees the array in a slot."""
        return views.array_view(numba_types.uint8, 1, self.ndim, slot)


class Number:
    """A whole number."""

    words, points = 1, False  # whether it lies in a buffer

    def bits(self, value):
        """The words of the table that hold the value."""
        return (value,)

    def view(self, word, chosen):
        """How a task sees it."""
        return views.words_view(word, self.words)


class Pair(Number):
    """(rows, columns)."""

    words = 2

    def bits(self, value):
        """The words of the table that hold the value."""
        return value


class Triple(Pair):
    """(layers, rows, columns)."""

    words = 3


class Stride(Pair):
    """A pair that is (1, 1), known when the task is compiled, unless it is `strided`: a division by 1 costs nothing then."""

    def view(self, word, chosen):
        """How a task sees it."""
        return views.words_view(word, 2, None if chosen["strided"] else 1)


class Real(Number):
    """A float32; the table holds it as a float64."""

    def bits(self, value):
        """The words of the table that hold the value."""
        return (int(np.float64(value).view(np.int64)),)

    def view(self, word, chosen):
        """How a task sees it."""
        return views.real_view(word)


class Seed(Number):
    """A whole number that lies in a buffer, whose name the row is given: it differs from run to run."""

    points = True

    def view(self, word, chosen):
        """How a task sees it."""
        return views.pointed_view(word, numba_types.int64)


class Settings(Seed):
    """So many float64 in a buffer, whose name the row is given; the task sees a tuple of float32."""

    def __init__(self, count):
        self._count = count

    def view(self, word, chosen):
        """How a task sees it."""
        return views.pointed_view(word, numba_types.float64, self._count)


class Operands:
    """The operands of a task: {name: kind} of what it reads, numbers among it, and of the arrays that it writes."""

    def __init__(self, read, written):
        self.kinds, self._written = {**read, **written}, written
        self._places, slot, word = {}, 0, 0
        for name, kind in self.kinds.items():
            self._places[name] = word if kind.words else slot
            slot, word = slot + (not kind.words), word + kind.words
        if word > views.WORDS:
            raise ValueError(f"{word} numbers do not fit the {views.WORDS} words that a table has for them")

    def views(self, chosen):
        """A compiled function (table) that returns all of them by name, {extent: value} of the open ones given."""
        try:
            return views.views({name: kind.view(self._places[name], chosen) for name, kind in self.kinds.items()})
        except KeyError as error:
            raise TypeError(f"a task of the operands {', '.join(self.kinds)} needs {error}; got {chosen}") from None

    def sort(self, task, given):
        """(arrays read, arrays written, words, {word: buffer}) of a row of the task of that name."""
        if given.keys() != self.kinds.keys():
            missing, extra = self.kinds.keys() - given.keys(), given.keys() - self.kinds.keys()
            wrong = [f"; {what}: {', '.join(sorted(names))}"
                     for what, names in (("missing", missing), ("unknown", extra)) if names]
            raise TypeError(f"{task}: expected the operands {', '.join(self.kinds)}{''.join(wrong)}")
        reads, writes, words, pointers = [], [], [], {}
        for name, kind in self.kinds.items():
            value = given[name]
            if not kind.words:
                if len(value.shape) != kind.ndim:
                    raise ValueError(f"{task}: {name} has shape {tuple(value.shape)}, expected {kind.ndim} axes")
                (writes if name in self._written else reads).append(value)
            elif kind.points:
                pointers[len(words)] = value
                words.append(0)
            else:
                bits = kind.bits(value)
                if len(bits) != kind.words:
                    raise ValueError(f"{task}: {name} is {value}, expected {kind.words} numbers")
                words += bits
        return reads, writes, words, pointers
