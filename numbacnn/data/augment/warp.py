"""Augmentation that bends an image: rotate, scale, shear, elastic.

All of them say where in the image each pixel of the new one comes from, so any
number of them is one look-up, and the image is blurred by one interpolation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .chance import Chance

SIGMA = 4.0  # pixels over which neighbors of an elastic image move alike: Simard et al.'s best


def warp(images: np.ndarray, amounts: dict[str, float], chance: Chance) -> np.ndarray:
    """Turn, scale, shear and bend uint8 images (N, C, H, W) about their center; outside is 0.

    The matrices are multiplied in the order of ``amounts``, then the elastic
    displacement is added.
    """
    N, _, H, W = images.shape
    matrix = np.eye(2)
    for name, amount in amounts.items():
        if name != "elastic":
            matrix = matrix @ matrices(name, amount, chance)
    matrix = np.broadcast_to(matrix, (N, 2, 2)).astype(np.float32)
    row = np.arange(H, dtype=np.float32)[:, None] - np.float32((H - 1) / 2)
    column = np.arange(W, dtype=np.float32) - np.float32((W - 1) / 2)
    source = [
        matrix[:, k, 0, None, None] * row
        + matrix[:, k, 1, None, None] * column
        + np.float32((extent - 1) / 2)
        for k, extent in enumerate((H, W))
    ]
    if "elastic" in amounts:
        bend = elastic_displacement(amounts["elastic"], chance, H, W)
        source = [source[0] + bend[:, 0], source[1] + bend[:, 1]]
    return sample(images, *source)


def matrices(name: str, amount: float, chance: Chance) -> np.ndarray:
    """Return matrices (N, 2, 2) from (row, column) in the new image to that in the old one."""
    if name == "scale":  # as often half as large as twice: even on a logarithmic scale
        factor = np.exp(chance.spread(name, np.log1p(amount)))
        return factor[:, None, None] * np.eye(2)
    angle = np.radians(chance.spread(name, amount))
    one, zero = np.ones_like(angle), np.zeros_like(angle)
    if name == "shear":
        rows = [one, zero, np.tan(angle), one]
    else:
        rows = [np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)]
    return np.stack(rows, -1).reshape(-1, 2, 2)


def elastic_displacement(alpha: float, chance: Chance, H: int, W: int) -> np.ndarray:
    """Return how far to bend each pixel, float32 (N, 2, H, W): random, but alike for neighbors.

    Source: Simard, Steinkraus & Platt 2003, "Best practices for convolutional
    neural networks applied to visual document analysis", section 2: uniform
    random numbers from -1 to 1, smoothed by a Gaussian, times alpha.  With
    alpha 34 and sigma 4 pixels move by 1.4 in each direction (standard deviation).
    """
    noise = chance.spread("elastic", alpha, 2, H, W).astype(np.float32)
    return gaussian_matrix(H) @ noise @ gaussian_matrix(W).T


@lru_cache(maxsize=8)
def gaussian_matrix(extent: int) -> np.ndarray:
    """Return the matrix (extent, extent) that smooths a row of pixels.

    Near the border, where half of the Gaussian is cut off, the rest weighs
    more, so that noise is left equally large everywhere.
    """
    pixel = np.arange(extent)
    weight = np.exp(-((pixel[:, None] - pixel) ** 2) / (2 * SIGMA**2))
    energy = 1 / (2 * SIGMA * np.sqrt(np.pi))  # sum of the squares of a whole Gaussian
    return (weight * np.sqrt(energy / (weight**2).sum(1, keepdims=True))).astype(np.float32)


def sample(images: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return the images at fractional places (N, H, W), interpolated between four pixels.

    A border of zeros stands for all that is outside.
    """
    N, C, H, W = images.shape
    padded = np.zeros((N, C, H + 3, W + 3), np.uint8)
    padded[:, :, 1:-2, 1:-2] = images
    row, column = np.clip(row + 1, 0, H + 1), np.clip(column + 1, 0, W + 1)
    top, left = row.astype(np.int32), column.astype(np.int32)
    down, right = row - top, column - left
    size, stride = (H + 3) * (W + 3), W + 3
    corner = top * stride + left + (np.arange(N, dtype=np.int64) * (C * size))[:, None, None]
    pixels, out = padded.reshape(-1), np.empty_like(images)
    for c in range(C):
        upper, lower = (
            between(pixels.take(start), pixels.take(start + 1), right)
            for start in (corner + c * size, corner + (c * size + stride))
        )
        out[:, c] = np.rint(between(upper, lower, down))
    return out


def between(low: np.ndarray, high: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return ``low`` where ``part`` is 0, ``high`` where it is 1, and in between in between."""
    low = low.astype(np.float32, copy=False)
    return low + part * (high - low)
