"""The queue: operations wait here until a result is read; then all that wait run as one program.

So a training step written the usual way, operation by operation, runs as a few parallel stages: `schedule` sees all of it
at once.  The program of a sequence of operations is put together the first time and found again each time after; what
changes from step to step is only where the numbers lie.

Call `finish` before reading numbers, or before writing to memory that an operation may still read; call `start` to launch the
operations without waiting, as an optimizer does after its step: helpers run the program while Python asks for the next one.
"""
import os
import threading
from collections import OrderedDict
from functools import partial
from math import prod

import numpy as np

from . import buffers, team
from .buffers import FLOAT, Buffer, addresses_of
from .interrupt import uninterrupted
from .program import Program
from .repeats import repeated_end
from .wiring import Wiring

LONGEST = 8192  # rows of operations; a loop that never looks at a result must not collect them for ever
LARGEST = 1 << 28  # bytes of batches made while operations wait, which keep their memory, and of what they reserve
SOON = 1024  # rows, after which operations run if they only repeat themselves: more in one program would gain nothing
REPEATS = 4  # times, at least, that they do so
KEPT = 256  # sequences of plans whose programs are kept
KEPT_WIRINGS = 16  # programs of one such sequence
KEPT_BYTES = 1 << 26  # of all programs but the newest

_lock = threading.RLock()  # one program runs at a time: they share the scratch memory
_waiting = []
_held = []  # the program that runs and its memory; its buffers may have new owners already, whose turn comes after it
_programs = OrderedDict()  # plans: their programs, one a wiring
_rows = 0  # of the operations that wait
_made = 0  # bytes of batches when the queue was last empty, less what the operations since then reserve
_ask = SOON  # rows, with which it is asked whether the operations only repeat themselves


class GraphBreak(Exception):
    """Why operations cannot be traced: for example, a number had to be read while they were only captured."""


class _Tracing(threading.local):
    """What a thread captures instead of running it (see `trace`): a list of operations, or the updates of optimizers."""

    operations = updates = None


tracing = _Tracing()


class Pending:
    """A plain float32 array that an operation will write; `numpy()` waits for it.

    Parameters
    ----------
    shape : tuple of int
    memory : ndarray of float32, optional
        A block of one dimension in which it will lie, from byte `offset` on; one of its own if none is given.
    room : int, optional
        Numbers that the operation writes, if more than the shape has.
    """

    __slots__ = ("shape", "memory", "offset", "_array")
    dtype = np.dtype(np.float32)
    fixed = False  # see `numbacnn.tensors.storage`

    def __init__(self, shape, memory=None, offset=0, room=None):
        self.shape, self.offset, self._array = shape, offset, None
        self.memory = np.empty(prod(shape) if room is None else room, np.float32) if memory is None else memory

    def numpy(self):
        """The array itself, written."""
        if _waiting or tracing.operations is not None or any(memory is self.memory for memory in _held):
            finish()
        if self._array is None:
            first = self.offset // FLOAT
            self._array = self.memory[first:first + prod(self.shape)].reshape(self.shape)
        return self._array

    def unpacked(self):
        """The promise itself: the numbers will lie in an array."""
        return self

    def plus(self, other):
        """None: arrays are added with NumPy."""

    def beside(self, others):
        """None: arrays are joined with NumPy."""

    def channels(self, first, end):
        """Some of the channels, written."""
        return self.numpy()[:, first:end]

    def reshaped(self, shape):
        """Return the numbers to come in another shape."""
        return Pending(shape, self.memory, self.offset)

    def copy(self):
        """A plain copy."""
        return self.numpy().copy()


def enqueue(plan, **places):
    """Run a plan some time before its results are read.

    Parameters
    ----------
    plan : Plan
    **places : Buffer or ndarray
        What the names of the plan stand for; an array counts from its first number on.
    """
    append(plan, [places[name] for name in plan.names])


def append(plan, places):
    """Run a plan some time before its results are read; `places` are in the order of the plan's names."""
    global _rows, _made
    if tracing.operations is not None:
        tracing.operations.append((plan, places))
        return
    if not plan.rows:  # a gradient that is not needed any more
        return
    if not _waiting:
        _count_anew()
    _waiting.append((plan, places))
    _rows += len(plan.rows)
    if plan.scratch:
        _made -= sum(plan.scratch.values())
    if _rows > min(_ask, LONGEST) or buffers.made() - _made > LARGEST:
        _relieve()


