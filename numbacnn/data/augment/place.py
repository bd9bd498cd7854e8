"""Augmentation that moves whole pixels: shift, crop, flips, and cut-out.

Every function takes uint8 images (N, C, H, W), the amounts by name, and the
`Chance` of the batch, and returns new images or the same array untouched.
"""

from __future__ import annotations

import numpy as np

from .chance import Chance


def shift(images: np.ndarray, amounts: dict[str, float], chance: Chance) -> np.ndarray:
    """Shift each image by up to so many pixels either way; what comes in is 0.

    To pad an image by k pixels and crop it at random to its old size, as He et
    al. 2016 (section 4.2) do with CIFAR-10, is the same thing.
    """
    N, C, H, W = images.shape
    pad = int(sum(amounts.values()))
    corner = np.full((N, 2), pad)
    for name, most in amounts.items():
        corner += (chance.uniform(name, 2) * (2 * most + 1)).astype(int) - int(most)
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad), np.uint8)
    padded[:, :, pad : pad + H, pad : pad + W] = images
    crops = np.lib.stride_tricks.sliding_window_view(padded, (H, W), axis=(2, 3))
    return crops[np.arange(N), :, corner[:, 0], corner[:, 1]]


def flip(images: np.ndarray, amounts: dict[str, float], chance: Chance) -> np.ndarray:
    """Mirror a part of the images: left and right, or with ``flip-vertical`` top and bottom."""
    images = images.copy()
    for name, part in amounts.items():
        chosen = np.flatnonzero(chance.uniform(name) < part)
        images[chosen] = np.flip(images[chosen], 2 if name == "flip-vertical" else 3)
    return images


def cut_out(images: np.ndarray, amounts: dict[str, float], chance: Chance) -> np.ndarray:
    """Paint a square of each image over with the image's mean color.

    The square's center is any pixel, so part of it may lie outside.
    Source: DeVries & Taylor 2017, "Improved regularization of convolutional
    neural networks with cutout", section 3.2; there the square is filled with
    0 after normalizing, the mean of the data set, here with the image's own.
    """
    side = int(amounts["cutout"])
    N, _, H, W = images.shape
    place = chance.uniform("cutout", 2)
    covered = []
    for extent, share in ((H, place[:, 0]), (W, place[:, 1])):
        start = (share * extent).astype(int)[:, None] - side // 2
        pixel = np.arange(extent)
        covered.append((pixel >= start) & (pixel < start + side))
    square = (covered[0][:, :, None] & covered[1][:, None, :])[:, None]
    color = np.rint(images.mean((2, 3), keepdims=True)).astype(np.uint8)
    return np.where(square, color, images)
