"""Pictures in another size: each new pixel is a weighted mean of old ones, along one axis after the other.

Source: Turkowski, "Filters for Common Resampling Tasks", Graphics Gems I, 1990 (triangle filter); Keys, "Cubic Convolution
Interpolation for Digital Image Processing", IEEE Trans. ASSP 1981 (cubic filter).
"""
from enum import Enum
from functools import lru_cache

import numpy as np


class InterpolationMode(Enum):
    """Interpolation modes."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


#: Pillow's number of each mode
PILLOW = {InterpolationMode.NEAREST: 0, InterpolationMode.NEAREST_EXACT: 0, InterpolationMode.LANCZOS: 1,
          InterpolationMode.BILINEAR: 2, InterpolationMode.BICUBIC: 3, InterpolationMode.BOX: 4,
          InterpolationMode.HAMMING: 5}


def as_mode(interpolation):
    """The InterpolationMode that an argument means: a mode, its text, or Pillow's number.

    Raises
    ------
    TypeError
        If it is none of those.
    """
    if isinstance(interpolation, InterpolationMode):
        return interpolation
    if isinstance(interpolation, str):
        for mode in InterpolationMode:
            if mode.value == interpolation.lower():
                return mode
    elif isinstance(interpolation, int):
        for mode, number in PILLOW.items():
            if number == interpolation:
                return mode
    raise TypeError("Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant, "
                    f"got {interpolation!r}")


def triangle(x):
    """1 - |x| between -1 and 1."""
    return np.maximum(1 - np.abs(x), 0)


def cubic(x, a):
    """Keys 1981, eq. 4 with the free parameter a: piecewise cubic between -2 and 2."""
    x = np.abs(x)
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


@lru_cache(maxsize=64)
def weights(old, new, mode, antialias):
    """The matrix (new, old) that takes a row of `old` pixels to one of `new`; float64, rows sum to 1.

    Without `antialias` the filter is as wide as the old pixels are apart, whatever the scale, and pixels beyond the edge repeat
    the last; with it the filter widens as a picture shrinks (as Pillow's does), and pixels beyond the edge do not count.
    """
    scale = old / new
    centers = (np.arange(new) + 0.5) * scale - 0.5
    if mode is InterpolationMode.NEAREST:
        chosen = np.minimum((np.arange(new) * scale).astype(int), old - 1)
        return np.eye(old)[chosen]
    if mode is InterpolationMode.NEAREST_EXACT:
        chosen = np.minimum(((np.arange(new) + 0.5) * scale).astype(int), old - 1)
        return np.eye(old)[chosen]
    reach = 1 if mode is InterpolationMode.BILINEAR else 2
    a = -0.5 if antialias else -0.75
    kernel = triangle if mode is InterpolationMode.BILINEAR else lambda x: cubic(x, a)
    stretch = max(scale, 1.0) if antialias else 1.0
    matrix = np.zeros((new, old))
    for k, center in enumerate(centers):
        low = int(np.floor(center - reach * stretch)) + (0 if antialias else 1)
        places = np.arange(low, int(np.ceil(center + reach * stretch)) + 1)
        if antialias:
            places = places[(places >= 0) & (places < old)]
        np.add.at(matrix[k], np.clip(places, 0, old - 1), kernel((places - center) / stretch))
    return matrix / matrix.sum(axis=1, keepdims=True)


def resample(array, height, width, mode, antialias):
    """An array (..., H, W) in another size; whole numbers are rounded and kept within their dtype.

    Raises
    ------
    NotImplementedError
        For a mode that only PIL images have.
    """
    nearest = mode in (InterpolationMode.NEAREST, InterpolationMode.NEAREST_EXACT)
    if not nearest and mode not in (InterpolationMode.BILINEAR, InterpolationMode.BICUBIC):
        raise NotImplementedError(f"resize: a Tensor has no interpolation {mode.value!r}; take NEAREST, BILINEAR or BICUBIC, "
                                  "or a PIL image")
    antialias = bool(antialias) and not nearest
    H, W = array.shape[-2:]
    if nearest:
        rows, columns = (weights(old, new, mode, False).argmax(axis=1) for old, new in ((H, height), (W, width)))
        return array[..., rows, :][..., columns]
    out = array.astype(np.float64) @ weights(W, width, mode, antialias).T
    out = weights(H, height, mode, antialias) @ out
    if array.dtype.kind in "iu":
        limits = np.iinfo(array.dtype)
        out = np.clip(np.rint(out), limits.min, limits.max)
    return out.astype(array.dtype)
