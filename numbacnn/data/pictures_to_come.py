"""How a picture is to be prepared for a network that learned from a data set: decided from its images when they are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .digits import BOX, SIZE
from .mnist import PUBLISHED
from .preparation import Preparation
from .record import Split


def preparation_for(split: Split, framed: bool) -> dict | None:
    """Return how a picture file is prepared for a network that learns from a data set; None if none can be.

    Parameters
    ----------
    split : Split
    framed : bool
        Whether the images are known to be framed as MNIST's are; if not, they
        are looked at (`framed_as_digits`).
    """
    images = split.x_train if len(split.x_train) else split.x_test
    if split.kind != "images" or images.shape[1] not in (1, 3):
        return None
    known = Preparation.from_dict(split.pictures)
    framed = images.shape[1] == 1 and (framed or framed_as_digits(images))
    return replace(known, channels=images.shape[1], framed=framed).to_dict()


def framed_as_digits(images: np.ndarray) -> bool:
    """Whether images are framed as MNIST's are: light ink on black, in the box, centered by mass.

    Parameters
    ----------
    images : uint8 array of shape (N, C, H, W)
        The first 1,000 are looked at; nearly all of them have to fit.

    Returns
    -------
    bool
    """
    images = images[:1000]
    N, C, H, W = images.shape
    if C != 1 or min(H, W) < 12:
        return False
    ink = images[:, 0].astype(np.float32)
    edge = np.maximum(ink[:, [0, -1]].max((1, 2)), ink[:, :, [0, -1]].max((1, 2)))
    mass = np.maximum(ink.sum((1, 2)), 1)
    off = [abs(ink.sum(2) @ np.arange(H) / mass - H / 2), abs(ink.sum(1) @ np.arange(W) / mass - W / 2)]
    sides = [(ink.max(axis) > 25).sum(1) for axis in (2, 1)]  # rows and columns with ink
    longest = np.maximum(sides[0] / H, sides[1] / W) * SIZE
    fits = (edge < 128) & (np.maximum(*off) < 1) & (longest > BOX - 4) & (longest < BOX + 2)
    return bool(fits.mean() > 0.9)


def is_like_digits(name: str, shape: Sequence[int]) -> bool:
    """Whether images of which only the data set's name and their shape are known may be framed as MNIST's digits are."""
    return name in ("digits", *PUBLISHED) or name.lower().endswith(".npz") and tuple(shape) == (1, 28, 28)
