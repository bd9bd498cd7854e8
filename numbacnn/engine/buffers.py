"""Memory that is used again: blocks by size, and one scratch area for what a program needs.

Addresses are multiples of 128 bytes, the size of the widest number.
"""
from ctypes import addressof, c_char
from math import prod

import numpy as np

ALIGNMENT = 128
FLOAT = 4  # bytes
_scratch = None
_made = 0


def address_of(array):
    """Where the numbers of an array begin."""
    try:
        return addressof(c_char.from_buffer(array))
    except (TypeError, ValueError):  # read-only, empty or strided
        return array.__array_interface__["data"][0]


def aligned(nbytes):
    """(array that owns the memory, address of its first aligned byte)."""
    memory = np.zeros(nbytes + ALIGNMENT, np.uint8)
    address = address_of(memory)
    return memory, -(-address // ALIGNMENT) * ALIGNMENT


def aligned_size(nbytes):
    """A size with room up to where the next block or part may begin."""
    return -(-nbytes // ALIGNMENT) * ALIGNMENT


def rounded(nbytes):
    """A size with up to a quarter of slack, so that batches of nearly one size share blocks."""
    step = max(ALIGNMENT, 1 << max(0, nbytes.bit_length() - 3))
    return -(-nbytes // step) * step


class Buffer:
    """A block of memory that returns to the free list when the last reference to it is gone."""

    __slots__ = ("nbytes", "memory", "address")
    base = None  # of an array that is a part of another, the other
    free = {}
    kept = 1 << 28  # bytes of free blocks of one size; beyond it they go back to the system

    def __init__(self, nbytes):
        global _made
        _made += nbytes
        self.nbytes, self.memory = nbytes, None
        try:
            self.memory, self.address = self.free[nbytes].pop()
        except (KeyError, IndexError):  # none of this size is free
            self.memory, self.address = self._new(nbytes)

    @staticmethod
    def _new(nbytes):
        try:
            return aligned(nbytes)
        except MemoryError:
            Buffer.free.clear()
            Written.free.clear()
            return aligned(nbytes)

    def __reduce_ex__(self, protocol):
        raise TypeError("a block of memory cannot be copied or pickled: it knows its address")

    def __del__(self):
        # At the end of Python a block may outlive the names of this module, but not those of its class.
        if getattr(self, "memory", None) is not None:  # Ctrl-C may have come before it had one
            blocks = self.free.setdefault(self.nbytes, [])
            if len(blocks) * self.nbytes < self.kept:
                blocks.append((self.memory, self.address))

    def floats(self, shape):
        """The memory as a float32 array."""
        count = prod(shape) if type(shape) is tuple else shape
        return np.frombuffer(self.memory, np.float32, count, self.address - address_of(self.memory)).reshape(shape)


class Written(Buffer):
    """A block that Python writes to at once, instead of having it written by a program in its turn.

    A program that runs may still look at blocks that are free already, but not at those of this kind: it keeps them.
    """

    __slots__ = ()
    free = {}


def addresses_of(places):
    """Where the numbers of blocks and arrays begin; every program asks for all of its own, so what it costs matters."""
    begin = c_char.from_buffer
    try:
        return [place.address if isinstance(place, Buffer) else addressof(begin(place)) for place in places]
    except (TypeError, ValueError):  # see `address_of`
        return [place.address if isinstance(place, Buffer) else address_of(place) for place in places]


def made():
    """Bytes of all blocks that were ever handed out."""
    return _made


def scratch_address():
    """Address of the scratch memory; None if there is none yet."""
    return None if _scratch is None else _scratch.address


def scratch(nbytes):
    """Address of at least `nbytes` bytes that hold until the program ends."""
    global _scratch
    if _scratch is None or _scratch.nbytes < nbytes:
        _scratch = Buffer(rounded(nbytes))
    return _scratch.address
