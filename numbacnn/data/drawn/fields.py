"""What several drawn data sets are made of: a plane seen at random, smooth noise, a pixel's noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def plane(
    rng: np.random.Generator, N: int, size: int, periods: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates u, v of every pixel, float32 (N, size, size), on planes turned at random.

    ``periods`` says how many units fit into an image, at least and at most.
    """
    pixel = (np.arange(size, dtype=np.float32) + 0.5) / size - 0.5
    angle = rng.uniform(0, 2 * np.pi, (N, 1, 1)).astype(np.float32)
    scale = np.exp(rng.uniform(*np.log(periods), (N, 1, 1))).astype(np.float32)
    start = rng.random((2, N, 1, 1), np.float32)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    u = cos * pixel + sin * pixel[:, None] + start[0]
    return u, cos * pixel[:, None] - sin * pixel + start[1]


def clouds(rng: np.random.Generator, N: int, size: int, sigma: float) -> np.ndarray:
    """Return smooth noise, float32 (N, size, size), with a variance of about 1."""
    smooth = smoothing_matrix(size, sigma)
    return smooth @ rng.standard_normal((N, len(smooth[0]), len(smooth[0])), np.float32) @ smooth.T


@lru_cache(maxsize=8)
def smoothing_matrix(size: int, sigma: float) -> np.ndarray:
    """Return the matrix (size, size + margin) of a Gaussian that leaves a variance of 1."""
    margin = int(np.ceil(2 * sigma))
    distance = np.arange(size)[:, None] + margin - np.arange(size + 2 * margin)
    weight = np.exp(-(distance**2) / (2 * sigma**2))
    return (weight / np.sqrt((weight**2).sum(1, keepdims=True))).astype(np.float32)


def to_bytes(rng: np.random.Generator, brightness: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return uint8 pixels of a brightness from 0 to 1, with so much noise on the same scale."""
    grain = noise.astype(np.float32) * rng.standard_normal(brightness.shape, np.float32)
    return np.rint(255 * np.clip(brightness + grain, 0, 1)).astype(np.uint8)
