"""The built-in data set: digits drawn by a simulated pen, made like MNIST's images.

A digit is a pen's path (`strokes`), bent, slanted and turned at random, inked
with a pen of random width, scaled into a box of 20 x 20 pixels and centered by
its mass in 28 x 28, as MNIST's images were (LeCun et al. 1998, section III-A).
"""

from __future__ import annotations

import numpy as np

from .chunks import CHUNK, draw_chunks
from .strokes import stroke_table

BOX, SIZE = 20, 28  # pixels: the digit's box, the image
EDGE = 1.4  # pixels over which the ink fades out: MNIST's images were reduced from larger ones


def draw_digits(count: int, seed: int, stream: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """Draw hand-written-looking digits.

    Parameters
    ----------
    count : int
        How many images, at least 1.
    seed : int
        Not negative.  The same seed gives the same images, and image ``i`` does
        not depend on ``count``.
    stream : {"train", "test"}
        Which of two independent series of images to draw.

    Returns
    -------
    images : uint8 array of shape (count, 28, 28)
        White ink (255) on black (0).
    labels : int64 array of shape (count,)
        0 to 9, shuffled, each digit 100 times among every 1,000 images.

    Raises
    ------
    DataError
        If ``count`` < 1, ``seed`` < 0, or the stream is unknown.
    """
    return draw_chunks("draw_digits", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` digits: uint8 images (CHUNK, 28, 28) and int64 labels (CHUNK,)."""
    labels = rng.permutation(np.repeat(np.arange(10), CHUNK // 10))
    path, pen_down = write(rng, labels)
    path = distort(rng, path)
    radius = np.clip(1.3 * np.exp(0.27 * normal(rng, CHUNK, 1)), 0.6, 2.5)
    ink = spread_ink(rng, fit_box(path, radius), pen_down, radius)
    return center_by_mass(ink), labels


def normal(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Standard normal float32 numbers."""
    return rng.standard_normal(shape, dtype=np.float32)


def write(rng: np.random.Generator, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Choose a style for each label and move its points a little.

    Returns the pen's path (N, S, 2) and where the pen is down (N, S - 1).
    """
    table = stroke_table()
    choice = rng.random(len(labels))
    style = table.first[labels] + (choice[:, None] > table.share[labels]).sum(1)
    points = table.points[style]
    carelessness = 0.045 * np.exp(0.4 * normal(rng, len(labels), 1, 1))
    points = points + carelessness * normal(rng, *points.shape)
    return table.curve[style] @ points, table.pen_down[style]


def distort(rng: np.random.Generator, path: np.ndarray) -> np.ndarray:
    """Bend, stretch, slant and turn the paths (N, S, 2), each in its own way."""
    N = len(path)
    # a power of y moves the waist up or down: one loop of an 8 grows, the other shrinks
    lift = np.exp(0.18 * normal(rng, N, 1))
    y = np.clip(path[..., 1], 0, None) ** lift + np.minimum(path[..., 1], 0)
    path = np.stack([path[..., 0], y], -1) - 0.5
    for _ in range(3):  # three slow waves across the page stand for an uneven hand
        wave = 3.0 * normal(rng, N, 2, 1)
        phase = np.float32(2 * np.pi) * rng.random((N, 1, 1), dtype=np.float32)
        path = path + 0.045 * normal(rng, N, 1, 2) * np.sin(path @ wave + phase)
    width = np.exp(0.21 * normal(rng, N, 1) + 0.03)
    slant = 0.15 + 0.25 * normal(rng, N, 1)
    x, y = width * path[..., 0] - slant * path[..., 1], path[..., 1]
    angle = 0.09 * normal(rng, N, 1)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x - sin * y, sin * x + cos * y], -1)


def fit_box(path: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Scale paths (N, S, 2) so that the ink's longer side fills the box of 20 x 20 pixels.

    The ink reaches ``radius`` (N, 1) pixels beyond the path.
    """
    low, size = path.min(1), np.ptp(path, axis=1)
    scale = (BOX - 2 * radius) / size.max(1, keepdims=True)
    margin = np.floor((BOX - 2 * radius - scale * size) / 2)  # whole pixels, as if pasted
    return (path - low[:, None]) * scale[:, None] + (margin + radius)[:, None]


def spread_ink(
    rng: np.random.Generator, path: np.ndarray, pen_down: np.ndarray, radius: np.ndarray
) -> np.ndarray:
    """Return the ink (N, 20, 20), 0 to 1, of paths (N, S, 2) in pixels.

    Every short piece of the path adds a Gaussian of width s.  Along a straight
    line these add up to exp(-d^2 / 2 s^2) at distance d, which is solved for d:
    the ink covers what is nearer than the radius, with a soft edge.
    Where lines cross they add up to more, as ink does.  A Gaussian is a product
    of one factor in x and one in y, so an image is one small matrix product.
    """
    piece = path[:, 1:] - path[:, :-1]
    length = np.sqrt((piece**2).sum(-1)) * pen_down
    middle = (path[:, 1:] + path[:, :-1]) / 2
    s = np.maximum(0.55 * radius, 0.8)
    pixel = np.arange(BOX, dtype=np.float32) + 0.5
    across = -0.5 / s[:, :, None] ** 2
    column = np.exp(across * (middle[..., 0, None] - pixel) ** 2)  # (N, S - 1, 20)
    row = np.exp(across * (middle[..., 1, None] - pixel) ** 2)
    weight = length * pressure(rng, *length.shape) / (np.float32(np.sqrt(2 * np.pi)) * s)
    field = (row * weight[..., None]).transpose(0, 2, 1) @ column
    distance = s[..., None] * np.sqrt(-2 * np.log(np.clip(field, 1e-12, 1)))
    return np.clip((radius[..., None] - distance) / EDGE + 0.5, 0, 1)


def pressure(rng: np.random.Generator, N: int, S: int) -> np.ndarray:
    """Return how hard the pen presses along the path, (N, S) around 1."""
    time = np.linspace(0, 2 * np.pi, S, dtype=np.float32)
    speed = 1 + 2 * rng.random((N, 1), dtype=np.float32)
    phase = np.float32(2 * np.pi) * rng.random((N, 1), dtype=np.float32)
    return np.exp(0.25 * normal(rng, N, 1) * np.sin(speed * time + phase))


def center_by_mass(ink: np.ndarray, size: tuple[int, int] = (SIZE, SIZE)) -> np.ndarray:
    """Return uint8 images (N, *size) with the ink's center of mass on pixel ``size // 2``.

    ``ink`` (N, h, w), 0 to 1, is no larger than ``size``.  It moves by whole
    pixels, and never beyond the border.  MNIST's digits are centered on pixel
    (14, 14), half a pixel right of and below the middle.
    """
    N, h, w = ink.shape
    mass = ink.sum((1, 2))
    top = size[0] / 2 - (ink.sum(2) @ np.arange(h)) / mass
    left = size[1] / 2 - (ink.sum(1) @ np.arange(w)) / mass
    rows = np.rint(top).astype(int).clip(0, size[0] - h)[:, None] + np.arange(h)
    columns = np.rint(left).astype(int).clip(0, size[1] - w)[:, None] + np.arange(w)
    images = np.zeros((N, *size), np.uint8)
    images[np.arange(N)[:, None, None], rows[:, :, None], columns[:, None, :]] = np.rint(255 * ink)
    return images
