"""Plans: what one operation asks of the engine, as rows of a table, before the addresses of its arrays are known.

A *row* is one compiled task, how many slices it has, and a table of its arrays and numbers.  It says which buffers it
reads and which it writes, and whether its slices go by blocks of images: slice k of a row *by blocks* works on one block
and needs of other such rows nothing but the same block.  `schedule` draws its conclusions from that.
"""
from collections import namedtuple
from copy import copy
from functools import cached_property

import numpy as np

from ..simd.views import WORDS
from .buffers import aligned_size


#: A plan as a program wants it: its parts, buffers as (name, offset in bytes); for each row (blocks, parts that it reads, parts
#: that it writes, (part, bytes from block to block) of each array); the tables of all rows, one after the other; and for each
#: word that is an address (word, part, the word with the distance from block to block or -1).  Parts are told by number.
Outline = namedtuple("Outline", "parts rows words addresses")


class Array:
    """Where a task finds an array: in which buffer, extents, strides and how far from its beginning, both in bytes.

    For the schedule an array may touch any byte of its buffer, wherever it begins.
    """

    __slots__ = ("buffer", "shape", "strides", "offset")

    def __init__(self, buffer, shape, strides, offset=0):
        self.buffer, self.shape, self.strides, self.offset = buffer, shape, strides, offset

    def seen_as(self, shape, strides):
        """Return an array at the same place with other extents."""
        return Array(self.buffer, shape, strides, self.offset)


class Row:
    """A task with its slices and its table.

    `places` are the words that want the address of a buffer added to them; `by_block` tells of those whose arrays go by blocks
    along their first axis which word says how far it is from block to block.
    """

    __slots__ = ("task", "slices", "blocks", "images", "table", "places", "by_block", "reads", "writes")

    def __init__(self, task, slices, blocks, images, reads, writes, words, pointers):
        self.task, self.slices, self.blocks, self.images = task, slices, blocks, images
        arrays = (*reads, *writes)
        self.table = np.zeros(WORDS * (1 + len(arrays)), np.int64)
        self.table[:len(words)] = words
        self.places, self.by_block = list(pointers.items()), {}
        for slot, array in enumerate(arrays, 1):
            values = (array.offset, *array.shape, *array.strides)
            start = WORDS * slot
            self.table[start:start + len(values)] = values
            self.places.append((start, array.buffer))
            if blocks and array.shape[0] == blocks:
                self.by_block[start] = start + 1 + len(array.shape)
        self.reads = {array.buffer for array in reads} | set(pointers.values())
        self.writes = {array.buffer for array in writes}

    def renamed(self, names):
        """Return a copy of the row over buffers of other names."""
        other = copy(self)
        other.places = [(word, names[buffer]) for word, buffer in self.places]
        other.reads, other.writes = ({names[buffer] for buffer in those} for those in (self.reads, self.writes))
        return other


class Plan:
    """The rows of an operation, in an order that computes it, over buffers that have names but no addresses.

    A name is a str, or a pair (str, bytes): a part of that buffer, which begins there and, as the schedule
    believes, shares no byte with another part.
    """

    def __init__(self):
        self.rows, self.scratch, self.names = [], {}, ()

    def add(self, task, slices, *, blocks=0, images=0, **operands):
        """Add a row of a task whose operands are declared; returns the plan.

        Parameters
        ----------
        task, slices, blocks, images
            As for `row`.
        **operands : Array, number, tuple of int or str
            By name: arrays; numbers; of what lies in a buffer, its name.
        """
        reads, writes, words, pointers = task.family.operands.sort(task.family.__name__, operands)
        return self.row(task, slices, reads, writes, words, pointers, blocks, images)

    def row(self, task, slices, reads, writes, words=(), pointers=None, blocks=0, images=0):
        """Add a row from what its table holds; returns the plan.

        Parameters
        ----------
        task : Member
            Of a family of tasks; compiled when a program needs it.
        slices : int
            How many there are; `blocks` times a whole number if they go by blocks of images.
        reads, writes : list of Array
            In the order of the task's slots, first what it reads.
        words : sequence of int
            Plain numbers, words 0 and up of the table.
        pointers : dict of int to str, optional
            Words that hold the address of a buffer.
        blocks : int
            Blocks of images that the slices go by; 0 if each slice may look at any image.
        images : int
            Of a row between a plain array and a batch, how many there are: of the batch it takes only these, or is given
            no others.
        """
        self.rows.append(Row(task, slices, blocks, images, reads, writes, words, pointers or {}))
        return self

    def reserve(self, name, nbytes):
        """Room that is needed only while the program runs, under a buffer name."""
        self.scratch[name] = aligned_size(nbytes)
        return name

    def finish(self):
        """The plan is complete: note which buffers a caller has to give."""
        used = {whole(buffer)[0] for row in self.rows for _, buffer in row.places}
        self.names = tuple(sorted(used - set(self.scratch)))
        return self

    @cached_property
    def outline(self):
        """What every program of the plan has in common, found out once."""
        number, rows, addresses, start = {}, [], [], 0
        for row in self.rows:
            views = []
            for word, buffer in row.places:
                part, by_block = number.setdefault(buffer, len(number)), row.by_block.get(word)
                views.append((part, 0 if by_block is None else int(row.table[by_block])))
                addresses.append((start + word, part, -1 if by_block is None else start + by_block))
            rows.append((row.blocks, [*map(number.__getitem__, row.reads)], [*map(number.__getitem__, row.writes)], views))
            start += len(row.table)
        words = np.concatenate([row.table for row in self.rows]) if self.rows else np.zeros(0, np.int64)
        return Outline([*map(whole, number)], rows, words, np.array(addresses, np.int64).reshape(-1, 3))


def whole(buffer):
    """(name of the whole buffer, offset in bytes) of a name."""
    return buffer if type(buffer) is tuple else (buffer, 0)
