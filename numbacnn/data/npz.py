"""Read a data set of one's own from a NumPy ``.npz`` file."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from .errors import DataError

KEYS = ("x_train", "y_train", "x_test", "y_test")
CHANNELS = (1, 3)  # grey or RGB: what tells the channel axis from height and width
MAX_CLASSES = 1000  # a larger label is far likelier a mistake than a class
SAVE = "np.savez_compressed(path, x_train=..., y_train=..., x_test=..., y_test=...)"


def load_npz(path: str | Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Read ``x_train, y_train, x_test, y_test`` from an ``.npz`` file.

    Parameters
    ----------
    path : str or Path
        Images may be of shape (N, H, W), (N, H, W, C) or (N, C, H, W) with C
        1 or 3.  Their numbers may be integers 0 to 255, booleans, or floats:
        floats all within 0 to 1, in training and test images together, are
        taken as 0 (black) to 1 (white) and multiplied by 255; whole floats up
        to 255 are taken as they are.  Labels are integers from 0, of shape
        (N,) or (N, 1).

    Returns
    -------
    x_train : uint8 array of shape (N, C, H, W)
    y_train : int64 array of shape (N,)
    x_test, y_test : the same for the test images

    Raises
    ------
    DataError
        If the file or one of its arrays cannot be used.  Pickled objects are
        never loaded.
    """
    path = Path(path)
    arrays = read_arrays(path)
    x_train = channels_first(path, "x_train", arrays["x_train"])
    x_test = channels_first(path, "x_test", arrays["x_test"])
    if x_train.shape[1:] != x_test.shape[1:]:
        raise DataError(
            f"{path}: x_train holds images of (C, H, W) {x_train.shape[1:]} but x_test of "
            f"{x_test.shape[1:]}; they must be equal"
        )
    for key, x in (("x_train", x_train), ("x_test", x_test)):
        check_pixels(path, key, x)
    scale = 1
    if x_train.dtype.kind in "fb" and max(x_train.max(), x_test.max()) <= 1:
        scale = 255
    x_train = as_bytes(path, "x_train", x_train, scale)
    x_test = as_bytes(path, "x_test", x_test, scale)
    y_train = check_labels(path, "y_train", arrays["y_train"], len(x_train))
    y_test = check_labels(path, "y_test", arrays["y_test"], len(x_test))
    return x_train, y_train, x_test, y_test


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the four arrays as they are in the file."""
    try:
        # opened here, because np.load leaves a damaged file open
        with open(path, "rb") as raw:
            if not zipfile.is_zipfile(raw):
                raise DataError(f"{path}: is not an .npz file; save it with {SAVE}")
            raw.seek(0)
            with np.load(raw, allow_pickle=False) as file:
                missing = [key for key in KEYS if key not in file]
                if missing:
                    raise DataError(
                        f"{path}: has no {', '.join(missing)}, it holds "
                        f"{', '.join(file.files) or 'nothing'}; save it with {SAVE}"
                    )
                arrays = {key: file[key] for key in KEYS}
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, ValueError, EOFError, MemoryError, RuntimeError) as error:
        raise DataError(f"{path}: cannot be read ({one_line(error)}); save it again") from None
    except (zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: is damaged ({one_line(error)}); save it again") from None
    for key in KEYS:
        if not isinstance(arrays[key], np.ndarray):
            raise DataError(f"{path}: {key} is not a NumPy array; save the file with {SAVE}")
    return arrays


def one_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its type where it has none."""
    lines = str(error).splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__


def channels_first(path: Path, key: str, x: np.ndarray) -> np.ndarray:
    """Return images as (N, C, H, W), whichever way round they came."""
    shape = x.shape
    if x.ndim not in (3, 4) or 0 in shape:
        raise DataError(
            f"{path}: {key} has shape {shape}, expected (N, H, W), (N, H, W, C) or (N, C, H, W) "
            "without a 0"
        )
    if x.ndim == 3:
        return x[:, None]
    first, last = shape[1] in CHANNELS, shape[3] in CHANNELS
    if first and last:
        raise DataError(
            f"{path}: {key} has shape {shape}, which may be (N, C, H, W) or (N, H, W, C); "
            "drop a channel axis of 1, or use images larger than 3 pixels"
        )
    if not first and not last:
        raise DataError(
            f"{path}: {key} has shape {shape} without a channel axis of 1 (grey) or 3 (RGB) "
            "in second or last place; drop an alpha channel, or save grey images as (N, H, W)"
        )
    return x if first else x.transpose(0, 3, 1, 2)


def check_pixels(path: Path, key: str, x: np.ndarray) -> None:
    """Raise unless the pixels are numbers between 0 and 255."""
    if x.dtype.kind not in "uifb":
        raise DataError(f"{path}: {key} has dtype {x.dtype}; save it as uint8 from 0 to 255")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        count = int((~np.isfinite(x)).sum())
        raise DataError(f"{path}: {key} has {count:,} NaN or infinite pixels; replace them")
    low, high = x.min(), x.max()
    if low < 0 or high > 255:
        raise DataError(
            f"{path}: {key} has pixels from {low:g} to {high:g}, expected 0 to 255, or 0 to 1; "
            "save the images before they are normalised"
        )


def as_bytes(path: Path, key: str, x: np.ndarray, scale: int) -> np.ndarray:
    """Return pixels, times ``scale``, as contiguous uint8."""
    if scale == 1 and x.dtype.kind == "f" and (x % 1).any():
        raise DataError(
            f"{path}: {key} has pixels up to {x.max():g} that are not whole numbers; "
            "save floats from 0 to 1, or whole numbers from 0 to 255"
        )
    if scale != 1:
        x = np.rint(x * np.float32(scale))
    return np.ascontiguousarray(x.astype(np.uint8))


def check_labels(path: Path, key: str, y: np.ndarray, count: int) -> np.ndarray:
    """Return the labels of ``count`` images as int64 (N,)."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise DataError(
            f"{path}: {key} has shape {y.shape}, expected ({count},): one number an image; "
            f"turn one-hot rows into numbers with {key}.argmax(1)"
        )
    if len(y) != count:
        images = key.replace("y", "x")
        raise DataError(
            f"{path}: {images} holds {count:,} images but {key} {len(y):,} labels; "
            "they must be as many"
        )
    if y.dtype.kind not in "ui":
        raise DataError(f"{path}: {key} has dtype {y.dtype}; save labels as integers from 0")
    if y.min() < 0 or y.max() >= MAX_CLASSES:
        raise DataError(
            f"{path}: {key} has labels from {y.min()} to {y.max()}, expected 0 to at most "
            f"{MAX_CLASSES - 1}; number the classes from 0"
        )
    return y.astype(np.int64)
