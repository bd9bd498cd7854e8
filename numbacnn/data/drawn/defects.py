"""`defects`: a machined surface, with or without a scratch, and a mask of where it is.

The surface is brushed (fine parallel lines), unevenly lit and speckled, and all
of that varies more than the scratch does.  A good surface has as many specks.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels
from .fields import clouds, plane, to_bytes
from .outline import fill, thicken

SIZE = 32  # pixels
CLASSES = ("good", "scratched")
POINTS = 12  # along a scratch
SPECKS = 3  # at most, on a surface


def draw_defects(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw surfaces, every other one with a scratch.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    images : uint8 array of shape (count, 1, 32, 32)
    labels : int64 array of shape (count,)
        0 good, 1 scratched.
    masks : uint8 array of shape (count, 32, 32)
        1 where the scratch covers half of a pixel or more, else 0.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_defects", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw `CHUNK` surfaces."""
    labels = even_labels(rng, len(CLASSES))
    surface = brushed(rng)
    surface += speck_depth(rng)
    cover = np.zeros((CHUNK, SIZE, SIZE), np.float32)
    scratched = labels == 1
    cover[scratched] = fill(scratches(rng)[scratched], SIZE)
    depth = rng.uniform(0.14, 0.35, (CHUNK, 1, 1)) * rng.choice([-1, 1], (CHUNK, 1, 1))
    surface += depth * cover
    images = to_bytes(rng, surface, rng.uniform(0.01, 0.04, (CHUNK, 1, 1)))[:, None]
    return images, labels, (cover >= 0.5).astype(np.uint8)


def brushed(rng: np.random.Generator) -> np.ndarray:
    """Return the brightness of good surfaces, float32 (CHUNK, 32, 32)."""
    u, v = plane(rng, CHUNK, SIZE, (6, 12))
    lines = np.sin(2 * np.pi * u + 0.4 * clouds(rng, CHUNK, SIZE, 6.0)) + np.sin(4.3 * np.pi * u)
    lines *= rng.uniform(0, 0.05, (CHUNK, 1, 1))
    light = rng.uniform(0.35, 0.65, (CHUNK, 1, 1)) + 0.1 * clouds(rng, CHUNK, SIZE, 10.0)
    return (light + lines).astype(np.float32)


def speck_depth(rng: np.random.Generator) -> np.ndarray:
    """Return how much dust and pits change the brightness, float32 (CHUNK, 32, 32)."""
    shape = (CHUNK, SPECKS, 1)
    pixel = np.arange(SIZE) + 0.5
    x, y = rng.uniform(0, SIZE, (2, *shape))
    radius = rng.uniform(0.7, 1.6, shape)
    depth = rng.uniform(-0.45, 0.45, shape) * (rng.random(shape) < 0.6)
    row = np.exp(-(((pixel - y) / radius) ** 2)) * depth
    column = np.exp(-(((pixel - x) / radius) ** 2))
    return (row.transpose(0, 2, 1) @ column).astype(np.float32)


def scratches(rng: np.random.Generator) -> np.ndarray:
    """Return the outlines (CHUNK, 2 * POINTS, 2) of long, thin, slightly bent scratches."""
    along = np.linspace(-0.5, 0.5, POINTS)
    length = rng.uniform(11, 26, (CHUNK, 1))
    bend = rng.uniform(-0.5, 0.5, (CHUNK, 1)) * length
    straight = along * length
    aside = bend * (along**2 - 1 / 12) + rng.uniform(-8, 8, (CHUNK, 1)) * along**3
    angle = rng.uniform(0, np.pi, (CHUNK, 1))
    middle = rng.uniform(8, SIZE - 8, (2, CHUNK, 1))
    x = middle[0] + np.cos(angle) * straight - np.sin(angle) * aside
    y = middle[1] + np.sin(angle) * straight + np.cos(angle) * aside
    return thicken(np.stack([x, y], -1), rng.uniform(1.0, 1.8, CHUNK))
