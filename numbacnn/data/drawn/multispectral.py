"""`multispectral`: fields seen from above in eight bands, from blue to short-wave infrared.

Each pixel is one of five materials, with a spectrum of its own.  Some classes
are made of the same two materials in another order, haze and sunlight change
every band, and so neither a band nor the mean spectrum alone tells the class.
The spectra are rough ones, drawn to be told apart, not measured.
"""

from __future__ import annotations

import numpy as np

from ..chunks import CHUNK, draw_chunks, even_labels
from .fields import clouds, plane, to_bytes

SIZE = 24  # pixels
BANDS = ("blue", "green", "yellow", "red", "red edge", "near infrared", "SWIR 1", "SWIR 2")
SPECTRA = {  # reflectance in each of BANDS
    "water": (0.10, 0.09, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01),
    "leaves": (0.05, 0.10, 0.08, 0.05, 0.28, 0.50, 0.24, 0.12),
    "dry leaves": (0.07, 0.12, 0.15, 0.16, 0.26, 0.36, 0.38, 0.28),
    "soil": (0.10, 0.15, 0.20, 0.24, 0.28, 0.32, 0.40, 0.38),
    "concrete": (0.26, 0.29, 0.31, 0.32, 0.33, 0.34, 0.36, 0.37),
}
CLASSES = ("forest", "orchard", "crop", "dry crop", "lake", "town")


def draw_multispectral(
    count: int, seed: int, stream: str = "train"
) -> tuple[np.ndarray, np.ndarray]:
    """Draw land in eight bands: forest, orchard, crop, dry crop, lake, town.

    Parameters
    ----------
    count, seed, stream
        As for `draw_digits`.

    Returns
    -------
    images : uint8 array of shape (count, 8, 24, 24)
        A channel for each of `BANDS`.
    labels : int64 array of shape (count,)
        The place in `CLASSES`.

    Raises
    ------
    DataError
        As `draw_digits`.
    """
    return draw_chunks("draw_multispectral", draw_chunk, count, seed, stream)


def draw_chunk(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw `CHUNK` pieces of land."""
    labels = even_labels(rng, len(CLASSES))
    names = list(SPECTRA)
    u, v = plane(rng, CHUNK, SIZE, (3, 5.5))
    relief = clouds(rng, CHUNK, SIZE, 3.5) + rng.uniform(-0.3, 0.3, (CHUNK, 1, 1))
    spots = np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v)
    cover = {  # class: what is on top, what is below, and how much of the top is seen
        "forest": ("leaves", "soil", relief + 0.4),
        "orchard": ("leaves", "soil", 2 * (spots - 0.1)),
        "crop": ("leaves", "soil", 2 * np.sin(2 * np.pi * u) + 0.3),
        "dry crop": ("dry leaves", "soil", 2 * np.sin(2 * np.pi * u) + 0.3),
        "lake": ("water", "leaves", relief),
        "town": ("concrete", "leaves", np.minimum(np.cos(2 * np.pi * u), np.cos(2 * np.pi * v))),
    }
    spectra = np.array(list(SPECTRA.values()), np.float32)
    spectra = spectra * np.exp(0.12 * rng.standard_normal((CHUNK, *spectra.shape), np.float32))
    land = np.empty((CHUNK, len(BANDS), SIZE, SIZE), np.float32)
    for label, name in enumerate(CLASSES):
        which = np.flatnonzero(labels == label)
        above, below, seen = cover[name]
        part = 1 / (1 + np.exp(-6 * seen[which, None]))
        top, bottom = (
            spectra[which, names.index(material), :, None, None] for material in (above, below)
        )
        land[which] = bottom + part * (top - bottom)
    sun = np.exp(rng.uniform(-0.5, 0.5, (CHUNK, 1, 1, 1))).astype(np.float32)
    slope = 1 + 0.12 * clouds(rng, CHUNK, SIZE, 8.0)[:, None]
    haze = rng.uniform(0, 0.12, (CHUNK, 1, 1, 1)) * np.linspace(1, 0, len(BANDS))[:, None, None]
    seen = sun * slope * land + haze.astype(np.float32)
    return to_bytes(rng, 1.3 * seen, rng.uniform(0.01, 0.04, (CHUNK, 1, 1, 1))), labels
