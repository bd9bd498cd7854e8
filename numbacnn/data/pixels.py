"""Numbers that stand for pixels, in whatever range, as bytes."""

from __future__ import annotations

import numpy as np

from .errors import DataError

TEN_BITS = 1023  # the least that numbers above 255 may be of; up to it a part of such data may look as if it had 8 bits
FEWEST_PIXELS = 64  # 8x8: fewer numbers in a row are hardly an image


def as_pixels(where: str, arrays: dict[str, np.ndarray]) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Return arrays of one data set as uint8, all converted in one way, and a note on how.

    Parameters
    ----------
    where : str
        File to name in errors and notes.
    arrays : dict of str to array
        By their names for the errors ("" for none).  Whole numbers from 0 to
        255 are kept; numbers from 0 to 1, whole or not, are multiplied by 255;
        -1 to 1 are spread over 0 to 255; uint16 above 255 is scaled from 10,
        12, 14 or 16 bits, whichever is the least that holds it.

    Raises
    ------
    DataError
        If they are not finite, in none of these ranges, or in different ones.
    """
    names = {key: f"{where}: {key} has" if key else f"{where}: has" for key in arrays}
    for key, x in arrays.items():
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            count = int((~np.isfinite(x)).sum())
            raise DataError(f"{names[key]} {count:,} NaN or infinite pixels; replace them")
    filled = {key: x for key, x in arrays.items() if x.size}
    if all(x.dtype.kind == "b" for x in arrays.values()):
        note = f"{where}: pixels that are False and True are taken as black and white"
        return [x.astype(np.uint8) * np.uint8(255) for x in arrays.values()], (note,)
    refuse_two_ranges(where, filled)
    low, high = min(x.min() for x in filled.values()), max(x.max() for x in filled.values())
    uneven = [key for key, x in filled.items() if x.dtype.kind == "f" and (x % 1).any()]
    if low >= 0 and high <= 255 and high != 1 and not uneven:
        return [np.ascontiguousarray(x.astype(np.uint8)) for x in arrays.values()], ()
    if low >= 0 and high <= 1:
        note = f"{where}: pixels from {low:g} to {high:g} are multiplied by 255"
        return [to_bytes(x, 255, 0) for x in arrays.values()], (note,)
    if -1 <= low < 0 and high <= 1:
        note = f"{where}: pixels from {low:g} to {high:g} are taken as -1 (black) to 1 (white) and spread over 0 to 255"
        return [to_bytes(x, 127.5, 1) for x in arrays.values()], (note,)
    if all(x.dtype == np.uint16 for x in arrays.values()):
        top = next(top for top in (1023, 4095, 16383, 65535) if high <= top)
        note = f"{where}: pixels up to {high:,} are taken as 0 to {top:,} and scaled to 0 to 255"
        return [to_bytes(x, 255 / top, 0) for x in arrays.values()], (note,)
    wrong = next((key for key, x in filled.items() if x.min() < 0 or x.max() > 255), None)
    if wrong is None:
        raise DataError(
            f"{names[uneven[0]]} pixels up to {filled[uneven[0]].max():g} that are not whole numbers; save floats from 0 to 1, "
            "or whole numbers from 0 to 255"
        )
    raise DataError(
        f"{names[wrong]} pixels from {filled[wrong].min():g} to {filled[wrong].max():g}, expected 0 to 255, 0 to 1 or -1 to 1; "
        "save the images before they are normalized"
    )


def refuse_two_ranges(where: str, arrays: dict[str, np.ndarray]) -> None:
    """Raise if arrays of one data set are in different ranges; one that is black throughout may be of any range.

    Parameters
    ----------
    where : str
        File to name.
    arrays : dict of str to array
        Pixels by the name of their array; none is empty.
    """
    ends = {key: (float(x.min()), float(x.max())) for key, x in arrays.items()}
    ends = {key: (low, high) for key, (low, high) in ends.items() if low or high}
    ranges = {key: range_of(low, high) for key, (low, high) in ends.items()}
    key = next(iter(ranges), None)
    other = next((name for name in ranges if ranges[name] != ranges[key]), None)
    if other is not None and None not in ranges.values():
        parts = [f"{name} has pixels from {ends[name][0]:g} to {ends[name][1]:g}" for name in (key, other)]
        raise DataError(f"{where}: {parts[0]}, but {parts[1]}; save all of them in one range")


def range_of(low: float, high: float) -> str | None:
    """Return the range that pixels are in: -1 to 1, 0 to 1, 0 to 255 or 16 bits; None if in none of them."""
    if -1 <= low and high <= 1:
        return "-1 to 1" if low < 0 else "0 to 1"
    return None if low < 0 else "0 to 255" if high <= TEN_BITS else "16 bits"


def to_bytes(x: np.ndarray, scale: float, offset: float) -> np.ndarray:
    """Return (x + offset) * scale, rounded, as contiguous uint8."""
    return np.ascontiguousarray(np.rint((x.astype(np.float32) + np.float32(offset)) * np.float32(scale)).astype(np.uint8))
