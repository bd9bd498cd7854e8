"""Arrays as pictures: PNG files inside the HTML."""

import base64
import io
from html import escape

import numpy as np

FEWEST, LARGEST, MOST = 64, 512, 16  # numbers of a picture, pixels of a side, pictures in a row
ROOM = 160  # screen pixels that a small picture is enlarged to, at most; four and more share the row
RED = (214, 39, 40)


def pictures(array):
    """An array as a row of pictures, or None if it is none.

    Parameters
    ----------
    array : ndarray
        Of real numbers: (H, W), (1, H, W), (3, H, W), or a batch (N, 1, H, W) or (N, 3, H, W). With fewer than 64 numbers an
        image, or a side above 512 pixels, it is not a picture.

    Returns
    -------
    str or None
        Bytes are drawn from 0 to 255, floats that lie between 0 and 1 on that scale, others from their smallest to their
        largest number; the line below says so. NaN and infinity are red.
    """
    images = _images(array)
    if images is None:
        return None
    shown = images[:MOST]
    low, high, finite = _scale(shown)
    size = max(1, (ROOM if len(shown) < 4 else ROOM // 2) // max(images.shape[-2:]))
    tags = "".join(_tag(image, low, high, size) for image in shown)
    notes = [f"shape {tuple(array.shape)}, {array.dtype}", f"black {low:.4g}, white {high:.4g}"]
    if len(shown) < len(images):
        notes.append(f"the first {len(shown)} of {len(images)} images")
    if not finite:
        notes.append("red: NaN or infinity")
    return f"<div>{tags}</div><div>{escape('; '.join(notes))}</div>"


def _images(array):
    """As (N, C, H, W), or None."""
    if array.dtype.kind not in "buif" or not 2 <= array.ndim <= 4 or not array.size:
        return None
    images = array.reshape((1,) * (4 - array.ndim) + array.shape)
    _, C, H, W = images.shape
    return images if C in (1, 3) and C * H * W >= FEWEST and 2 <= min(H, W) and max(H, W) <= LARGEST else None


def _scale(images):
    """The numbers drawn black and white, and whether all are finite."""
    if images.dtype.kind == "b":
        return 0, 1, True
    if images.dtype == np.uint8:
        return 0, 255, True
    numbers = images.astype(np.float64)
    finite = np.isfinite(numbers)
    low, high = numbers.min(where=finite, initial=np.inf), numbers.max(where=finite, initial=-np.inf)
    if not low <= high:
        return 0, 1, False
    if images.dtype.kind == "f" and 0 <= low and high <= 1:
        return 0, 1, bool(finite.all())
    return low, high, bool(finite.all())


def _tag(image, low, high, size):
    C, H, W = image.shape
    numbers = image.astype(np.float64)
    wrong = ~np.isfinite(numbers).all(axis=0)
    levels = (np.where(np.isfinite(numbers), numbers, low) - low) * (255 / ((high - low) or 1))
    pixels = np.broadcast_to(np.rint(levels), (3, H, W)).astype(np.uint8).transpose(1, 2, 0).copy()
    pixels[wrong] = RED
    style = "image-rendering:pixelated;margin:0 4px 4px 0;border:1px solid #ccc"
    return f'<img alt="{C}×{H}×{W}" width="{W * size}" height="{H * size}" style="{style}" src="data:image/png;base64,{_png(pixels)}">'


def _png(pixels):
    """The base64 of a PNG file of RGB bytes (H, W, 3)."""
    from PIL import Image  # only when a picture is shown

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
