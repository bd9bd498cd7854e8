"""Programs: plans that were put together, and the one parallel function that runs them.

A program is the network as the machine sees it: rows (address of a task, address of its table, slices in a block), units
(first row, end row, block) and stages (first unit, end unit), see `schedule`.
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
def count(typingctx, counters, i):
    """counters[i], and add one to it: a number that no other thread gets."""
    def codegen(context, builder, sig, args):
        return builder.atomic_rmw("add", _cell(context, builder, sig, args), ir.IntType(64)(1), "acq_rel")

    return types.int64(counters, types.int64), codegen


@intrinsic
def look(typingctx, counters, i):
    """counters[i] as other threads have left it, and all that they wrote before."""
    def codegen(context, builder, sig, args):
        return builder.load_atomic(_cell(context, builder, sig, args), "acquire", 8)

    return types.int64(counters, types.int64), codegen


@njit
def follow(rows, units, stages, counters, step_aside):
    """What each thread does: of every stage take unit after unit until none is left, then wait for those of others.

    counters[s, 0] units of stage s have been taken and counters[s, 1] are done.  Nobody waits for a thread that has no
    unit, so one thread alone gets through as well.
    """
    flat = counters.reshape(-1)
    for s in range(stages.shape[0]):
        first, end = stages[s]
        u = first + count(flat, 2 * s)
        while u < end:
            for row in range(units[u, 0], units[u, 1]):
                share = rows[row, 2]
                for k in range(units[u, 2] * share, (units[u, 2] + 1) * share):
                    call(rows[row, 0], rows[row, 1], k)
            count(flat, 2 * s + 1)
            u = first + count(flat, 2 * s)
        patience = SPINS
        while look(flat, 2 * s + 1) < end - first:
            patience -= 1
            if patience < 0 and step_aside != 0:
                call(step_aside, 0, 0)


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
    nothing = np.zeros((0, 3), np.int64)
    with uninterrupted():
        run(nothing, nothing, nothing[:, :2].copy(), nothing[:, :2].copy(), 1, STEP_ASIDE)
    return run


class Program:
    """Several plans as one program for a number of threads.

    Parameters
    ----------
    plans : list of Plan
        In the order in which they were asked for.
    wiring : list of tuple of int
        For each plan the numbers of the buffers that its names stand for.
    owners : list of int
        For each buffer the number of the memory it lies in: buffers of one owner may overlap.
    threads : int
    """

    def __init__(self, plans, wiring, owners, threads):
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
        self._scratch, self._threads = None, threads
        self._lay_out(rows, known, threads)

    def _lay_out(self, rows, known, threads):
        """Rows, units and stages in the order of the schedule."""
        starts = np.cumsum([0] + [len(row.table) for row in rows])
        base = self._words.ctypes.data
        order, share, units, stages = schedule(known, [row.slices for row in rows], threads)
        address = compilation.addresses(dict.fromkeys(row.task for row in rows), meanwhile=runner)
        self._rows = np.array([(address[rows[i].task], base + 8 * starts[i], n) for i, n in zip(order, share)], np.int64)
        self._units = np.array(units, np.int64).reshape(-1, 3)
        self._stages = np.array(stages, np.int64).reshape(-1, 2)
        self._counters = np.zeros_like(self._stages)

    def call(self, addresses):
        """The compiled function and its arguments that run this with these addresses of the buffers, by number.

        One program at a time: they share the scratch memory.
        """
        self._words[self._places] = np.array(addresses, np.int64)[self._numbers] + self._within
        if self._reserved:
            base = scratch(self._reserved)
            if base != self._scratch:
                self._words[self._scratch_places] = base + self._offsets
                self._scratch = base
        return runner(), (self._rows, self._units, self._stages, self._counters, self._threads, STEP_ASIDE)
