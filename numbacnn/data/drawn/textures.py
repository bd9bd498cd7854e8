"""`textures`: eight patterns seen at any angle, size, place, brightness and contrast, dark or light.

No pixel says anything about the class, for every pattern is as often dark as
light at any place: only how pixels stand to their neighbors does.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels
from .fields import clouds, plane, to_bytes

SIZE = 32  # pixels
PERIODS = (3.0, 6.5)  # of a pattern, across an image


def draw_textures(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw patterns in gray: stripes, zigzag, checks, grid, dots, bricks, rings, clouds.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    images : uint8 array of shape (count, 1, 32, 32)
    labels : int64 array of shape (count,)
        The place in `CLASSES`.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_textures", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` patterns."""
    labels = even_labels(rng, len(CLASSES))
    u, v = plane(rng, CHUNK, SIZE, PERIODS)
    bend = rng.uniform(0, 0.15, (CHUNK, 1, 1)).astype(np.float32)
    u, v = (x + bend * clouds(rng, CHUNK, SIZE, 5.0) for x in (u, v))
    pattern = np.empty_like(u)
    for label, draw in enumerate(PATTERNS.values()):
        which = labels == label
        pattern[which] = draw(rng, u[which], v[which])
    contrast = rng.uniform(0.15, 0.4, (CHUNK, 1, 1)) * rng.choice([-1, 1], (CHUNK, 1, 1))
    middle = rng.uniform(0.4, 0.6, (CHUNK, 1, 1)) + 0.06 * clouds(rng, CHUNK, SIZE, 9.0)
    brightness = (middle + contrast * pattern).astype(np.float32)
    return to_bytes(rng, brightness, rng.uniform(0.02, 0.08, (CHUNK, 1, 1)))[:, None], labels


def wave(x: np.ndarray) -> np.ndarray:
    """Return a soft square wave of period 1, from -1 to 1."""
    return np.tanh(2.5 * np.sin(2 * np.pi * x))


def ridge(x: np.ndarray) -> np.ndarray:
    """Return 1 on a thin line at every whole number and 0 elsewhere."""
    return np.exp(-((x - np.rint(x)) ** 2) / 0.008)


def triangle(x: np.ndarray) -> np.ndarray:
    """Return a triangle wave of period 1, from 0 to 1."""
    return 2 * np.abs(x - np.rint(x))


def stripes(rng, u, v):
    """Parallel bands."""
    return wave(u)


def zigzag(rng, u, v):
    """Parallel bands, bent to and fro."""
    return wave(u + 0.8 * triangle(0.7 * v))


def checks(rng, u, v):
    """A chessboard."""
    return np.tanh(4 * np.sin(np.pi * u) * np.sin(np.pi * v))


def grid(rng, u, v):
    """Thin lines in two directions."""
    return 2 * np.maximum(ridge(0.8 * u), ridge(0.8 * v)) - 1


def dots(rng, u, v):
    """Round spots in rows."""
    return np.tanh(4 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v) - 0.6))


def bricks(rng, u, v):
    """Joints of a wall, each course half a brick further."""
    course = np.floor(v)
    return 2 * np.maximum(ridge(v), ridge(0.5 * u + 0.5 * (course % 2))) - 1


def rings(rng, u, v):
    """Circles around a center in or near the image."""
    away = rng.uniform(-1.2, 1.2, (2, len(u), 1, 1)).astype(np.float32)
    middle = [x.mean((1, 2), keepdims=True) for x in (u, v)]
    return wave(np.hypot(u - middle[0] - away[0], v - middle[1] - away[1]))


def clouds_alone(rng, u, v):
    """Blotches without an order."""
    return np.tanh(1.5 * clouds(rng, len(u), SIZE, 1.8))


PATTERNS = {
    "stripes": stripes,
    "zigzag": zigzag,
    "checks": checks,
    "grid": grid,
    "dots": dots,
    "bricks": bricks,
    "rings": rings,
    "clouds": clouds_alone,
}
CLASSES = tuple(PATTERNS)
