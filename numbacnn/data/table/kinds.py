"""What the rows of a table are examples of: images, time series or token sequences."""

from __future__ import annotations

from math import isqrt, prod
from pathlib import Path

import numpy as np

from ..errors import ArgumentError, DataError
from ..pixels import FEWEST_PIXELS, as_pixels
from ..record import Choices

MOST_TOKENS = 1_000_000  # no vocabulary is larger; larger whole numbers are readings
WAY_OUT = "--kind {} decides otherwise"


def as_examples(
    path: Path, values: np.ndarray, rows: list[int], whole: bool, ragged: bool, choices: Choices
) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Return rows as examples, their kind, and notes on what was guessed and converted.

    Parameters
    ----------
    path : Path
    values : int32 or float32 array of shape (N, length)
    rows : list of int
        The place of each in the file.
    whole : bool
        Whether all numbers are written with digits alone.
    ragged : bool
        Whether rows were filled up with 0.
    choices : Choices
        ``kind`` and ``shape`` decide; without them the numbers do.

    Returns
    -------
    x : array
        Images uint8 (N, C, H, W), series float32 (N, C, length), tokens int64
        (N, length).
    kind : str
    notes : tuple of str
    """
    kind, shape, notes = choices.kind, choices.shape, ()
    if kind is None:
        kind, shape, notes = guessed(path, values, rows, whole, ragged, shape)
    if kind == "images":
        x, more = as_images(path, values, shape)
        return x, kind, notes + more
    if kind == "series":
        return as_series(path, values, ragged, shape), kind, notes
    return as_tokens(path, values, whole, shape), kind, notes


def guessed(path: Path, values: np.ndarray, rows: list[int], whole: bool, ragged: bool, shape: tuple[int, ...] | None):
    """Return the kind and the shape that the numbers suggest, and what to say about it."""
    length = values.shape[1]
    low, high = values.min(), values.max()
    bytes_only = 0 <= low and high <= 255 and (whole or not (values % 1).any())
    if shape is not None:
        if len(shape) != 2 or bytes_only or -1 <= low and high <= 1 and min(shape) ** 2 >= FEWEST_PIXELS:
            return "images", shape, ()
        note = (f"{path}: numbers from {low:.4g} to {high:.4g} are taken as time series of {shape[0]} channels x {shape[1]}; "
                + WAY_OUT.format("images"))
        return "series", shape, (note,)
    if ragged:
        return "tokens", None, (f"{path}: rows of whole numbers, not all of one length, are taken as token sequences (0 fills up the end)",)
    side = isqrt(length)
    if bytes_only and length >= FEWEST_PIXELS and high > 1:
        if side * side == length:
            note = (f"{path}: rows of {length} = {side}x{side} whole numbers from 0 to 255 are taken as images of 1x{side}x{side}; "
                    + WAY_OUT.format("series or --kind tokens"))
            return "images", (side, side), (note,)
        third = isqrt(length // 3)
        if 3 * third * third == length and high > 63:
            raise DataError(
                f"{path}: rows of {length} = 3x{third}x{third} whole numbers from 0 to 255 look like color images; give "
                f"--shape 3x{third}x{third} (all red, then green, then blue) or --shape {third}x{third}x3 (three numbers for "
                "each pixel); or --kind series or --kind tokens"
            )
    if low >= 0 and high > MOST_TOKENS and (whole or not (values % 1).any()):
        note = (f"{path}: rows of whole numbers up to {high:.10g} are taken as time series, for token ids are hardly larger than "
                f"{MOST_TOKENS:,}")
        return "series", None, (note + "; number tokens from 0",)
    if whole and low >= 0:
        note = f"{path}: rows of whole numbers are taken as token sequences (0 fills up the end); if they are readings give --kind series"
        if bytes_only and length >= FEWEST_PIXELS:
            note += ", if they are pixels --shape, such as 28x28"
        return "tokens", None, (note,)
    if low >= 0 and high <= 1 and side * side == length >= FEWEST_PIXELS:
        note = (f"{path}: rows of {length} numbers from 0 to 1 are taken as time series; if they are the pixels of {side}x{side} "
                "images give --kind images")
        return "series", None, (note,)
    return "series", None, ()


def as_images(path: Path, values: np.ndarray, shape: tuple[int, ...] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return rows of pixels as uint8 (N, C, H, W), and what was done to them."""
    N, length = values.shape
    if shape is None:
        side = isqrt(length)
        if side * side != length:
            third = isqrt(length // 3)
            color = f", in color {third}x{third}x3 or 3x{third}x{third}" if 3 * third * third == length else ""
            raise ArgumentError(
                "kind", f"is images, but {path} has {length} numbers in a row, which is not a square number; give --shape HEIGHTxWIDTH{color}"
            )
        shape = (side, side)
    if prod(shape) != length:
        text = "x".join(map(str, shape))
        raise ArgumentError("shape", f"is {text}, which is {prod(shape)} numbers, but {path} has {length} in a row")
    pixels, notes = as_pixels(str(path), {"": values})
    x = pixels[0].reshape(N, *shape)
    if len(shape) == 2:
        return x[:, None], notes
    if shape[0] not in (1, 3) and shape[2] in (1, 3):
        x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    return x, notes


def as_series(path: Path, values: np.ndarray, ragged: bool, shape: tuple[int, ...] | None) -> np.ndarray:
    """Return rows of numbers as float32 (N, C, length)."""
    N, length = values.shape
    if ragged:
        raise ArgumentError("kind", f"is series, but the rows of {path} have different lengths; fill them up, or cut them")
    if shape is None:
        shape = (1, length)
    if len(shape) != 2 or prod(shape) != length:
        text = "x".join(map(str, shape))
        raise ArgumentError(
            "shape", f"is {text}, but {path} has {length} numbers in a row; of time series give CHANNELSxLENGTH, such as 1x{length}"
        )
    return values.astype(np.float32).reshape(N, *shape)


def as_tokens(path: Path, values: np.ndarray, whole: bool, shape: tuple[int, ...] | None) -> np.ndarray:
    """Return rows of token ids as int64 (N, length)."""
    if shape is not None:
        raise ArgumentError("shape", f"is for images and time series, but the rows of {path} are tokens; leave it out")
    if not whole and (values % 1).any():
        i, j = np.argwhere(values % 1)[0]
        raise ArgumentError("kind", f"is tokens, but {path} has {values[i, j]:g}; tokens are whole numbers of 0 or more")
    if values.min() < 0:
        raise ArgumentError("kind", f"is tokens, but {path} has {values.min():g}; tokens are whole numbers of 0 or more")
    if values.max() > MOST_TOKENS:
        raise DataError(
            f"{path}: the largest token id is {values.max():,.0f}, expected at most {MOST_TOKENS:,}, and each id has a vector; "
            "number the tokens that occur from 0, or if they are readings give --kind series"
        )
    return values.astype(np.int64)
