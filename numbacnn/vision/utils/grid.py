"""Several pictures in one."""
from pathlib import Path

import numpy as np
from PIL import Image

from numbacnn.tensors.creation import from_numpy
from numbacnn.tensors.tensor import Tensor


def make_grid(tensor, nrow=8, padding=2, normalize=False, value_range=None, scale_each=False, pad_value=0.0):
    """Pictures side by side in one.

    Parameters
    ----------
    tensor : Tensor (N, C, H, W), (C, H, W) or (H, W), or list of Tensors of one shape
        Pictures of 1 channel come out with 3 that are alike.
    nrow : int
        How many pictures a row has.
    padding : int
        Pixels between the pictures, and round all.
    normalize : bool
        Whether to stretch the numbers to 0 to 1.
    value_range : (number, number), optional
        What becomes 0, and what 1; by default the least and the largest number.
    scale_each : bool
        Whether each picture is stretched by its own numbers.
    pad_value : float
        Of the pixels between.

    Returns
    -------
    Tensor (C, height, width)

    Raises
    ------
    TypeError
        If it is not a Tensor or list of Tensors, or `value_range` is not a pair.
    """
    if not (isinstance(tensor, Tensor) or isinstance(tensor, (list, tuple)) and all(isinstance(t, Tensor) for t in tensor)):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    if isinstance(tensor, Tensor):
        array = tensor.detach().numpy()
    else:
        array = np.stack([t.detach().numpy() for t in tensor])
    if array.ndim == 2:
        array = array[None]
    if array.ndim == 3:
        array = array[None]
    if array.ndim != 4:
        raise ValueError(f"make_grid: expected pictures (N, C, H, W), got shape {array.shape}")
    if array.shape[1] == 1:
        array = np.repeat(array, 3, axis=1)
    if normalize:
        array = _stretched(array, value_range, scale_each)
    N, C, H, W = array.shape
    if N == 1:
        return from_numpy(np.array(array[0]))
    columns = min(nrow, N)
    rows = -(-N // columns)
    out = np.full((C, rows * (H + padding) + padding, columns * (W + padding) + padding), pad_value, array.dtype)
    for n in range(N):
        top, left = (place * (extent + padding) + padding for place, extent in zip(divmod(n, columns), (H, W)))
        out[:, top:top + H, left:left + W] = array[n]
    return from_numpy(out)


def _stretched(array, value_range, scale_each):
    """Numbers moved and scaled to 0 to 1."""
    if value_range is not None and not (isinstance(value_range, tuple) and len(value_range) == 2):
        raise TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers")
    axes = (1, 2, 3) if scale_each else None
    low, high = value_range or (array.min(axis=axes, keepdims=True), array.max(axis=axes, keepdims=True))
    low, high = (np.asarray(edge, array.dtype) for edge in (low, high))
    return (np.clip(array, low, high) - low) / np.maximum(high - low, array.dtype.type(1e-5))


def save_image(tensor, fp, format=None, **kwargs):
    """Write pictures to a file, side by side if there are several; numbers from 0 to 1 become bytes, rounded.

    Parameters
    ----------
    tensor : Tensor or list of Tensors
        As for `make_grid`.
    fp : str, Path or file
    format : str, optional
        Such as "png", where the name of the file does not tell.
    **kwargs
        To `make_grid`.
    """
    grid = make_grid(tensor, **kwargs).numpy()
    pixels = np.clip(grid * np.float32(255) + np.float32(0.5), 0, 255).astype(np.uint8).transpose(1, 2, 0)
    Image.fromarray(np.ascontiguousarray(pixels)).save(str(fp) if isinstance(fp, Path) else fp, format=format)
