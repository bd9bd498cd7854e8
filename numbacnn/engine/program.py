"""Programs: plans that were put together, and the one parallel function that runs them.

A program is the network as the machine sees it: rows (address of a task, address of its table, slices in a block), units
(first row, end row, block, its first counter) and stages (first unit, end unit), see `schedule`.
"""
import ctypes
import sys
from functools import lru_cache

import numpy as np
from llvmlite import ir
from numba import njit, prange
from numba.core import types
from numba.extending import intrinsic

from . import cache, compilation
from .buffers import scratch
from .interrupt import uninterrupted
from .plan import whole
from .schedule import schedule
from .waiting import load_openmp

load_openmp()


SPINS = 2000  # looks at a counter, some microseconds, before the thread lets others have the core


@intrinsic
def call(typingctx, task, table, k):
    """Call the task at an address with (table, slice number)."""
    def codegen(context, builder, sig, args):
        i64 = ir.IntType(64)
        function = ir.FunctionType(ir.VoidType(), [i64, i64]).as_pointer()
        builder.call(builder.inttoptr(args[0], function), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


def _cell(context, builder, sig, args):
    """Address of number args[1] of the int64 array args[0]."""
    array = context.make_array(sig.args[0])(context, builder, args[0])
    return builder.gep(array.data, [args[1]])


@intrinsic
def count(typingctx, counters, i, n):
    """counters[i], and add n to it: between that and the sum lie numbers that no other thread gets."""
    def codegen(context, builder, sig, args):
        return builder.atomic_rmw("add", _cell(context, builder, sig, args), args[2], "acq_rel")

    return types.int64(counters, types.int64, types.int64), codegen


@intrinsic
def look(typingctx, counters, i):
    """counters[i] as other threads have left it, and all that they wrote before."""
    def codegen(context, builder, sig, args):
        return builder.load_atomic(_cell(context, builder, sig, args), "acquire", 8)

    return types.int64(counters, types.int64), codegen


@njit
def wait(counters, i, number, step_aside):
    """Until counters[i] has reached a number."""
    patience = SPINS
    while look(counters, i) < number:
        patience -= 1
        if patience < 0 and step_aside != 0:
            call(step_aside, 0, 0)


@njit
def share(rows, unit, counters, step_aside):
    """Take slice after slice of a unit's rows, together with whoever else does; back when all of them are done.

    From `taken` on, a row has two counters: slices that have been taken, slices that are done.
    """
    first, end, block, taken = unit
    for row in range(first, end):
        task, table, slices = rows[row]
        if look(counters, taken + 1) < slices:
            mine, k = 0, count(counters, taken, 1)
            while k < slices:
                call(task, table, block * slices + k)
                mine, k = mine + 1, count(counters, taken, 1)
            count(counters, taken + 1, mine)
            wait(counters, taken + 1, slices, step_aside)
        taken += 2


@njit
def follow(rows, units, stages, counters, step_aside):
    """What each thread does: of every stage take unit after unit; when none is left, help those who still have one.

    counters[s] units of stage s have been taken.  Nobody waits for a thread that has nothing in hand, so one thread alone
    gets through as well.
    """
    for s in range(stages.shape[0]):
        first, end = stages[s]
        u = first + count(counters, s, 1)
        while u < end:
            share(rows, units[u], counters, step_aside)
            u = first + count(counters, s, 1)
        for i in range(u, u + end - first):
            share(rows, units[end - 1 - (i - end) % (end - first)], counters, step_aside)


@njit(parallel=True, nogil=True)
def run(rows, units, stages, counters, threads, step_aside):
    """Run all stages on so many threads, in one parallel region."""
    counters[:] = 0
    if threads == 1:
        follow(rows, units, stages, counters, step_aside)
    else:
        for _ in prange(threads):
            follow(rows, units, stages, counters, step_aside)


def _step_aside():
    """Address of the system's function that lets another thread have the core; 0 if it is not found."""
    try:
        library, name = (ctypes.windll.kernel32, "SwitchToThread") if sys.platform == "win32" else (
            ctypes.CDLL(None), "sched_yield")
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    except (AttributeError, OSError):
        return 0


STEP_ASIDE = _step_aside()


@lru_cache(maxsize=None)
def runner():
    """The compiled `run`."""
    cache.keep(run)
    rows, units, stages, counters = (np.zeros(shape, np.int64) for shape in ((0, 3), (0, 4), (0, 2), 0))
    with uninterrupted():
        run(rows, units, stages, counters, 1, STEP_ASIDE)
    return run


class Program:
    """Several plans as one program.

    Parameters
    ----------
    plans : list of Plan
        In the order in which they were asked for.
    wiring : list of tuple of int
        For each plan the numbers of the buffers that its names stand for.
    owners : list of int
        For each buffer the number of the memory it lies in: buffers of one owner may overlap.
    """

    def __init__(self, plans, wiring, owners):
        rows, places, known, tables = [], [], [], []
        scratch_places, self._reserved, start = [], 0, 0
        for which, (plan, numbers) in enumerate(zip(plans, wiring)):
            number_of = dict(zip(plan.names, numbers))
            offset_of = {}
            for name, nbytes in plan.scratch.items():
                offset_of[name] = self._reserved
                self._reserved += nbytes

            def memory(buffer):
                """What tells a memory from every other: its owner and the part of it."""
                name, offset = whole(buffer)
                return (which, name) if name in offset_of else (owners[number_of[name]], offset)

            for row in plan.rows:
                rows.append(row)
                known.append((row.blocks, set(map(memory, row.reads)), set(map(memory, row.writes))))
                tables.append(row.table)
                for word, buffer in row.places:
                    name, offset = whole(buffer)
                    if name in offset_of:
                        scratch_places.append((start + word, offset_of[name]))
                    else:
                        places.append((start + word, number_of[name], offset))
                start += len(row.table)
        self._words = np.concatenate(tables)
        self._places, self._numbers, self._within = np.array(places, np.int64).reshape(-1, 3).T.copy()
        self._scratch_places, self._offsets = np.array(scratch_places, np.int64).reshape(-1, 2).T.copy()
        self._scratch = None
        self._lay_out(rows, known)

    def _lay_out(self, rows, known):
        """Rows, units and stages in the order of the schedule."""
        starts = np.cumsum([0] + [len(row.table) for row in rows])
        base = self._words.ctypes.data
        order, units, stages = schedule(known)
        address = compilation.addresses(dict.fromkeys(row.task for row in rows), meanwhile=runner)
        self._rows = np.array([(address[rows[i].task], base + 8 * starts[i], rows[i].slices // (rows[i].blocks or 1))
                               for i in order], np.int64).reshape(-1, 3)
        units, self._stages = np.array(units, np.int64).reshape(-1, 3), np.array(stages, np.int64).reshape(-1, 2)
        ends = len(stages) + 2 * np.cumsum([0, *units[:, 1] - units[:, 0]])
        self._units = np.column_stack([units, ends[:-1]])
        self._counters = np.empty(ends[-1], np.int64)

    def call(self, addresses, threads):
        """The compiled function and its arguments that run this on threads, with the addresses of the buffers by number.

        One program at a time: they share the scratch memory.
        """
        self._words[self._places] = np.array(addresses, np.int64)[self._numbers] + self._within
        if self._reserved:
            base = scratch(self._reserved)
            if base != self._scratch:
                self._words[self._scratch_places] = base + self._offsets
                self._scratch = base
        return runner(), (self._rows, self._units, self._stages, self._counters, threads, STEP_ASIDE)
