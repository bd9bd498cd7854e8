"""Augmentation of colors: brightness, contrast, saturation, hue, and all four as jitter.

Each of them is a matrix for the channels of a pixel and something to add, and
so are all of them together: one small matrix product an image.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .chance import Chance

GRAY = np.array([0.299, 0.587, 0.114])  # brightness of red, green, blue: ITU-R BT.601
# brightness and two axes of color (I, Q) from red, green, blue: the YIQ of NTSC television
YIQ = np.array([GRAY, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
HUE_PART = 0.25  # of jitter's amount, in turns: Chen et al. 2020 (SimCLR), appendix A
NEED_COLOR = ("saturation", "hue")


def recolor(images: np.ndarray, amounts: dict[str, float], chance: Chance) -> np.ndarray:
    """Change the colors of uint8 images (N, C, H, W), each image in its own way.

    ``jitter`` means all four, or brightness and contrast alone where there are
    not three channels.
    """
    N, C, H, W = images.shape
    weight = GRAY if C == 3 else np.full(C, 1 / C)
    mean = images.mean((2, 3))[..., None]
    matrix, offset = np.eye(C), np.zeros((N, C, 1))
    for stream, kind, amount in changes(amounts, C):
        change = chance.spread(stream, amount)[:, None, None]
        if kind == "hue":
            step, add = turn_hue(change), 0
        elif kind == "saturation":  # towards, or away from, the gray of the same brightness
            step, add = (1 + change) * np.eye(C) - change * weight, 0
        elif kind == "contrast":  # towards, or away from, the image's mean brightness
            level = weight @ (matrix @ mean + offset)
            step, add = (1 + change) * np.eye(C), -change * level[:, None]
        else:
            step, add = (1 + change) * np.eye(C), 0
        matrix, offset = step @ matrix, step @ offset + add
    x = matrix.astype(np.float32) @ images.reshape(N, C, H * W) + offset.astype(np.float32)
    return np.rint(np.clip(x, 0, 255)).astype(np.uint8).reshape(images.shape)


def changes(amounts: dict[str, float], C: int) -> Iterator[tuple[str, str, float]]:
    """Take jitter apart; yields the name of the random numbers, what changes, and how much."""
    for name, amount in amounts.items():
        if name != "jitter":
            yield name, name, amount
            continue
        for kind in ("brightness", "contrast", *NEED_COLOR):
            if C == 3 or kind not in NEED_COLOR:
                yield f"jitter {kind}", kind, HUE_PART * amount if kind == "hue" else amount


def turn_hue(turns: np.ndarray) -> np.ndarray:
    """Return matrices (N, 3, 3) that turn colors about the axis of grays; ``turns`` (N, 1, 1)."""
    angle = 2 * np.pi * turns[:, 0, 0]
    turn = np.zeros((len(angle), 3, 3))
    turn[:, 0, 0] = 1
    turn[:, 1, 1] = turn[:, 2, 2] = np.cos(angle)
    turn[:, 2, 1] = np.sin(angle)
    turn[:, 1, 2] = -turn[:, 2, 1]
    return np.linalg.inv(YIQ) @ turn @ YIQ
