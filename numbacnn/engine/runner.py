"""The compiled loop of the worker threads: one publishes a program, all take work from counters, the first to run out closes it.

The *board* is a row of int64 that all threads see.  The next program is opened only when all threads have left the last one.  A
helper that the system wakes late costs nothing but its help.

A program is announced by its own table (see `simd.views`): rows (address of a task, address of its table, slices in a
block), units (first row, end row, block, first counter, which of those of its stage that need own memory), stages (first unit, end unit) and
counters.  In each copy of the rows' tables the arrays of `own_memory` lie elsewhere.  The thread that begins a unit says which copy
holds: its own, since that memory is in its caches, or, where there are fewer units at a time than threads, the unit's.
"""
import ctypes
import sys

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import types
from numba.extending import intrinsic

from ..simd.views import WORDS, number, words

SPINS = 2000  # looks, some microseconds, before a thread that waits lets others have the core
FORGOTTEN = 100  # times PATIENCE: an announced program will not come any more: its thread was interrupted
LINE = 16  # words, two cache lines: so far apart lies what different threads write at the same time
#: Places on the board. EPOCH is odd while a program is open; TABLE is its address and HELPERS their number; INSIDE says how many
#: are at it. Before opening a program, a thread looks at EPOCH and then at INSIDE; a helper raises INSIDE and then looks at
#: EPOCH, so that one of the two sees the other: these must be seq_cst. From AWAKE on each helper has a place, LINE apart.
EPOCH, TABLE, HELPERS, ANNOUNCED, INSIDE, AWAKE = 0, 1, 2, LINE, 2 * LINE, 3 * LINE
#: Words of a program's table: bytes from one copy of the rows' tables to the next, and whether each thread has one.
DISTANCE, BY_THREAD = 0, 1


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
        return builder.atomic_rmw("add", _cell(context, builder, sig, args), args[2], "seq_cst")

    return types.int64(counters, types.int64, types.int64), codegen


@intrinsic
def look(typingctx, counters, i):
    """counters[i] as other threads have left it, and all that they wrote before."""
    def codegen(context, builder, sig, args):
        return builder.load_atomic(_cell(context, builder, sig, args), "seq_cst", 8)

    return types.int64(counters, types.int64), codegen


@intrinsic
def advance(typingctx, counters, i, number):
    """Make counters[i] one more if it is this number; of several threads that try, one does."""
    def codegen(context, builder, sig, args):
        after = builder.add(args[2], ir.Constant(ir.IntType(64), 1))
        builder.cmpxchg(_cell(context, builder, sig, args), args[2], after, "seq_cst", "seq_cst")
        return context.get_dummy_value()

    return types.void(counters, types.int64, types.int64), codegen


@njit
def wait(counters, i, number, step_aside):
    """Until counters[i] has reached a number."""
    patience = SPINS
    while look(counters, i) < number:
        patience -= 1
        if patience < 0 and step_aside != 0:
            call(step_aside, 0, 0)


@njit
def share(rows, unit, distance, counters, step_aside):
    """Take slice after slice of a unit's rows, together with other threads; return when all of them are done.

    The first counter of a unit is one more than the number of the tables' copy that holds.  Then a row has two: slices that
    have been taken, slices that are done.
    """
    first, end, block, taken, _ = unit
    wait(counters, taken, 1, step_aside)
    copy = distance * (look(counters, taken) - 1)
    taken += 1
    for row in range(first, end):
        task, table, slices = rows[row]
        if look(counters, taken + 1) < slices:
            mine, k = 0, count(counters, taken, 1)
            while k < slices:
                call(task, table + copy, block * slices + k)
                mine, k = mine + 1, count(counters, taken, 1)
            count(counters, taken + 1, mine)
            wait(counters, taken + 1, slices, step_aside)
        taken += 2