def _count_anew():
    """What waits has the rows that it has, and no memory that counts."""
    global _rows, _made, _ask
    _rows, _made, _ask = sum([len(plan.rows) for plan, _ in _waiting]), buffers.made(), SOON


def _relieve():
    """Run what waits if it is too much, or only repeats itself.

    Only whole repeats run, so that what waits next begins as this began and runs as the same program.
    """
    global _ask
    plans = [plan for plan, _ in _waiting]
    repeated, period = repeated_end(plans, REPEATS)
    if not repeated and _rows <= LONGEST and buffers.made() - _made <= LARGEST:
        _ask = 2 * _rows
        return
    with _lock:
        start(repeated // period * period if repeated == len(plans) else None)
        _wait()
        _count_anew()


def finish(then=None):
    """Run all operations that wait, and be back when they are done; `then()` is called if none has come meanwhile."""
    with _lock:
        start()
        _wait()
        if then is not None and not _waiting:
            then()


def uses(test):
    """Whether an operation that waits, or what runs, uses an array that passes a test."""
    places = [place for _, places in _waiting for place in places]
    return any([test(place) for place in [*places, *_held] if isinstance(place, np.ndarray)])


def start(count=None):
    """Have all operations that wait run, or the first so many; be back at once if there are threads that do it."""
    if tracing.operations is not None:
        raise GraphBreak("Python or NumPy read a number before the step was over")
    global _held
    with _lock:
        while _waiting:
            waiting = _waiting[:count]
            program, places = _program(waiting)
            # not the buffers themselves, which may go to others then; but what Python writes to at once stays as it is
            held = [program, *[place.memory if type(place) is Buffer else place for place in places]]
            _, _, helpers, *_ = arguments = program.call(addresses_of(places), _wait)
            last = _held  # until this returns: what it holds need not be freed while all wait
            both = held + last  # another Python thread may look at what runs still
            if _begin(both, waiting, arguments):
                if _held is both:  # no handler has begun another
                    _held = held
                if helpers:
                    team.wake(helpers)
                else:
                    _wait()
                return


def run(call):
    """Run a program several times, when all that waits is done; `call(_wait)` gives the arguments of `team.repeat`.

    A signal handler may run a program of its own before the last line, and not after the question: see `_begin`.
    """
    team.prepare_to_repeat()
    with _lock:
        while True:
            finish()
            epoch = team.epoch()
            board, _, helpers, *_ = arguments = call(_wait)
            team.announce(helpers)
            if not _waiting and board[team.EPOCH] == epoch:
                team.repeat(*arguments)
                return


def _begin(held, waiting, arguments):
    """Open the program of the operations that wait when the last one is done; whether it was: a signal handler that looks at a
    number does so, too.

    Python calls handlers, and raises on Ctrl-C, when a call has returned.  So there is no call from the question to the
    answer: before them the operations wait still, after them they run.
    """
    global _held
    these = slice(len(waiting))
    if not _waiting or _waiting[0] is not waiting[0]:
        return False
    _held = held
    del _waiting[these]
    team.take_over(*arguments)
    return True


def _wait():
    """Help with the program that runs until it is done."""
    global _held
    held = _held
    if held:
        team.wait()
        if _held is held:  # no handler has begun another
            _held = []


def _before_fork():
    """A forked process has no helpers, so nothing may run; `_lock` is released on both sides."""
    _lock.acquire()
    with uninterrupted():
        _wait()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_lock.release, after_in_child=_lock.release)


def _program(waiting):
    """The program of the operations that wait, and their places by number."""
    plans, operands = tuple([plan for plan, _ in waiting]), [place for _, places in waiting for place in places]
    known = _programs.setdefault(plans, [])
    _programs.move_to_end(plans)
    for k, program in enumerate(known):
        places = program.wiring.places_in(operands)
        if places is not None and program.wiring.unseen(places, program.passing) == program.unseen:
            if k:
                known.insert(0, known.pop(k))
            return program, places
    wiring = Wiring(operands)
    places = wiring.places_in(operands)
    program = Program(plans, wiring, partial(wiring.unseen, places))
    known.insert(0, program)
    del known[KEPT_WIRINGS:]
    _forget()
    return program, places


def _forget():
    """Keep only the programs of the sequences that came last."""
    kept = sum([program.nbytes for programs in _programs.values() for program in programs])
    while len(_programs) > 1 and (len(_programs) > KEPT or kept > KEPT_BYTES):
        _, programs = _programs.popitem(last=False)
        kept -= sum([program.nbytes for program in programs])
