"""Draw any number of images so that image i is the same, however many are asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .errors import DataError

CHUNK = 1000  # images drawn from one generator: image i depends on its chunk alone
STREAMS = {"train": 0, "test": 1}

DrawChunk = Callable[[np.random.Generator], "tuple[np.ndarray, ...]"]


def draw_chunks(
    name: str, draw_chunk: DrawChunk, count: int, seed: int, stream: str
) -> tuple[np.ndarray, ...]:
    """Call ``draw_chunk`` as often as needed, each time with a generator of its own.

    Parameters
    ----------
    name : str
        Of the function that is asked to draw, for its errors.
    draw_chunk : callable
        Takes a generator, returns arrays of length `CHUNK`.
    count, seed : int
        How many, at least 1; and a seed of 0 or more.
    stream : {"train", "test"}
        Which of two independent series.

    Returns
    -------
    tuple of arrays of length ``count``

    Raises
    ------
    DataError
        If ``count`` < 1, ``seed`` < 0, or the stream is unknown.
    """
    if count < 1:
        raise DataError(f"{name}: count is {count}; ask for at least 1")
    if seed < 0:
        raise DataError(f"{name}: seed is {seed}; give a seed of 0 or more")
    if stream not in STREAMS:
        raise DataError(f"{name}: stream is {stream!r}; give one of {', '.join(STREAMS)}")
    arrays: tuple[np.ndarray, ...] = ()
    for start in range(0, count, CHUNK):
        key = (STREAMS[stream], start // CHUNK)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
        drawn = draw_chunk(rng)
        if not arrays:
            arrays = tuple(np.empty((count, *part.shape[1:]), part.dtype) for part in drawn)
        for whole, part in zip(arrays, drawn):
            whole[start : start + CHUNK] = part[: count - start]
    return arrays


def even_labels(rng: np.random.Generator, classes: int) -> np.ndarray:
    """Return int64 labels (CHUNK,), shuffled, every class as often as the others (or once more)."""
    return rng.permutation(np.arange(CHUNK) % classes)
