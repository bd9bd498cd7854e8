"""Prepare a picture from a file as the training images were prepared.

A network that learned from white digits on black, scaled into a box and centred
by mass, misreads a photo of blue ink in a corner of white paper.  So the
picture goes through the same steps, and the caller is told which ones.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .digits import BOX, SIZE, centre_by_mass
from .errors import DataError

FORMATS = ("PNG", "JPEG", "BMP", "GIF")
MAX_PIXELS = 50_000_000  # a large phone photo; more is a mistake or an attack
LEAST_CONTRAST = 25  # of 255: below this there is no ink, only noise
ORIENTATION = 0x0112  # EXIF tag: 1 is upright, 2 to 8 are turned or mirrored
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
) -> DigitImage:
    """Read a picture and prepare it for a network.

    Parameters
    ----------
    path : str or Path
        A PNG, JPEG, BMP or GIF file of any size: colour, grey, 16-bit, with a
        palette or transparent.
    size : (int, int)
        Height and width that the network expects.
    channels : {1, 3}
        With 1 the picture is prepared as MNIST's were: grey, white on black,
        cropped to the ink, scaled into the box (20 of 28 pixels) keeping its
        aspect, and centred by mass.  One that has the size already, with a
        dark border, is taken as it is.  With 3 it is only scaled.
    invert : bool, optional
        Whether to swap dark and light.  By default a grey picture is inverted
        if its border is light, a colour one is not.

    Returns
    -------
    DigitImage
        The pixels, and the steps in order, out of ``turned`` (a photo saved on
        its side), ``flattened`` (transparent parts), ``grey``, ``inverted``,
        ``stretched`` (contrast), ``cropped``, ``scaled``, ``centred``.

    Raises
    ------
    DataError
        If the file is not a picture that can be read, or holds no ink.
    """
    check_channels(channels)
    if min(size) < 4:
        raise DataError(f"size is {size[0]}x{size[1]}; a picture needs at least 4x4 pixels")
    steps: list[str] = []
    colour = read_picture(Path(path), steps)
    if channels == 3:
        if invert:
            colour = 255 - colour
            steps.append("inverted")
        if colour.shape[:2] != tuple(size):
            colour = scale(colour, size)
            steps.append("scaled")
        return DigitImage(as_bytes(colour.transpose(2, 0, 1)), steps)
    grey = to_grey(colour, steps)
    light = np.median(border(grey)) > 127.5
    if light if invert is None else invert:
        grey = 255 - grey
        steps.append("inverted")
    elif grey.shape == tuple(size) and not light:
        check_ink(Path(path), grey)
        return DigitImage(as_bytes(grey)[None], steps)
    return DigitImage(frame_digit(Path(path), grey, size, steps)[None], steps)


def load_picture(
    path: str | Path, size: tuple[int, int], channels: int = 3, invert: bool | None = None
) -> DigitImage:
    """Read a picture as `load_folder` does: scaled to cover the size, and cropped about its middle.

    Parameters
    ----------
    path, size, channels
        As for `load_digit_image`; with 1 channel the picture is made grey.
    invert : bool, optional
        Whether to swap dark and light.

    Returns
    -------
    DigitImage
        The pixels, and the steps in order, out of ``turned``, ``flattened``,
        ``grey``, ``inverted``, ``scaled``.

    Raises
    ------
    DataError
        If the file is not a picture that can be read.
    """
    check_channels(channels)
    steps: list[str] = []
    picture = read_picture(Path(path), steps)
    if channels == 1:
        picture = to_grey(picture, steps)[..., None]
    if invert:
        picture = 255 - picture
        steps.append("inverted")
    if picture.shape[:2] != tuple(size):
        picture = cover(np.repeat(picture, 3, 2) if channels == 1 else picture, size)[..., :channels]
        steps.append("scaled")
    return DigitImage(as_bytes(picture.transpose(2, 0, 1)), steps)


def check_channels(channels: int) -> None:
    """Raise unless a picture can have so many channels."""
    if channels not in (1, 3):
        raise DataError(f"channels is {channels}; a picture gives 1 (grey) or 3 (colour)")


def read_picture(path: Path, steps: list[str]) -> np.ndarray:
    """Return a picture as float32 (H, W, 3), 0 to 255, without transparency."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is checked here, the rest does no harm
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise DataError(too_large(path, f"{image.width:,} x {image.height:,} pixels"))
                return as_colour(image, steps)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(too_large(path, "its size")) from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder; give one picture inside it") from None
    except UnidentifiedImageError:
        kinds = ", ".join(FORMATS)
        raise DataError(f"{path}: is not a picture; give a {kinds} file") from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise DataError(f"{path}: the picture is damaged ({error}); save it again") from None
    except (struct.error, zlib.error, IndexError) as error:
        raise DataError(f"{path}: the picture is damaged ({error}); save it again") from None