@njit
def follow(program, me, step_aside):
    """Run a program as thread number `me`: of every stage take unit after unit; when none is left, help the others.

    counters[s] units of stage s have been taken.  A thread with nothing in hand is not waited for, so one thread alone
    gets through as well.
    """
    rows, units, stages, counters = words(program, 0, 2), words(program, 1, 2), words(program, 2, 2), words(program, 3, 1)
    distance, by_thread = number(program, DISTANCE), number(program, BY_THREAD)
    for s in range(stages.shape[0]):
        first, end = stages[s]
        u = first + count(counters, s, 1)
        while u < end:
            count(counters, units[u, 3], 1 + (me if by_thread else units[u, 4]))
            share(rows, units[u], distance, counters, step_aside)
            u = first + count(counters, s, 1)
        for i in range(u, u + end - first):
            share(rows, units[end - 1 - (i - end) % (end - first)], distance, counters, step_aside)


@njit
def begin(board, program, helpers):
    """Open a program for so many helpers, if they come; none is open, and no thread is inside."""
    words(program, 3, 1)[:] = 0
    board[TABLE], board[HELPERS] = program, helpers
    count(board, EPOCH, 1)  # odd: there is a program
    board[ANNOUNCED] = 0


@njit(nogil=True)
def join(board, step_aside):
    """Help with the program that is open, if one is, until it is done and all have left it."""
    epoch = look(board, EPOCH)
    if epoch % 2 == 1:
        follow(look(board, TABLE), 0, step_aside)
        advance(board, EPOCH, epoch)
    while look(board, INSIDE) > 0:
        if step_aside != 0:
            call(step_aside, 0, 0)


@njit(nogil=True)
def take_over(board, program, helpers, tables, places, addresses, step_aside):
    """When the program that is open is done, tell another one where its arrays lie, and open it.

    In each copy of its rows' tables: tables[copy, places[0, i]] = addresses[places[1, i]] + places[2, i].
    """
    join(board, step_aside)
    for copy in range(tables.shape[0]):
        for i in range(places.shape[1]):
            tables[copy, places[0, i]] = addresses[places[1, i]] + places[2, i]
    begin(board, program, helpers)


@njit(nogil=True)
def repeat(board, program, helpers, times, table, places, strides, step_aside):
    """Open a program so many times, each time when the one before is done; after each, move the addresses in its table on."""
    join(board, step_aside)  # a signal handler may have opened one
    for _ in range(times):
        begin(board, program, helpers)
        join(board, step_aside)
        for i in range(len(places)):
            table[places[i]] += strides[i]


@njit(nogil=True)
def help_out(board, worker, patience, step_aside):
    """Help with one program after the other, until there has been none for so many looks."""
    count(board, AWAKE + LINE * worker, 1)
    last, looks = 0, 0
    while looks < patience or look(board, ANNOUNCED) > worker:
        epoch = look(board, EPOCH)
        looks += 1
        if epoch % 2 == 1 and epoch != last:
            last = epoch
            count(board, INSIDE, 1)
            if look(board, EPOCH) == epoch and look(board, HELPERS) > worker:
                follow(look(board, TABLE), worker + 1, step_aside)
                advance(board, EPOCH, epoch)
                looks = 0
            count(board, INSIDE, -1)
        elif looks > SPINS and step_aside != 0:
            call(step_aside, 0, 0)
        if looks > FORGOTTEN * patience:
            board[ANNOUNCED] = 0
    count(board, AWAKE + LINE * worker, -1)


def _step_aside():
    """Address of the system's function that lets another thread have the core; 0 if it is not found."""
    try:
        library, name = (ctypes.windll.kernel32, "SwitchToThread") if sys.platform == "win32" else (
            ctypes.CDLL(None), "sched_yield")
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    except (AttributeError, OSError):
        return 0


STEP_ASIDE = _step_aside()


def table_of(*arrays):
    """A table of int64 arrays, for `words`."""
    table = np.zeros((1 + len(arrays), WORDS), np.int64)
    for slot, array in enumerate(arrays, 1):
        values = (array.ctypes.data, *array.shape, *array.strides)
        table[slot, :len(values)] = values
    return table
