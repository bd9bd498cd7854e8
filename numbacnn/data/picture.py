"""Read a picture file, whatever Pillow can read, and keep what cannot be decided from one picture alone.

A picture with transparent parts needs a ground to lie on, and one of 16 bits a
range that becomes 0 to 255.  Pictures of one data set share both (see
`preparation`), so they are decided when all have been read.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .errors import DataError
from .wording import one_line

MAX_PIXELS = 50_000_000  # a large phone photo; more is a mistake or an attack
ORIENTATION = 0x0112  # EXIF tag: 1 is upright, 2 to 8 are turned or mirrored
NO_PICTURES = {"EPS", "WMF", "BUFR", "GRIB", "HDF5", "MPEG"}  # one runs another program, the others are only recognized
BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"RIFF": "WEBP"}
COMMON = "PNG, JPEG, WebP, TIFF, BMP or GIF"
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, MemoryError, LookupError, TypeError, AttributeError, ArithmeticError,
          RuntimeError, struct.error, zlib.error)  # what the readers of damaged files end with


class Picture(NamedTuple):
    """One picture, and what was done to it.

    ``pixels`` are uint8 (H, W, 3); or uint8 (H, W, 4), colors times opacity and
    then the opacity, if parts are transparent; or float32 (H, W, 1), gray on a
    scale of the file's own, if it has more than 8 bits.  ``range`` are the
    least and greatest value of the latter, ``facts`` words for what a reader
    would want to know: ``turned``, ``first frame``, ``16-bit color``,
    ``another format``, or a color space that was converted, such as ``CMYK``.
    """

    pixels: np.ndarray
    facts: tuple[str, ...] = ()
    range: tuple[float, float] | None = None

    @property
    def transparent(self) -> bool:
        """Whether parts of it are transparent."""
        return self.pixels.shape[2] == 4


@lru_cache(maxsize=None)
def readable() -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the formats that Pillow can read, and the format of each ending of a file's name."""
    from PIL import Image

    Image.init()
    formats = tuple(name for name in Image.OPEN if name not in NO_PICTURES)
    endings = {ending: name for ending, name in Image.registered_extensions().items() if name in formats}
    return formats, endings


def is_picture(path: Path) -> bool:
    """Whether a file is a picture by the ending of its name; without a known one, by its beginning."""
    if path.suffix.lower() in readable()[1]:
        return True
    if path.suffix and not any(character.isdigit() or character in "_-" for character in path.suffix):
        return False  # a file of another kind, not a name such as photo.jpg_large or scan.1
    try:
        with open(path, "rb") as file:
            return format_of(file.read(12)) is not None
    except OSError:
        return False


def format_of(beginning: bytes) -> str | None:
    """Return the format that the first 12 bytes of a file announce, of the most common ones."""
    name = next((name for mark, name in BEGINNINGS.items() if beginning.startswith(mark)), None)
    return None if name == "WEBP" and beginning[8:12] != b"WEBP" else name


def read_picture(path: Path) -> Picture:
    """Read a picture.

    Parameters
    ----------
    path : Path
        A file of any format that Pillow reads, whatever its name says.

    Returns
    -------
    Picture

    Raises
    ------
    DataError
        If it is missing, empty, no picture, damaged or too large.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the size is checked here, the rest does no harm
            with Image.open(path, formats=readable()[0]) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise DataError(too_large(path, f"{image.width:,} x {image.height:,} pixels"))
                return unpack(image, path)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(too_large(path, "its size")) from None
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder; give one picture inside it") from None
    except PermissionError:
        raise DataError(f"{path}: may not be read; change its permissions") from None
    except UnidentifiedImageError:
        raise DataError(f"{path}: {no_picture(path)}") from None
    except DAMAGE as error:
        raise DataError(f"{path}: the picture is damaged ({one_line(error)}); save it again") from None


def no_picture(path: Path) -> str:
    """Return why a file that Pillow does not know is not a picture."""
    with open(path, "rb") as file:
        beginning = file.read(512)
    if not beginning:
        return "the file is empty; copy it again, or delete it"
    if not beginning.strip(b"\0"):
        return "the file holds nothing but zeros; copy it again, or delete it"
    known = format_of(beginning[:12])
    if known:
        return f"the picture is damaged (only the beginning of a {known} file); save it again"
    text = beginning.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "is not a picture but a web page, as a failed download leaves it; download it again, or delete it"
    if beginning[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypheim"):
        return "is a HEIC photo, which cannot be read; save it as JPEG"
    return f"is not a picture; give a {COMMON} file"


def too_large(path: Path, what: str) -> str:
    """Say that a picture is refused for its size."""
    return f"{path}: {what} exceeds the {MAX_PIXELS:,} pixels read here; scale the picture down"


def unpack(image, path: Path) -> Picture:
    """Return an open Pillow image as a `Picture`."""
    from PIL import ImageOps

    if 0 in image.size:
        raise DataError(f"{path}: has no pixels ({image.width} x {image.height}); delete it")
    facts = list(facts_of(image, path))
    if image.getexif().get(ORIENTATION, 1) in range(2, 9):  # phones save photos on their side
        image = ImageOps.exif_transpose(image)
        facts.insert(0, "turned")
    if image.mode == "F" or image.mode.startswith("I"):  # more than 8 bits of gray
        gray = np.asarray(image).astype(np.float32)[..., None]
        if not np.isfinite(gray).all():
            raise DataError(f"{path}: has pixels that are not finite numbers; save it again")
        return Picture(gray, tuple(facts), (float(gray.min()), float(gray.max())))
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        if rgba[..., 3].min() < 255:
            colors = rgba[..., :3].astype(np.float32) * (rgba[..., 3:].astype(np.float32) / 255)
            return Picture(np.concatenate([np.rint(colors).astype(np.uint8), rgba[..., 3:]], 2), tuple(facts))
        return Picture(np.ascontiguousarray(rgba[..., :3]), tuple(facts))
    return Picture(np.asarray(image.convert("RGB")), tuple(facts))


def facts_of(image, path: Path):
    """Yield words for what is unusual about an open Pillow image."""
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:  # the others of an MPO are its previews
        yield "first frame"
    if any(";16" in str(tile[3]) for tile in image.tile) and image.mode in ("RGB", "RGBA", "CMYK"):
        yield "16-bit color"
    announced = readable()[1].get(path.suffix.lower())
    if announced and image.format not in (announced, "MPO", "DIB", "CUR") and {announced, image.format} != {"JPEG", "MPO"}:
        yield "another format"
    if image.mode in ("CMYK", "YCbCr", "LAB", "HSV") and not (image.mode == "YCbCr" and image.format == "JPEG"):
        yield image.mode
