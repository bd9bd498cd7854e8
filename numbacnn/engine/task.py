"""Tasks: serial compiled functions (table, slice number) that only slice and call a loop.

A trap: once a loop is written out in its task, Numba drops stores to arrays that are not its
arguments unless the array is used again, as it is within any loop.  So every store of a task must
stand in a loop; all textbook loops do.
"""
from functools import lru_cache, partial

from numba import njit
from numba.core import types
from numba.core.ccallback import CFunc

from ..simd.choice import HALF, L
from . import cache
from .interrupt import uninterrupted
from .operands import Operands

SIGNATURE = ((types.int64, types.int64), types.void)


def reads(**kinds):
    """Begin a declaration with what a task reads, {name: kind}; `reads(...).writes(...)` is a decorator, see `operands`."""
    return Reading(kinds)


class Reading:
    """The first half of a declaration: what a task reads."""

    def __init__(self, kinds):
        self._kinds = kinds

    def writes(self, **kinds):
        """The arrays that a task writes, {name: kind}; none of them is among those it reads."""
        return Declaration(Operands(self._kinds, kinds))


class Declaration:
    """Decorator of a function (operands, slice number), which becomes a family of tasks.

    Attributes
    ----------
    by_lane : Declaration
        For a function whose lanes do not depend on each other, so that it may be compiled for half of them (see `few_images`).
    made : Declaration
        For a function that returns the slice function, given names and numbers: `forward.of("relu")`.
    """

    def __init__(self, operands, by_lane=False, made=False):
        self._operands, self._by_lane, self._made = operands, by_lane, made

    by_lane = property(lambda self: Declaration(self._operands, True, self._made))
    made = property(lambda self: Declaration(self._operands, self._by_lane, True))

    def __call__(self, function):
        task = Task(function if self._made else lambda: function, self._operands, self._by_lane)
        task.__doc__, task.__name__, task.__module__ = function.__doc__, function.__name__, function.__module__
        return task


class Task:
    """A family of tasks, one for each choice of extents: `family.of(*given, **extents)`.

    Parameters
    ----------
    make : callable
        `make(*given)` returns the function (operands, slice number).
    operands : Operands, optional
        What they are, for the extents that their kinds leave open.  Without, the function is (table, slice number) and
        takes from the table what it knows to be there.
    goes_by_lanes : bool
        Whether it can be had for fewer lanes than L.
    """

    def __init__(self, make, operands=None, goes_by_lanes=False):
        self._make, self.operands, self.goes_by_lanes = make, operands, goes_by_lanes
        self.__doc__ = make.__doc__
        self.__name__, self.__module__ = make.__name__, make.__module__
        self.of = lru_cache(maxsize=None)(partial(Member, self))

    def callback(self, *given, used=L, **extents):
        """The function for these extents, not compiled yet."""
        function = self._make(*given)
        if self.operands is not None:
            function = _on_table(function, self.operands.views({"used": used, **extents}))
        return cache.keep(CFunc(function, SIGNATURE, locals={}, options={"error_model": "numpy"}))


def _on_table(function, operands):
    """The task that calls a function (operands, slice number); to compiler and debugger it stands where the function does."""
    work = njit(inline="always")(function)

    def task(table, k):
        work(operands(table), k)

    code = function.__code__
    task.__code__ = task.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    task.__name__, task.__qualname__, task.__module__ = function.__name__, function.__qualname__, function.__module__
    return task


class Member:
    """One task of a family, compiled when its address is asked for.

    Attributes
    ----------
    family : Task
    name : tuple
        (module, family, what it is made of, extents), by which another process finds it.
    """

    def __init__(self, family, *given, **extents):
        self.family, self.name = family, (family.__module__, family.__name__, given, extents)
        self._callback = family.callback(*given, **extents)  # the code lives as long as its owner

    def halved(self):
        """Return the task for the first half of the lanes, of a family that goes by lanes."""
        _, _, given, extents = self.name
        return self.family.of(*given, **{**extents, "used": HALF})

    def is_ready(self):
        """Whether it has been compiled, here or in the cache."""
        return self._callback.address is not None or cache.holds(self._callback)

    def address(self):
        """The address of the compiled code."""
        if self._callback.address is None:
            with uninterrupted():
                self._callback.compile()
        return self._callback.address


@njit(inline="always")
def band(k, bands, H):
    """(block, first row, end row) of band k, where the H rows of each image are cut into so many.

    A kernel that works on a band counts its rows from 0, so its caller moves the padding by as many rows.
    """
    rows = -(-H // bands)
    n, i = divmod(k, bands)
    return n, i * rows, min((i + 1) * rows, H)
