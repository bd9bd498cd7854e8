"""The team: threads that run a program together, and how they find each other.

Whoever asks for a program leads it and begins at once; helpers come as they wake.  The leader opens the program on a
*board*, a row of int64 that all threads see, and closes it when it is done; who is inside by then leaves first.  So a
helper that the system wakes late costs nothing but its help.

A program is announced by its own table (see `simd.views`): rows (address of a task, address of its table, slices in a
block), units (first row, end row, block, first counter), stages (first unit, end unit) and counters.
"""
import atexit
import ctypes
import os
import sys
import threading
import time
from functools import lru_cache
from numbers import Integral

import numpy as np
from llvmlite import ir
from numba import njit
from numba.core import config, types
from numba.extending import intrinsic

from ..simd.views import WORDS, words
from . import cache
from .interrupt import uninterrupted

SPINS = 2000  # looks, some microseconds, before a thread that waits lets others have the core
PATIENCE = 4000  # looks, a fraction of a millisecond, before a helper sleeps: longer than Python needs between two programs
LONGER = 100  # times PATIENCE, for a program that was announced and does not come: its leader was interrupted
LINE = 16  # words of the board that no two threads should write to: two cache lines
EPOCH, TABLE, ANNOUNCED, SEATS, INSIDE, AWAKE = 0, 1, 2, LINE, 2 * LINE, 3 * LINE  # places on the board; AWAKE a helper


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
def follow(program, step_aside):
    """What each thread does: of every stage take unit after unit; when none is left, help those who still have one.

    counters[s] units of stage s have been taken.  Nobody waits for a thread that has nothing in hand, so one thread alone
    gets through as well.
    """
    rows, units, stages, counters = words(program, 0, 2), words(program, 1, 2), words(program, 2, 2), words(program, 3, 1)
    for s in range(stages.shape[0]):
        first, end = stages[s]
        u = first + count(counters, s, 1)
        while u < end:
            share(rows, units[u], counters, step_aside)
            u = first + count(counters, s, 1)
        for i in range(u, u + end - first):
            share(rows, units[end - 1 - (i - end) % (end - first)], counters, step_aside)


@njit(nogil=True)
def lead(board, program, helpers, step_aside):
    """Run a program, with so many helpers if they come."""
    words(program, 3, 1)[:] = 0
    if helpers == 0:
        follow(program, step_aside)
        return
    board[TABLE], board[SEATS] = program, helpers
    count(board, EPOCH, 1)  # odd: there is a program
    follow(program, step_aside)
    board[ANNOUNCED] = 0
    count(board, EPOCH, 1)
    while look(board, INSIDE) > 0:
        if step_aside != 0:
            call(step_aside, 0, 0)


@njit(nogil=True)
def help_out(board, worker, patience, step_aside):
    """Help with one program after the other, until there has been none for so many looks."""
    count(board, AWAKE + LINE * worker, 1)
    last, looks = 0, 0
    while looks < patience or look(board, ANNOUNCED) != 0:
        epoch = look(board, EPOCH)
        looks += 1
        if epoch % 2 == 1 and epoch != last:
            last, looks = epoch, 0
            count(board, INSIDE, 1)
            if look(board, EPOCH) == epoch and count(board, SEATS, -1) > 0:
                follow(look(board, TABLE), step_aside)
            count(board, INSIDE, -1)
        elif looks > SPINS and step_aside != 0:
            call(step_aside, 0, 0)
        if looks > LONGER * patience:
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


@lru_cache(maxsize=None)
def leader():
    """The compiled `lead`, as soon as `help_out` is compiled, too."""
    empty = table_of(*(np.zeros(shape, np.int64) for shape in ((0, 3), (0, 4), (0, 2), 0)))
    for function in (lead, help_out):
        cache.keep(function)
    with uninterrupted():
        help_out(np.zeros_like(_team.board), 0, 0, STEP_ASIDE)
        lead(_team.board, empty.ctypes.data, 0, STEP_ASIDE)
    return lead


def table_of(*arrays):
    """A table of int64 arrays, for `words`."""
    table = np.zeros((1 + len(arrays), WORDS), np.int64)
    for slot, array in enumerate(arrays, 1):
        values = (array.ctypes.data, *array.shape, *array.strides)
        table[slot, :len(values)] = values
    return table


class Team:
    """The helpers; they sleep when there is nothing to do.

    Ctrl-C may come between any two lines of the thread that wakes them, so nothing is said twice in different ways: whether
    a helper is awake only it says itself, and to wake one that was woken already does no harm.
    """

    def __init__(self):
        self.board = np.zeros(AWAKE + LINE * config.NUMBA_NUM_THREADS, np.int64)
        self._alarms, self._over = [], False

    def wake(self, helpers):
        """Announce a program to so many: who is awake stays so, the others wake."""
        self.board[ANNOUNCED] = 1
        for worker in range(helpers):
            if worker == len(self._alarms):
                alarm = threading.Event()
                threading.Thread(target=self._work, args=(worker, alarm), name=f"numbacnn {worker}", daemon=True).start()
                self._alarms.append(alarm)
            if self.board[AWAKE + LINE * worker] == 0:
                self._alarms[worker].set()

    def _work(self, worker, alarm):
        while not self._over:
            alarm.wait()
            alarm.clear()
            help_out(self.board, worker, PATIENCE, STEP_ASIDE)
            if self.board[ANNOUNCED]:  # it came just when this one fell asleep
                alarm.set()

    def rest(self):
        """Back when all sleep, so that none is in compiled code when Python ends."""
        self._over = True
        while self.board[AWAKE:].any():
            time.sleep(0.0002)


_team, _threads = Team(), config.NUMBA_NUM_THREADS
atexit.register(lambda: _team.rest())


def _alone():
    """A process that was forked has none of its parent's threads."""
    global _team
    _team = Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_alone)


def gather(program):
    """(compiled function, its arguments) that run the program whose table lies at an address; the helpers wake meanwhile."""
    function, helpers = leader(), _threads - 1
    if helpers:
        _team.wake(helpers)
    return function, (_team.board, program, helpers, STEP_ASIDE)


def get_num_threads():
    """How many threads work on a program, the one that asks for it among them."""
    return _threads


def set_num_threads(number):
    """Let so many threads work on each program; results do not depend on it.

    Parameters
    ----------
    number : int
        From 1 to the number of the machine's cores, or what the environment variable NUMBA_NUM_THREADS says; that many
        work if nobody says otherwise.

    Raises
    ------
    TypeError, ValueError
        If it is not such a number.
    """
    global _threads
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"set_num_threads expects an int, got {type(number).__name__}")
    if not 1 <= number <= config.NUMBA_NUM_THREADS:
        raise ValueError(f"set_num_threads: {number} is not between 1 and {config.NUMBA_NUM_THREADS}; for more, set the "
                         "environment variable NUMBA_NUM_THREADS before the program starts")
    _threads = int(number)
