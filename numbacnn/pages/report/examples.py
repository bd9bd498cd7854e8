"""Examples as the page gets them: pixels as bytes, series as floats, sentences as words."""
import numpy as np

from numbacnn.insight.phrases import words_of
from numbacnn.pages.packing import packed

LONGEST = 64  # pixels: a larger picture is made smaller, for it is shown small


def pack_examples(x, kind, vocabulary=None):
    """Examples of one kind, for the page to draw.

    Parameters
    ----------
    x : ndarray, shape (N, ...)
        As `ImageData` holds them.
    kind : str
        A key of `numbacnn.data.record.KINDS`.
    vocabulary : sequence of str, optional
        The words that tokens stand for.

    Returns
    -------
    dict
        `kind`, `shape` of one example as it is shown, and `values`: of tokens lists of words, else an array; `smaller` is by
        what the sides of pictures were divided.
    """
    if kind == "tokens":
        words = [words_of(row, vocabulary) for row in x.tolist()]
        return {"kind": kind, "shape": list(x.shape[1:]), "values": words, "smaller": 1}
    if kind == "series":
        return {"kind": kind, "shape": list(x.shape[1:]), "values": packed(x.astype(np.float32)), "smaller": 1}
    by = -(-max(x.shape[-2:]) // LONGEST)
    pixels = smaller(x, by) if by > 1 else x
    return {"kind": kind, "shape": list(pixels.shape[1:]), "values": packed(pixels.astype(np.uint8)), "smaller": by}


def bytes_of_one(shape, kind):
    """Bytes that one example takes in the page before it is packed."""
    if kind == "tokens":
        return 8 * shape[-1]
    if kind == "series":
        return 4 * int(np.prod(shape))
    by = -(-max(shape[-2:]) // LONGEST)
    return int(np.prod(shape)) // by**2


def smaller(x, by):
    """Means over squares of `by` pixels; what is left at the right and the bottom is cut off.

    Parameters
    ----------
    x : ndarray of uint8, shape (..., H, W)
    by : int

    Returns
    -------
    ndarray of uint8, shape (..., H // by, W // by)
    """
    H, W = max(x.shape[-2] // by, 1), max(x.shape[-1] // by, 1)
    x = x[..., :H * by, :W * by]
    return np.rint(x.reshape(*x.shape[:-2], H, -1, W, x.shape[-1] // W).mean(axis=(-3, -1))).astype(np.uint8)
