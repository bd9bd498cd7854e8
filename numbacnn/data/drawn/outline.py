"""Fill outlines: polygons become coverage, a number from 0 to 1 a pixel."""

from __future__ import annotations

import numpy as np

LINES = 2  # scan lines a pixel row


def fill(polygons: np.ndarray, size: int) -> np.ndarray:
    """Return how much of each pixel lies inside a polygon.

    Along a scan line the inside begins where an edge goes down and ends where
    one goes up, so a pixel's share is the running sum of signed steps.  A step
    inside a pixel is split between it and the next: edges are soft to the left
    and right exactly, above and below by the number of scan lines.

    Parameters
    ----------
    polygons : float array of shape (N, P, 2)
        Corners (x, y) in pixels, the last joined to the first.
    size : int
        Height and width of the images.

    Returns
    -------
    float32 array of shape (N, size, size)
    """
    N = len(polygons)
    lines = (np.arange(size * LINES, dtype=np.float32) + 0.5) / LINES
    following = np.roll(polygons, -1, axis=1)
    below, next_below = (ends[:, :, 1, None] <= lines for ends in (polygons, following))
    n, p, line = np.nonzero(below != next_below)
    (x0, y0), (x1, y1) = polygons[n, p].T, following[n, p].T
    x = np.clip(x0 + (lines[line] - y0) * (x1 - x0) / (y1 - y0), 0, size)
    sign = np.where(y1 > y0, 1.0, -1.0)
    pixel = x.astype(np.int64)
    part = x - pixel
    width = size + 2
    place = (n * (size * LINES) + line) * width + pixel
    steps = np.bincount(place, sign * (1 - part), N * size * LINES * width)
    steps += np.bincount(place + 1, sign * part, N * size * LINES * width)
    inside = np.cumsum(steps.reshape(N, size, LINES, width), axis=3)[..., :size]
    return np.minimum(np.abs(inside), 1).mean(2, dtype=np.float32)


def thicken(path: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the polygons (N, 2 * S, 2) around paths (N, S, 2) of a ``width`` (N,) in pixels."""
    along = np.gradient(path, axis=1)
    along /= np.maximum(np.hypot(along[..., 0], along[..., 1])[..., None], 1e-6)
    side = np.stack([-along[..., 1], along[..., 0]], -1) * (width / 2)[:, None, None]
    return np.concatenate([path + side, (path - side)[:, ::-1]], axis=1)
