"""`products`: what a shop sells, as silhouettes in color before a background in color.

A product is written as `strokes` are: outlines on a grid of 10 x 10, smooth but
for the corners (``!``).  Its corner points are moved at random, it is stretched,
mirrored, turned, scaled and placed, and every color is drawn anew, so that
neither a pixel nor a color tells the class: only the outline does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels
from ..strokes import parse_style, sample_curve
from .outline import fill, thicken

SIZE = 32  # pixels
MAIN, SECOND = 0, 1  # which of a product's two colors

# (width of the line, or 0 for a filled outline; color; outline), the first at the bottom
STYLES = {
    "shoe": [
        [(0, MAIN, "0.6,7.4 0.8,4.2! 1.6,4.9 3,5 4.3,4.3! 6,5.6 8.8,6.3 9.6,7.5! 0.6,7.4!"),
         (0, SECOND, "0.5,7.3! 9.6,7.4! 9.6,8.3! 0.5,8.3! 0.5,7.3!")],
        [(0, MAIN, "0.8,6.8! 1,4.4! 2.2,5.2 4,4.4! 7,6 9.4,7.4! 9.2,8! 3.6,7.4 2,7.2! 0.8,6.8!"),
         (0.6, SECOND, "1.2,6.8 1.2,8.4")],
        [(0, MAIN, "0.6,7.8! 0.8,4.6! 3.6,4.2! 5,5.6 8,5.8 9.6,7.8! 0.6,7.8!"),
         (0, SECOND, "0.5,7.6! 9.6,7.6! 9.4,8.5! 0.5,8.5! 0.5,7.6!"),
         (0.35, SECOND, "3.4,5.4 4.6,4.8"), (0.35, SECOND, "4.2,6 5.4,5.4")],
    ],
    "boot": [
        [(0, MAIN, "2,8.4! 2,1! 5.4,1! 5.3,5 6.2,6.2 8.6,6.8 9,8.4! 2,8.4!"),
         (0, SECOND, "1.9,8.3! 9,8.3! 9,9.2! 1.9,9.2! 1.9,8.3!")],
        [(0, MAIN, "2.4,9.2! 2.6,6 2.2,0.8! 5,0.8! 4.8,5.6 5.8,7 8.8,8.2 9,9.2! 4.6,8.6 3.6,8.4! 3.4,9.2! 2.4,9.2!"),
         (0.5, SECOND, "2.3,1.5 5,1.5")],
    ],
    "handbag": [
        [(0.7, SECOND, "3,5 3.2,2.4 5,1.4 6.8,2.4 7,5"),
         (0, MAIN, "1.4,4.4! 8.6,4.4! 9.3,8.8! 0.7,8.8! 1.4,4.4!"),
         (0.7, SECOND, "4.4,5.6 5.6,5.6")],
        [(0.6, SECOND, "2,5.4 3,1.6 5,0.8 7,1.6 8,5.4"),
         (0, MAIN, "1,5 1.4,8.6 3,9.2 7,9.2 8.6,8.6 9,5! 5,4.4 1,5!")],
        [(0.5, SECOND, "2,4.8 2.6,2.2 4,2.2 4.4,4.8"), (0.5, SECOND, "5.6,4.8 6,2.2 7.4,2.2 8,4.8"),
         (0, MAIN, "0.8,4.6! 9.2,4.6! 8.6,9! 1.4,9! 0.8,4.6!"),
         (0, SECOND, "0.8,4.5! 9.2,4.5! 9.1,5.6! 0.9,5.6! 0.8,4.5!")],
    ],
    "hat": [
        [(0, MAIN, "2.6,7! 3,3.8 4,2.6 6,2.6 7,3.8 7.4,7! 2.6,7!"),
         (0, MAIN, "0.3,7 5,6.3 9.7,7 5,8.3 0.3,7!"),
         (0, SECOND, "2.7,5.6! 7.3,5.6! 7.4,6.7! 2.6,6.7! 2.7,5.6!")],
        [(0, MAIN, "1.6,7.4! 1.8,4.6 3.6,2.6 6,2.8 7.4,4.6 7.4,7! 1.6,7.4!"),
         (0, SECOND, "5.4,6.4! 7.6,6.2 9.6,7.2 9.6,8! 7,7.4 5.2,7.6! 5.4,6.4!")],
    ],
    "shirt": [
        [(0, MAIN, "3.4,1.2! 4.2,2 5.8,2 6.6,1.2! 9.6,3.4! 8.4,5.4! 7.2,4.6! 7.3,9! 2.7,9! 2.8,4.6! 1.6,5.4! 0.4,3.4! 3.4,1.2!")],
        [(0, MAIN, "3.6,1! 6.4,1! 8,2 9.6,8! 8.1,8.4! 7.1,4.6! 7.2,9! 2.8,9! 2.9,4.6! 1.9,8.4! 0.4,8! 2,2 3.6,1!"),
         (0.5, SECOND, "5,1.2 5,9")],
    ],
    "trousers": [
        [(0, MAIN, "2.8,0.8! 7.2,0.8! 8,9.4! 5.8,9.4! 5,3.6! 4.2,9.4! 2,9.4! 2.8,0.8!"),
         (0, SECOND, "2.8,0.7! 7.2,0.7! 7.3,1.6! 2.7,1.6! 2.8,0.7!")],
        [(0, MAIN, "2.4,2! 7.6,2! 8.6,7! 5.6,7.4! 5,4.6! 4.4,7.4! 1.4,7! 2.4,2!"),
         (0, SECOND, "2.4,1.9! 7.6,1.9! 7.8,2.9! 2.2,2.9! 2.4,1.9!")],
    ],
    "dress": [
        [(0, MAIN, "3.6,0.8! 4.2,2 5.8,2 6.4,0.8! 6.8,2.8 6,4.4! 8.4,9.2! 1.6,9.2! 4,4.4! 3.2,2.8 3.6,0.8!"),
         (0, SECOND, "3.9,4! 6.1,4! 6.3,4.9! 3.7,4.9! 3.9,4!")],
        [(0, MAIN, "3.4,0.8! 6.6,0.8! 8.4,3! 7.4,3.8! 6.4,3 6.2,5 7.8,9.4! 2.2,9.4! 3.8,5 3.6,3 2.6,3.8! 1.6,3! 3.4,0.8!")],
    ],
    "mug": [
        [(0.9, MAIN, "6.8,3.8 9,3.6 9.2,6.4 6.6,7.2"),
         (0, MAIN, "1.4,2.2! 7,2.2! 6.9,9! 1.5,9! 1.4,2.2!"),
         (0, SECOND, "1.4,4.6! 7,4.6! 7,6! 1.4,6! 1.4,4.6!")],
        [(0.7, MAIN, "7,4 9.2,4 8.6,6.4 6.2,6.8"),
         (0, MAIN, "0.8,3.4! 7.4,3.4! 7,6.4 5.4,8.2! 2.8,8.2! 1.2,6.4 0.8,3.4!"),
         (0, SECOND, "0.4,8.4! 7.8,8.4! 7,9.2! 1.2,9.2! 0.4,8.4!")],
    ],
}  # fmt: skip
CLASSES = tuple(STYLES)


class Part(NamedTuple):
    """A part of a product: ``curve @ points`` is its path (S, 2) on the unit square."""

    width: float
    color: int
    points: np.ndarray
    curve: np.ndarray


def draw_products(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw products in color: shoe, boot, handbag, hat, shirt, trousers, dress, mug.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    images : uint8 array of shape (count, 3, 32, 32)
        Red, green, blue.
    labels : int64 array of shape (count,)
        The place in `CLASSES`.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_products", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` products."""
    labels = even_labels(rng, len(CLASSES))
    images = background(rng)
    colors = contrasting_colors(rng, images.mean((2, 3)))
    light = shading(rng)
    matrix, place = poses(rng)
    choice = rng.random(CHUNK)
    for label, name in enumerate(CLASSES):
        styles = parsed_styles(name)
        for k, parts in enumerate(styles):
            which = np.flatnonzero((labels == label) & ((choice * len(styles)).astype(int) == k))
            for part in parts:
                cover = cover_of(rng, part, matrix[which], place[which])[:, None]
                color = colors[which, part.color][..., None, None] * light[which]
                images[which] += cover * (color - images[which])
    images += rng.uniform(1, 9, (CHUNK, 1, 1, 1)) * rng.standard_normal(images.shape, np.float32)
    return np.rint(np.clip(images, 0, 255)).astype(np.uint8), labels


