"""Tasks: serial compiled functions (table, slice number) that only slice and call a loop.

A trap: once a loop is written out in its task, Numba drops stores to arrays that are not its
arguments unless the array is used again, as it is within any loop.  So every store of a task must
stand in a loop; all textbook loops do.
"""
from functools import lru_cache, partial
from inspect import signature

from numba import njit
from numba.core import types
from numba.core.ccallback import CFunc

from ..simd.choice import HALF
from ..simd.views import number
from . import cache
from .interrupt import uninterrupted

SIGNATURE = ((types.int64, types.int64), types.void)


class Task:
    """A family of tasks, one for each choice of extents: `family.of(*extents)`.

    A family that takes `used` does for each lane what it does for every other, and can do it for fewer than L of them.
    """

    def __init__(self, make):
        self._make, self.goes_by_lanes = make, "used" in signature(make).parameters
        self.__doc__ = make.__doc__
        self.__name__, self.__module__ = make.__name__, make.__module__
        self.of = lru_cache(maxsize=None)(partial(Member, self))

    def callback(self, *extents, **used):
        """The function for these extents, not compiled yet."""
        return cache.keep(CFunc(self._make(*extents, **used), SIGNATURE, locals={}, options={"error_model": "numpy"}))


class Member:
    """One task of a family, compiled when its address is asked for.

    Attributes
    ----------
    family : Task
    name : tuple
        (module, family, extents, lanes if not all), by which another process finds it.
    """

    def __init__(self, family, *extents, **used):
        self.family, self.name = family, (family.__module__, family.__name__, extents, used)
        self._callback = family.callback(*extents, **used)  # the code lives as long as its owner

    def halved(self):
        """The same for the first half of the lanes, of a family that goes by lanes."""
        return self.family.of(*self.name[2], used=HALF)

    def is_ready(self):
        """Whether it has been compiled, here or in the cache."""
        return self._callback.address is not None or cache.holds(self._callback)

    def address(self):
        """Of the compiled code."""
        if self._callback.address is None:
            with uninterrupted():
                self._callback.compile()
        return self._callback.address


@njit(inline="always")
def geometry(table):
    """Stride, padding, dilation and window of a table, in words 0 to 7, as pairs (rows, columns)."""
    return ((number(table, 0), number(table, 1)), (number(table, 2), number(table, 3)),
            (number(table, 4), number(table, 5)), (number(table, 6), number(table, 7)))


@njit(inline="always")
def unit_geometry(table):
    """The same with a stride of 1 that is known when a task is compiled: what is divided by it costs nothing."""
    return ((1, 1), (number(table, 2), number(table, 3)),
            (number(table, 4), number(table, 5)), (number(table, 6), number(table, 7)))


@njit(inline="always")
def band(table, k, H):
    """(block, first row, end row) of band k, where word 8 says into how many bands of rows the H rows of an image are cut.

    A kernel that works on a band counts its rows from 0, so whoever calls it moves the padding by as many rows.
    """
    bands = number(table, 8)
    rows = -(-H // bands)
    n, i = divmod(k, bands)
    return n, i * rows, min((i + 1) * rows, H)
