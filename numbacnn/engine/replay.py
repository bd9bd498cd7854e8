"""Replays: operations heard once, run many times in a row without Python between them.

From one pass to the next everything lies where it was, but for a few arrays of which each pass takes the next part: the batch,
what an optimiser was set to, where the loss goes.
"""
import numpy as np

from . import queue
from .buffers import Buffer, address_of, addresses_of
from .program import Program
from .wiring import Wiring


class Replay:
    """A program with memory of its own.

    Parameters
    ----------
    heard : list of (Plan, places)
        From `recording.listening`.
    moving : list of Buffer or ndarray
        Those of the places that each pass finds elsewhere.
    """

    def __init__(self, heard, moving):
        operands = [place for _, places in heard for place in places]
        wiring = Wiring(operands)
        self._places = wiring.places_in(operands)  # kept, as their memory is used again
        # what moves, and what is looked at later, are arrays
        self._program = Program(tuple([plan for plan, _ in heard]), wiring,
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
