"""Traces: operations captured once, and done again without the Python that asked for them.

What Python does for an operation, checking shapes and finding its plan, costs as much as the arithmetic of a small layer, and it
comes out the same each time the shapes do.  A trace is what came out: a list of (plan, places), in order.  There are two ways to
use one.  A `TracedPlan` is a single plan, asked for in one call with other places each time: the layers of a `Sequential`.  A
`Replay` is a program with memory of its own that runs many times in a row, with no Python in between: whole training steps.
Whether a trace may still be used is for its owner to know; `numbacnn.nn.guards` says what must hold.
"""
from contextlib import contextmanager

import numpy as np

from . import queue
from .buffers import Buffer, address_of, addresses_of, aligned_size, rounded
from .plan import Plan
from .program import Program
from .queue import GraphBreak, tracing
from .wiring import Wiring


@contextmanager
def capture():
    """Collect the operations that this thread asks for, instead of running them: a list of (plan, places).

    Raises
    ------
    GraphBreak
        From within the block, if a number has to be read.
    """
    before, tracing.operations = tracing.operations, []
    try:
        yield tracing.operations
    finally:
        tracing.operations = before


def is_tracing():
    """Whether this thread is within a block of `capture`."""
    return tracing.operations is not None


class _Updates:
    """The updates of optimizers that a thread captures (see `numbacnn.engine.ops.update`).

    Attributes
    ----------
    params : frozenset of int
        The ids of the arrays whose updates count.
    asked : list of (Plan, settings, memories)
    known : dict of int to tuple
        By the id of its first array, an update that came before.
    """

    def __init__(self, params):
        self.params, self.asked, self.known = params, [], {}


@contextmanager
def capture_updates(params):
    """Collect what optimizers ask for, instead of doing it: a list of (plan, settings, memories).

    The memories are the places of the plan after the first, which is that of the settings; where they are those of an
    update that came before, they are the same list. `params` are the ids of arrays: what is asked for others is done, by a signal
    handler for example.
    """
    before, tracing.updates = tracing.updates, _Updates(params)
    try:
        yield tracing.updates.asked
    finally:
        tracing.updates = before


class TracedPlan:
    """A trace as one plan, whose own memory are parts of one block.

    Parameters
    ----------
    operations : list of (Plan, places)
        From `capture`.
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
    GraphBreak
        If an array is not among the known ones.
    """

    def __init__(self, operations, known, block):
        self.plan, self.nbytes, self.parts, self._block = Plan(), 0, dict(known), block
        for which, (plan, places) in enumerate(operations):
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
                raise GraphBreak(f"an array of shape {np.shape(place)} is neither a parameter nor the input")
            part = self.parts[id(place)] = (self._block, self.nbytes)
            self.nbytes += aligned_size(place.nbytes)
        return part

    def enqueue(self, places):
        """Ask for the operations, with these places by name; the block is new each time and returned."""
        block = places[self._block] = Buffer(self.nbytes) if self.nbytes else None
        queue.append(self.plan, [places[name] for name in self.plan.names])
        return block


class Replay:
    """A trace as a program of its own, which runs many times in a row.

    From one pass to the next everything lies where it was, but for a few arrays of which each pass takes the next part: the
    batch, what an optimizer is set to, where the loss goes.

    Parameters
    ----------
    operations : list of (Plan, places)
        From `capture`.
    moving : list of Buffer or ndarray
        Those of the places that each pass finds elsewhere.
    """

    def __init__(self, operations, moving):
        operands = [place for _, places in operations for place in places]
        wiring = Wiring(operands)
        self._places = wiring.places_in(operands)  # kept, as their memory is used again
        # what moves, and what is looked at later, are arrays
        self._program = Program(tuple([plan for plan, _ in operations]), wiring,
                                lambda numbers: [type(self._places[number]) is Buffer for number in numbers])
        self._addresses = np.array(addresses_of(self._places), np.int64)
        number = {id(place): number for number, place in enumerate(self._places)}
        self._moving = [number[id(place)] for place in moving]

    def run(self, parts):
        """Run it once for each part; back when all is done.

        Parameters
        ----------
        parts : list of ndarray
            For each moving place an array whose entry k is that of pass k; all of them are equally long.
        """
        addresses, strides = self._addresses.copy(), np.zeros_like(self._addresses)
        for number, array in zip(self._moving, parts):
            addresses[number], strides[number] = address_of(array), array.strides[0]
        queue.run(lambda wait: self._program.calls(addresses, strides, len(parts[0]), wait))
