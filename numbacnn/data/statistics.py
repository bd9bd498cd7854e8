"""What is measured of a data set when it is loaded: mean, standard deviation, hash."""

from __future__ import annotations

import hashlib

import numpy as np


def channel_statistics(x: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and std (C,) of examples of a kind; 0 and 1 for tokens, which have no scale."""
    if kind == "tokens":
        return np.zeros(1), np.ones(1)
    if kind != "series":
        return pixel_statistics(x)
    mean, std = x.mean((0, 2), dtype=np.float64), x.std((0, 2), dtype=np.float64)
    return mean, np.where(std > 0, std, 1)


def constant_notes(x: np.ndarray, part: str, name: str, kind: str) -> tuple[str, ...]:
    """Return a note if all examples of a part are equal everywhere, so that nothing can be learned or tested with them."""
    if not x.size or (x != x.flat[0]).any():
        return ()
    value = "black" if kind in ("images", "video") and x.flat[0] == 0 else f"the same number, {x.flat[0]:g}, everywhere"
    them = {"images": "images", "video": "films", "series": "time series", "tokens": "token sequences"}[kind]
    return (f"{name}: all {len(x):,} {part} {them} are {value}, so they tell nothing about their classes; check how they were saved",)


def pixel_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and std (C,) of uint8 images (N, C, ...), with pixels from 0 to 1.

    Counting the 256 values is exact, and takes no copy of the images as floats.
    """
    value = np.arange(256) / 255
    mean, std = np.empty(x.shape[1]), np.empty(x.shape[1])
    for c in range(x.shape[1]):
        count = np.zeros(256)
        for start in range(0, len(x), 1024):
            count += value_counts(x[start : start + 1024, c].ravel())
        share = count / count.sum()
        mean[c] = share @ value
        std[c] = np.sqrt(share @ (value - mean[c]) ** 2)
    std[std == 0] = 1
    return mean, std


def value_counts(values: np.ndarray) -> np.ndarray:
    """Return how often each of the 256 values occurs in a flat array of uint8.

    Pairs of neighbors are counted, half as many, and then in how many pairs a value comes first
    and in how many second.
    """
    even = len(values) // 2 * 2
    pairs = np.bincount(values[:even].view(np.uint16), minlength=256 * 256).reshape(256, 256)
    count = pairs.sum(0) + pairs.sum(1)
    count[values[even:]] += 1  # the last value of an odd number
    return count


def data_hash(*arrays: np.ndarray) -> str:
    """Return the SHA-256 of arrays' shapes and numbers, the same on every platform."""
    digest = hashlib.sha256()
    for array in arrays:
        little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(little_endian).data)
    return digest.hexdigest()