@lru_cache(maxsize=None)
def parsed_styles(name: str) -> list[list[Part]]:
    """Return a class's styles, each a list of parts."""
    styles = []
    for style in STYLES[name]:
        parts = []
        for width, color, text in style:
            points, pieces = parse_style(text)
            parts.append(Part(width / 10, color, points, sample_curve(points, pieces)[0]))
        styles.append(parts)
    return styles


def cover_of(
    rng: np.random.Generator, part: Part, matrix: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Return how much of each pixel a part covers, (N, 32, 32), in N poses."""
    careless = 0.012 * rng.standard_normal((len(place), *part.points.shape))
    careless[:, -1] = careless[:, 0]  # a filled outline stays closed
    path = part.curve @ (part.points - 0.5 + careless)
    path = path @ matrix.transpose(0, 2, 1) + place[:, None]
    if part.width:
        scale = np.sqrt(np.abs(np.linalg.det(matrix)))
        path = thicken(path, part.width * scale * rng.uniform(0.8, 1.4, len(place)))
    return fill(path, SIZE)


def poses(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return matrices (CHUNK, 2, 2) from the unit square to pixels, and the products' middles."""
    scale = SIZE * rng.uniform(0.55, 0.95, CHUNK)
    stretch = np.exp(0.1 * rng.standard_normal(CHUNK))
    mirror = rng.choice([-1, 1], CHUNK)
    angle = np.radians(np.clip(14 * rng.standard_normal(CHUNK), -40, 40))
    cos, sin = np.cos(angle), np.sin(angle)
    across, down = mirror * scale * stretch, scale / stretch
    matrix = np.stack([cos * across, -sin * down, sin * across, cos * down], -1)
    room = np.maximum(SIZE - scale, 2)[:, None]
    return matrix.reshape(-1, 2, 2), SIZE / 2 + room * rng.uniform(-0.5, 0.5, (CHUNK, 2))


def background(rng: np.random.Generator) -> np.ndarray:
    """Return float32 backgrounds (CHUNK, 3, 32, 32): two colors that fade, or meet at a horizon."""
    pair = rng.uniform(0, 255, (2, CHUNK, 3, 1, 1)).astype(np.float32)
    pair[1] = pair[0] + 0.35 * (pair[1] - pair[0])
    angle = rng.uniform(0, 2 * np.pi, (CHUNK, 1, 1))
    pixel = (np.arange(SIZE) + 0.5) / SIZE - 0.5
    across = np.cos(angle) * pixel + np.sin(angle) * pixel[:, None]
    horizon = np.broadcast_to(rng.uniform(-0.3, 0.4, (CHUNK, 1, 1)) - pixel[:, None], across.shape)
    sharp = rng.random((CHUNK, 1, 1)) < 0.4
    part = np.clip(np.where(sharp, 20 * horizon, across) + 0.5, 0, 1).astype(np.float32)[:, None]
    return pair[0] + part * (pair[1] - pair[0])


def contrasting_colors(rng: np.random.Generator, behind: np.ndarray) -> np.ndarray:
    """Return two colors a product (CHUNK, 2, 3) that stand out from what is behind (CHUNK, 3).

    Of a few random colors the one that is farthest away is taken; the second
    color also has to differ from the first.
    """
    candidates = rng.uniform(0, 255, (5, CHUNK, 3))
    rows = np.arange(CHUNK)
    first = candidates[np.linalg.norm(candidates - behind, axis=2).argmax(0), rows]
    candidates = rng.uniform(0, 255, (4, CHUNK, 3))
    gap = np.minimum(
        np.linalg.norm(candidates - behind, axis=2), np.linalg.norm(candidates - first, axis=2)
    )
    return np.stack([first, candidates[gap.argmax(0), rows]], 1).astype(np.float32)


def shading(rng: np.random.Generator) -> np.ndarray:
    """Return how brightly each pixel is lit, (CHUNK, 1, 32, 32) around 1; some have stripes."""
    pixel = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE - 0.5
    slope = rng.uniform(-0.5, 0.5, (CHUNK, 2, 1, 1)).astype(np.float32)
    angle, pitch = rng.uniform(0, np.pi, (CHUNK, 1, 1)), rng.uniform(25, 60, (CHUNK, 1, 1))
    wave = np.sin(pitch * (np.cos(angle) * pixel + np.sin(angle) * pixel[:, None]))
    depth = np.where(rng.random((CHUNK, 1, 1)) < 0.3, 0.3, 0)
    light = 1 + slope[:, 0] * pixel + slope[:, 1] * pixel[:, None] + depth * np.sign(wave)
    return light.astype(np.float32)[:, None]
