"""Pictures from files as Tensors, and back."""
from enum import Enum

import numpy as np
from PIL import Image, UnidentifiedImageError

from numbacnn.data.errors import DataError
from numbacnn.vision.transforms.functional import pil_to_tensor, to_pil_image


class ImageReadMode(Enum):
    """The channels that a picture shall have; UNCHANGED: those of the file."""

    UNCHANGED = None
    GRAY = "L"
    GRAY_ALPHA = "LA"
    RGB = "RGB"
    RGB_ALPHA = "RGBA"


def read_image(path, mode=ImageReadMode.UNCHANGED):
    """The picture in a file as a Tensor of uint8 (C, H, W).

    Parameters
    ----------
    path : str or Path
    mode : ImageReadMode or str
        Which channels.

    Raises
    ------
    DataError
        If the file cannot be read or holds no picture.
    """
    mode = ImageReadMode[mode] if isinstance(mode, str) else mode
    try:
        with Image.open(path) as picture:
            picture.load()
    except UnidentifiedImageError:
        raise DataError(f"{path}: is not a picture that can be read") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    if mode.value is None and picture.mode not in ("L", "LA", "RGB", "RGBA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "L" if picture.mode == "1" else "RGB")
    return pil_to_tensor(picture if mode.value is None else picture.convert(mode.value))


def write_png(input, filename, compression_level=6):
    """Write a Tensor of uint8 (C, H, W) to a PNG file."""
    _picture("write_png", input).save(filename, format="PNG", compress_level=compression_level)


def write_jpeg(input, filename, quality=75):
    """Write a Tensor of uint8 (C, H, W) to a JPEG file."""
    _picture("write_jpeg", input).save(filename, format="JPEG", quality=quality)


def _picture(name, tensor):
    """A Tensor of bytes as a PIL image."""
    if tensor.dtype != np.uint8:
        raise RuntimeError(f"{name}: Input tensor dtype should be uint8, got {tensor.dtype}")
    return to_pil_image(tensor)
