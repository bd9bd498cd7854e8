"""Wirings: which operands of some operations are one place, and which places lie in one memory.

A place is a `Buffer` or an array.  Operations that come again, over other memory, are as a rule wired as they were before.
"""
from itertools import count
from operator import attrgetter

import numpy as np

NOTHING = {type(None)}
_base = attrgetter("base")


class Wiring:
    """How the operands of a sequence of operations hang together.

    Parameters
    ----------
    operands : list of Buffer or ndarray
        Of all operations, one after the other.

    Attributes
    ----------
    numbers : list of int
        For each operand which place it is; places are counted as they appear.
    owners : list of int or None
        For each place the number of the memory it lies in: places of one owner may overlap. None if each has its own.
    """

    def __init__(self, operands):
        ids = [*map(id, operands)]
        number = dict(zip(dict.fromkeys(ids), count()))
        self.numbers = [*map(number.__getitem__, ids)]
        self._first = [*map(ids.index, number)]
        self.owners = _owners([*map(operands.__getitem__, self._first)])

    def places_in(self, operands):
        """The places by number, if so many operands are wired in this way; else None."""
        places = [*map(operands.__getitem__, self._first)]
        ids = [*map(id, places)]
        fits = len({*ids}) == len(ids) and [*map(ids.__getitem__, self.numbers)] == [*map(id, operands)]
        return places if fits and _owners(places) == self.owners else None


def _owners(places):
    """The number of the memory each place lies in; None if each has its own, as most do."""
    if NOTHING.issuperset(map(type, map(_base, places))):
        return None
    found, owners = {}, []
    for place in places:
        while type(place) is np.ndarray and type(place.base) is np.ndarray:
            place = place.base
        owners.append(found.setdefault(id(place), len(found)))
    return owners
