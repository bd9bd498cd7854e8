"""The team: the pool of threads that run a program together.

The calling thread opens a program and may go on with something else; helpers join as they wake, and so does the calling thread
when it needs the results.  What they do then is in `runner`.
"""
import atexit
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from numbers import Integral

import numpy as np
from numba.core import config

from . import cache
from .interrupt import uninterrupted
from .runner import ANNOUNCED, AWAKE, EPOCH, HELPERS, LINE, STEP_ASIDE, help_out, join, repeat, table_of, take_over

MOST = config.NUMBA_NUM_THREADS  # threads
PATIENCE = 4000  # looks, a fraction of a millisecond, before a helper sleeps: longer than Python needs between two programs


@lru_cache(maxsize=None)
def prepare():
    """Compile what the threads do, by doing it once."""
    board = np.zeros(AWAKE + LINE, np.int64)
    empty = table_of(*(np.zeros(shape, np.int64) for shape in ((0, 3), (0, 5), (0, 2), 0)))
    nothing = np.zeros((1, 0), np.int64), np.zeros((3, 0), np.int64), np.zeros(0, np.int64)
    for function in (join, help_out, take_over):
        cache.keep(function)
    with uninterrupted():
        help_out(board, 0, 0, STEP_ASIDE)
        take_over(board, empty.ctypes.data, 0, *nothing, STEP_ASIDE)
        join(board, STEP_ASIDE)


@lru_cache(maxsize=None)
def prepare_to_repeat():
    """Compile what the threads do for programs that run several times in a row."""
    prepare()
    board, nothing = np.zeros(AWAKE + LINE, np.int64), np.zeros(0, np.int64)
    with uninterrupted():
        cache.keep(repeat)(board, 0, 0, 0, nothing, nothing, nothing, STEP_ASIDE)


@contextmanager
def preparing():
    """Another thread loads what runs programs from the cache while the block does something that needs no engine.

    It takes a quarter of a second, and is over when the block is left.  What was never kept is compiled later, with all else
    that has to be.  Whatever goes wrong here goes wrong again when a program is to run, and is told then.
    """
    with ThreadPoolExecutor(1) as other:
        with suppress(RuntimeError):  # the system has no thread left
            other.submit(_prepare_if_kept)
        yield


def _prepare_if_kept():
    if not config.DISABLE_JIT and cache.kept():
        prepare()


class Team:
    """The helpers; they sleep when there is nothing to do.

    Ctrl-C may come between any two lines of the thread that wakes them, so nothing is said twice in different ways: whether
    a helper is awake only it says itself, and to wake one that was woken already does no harm.  The GIL orders what is
    written and read of the board here; without it a program might, rarely, lack a helper.
    """

    def __init__(self):
        self.board = np.zeros(AWAKE + LINE * MOST, np.int64)
        self._alarms, self._threads, self._over = [], [], False

    def hire(self, helpers):
        """Have so many helpers; how many there are of them."""
        if self._over:
            return 0
        for worker in range(len(self._threads), helpers):
            if not self._hire(worker):
                return worker
        return helpers

    def wake(self, helpers):
        """Wake those of the first `helpers` threads that sleep; for a program that is open."""
        for worker in range(helpers):
            if self.board[AWAKE + LINE * worker] == 0:
                ring(self._alarms[worker])

    def announce(self, helpers):
        """Wake helpers for a program that is opened next, and keep awake those that are."""
        self.board[ANNOUNCED] = helpers
        self.wake(helpers)

    def _hire(self, worker):
        """Start a thread, if the system has one left."""
        alarm = threading.Lock()  # held while the helper may sleep
        alarm.acquire()
        thread = threading.Thread(target=self._work, args=(worker, alarm), name=f"numbacnn {worker}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return False
        self._alarms.append(alarm)
        self._threads.append(thread)
        return True

    def _work(self, worker, alarm):
        while True:
            alarm.acquire()
            if self._over:
                return
            help_out(self.board, worker, PATIENCE, STEP_ASIDE)
            board = self.board  # a program may have come just when this one fell asleep
            if board[ANNOUNCED] > worker or board[EPOCH] % 2 and board[HELPERS] > worker:
                ring(alarm)

    def rest(self):
        """Send all home: none must be in compiled code when Python ends."""
        self._over = True
        for alarm in self._alarms:
            ring(alarm)
        for thread in self._threads:
            thread.join()


def ring(alarm):
    """Wake the helper that waits for this lock.  An Event would deadlock if a signal handler rang while another call does."""
    with suppress(RuntimeError):  # it rings already
        alarm.release()


_team, _threads = Team(), MOST
atexit.register(lambda: _team.rest())


def _alone():
    """A process that was forked has none of its parent's threads."""
    global _team
    _team = Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_alone)


def call_up(program, threads):
    """The first arguments of what opens a program for so many threads: board, table, number of helpers.

    Parameters
    ----------
    program : int
        Address of its table.
    threads : int
    """
    prepare()
    return _team.board, program, _team.hire(threads - 1)


def wake(helpers):
    """Wake so many helpers for the program that was just opened; those awake are at it already."""
    _team.wake(helpers)


def announce(helpers):
    """Have so many helpers awake for a program that is opened next, in compiled code."""
    _team.announce(helpers)


def wait():
    """Help with the program that is open, until it is done; back at once if there is none."""
    join(_team.board, STEP_ASIDE)


def epoch():
    """Counts the programs that were opened and that are done."""
    return int(_team.board[EPOCH])


def get_num_threads():
    """How many threads work on a program, the one that asks for it among them."""
    return _threads


def set_num_threads(number):
    """Let so many threads work on each program; results do not depend on it.

    Parameters
    ----------
    number : int
        From 1 to the number of the machine's cores, or what the environment variable NUMBA_NUM_THREADS says; that many
        work by default.

    Raises
    ------
    TypeError, ValueError
        If it is not such a number.
    """
    global _threads
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"set_num_threads expects an int, got {type(number).__name__}")
    if not 1 <= number <= MOST:
        raise ValueError(f"set_num_threads: {number} is not between 1 and {MOST}; for more, set the "
                         "environment variable NUMBA_NUM_THREADS before the program starts")
    _threads = int(number)
