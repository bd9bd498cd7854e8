"""Alias patterns: which operands of a sequence of operations are one place, and which places lie in one memory.

A place is a `Buffer` or an array.  A cached program may be used again, over other memory, if the pattern is equal.
"""
from collections import Counter
from operator import attrgetter
from sys import getrefcount

import numpy as np

from .buffers import Buffer

NO_BASE = {type(None)}
#: References to what only a list holds, counted as `unseen` does; how many those are depends on Python's version.
ALONE = next(map(getrefcount, map([object()].__getitem__, [0])))
_base = attrgetter("base")


class Wiring:
    """The alias pattern of the operands of a sequence of operations.

    Parameters
    ----------
    operands : list of Buffer or ndarray
        Of all operations, one after the other.

    Attributes
    ----------
    numbers : list of int
        For each operand which place it is; places are counted as they appear.
    owners : list of (int, bool)
        For each place the number of the memory it lies in, and whether no other place does: those of one memory may overlap.
    """

    def __init__(self, operands):
        ids = [*map(id, operands)]
        first = dict(zip(reversed(ids), reversed(range(len(ids)))))  # the last to be set is the first to appear
        self._first = sorted(first.values())
        number = {ids[k]: n for n, k in enumerate(self._first)}
        self.numbers = [*map(number.__getitem__, ids)]
        self._owners = _owners([operands[k] for k in self._first])
        self._uses = Counter(self.numbers)
        owners = range(len(self._first)) if self._owners is None else self._owners
        places_in = Counter(owners)
        self.owners = [(owner, places_in[owner] == 1) for owner in owners]

    def places_in(self, operands):
        """The places by number, if so many operands are wired in this way; else None."""
        places = [*map(operands.__getitem__, self._first)]
        ids = [*map(id, places)]
        fits = len({*ids}) == len(ids) and [*map(ids.__getitem__, self.numbers)] == [*map(id, operands)]
        return places if fits and _owners(places) == self._owners else None

    def unseen(self, places, numbers):
        """Of some places, by number: whether each is a Buffer that is dead after the operations.

        The only references to it are then those of `places`, the operations that use it, and the list of all their operands.
        """
        held = map(getrefcount, map(places.__getitem__, numbers))
        return [type(places[number]) is Buffer and count == ALONE + 2 * self._uses[number] for number, count in zip(numbers, held)]


def _owners(places):
    """The number of the memory each place lies in; None if each has its own, as most do."""
    if NO_BASE.issuperset(map(type, map(_base, places))):
        return None
    found, owners = {}, []
    for place in places:
        while type(place) is np.ndarray and type(place.base) is np.ndarray:
            place = place.base
        owners.append(found.setdefault(id(place), len(found)))
    return owners
