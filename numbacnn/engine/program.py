"""Programs: what the engine runs, and the one parallel function that runs it.

A *row* is (address of a compiled task, address of its table, number of slices); a *stage* is a
run of rows in which slice k needs nothing that another slice makes.  `run` works through the
stages; within one the slices go to the threads.
"""
import threading
from functools import lru_cache

import numpy as np
from llvmlite import ir
from numba import njit, prange
from numba.core import types
from numba.extending import intrinsic

from ..simd.views import WORDS
from . import cache
from .buffers import ALIGNMENT, scratch

_lock = threading.Lock()


@intrinsic
def call(typingctx, task, table, k):
    """Call the task at an address with (table, slice number)."""
    def codegen(context, builder, sig, args):
        i64 = ir.IntType(64)
        function = ir.FunctionType(ir.VoidType(), [i64, i64]).as_pointer()
        builder.call(builder.inttoptr(args[0], function), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@njit(parallel=True, nogil=True)
def run(rows, stages):
    """Run each stage (first row, end row, slices) in turn, its slices in parallel."""
    for s in range(stages.shape[0]):
        if stages[s, 2] == 1:  # waking the other threads costs more than one small slice
            for row in range(stages[s, 0], stages[s, 1]):
                call(rows[row, 0], rows[row, 1], 0)
        else:
            for k in prange(stages[s, 2]):
                for row in range(stages[s, 0], stages[s, 1]):
                    if k < rows[row, 2]:
                        call(rows[row, 0], rows[row, 1], k)


@lru_cache(maxsize=None)
def runner():
    """The compiled `run`."""
    with cache.counted():
        cache.keep(run)
        nothing = np.zeros((0, 3), np.int64)
        run(nothing, nothing)
    return run


class Array:
    """Where a task finds an array: in which buffer, from which byte on, extents and strides."""

    __slots__ = ("buffer", "shape", "strides", "offset")

    def __init__(self, buffer, shape, strides, offset=0):
        self.buffer, self.shape, self.strides, self.offset = buffer, shape, strides, offset


class Plan:
    """A program that is kept: run it again with other addresses.

    `row` adds a task to the stage under way, `stage` begins another, `reserve` asks for room that
    is needed only while the program runs.
    """

    def __init__(self):
        self._tables, self._rows, self._ends = [], [], []
        self._patches, self._scratch, self._reserved = {}, {}, 0

    def row(self, task, slices, arrays, words=(), pointers=()):
        """Add a row: the task's address, its slices, its arrays and its plain numbers.

        `pointers` tells which words hold the address of which buffer.
        """
        table = np.zeros(WORDS * (1 + len(arrays)), np.int64)
        table[:len(words)] = words
        for word, buffer in dict(pointers).items():
            self._patches.setdefault(buffer, []).append((len(self._tables), word, 0))
        for slot, array in enumerate(arrays, 1):
            start = WORDS * slot
            values = (*array.shape, *array.strides)
            table[start + 1:start + 1 + len(values)] = values
            self._patches.setdefault(array.buffer, []).append(
                (len(self._tables), start, array.offset))
        self._tables.append(table)
        self._rows.append((task, slices))
        return self

    def stage(self):
        self._ends.append(len(self._rows))
        return self

    def reserve(self, name, nbytes):
        """Room in the scratch memory under a buffer name."""
        self._scratch[name] = self._reserved
        self._reserved += -(-nbytes // ALIGNMENT) * ALIGNMENT
        return name

    def finish(self):
        """Lay all tables into one memory and note where each buffer's address goes."""
        self.stage()
        starts = np.cumsum([0] + [len(table) for table in self._tables])
        self._words = np.concatenate(self._tables)
        base = self._words.ctypes.data
        self._program = np.array([(task, base + 8 * start, slices) for (task, slices), start
                                  in zip(self._rows, starts)], np.int64)
        firsts = [0] + self._ends[:-1]
        self._stages = np.array([(first, end, max(row[1] for row in self._rows[first:end]))
                                 for first, end in zip(firsts, self._ends) if first < end],
                                np.int64)
        self._patches = {name: [(int(starts[t]) + word, offset) for t, word, offset in places]
                         for name, places in self._patches.items()}
        self._memory = memoryview(self._words)  # a store here costs half of one to the array
        del self._tables
        return self

    def run(self, **addresses):
        """Run with these addresses of the buffers; one program at a time."""
        words, execute = self._memory, runner()
        with _lock:
            if self._scratch:
                base = scratch(self._reserved)
                for name, offset in self._scratch.items():
                    addresses[name] = base + offset
            for name, address in addresses.items():
                for word, offset in self._patches.get(name, ()):
                    words[word] = address + offset
            execute(self._program, self._stages)
