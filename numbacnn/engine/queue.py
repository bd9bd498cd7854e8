"""The queue: operations wait here until somebody asks for a number; then all that wait run as one program.

So a training step written the usual way, operation by operation, runs as a few parallel stages: `schedule` sees all of it
at once.  The program of a sequence of operations is put together the first time and found again each time after; what changes
from step to step is only where the numbers lie.

Who reads numbers calls `finish` first, and so does who writes to memory that a waiting operation may still read.
"""
import threading
from collections import OrderedDict
from ctypes import addressof, c_char

import numpy as np
from numba import get_num_threads

from . import buffers
from .program import Program

LONGEST = 4096  # operations; a loop that never looks at a result must not collect them for ever
LARGEST = 1 << 28  # bytes of batches made while operations wait: these keep their memory
KEPT = 256  # programs

_lock = threading.RLock()  # one program runs at a time: they share the scratch memory
_waiting = []
_programs = OrderedDict()
_made = 0  # bytes of batches when the queue was last empty


class Pending:
    """A plain float32 array that a waiting operation will write; `numpy()` waits for it.

    Parameters
    ----------
    shape : tuple of int
    room : int, optional
        Numbers that the operation writes, if more than the shape has.
    """

    __slots__ = ("memory", "_array")
    dtype = np.dtype(np.float32)

    def __init__(self, shape, room=None):
        if room is None:
            self.memory = self._array = np.empty(shape, np.float32)
        else:
            self.memory = np.empty(room, np.float32)
            self._array = self.memory[:int(np.prod(shape))].reshape(shape)

    @property
    def shape(self):
        """Of the array."""
        return self._array.shape

    def numpy(self):
        """The array itself, written."""
        finish()
        return self._array

    def copy(self):
        """A plain copy."""
        return self.numpy().copy()


def enqueue(plan, **places):
    """Run a plan some time before its results are looked at.

    Parameters
    ----------
    plan : Plan
    **places : Buffer or ndarray
        What the names of the plan stand for; an array counts from its first number on.
    """
    global _made
    if not _waiting:
        _made = buffers.made()
    _waiting.append((plan, [places[name] for name in plan.names]))
    if len(_waiting) > LONGEST or buffers.made() - _made > LARGEST:
        finish()


def finish():
    """Run all operations that wait."""
    with _lock:
        if _waiting:
            waiting = _waiting[:]
            del _waiting[:len(waiting)]
            _run(waiting)


def _run(waiting):
    """Number the buffers in the order of their appearance, find the program for that, and run it."""
    numbers, places, trace = {}, [], [get_num_threads()]
    for plan, those in waiting:
        trace.append(plan)
        for place in those:
            number = numbers.get(id(place))
            if number is None:
                number = numbers[id(place)] = len(places)
                places.append(place)
            trace.append(number)
    owners = _owners(places)
    if owners is not None:
        trace.extend(owners)
    trace = tuple(trace)
    program = _programs.get(trace)
    if program is None:
        program = _programs[trace] = _put_together(waiting, numbers, owners or range(len(places)), trace[0])
        if len(_programs) > KEPT:
            _programs.popitem(last=False)
    else:
        _programs.move_to_end(trace)
    program.run([place.address if type(place) is buffers.Buffer else address_of(place) for place in places])


def _owners(places):
    """The number of the memory each place lies in; None if each has its own, as most do."""
    if all(type(place) is buffers.Buffer or place.base is None for place in places):
        return None
    found, owners = {}, []
    for place in places:
        while type(place) is np.ndarray and type(place.base) is np.ndarray:
            place = place.base
        owners.append(found.setdefault(id(place), len(found)))
    return owners


def _put_together(waiting, numbers, owners, threads):
    wiring = [[numbers[id(place)] for place in those] for _, those in waiting]
    return Program([plan for plan, _ in waiting], wiring, list(owners), threads)


def address_of(array):
    """Where the numbers of an array begin; what it costs matters, since every program asks often."""
    try:
        return addressof(c_char.from_buffer(array))
    except (TypeError, ValueError):  # read-only, empty or strided
        return array.__array_interface__["data"][0]
