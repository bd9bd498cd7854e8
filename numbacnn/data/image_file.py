"""Prepare a picture from a file as the training images were prepared.

A network that learned from white digits on black, scaled into a box and centered
by mass, misreads a photo of blue ink in a corner of white paper.  So the
picture goes through the same steps, and the caller is told which ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .digits import BOX, SIZE, center_by_mass
from .errors import DataError
from .picture import Picture, read_picture
from .preparation import Preparation, as_bytes, cover, is_gray, to_gray

LEAST_CONTRAST = 25  # of 255: below this there is no ink, only noise
INK = 0.2  # of the darkest ink: what is fainter is paper


class DigitImage(NamedTuple):
    """``pixels`` (C, H, W) uint8, ready for the network, and the ``steps`` that led there."""

    pixels: np.ndarray
    steps: list[str]


def load_digit_image(
    path: str | Path,
    size: tuple[int, int] = (28, 28),
    channels: int = 1,
    invert: bool | None = None,
    preparation: Preparation = Preparation(),
) -> DigitImage:
    """Read a picture and prepare it for a network.

    Parameters
    ----------
    path : str or Path
        A picture of any size and of any format that Pillow reads: in color,
        gray, with 16 bits, with a palette or transparent.
    size : (int, int)
        Height and width that the network expects.
    channels : {1, 3}
        With 1 the picture is prepared as MNIST's were: gray, white on black,
        cropped to the ink, scaled into the box (20 of 28 pixels) keeping its
        aspect, and centered by mass.  One that has the size already, with a
        dark border, is taken as it is.  With 3 it is only scaled.
    invert : bool, optional
        Whether to swap dark and light.  By default a gray picture is inverted
        if its border is light, a color one is not.
    preparation : Preparation
        The ground and range of the data set that the network learned from.
        What it leaves open is decided from the picture alone.

    Returns
    -------
    DigitImage
        The pixels, and the steps in order, out of ``first frame`` (of several),
        ``turned`` (a photo saved on its side), ``flattened`` (transparent parts),
        ``gray``, ``inverted``, ``stretched`` (contrast, or more than 8 bits),
        ``cropped``, ``scaled``, ``centered``; and what else is unusual, such as
        ``CMYK`` (see `picture`).

    Raises
    ------
    DataError
        If the file is not a picture that can be read, or holds no ink.
    """
    check_channels(channels)
    if min(size) < 4:
        raise DataError(f"size is {size[0]}x{size[1]}; a picture needs at least 4x4 pixels")
    steps: list[str] = []
    picture = read_picture(Path(path))
    color = preparation.completed([picture]).colored(picture)
    note_steps(picture, steps)
    if channels == 3:
        if invert:
            color = 255 - color
            steps.append("inverted")
        if color.shape[:2] != tuple(size):
            color = scale(color, size)
            steps.append("scaled")
        return DigitImage(as_bytes(color.transpose(2, 0, 1)), steps)
    gray = made_gray(color, steps)
    light = np.median(border(gray)) > 127.5
    if light if invert is None else invert:
        gray = 255 - gray
        steps.append("inverted")
    elif gray.shape == tuple(size) and not light:
        check_ink(Path(path), gray)
        return DigitImage(as_bytes(gray)[None], steps)
    return DigitImage(frame_digit(Path(path), gray, size, steps)[None], steps)


def load_picture(
    path: str | Path,
    size: tuple[int, int],
    channels: int = 3,
    invert: bool | None = None,
    preparation: Preparation = Preparation(),
) -> DigitImage:
    """Read a picture as `load_folder` does: scaled to cover the size, and cropped about its middle.

    Parameters
    ----------
    path, size, channels, preparation
        As for `load_digit_image`; with 1 channel the picture is made gray.
    invert : bool, optional
        Whether to swap dark and light.

    Returns
    -------
    DigitImage
        The pixels, and the steps in order, out of ``first frame``, ``turned``,
        ``flattened``, ``stretched``, ``scaled``, ``gray``, ``inverted``.

    Raises
    ------
    DataError
        If the file is not a picture that can be read.
    """
    check_channels(channels)
    steps: list[str] = []
    picture = read_picture(Path(path))
    note_steps(picture, steps)
    if picture.pixels.shape[:2] != tuple(size):
        steps.append("scaled")
    color = preparation.completed([picture]).colored(cover(picture, size))
    if channels == 1:
        color = made_gray(color, steps)[..., None]
    if invert:
        color = 255 - color
        steps.append("inverted")
    return DigitImage(as_bytes(color.transpose(2, 0, 1)), steps)


def note_steps(picture: Picture, steps: list[str]) -> None:
    """Say what was done to a picture while it was read."""
    steps += [fact for fact in picture.facts if fact != "another format"]
    if picture.transparent:
        steps.append("flattened")
    if picture.range is not None:
        steps.append("stretched")


def made_gray(color: np.ndarray, steps: list[str]) -> np.ndarray:
    """Return the brightness (H, W) of a picture (H, W, 3), and say so if it had colors."""
    if not is_gray(color):
        steps.append("gray")
    return to_gray(color)


def load_as_learned(path: str | Path, size: tuple[int, int], pictures: dict, invert: bool | None = None) -> DigitImage:
    """Read a picture and prepare it as the images were that a network learned from.

    Parameters
    ----------
    path, invert
        As for `load_digit_image`.
    size : (int, int)
        Height and width that the network expects.
    pictures : dict
        ``ImageData.pictures`` of those images.  If they were framed as MNIST's
        digits are, so is this one (`load_digit_image`), else it is scaled and
        cropped (`load_picture`), which leaves one of that size as it is.

    Returns
    -------
    DigitImage

    Raises
    ------
    DataError
        If the file is not a picture that can be read, or holds no ink.
    """
    preparation = Preparation.from_dict(pictures)
    load = load_digit_image if preparation.framed else load_picture
    return load(path, size, preparation.channels or 3, invert, preparation)


def check_channels(channels: int) -> None:
    """Raise unless a picture can have so many channels."""
    if channels not in (1, 3):
        raise DataError(f"channels is {channels}; a picture gives 1 (gray) or 3 (color)")


def border(gray: np.ndarray) -> np.ndarray:
    """Return the outermost pixels of a picture (H, W), which are taken to be paper."""
    return np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])


def paper_level(gray: np.ndarray) -> float:
    """Return how light the paper is in an inverted picture (H, W).

    Uneven light makes paper in one corner lighter than in another, so the
    level is taken near the lightest paper, unless that is a stroke that
    touches the border.
    """
    middle, light = np.percentile(border(gray), [50, 95])
    return light if light < (middle + gray.max()) / 2 else middle


def check_ink(path: Path, gray: np.ndarray) -> None:
    """Raise if a picture (H, W) is blank."""
    contrast = gray.max() - gray.min()
    if contrast < LEAST_CONTRAST:
        raise DataError(
            f"{path}: the picture is blank: its darkest and lightest pixels differ by "
            f"{contrast:.0f} of 255, at least {LEAST_CONTRAST} are needed; draw with a darker pen"
        )


def frame_digit(
    path: Path, gray: np.ndarray, size: tuple[int, int], steps: list[str]
) -> np.ndarray:
    """Crop, scale and center a light digit on dark (H, W) as MNIST's were; return uint8."""
    check_ink(path, gray)
    paper = paper_level(gray)
    ink = np.clip(gray - paper, 0, None)
    if ink.max() < LEAST_CONTRAST:
        taken, other = ("light", "--no-invert (invert=False)") if "inverted" in steps else ("dark", "--invert (invert=True)")
        raise DataError(
            f"{path}: nothing is lighter than the border (brightness {paper:.0f} of 255), which was "
            f"taken for {taken} paper; if it is not, give {other}, else leave paper around the digit"
        )
    if ink.max() < 250 and "stretched" not in steps:
        steps.append("stretched")
    ink = ink / ink.max()
    rows, columns = np.flatnonzero((ink > INK).any(1)), np.flatnonzero((ink > INK).any(0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if cropped.shape != ink.shape:
        steps.append("cropped")
    box = (size[0] * BOX // SIZE, size[1] * BOX // SIZE)
    ratio = min(box[0] / cropped.shape[0], box[1] / cropped.shape[1])
    fitted = tuple(max(1, round(ratio * length)) for length in cropped.shape)
    if fitted != cropped.shape:
        cropped = scale(cropped, fitted)
        cropped = cropped / cropped.max()  # a line thinner than a pixel would turn faint
        steps.append("scaled")
    steps.append("centered")
    return center_by_mass(np.clip(cropped, 0, 1)[None], size)[0]


def scale(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a float picture (H, W) or (H, W, C) to ``size``, averaging where it shrinks."""
    from PIL import Image

    layers = picture[..., None] if picture.ndim == 2 else picture
    scaled = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(layers[..., c], np.float32)).resize(
                (size[1], size[0]), Image.Resampling.BILINEAR
            )
        )
        for c in range(layers.shape[2])
    ]
    return scaled[0] if picture.ndim == 2 else np.stack(scaled, -1)

