"""Random numbers that belong to an image, whichever batch it sits in."""

from __future__ import annotations

import math
import zlib
from functools import lru_cache

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio: the step of SplitMix64


class Chance:
    """Uniform numbers for a batch, each a function of seed, epoch, image and what it is for.

    A generator with a state would give an image other numbers in another batch
    size, or after a training was resumed.  So each number is the hash of its
    coordinates: SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable
    pseudorandom number generators"), started at the hash of the image.

    Parameters
    ----------
    seed, epoch : int
        Not negative.
    indices : int array of shape (N,)
        Which images of the training set the batch holds.
    """

    def __init__(self, seed: int, epoch: int, indices: np.ndarray):
        self.seed, self.epoch = seed, epoch
        self.indices = np.asarray(indices).astype(np.uint64)

    def uniform(self, name: str, *shape: int) -> np.ndarray:
        """Return float64 numbers (N, *shape) from 0 up to 1, others for every ``name``."""
        start = mix(stream_key(self.seed, self.epoch, name) + self.indices * GOLDEN)
        steps = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * GOLDEN
        numbers = mix(start[:, None] + steps)
        numbers >>= np.uint64(11)  # the 53 bits that a float64 holds
        return (numbers * 2.0**-53).reshape(len(start), *shape)

    def spread(self, name: str, amount: float, *shape: int) -> np.ndarray:
        """Return numbers (N, *shape) between ``-amount`` and ``amount``."""
        return amount * (2 * self.uniform(name, *shape) - 1)


def mix(z: np.ndarray) -> np.ndarray:
    """Return the hash of each uint64: the finaliser of SplitMix64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return z


@lru_cache(maxsize=64)
def stream_key(seed: int, epoch: int, name: str) -> np.ndarray:
    """Return a uint64, shape (1,), from which the numbers of an epoch and a name start."""
    return np.random.SeedSequence([seed, epoch, zlib.crc32(name.encode())]).generate_state(
        1, np.uint64
    )
