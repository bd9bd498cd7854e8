"""`blobs-video`: short films of shapes that all move alike; the label is the motion.

Shape, size, place and speed are random, so a single frame says nothing, and
every other film is dark on light, so that no weighted sum of pixels does: only
what follows what tells the class.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels

FRAMES, SIZE = 8, 24  # frames a film, pixels a side
SHAPES = 2  # at most, in a film
CLASSES = ("left", "right", "up", "down", "grow", "shrink", "spin right", "spin left")


def draw_blobs_video(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw films of one or two bars or ovals that move, grow, shrink or turn.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    films : uint8 array of shape (count, 1, 8, 24, 24)
        Channel, frame, row, column.
    labels : int64 array of shape (count,)
        The place in `CLASSES`.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_blobs_video", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` films."""
    labels = even_labels(rng, len(CLASSES))
    time = np.linspace(-0.5, 0.5, FRAMES, dtype=np.float32)
    moves = np.zeros((CHUNK, 4), np.float32)  # right, down, growth, turn to the right
    pair, sign = labels // 2, 1 - 2 * (labels % 2)
    for k, (axis, least, most) in enumerate(((0, 8, 14), (1, 8, 14), (2, 0.8, 1.3), (3, 0.9, 1.6))):
        amount = rng.uniform(least, most, CHUNK) * sign
        moves[:, axis] = np.where(pair == k, amount if k >= 2 else -amount, 0)
    films = rng.uniform(0, 0.25, (CHUNK, 1, 1, 1)).astype(np.float32)
    films = np.repeat(films, FRAMES, 1) * np.ones((SIZE, SIZE), np.float32)
    shown = 1 + rng.integers(0, SHAPES, CHUNK)
    for k in range(SHAPES):
        here = shown > k
        films[here] = np.maximum(films[here], shape_seen(rng, moves[here], time))
    negative = rng.random(CHUNK) < 0.5
    films[negative] = 1 - films[negative]
    noise = rng.uniform(0.01, 0.06, (CHUNK, 1, 1, 1)).astype(np.float32)
    films += noise * rng.standard_normal(films.shape, np.float32)
    return np.rint(255 * np.clip(films, 0, 1)).astype(np.uint8)[:, None], labels


def shape_seen(rng: np.random.Generator, moves: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the brightness (N, FRAMES, 24, 24) of one moving shape in each film."""
    N = len(moves)
    place = rng.uniform(6, SIZE - 6, (N, 2, 1)).astype(np.float32)
    middle = place + moves[:, :2, None] * time
    swell = np.exp(moves[:, 2, None] * time)[..., None, None]
    radius = rng.uniform(3.2, 5.0, (N, 1, 1, 1)).astype(np.float32) * swell
    thin = rng.uniform(0.3, 0.5, (N, 1, 1, 1)).astype(np.float32) * radius
    angle = rng.uniform(0, np.pi, (N, 1)) + moves[:, 3, None] * time
    cos, sin = np.cos(angle)[..., None, None], np.sin(angle)[..., None, None]
    pixel = np.arange(SIZE, dtype=np.float32) + 0.5
    x = (pixel - middle[:, 0, :, None])[:, :, None, :]
    y = (pixel - middle[:, 1, :, None])[..., None]
    along, across = np.abs(cos * x + sin * y) / radius, np.abs(cos * y - sin * x) / thin
    bar = rng.random((N, 1, 1, 1)) < 0.5
    distance = np.where(bar, np.maximum(along, across), np.sqrt(along**2 + across**2))
    light = rng.uniform(0.5, 1, (N, 1, 1, 1))
    return (light * np.clip((1 - distance) * thin + 0.5, 0, 1)).astype(np.float32)
