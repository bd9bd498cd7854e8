"""Recordings: operations heard once, put together as one plan that is asked for in a single call.

What Python does for an operation, checking shapes and finding its plan, costs as much as the arithmetic of a small layer.
It comes out the same each time the shapes do, so a recording keeps the outcome.
"""
from contextlib import contextmanager

import numpy as np

from . import queue
from .buffers import Buffer, address_of, aligned_size, rounded
from .plan import Plan
from .queue import Unrepeatable


@contextmanager
def listening():
    """Collect the operations that this thread asks for, instead of running them: a list of (plan, places).

    Raises
    ------
    Unrepeatable
        From within the block, if somebody asks for a number.
    """
    before, queue.ears.heard = queue.ears.heard, []
    try:
        yield queue.ears.heard
    finally:
        queue.ears.heard = before


def is_listening():
    """Whether this thread is within such a block."""
    return queue.ears.heard is not None


class Recording:
    """Operations as one plan, their own memory as parts of one block.

    Parameters
    ----------
    heard : list of (Plan, places)
        From `listening`.
    known : dict of int to (str, int)
        By the id of a place: the name under which it will be given, and the offset there in bytes.
    block : str
        The name for the block that holds all other batches.

    Attributes
    ----------
    plan : Plan
    nbytes : int
        Size of the block.
    parts : dict
        `known` and what was added to it.

    Raises
    ------
    Unrepeatable
        If an array is not among the known ones.
    """

    def __init__(self, heard, known, block):
        self.plan, self.nbytes, self.parts, self._block = Plan(), 0, dict(known), block
        for which, (plan, places) in enumerate(heard):
            names = {name: self._part(place) for name, place in zip(plan.names, places)}
            for name, nbytes in plan.scratch.items():
                names[name] = self.plan.reserve(f"{which} {name}", nbytes)
            self.plan.rows.extend(row.renamed(names) for row in plan.rows)
        self.plan.finish()
        self.nbytes = rounded(self.nbytes)

    def _part(self, place):
        part = self.parts.get(id(place))
        owner = getattr(place, "base", None)
        if part is None and id(owner) in self.parts and address_of(owner) == address_of(place):
            part = self.parts[id(owner)]  # a known array in another shape
        if part is None:
            if not isinstance(place, Buffer):
                raise Unrepeatable(f"an array of shape {np.shape(place)} is neither a parameter nor the input")
            part = self.parts[id(place)] = (self._block, self.nbytes)
            self.nbytes += aligned_size(place.nbytes)
        return part

    def ask(self, places):
        """Have the operations done, with these places by name; the block is new each time and returned."""
        block = places[self._block] = Buffer(self.nbytes) if self.nbytes else None
        queue.append(self.plan, [places[name] for name in self.plan.names])
        return block