def too_large(path: Path, what: str) -> str:
    """Say that a picture is refused for its size."""
    return f"{path}: {what} exceeds the {MAX_PIXELS:,} pixels read here; scale the picture down"


def as_colour(image, steps: list[str]) -> np.ndarray:
    """Return a Pillow image as float32 (H, W, 3), 0 to 255, without transparency."""
    from PIL import ImageOps

    if image.getexif().get(ORIENTATION, 1) in range(2, 9):  # phones save photos on their side
        image = ImageOps.exif_transpose(image)
        steps.append("turned")
    if image.mode.startswith("I"):  # 16 bits a pixel
        grey = np.asarray(image, np.float32) / 257
        return np.repeat(np.clip(grey, 0, 255)[..., None], 3, 2)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"), np.float32)
    rgba = np.asarray(image.convert("RGBA"), np.float32)
    rgb, alpha = rgba[..., :3], rgba[..., 3:] / 255
    # light ink is drawn for a dark page, dark ink for a light one
    ink = (rgb * alpha).sum() / max(3 * alpha.sum(), 1)
    page = 0 if ink > 127.5 else 255
    steps.append("flattened")
    return rgb * alpha + page * (1 - alpha)


def to_grey(colour: np.ndarray, steps: list[str]) -> np.ndarray:
    """Return brightness (H, W) of a colour picture (H, W, 3), weighted as in ITU-R BT.601."""
    if (colour == colour[..., :1]).all():
        return colour[..., 0]
    steps.append("grey")
    return colour @ np.array([0.299, 0.587, 0.114], np.float32)


def border(grey: np.ndarray) -> np.ndarray:
    """Return the outermost pixels of a picture (H, W), which are taken to be paper."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def paper_level(grey: np.ndarray) -> float:
    """Return how light the paper is in an inverted picture (H, W).

    Uneven light makes paper in one corner lighter than in another, so the
    level is taken near the lightest paper, unless that is a stroke that
    touches the border.
    """
    middle, light = np.percentile(border(grey), [50, 95])
    return light if light < (middle + grey.max()) / 2 else middle


def check_ink(path: Path, grey: np.ndarray) -> None:
    """Raise if a picture (H, W) is blank."""
    contrast = grey.max() - grey.min()
    if contrast < LEAST_CONTRAST:
        raise DataError(
            f"{path}: the picture is blank: its darkest and lightest pixels differ by "
            f"{contrast:.0f} of 255, at least {LEAST_CONTRAST} are needed; draw with a darker pen"
        )


def frame_digit(
    path: Path, grey: np.ndarray, size: tuple[int, int], steps: list[str]
) -> np.ndarray:
    """Crop, scale and centre a light digit on dark (H, W) as MNIST's were; return uint8."""
    check_ink(path, grey)
    paper = paper_level(grey)
    ink = np.clip(grey - paper, 0, None)
    if ink.max() < LEAST_CONTRAST:
        taken, other = ("light", "--no-invert (invert=False)") if "inverted" in steps else ("dark", "--invert (invert=True)")
        raise DataError(
            f"{path}: nothing is lighter than the border (brightness {paper:.0f} of 255), which was "
            f"taken for {taken} paper; if it is not, give {other}, else leave paper around the digit"
        )
    if ink.max() < 250:
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
    steps.append("centred")
    return centre_by_mass(np.clip(cropped, 0, 1)[None], size)[0]


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


def cover(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a picture (H, W, 3) so that it covers ``size``, and crop what reaches beyond."""
    from PIL import Image, ImageOps

    if picture.shape[:2] == tuple(size):
        return picture
    fitted = ImageOps.fit(
        Image.fromarray(as_bytes(picture)), (size[1], size[0]), Image.Resampling.BILINEAR
    )
    return np.asarray(fitted)


def as_bytes(pixels: np.ndarray) -> np.ndarray:
    """Round to contiguous uint8."""
    return np.ascontiguousarray(np.rint(np.clip(pixels, 0, 255)).astype(np.uint8))
