"""What tasks know of the images in the lanes: which lanes hold one, and the number of each."""
from functools import lru_cache

import numpy as np

from ..simd.choice import L
from .buffers import FLOAT, address_of, aligned


@lru_cache(maxsize=16)
def present(N):
    """1 for each of N images, 0 for each lane without one: an array aligned as a number is."""
    lanes = _a_number_an_image(N)
    lanes[:N], lanes[N:] = 1, 0
    return lanes


@lru_cache(maxsize=16)
def image_numbers(N):
    """0, 1, 2, ... for the images in their order, and on for lanes without one."""
    lanes = _a_number_an_image(N)
    lanes[:] = np.arange(len(lanes))
    return lanes


def _a_number_an_image(N):
    room = -(-N // L) * L
    memory, address = aligned(room * FLOAT)
    start = address - address_of(memory)
    return memory[start:start + room * FLOAT].view(np.float32)
