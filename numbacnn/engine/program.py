"""Programs: plans that were put together, and the one parallel function that runs them.

A program is the network as the machine sees it: rows (address of a task, address of its table, slices in a block), units
(first row, end row, block) and stages (first unit, end unit), see `schedule`.
"""
from functools import lru_cache

import numpy as np
from llvmlite import ir
from numba import njit, prange
from numba.core import types
from numba.extending import intrinsic

from . import cache
from .buffers import scratch
from .plan import whole
from .schedule import schedule


@intrinsic
def call(typingctx, task, table, k):
    """Call the task at an address with (table, slice number)."""
    def codegen(context, builder, sig, args):
        i64 = ir.IntType(64)
        function = ir.FunctionType(ir.VoidType(), [i64, i64]).as_pointer()
        builder.call(builder.inttoptr(args[0], function), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@intrinsic
def take(typingctx, turn):
    """turn[0], and add one to it: a number that no other thread gets."""
    def codegen(context, builder, sig, args):
        array = context.make_array(sig.args[0])(context, builder, args[0])
        return builder.atomic_rmw("add", array.data, ir.IntType(64)(1), "monotonic")

    return types.int64(turn), codegen


@njit
def work(rows, unit):
    """Rows first to end of a unit, on its block."""
    first, end, block = unit
    for row in range(first, end):
        share = rows[row, 2]
        for k in range(block * share, (block + 1) * share):
            call(rows[row, 0], rows[row, 1], k)


@njit(parallel=True, nogil=True)
def run(rows, units, stages, turn, threads):
    """Run each stage in turn; within one, every thread takes the next unit until none is left."""
    for s in range(stages.shape[0]):
        first, end = stages[s, 0], stages[s, 1]
        if end == first + 1 or threads == 1:  # waking the other threads costs more than one small unit
            for u in range(first, end):
                work(rows, (units[u, 0], units[u, 1], units[u, 2]))
        else:
            turn[0] = first
            for _ in prange(threads):
                u = take(turn)
                while u < end:
                    work(rows, (units[u, 0], units[u, 1], units[u, 2]))
                    u = take(turn)


@lru_cache(maxsize=None)
def runner():
    """The compiled `run`."""
    with cache.counted():
        cache.keep(run)
        nothing = np.zeros((0, 3), np.int64)
        run(nothing, nothing, nothing[:, :2].copy(), np.zeros(1, np.int64), 1)
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
        self._rows = np.array([(rows[i].task, base + 8 * starts[i], n) for i, n in zip(order, share)], np.int64)
        self._units = np.array(units, np.int64).reshape(-1, 3)
        self._stages = np.array(stages, np.int64).reshape(-1, 2)
        self._turn = np.zeros(1, np.int64)

    def run(self, addresses):
        """Run with these addresses of the buffers, by number; one program at a time."""
        self._words[self._places] = np.array(addresses, np.int64)[self._numbers] + self._within
        if self._reserved:
            base = scratch(self._reserved)
            if base != self._scratch:
                self._words[self._scratch_places] = base + self._offsets
                self._scratch = base
        runner()(self._rows, self._units, self._stages, self._turn, self._threads)
