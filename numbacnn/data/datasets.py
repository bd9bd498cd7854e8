"""Load any data set by name into one record, split into training, validation and test."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .digits import draw_digits
from .download import Progress
from .errors import DataError
from .mnist import PUBLISHED, Split, load_published
from .npz import load_npz

NAMES = ("digits", *PUBLISHED)
DIGITS_TRAIN, DIGITS_TEST = 60_000, 10_000  # MNIST's own counts
VALIDATION_PART, VALIDATION_MOST = 12, 5_000  # 5,000 of 60,000


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images to train, validate and test with.

    Attributes
    ----------
    name : str
    x_train, x_val, x_test : uint8 arrays of shape (N, C, H, W)
        Each with its own N; that of ``x_val`` may be 0.
    y_train, y_val, y_test : int64 arrays of shape (N,)
        Labels from 0 to ``len(classes) - 1``.
    classes : list of str
    mean, std : float64 arrays of shape (C,)
        Of the training images, with pixels from 0 to 1.  A channel in which
        all pixels are equal has a std of 1, so that it can be divided by.
    hash : str
        SHA-256 of the training images before the validation split, the test
        images, and their labels, in hexadecimal.
    source : str
        Where the images came from.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    classes: list[str]
    mean: np.ndarray
    std: np.ndarray
    hash: str
    source: str

    def describe(self) -> dict:
        """Return what there is to say about the data set, ready for JSON.

        Returns
        -------
        dict
            ``name``, ``source``, ``shape`` [C, H, W], ``train``, ``val`` and
            ``test`` (counts), ``classes`` (names), ``per_class`` (for each
            split its counts, in the order of ``classes``), ``mean``, ``std``
            and ``hash``.
        """
        labels = {"train": self.y_train, "val": self.y_val, "test": self.y_test}
        return {
            "name": self.name,
            "source": self.source,
            "shape": list(self.x_train.shape[1:]),
            **{split: len(y) for split, y in labels.items()},
            "classes": list(self.classes),
            "per_class": {
                split: np.bincount(y, minlength=len(self.classes)).tolist()
                for split, y in labels.items()
            },
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "hash": self.hash,
        }


def load_dataset(
    name: str | Path,
    data_dir: str | Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    validation: int | None = None,
    progress: Progress | None = None,
) -> ImageData:
    """Load a data set.

    Parameters
    ----------
    name : str or Path
        ``digits`` (drawn on the spot, see `draw_digits`), ``mnist``,
        ``fashion-mnist``, ``kmnist`` (see `load_published`), or the path of an
        ``.npz`` file (see `load_npz`).
    data_dir : str or Path, optional
        The folder that holds the files of ``mnist`` and its kin.
    limit : int, optional
        Use only the first ``limit`` training images (before the validation
        split); all of them if there are fewer.  Test images are never limited.
    seed : int
        Of the training images of ``digits``.  Its test images are always the
        same, so that results with different seeds can be compared.
    validation : int, optional
        How many images at the end of the training images to validate with;
        they are not trained with.  0 for none.  By default a twelfth, but at
        most 5,000, and at least 1 if there are 2 or more.
    progress : callable, optional
        Called with ``(bytes_done, bytes_total)`` of each file downloaded.

    Returns
    -------
    ImageData

    Raises
    ------
    DataError
        If the name is unknown, ``limit`` or ``validation`` does not fit, or
        the data cannot be used.
    """
    if limit is not None and limit < 1:
        raise DataError(f"limit is {limit}; give at least 1 training image, or leave it out")
    split, classes = load_split(str(name), data_dir, limit, seed, progress)
    x_train, y_train = split.x_train[:limit], split.y_train[:limit]
    count = validation_count(len(x_train), validation)
    first = len(x_train) - count
    mean, std = pixel_statistics(x_train[:first])
    return ImageData(
        name=str(name),
        x_train=x_train[:first],
        y_train=y_train[:first],
        x_val=x_train[first:],
        y_val=y_train[first:],
        x_test=split.x_test,
        y_test=split.y_test,
        classes=classes,
        mean=mean,
        std=std,
        hash=data_hash(x_train, y_train, split.x_test, split.y_test),
        source=split.source,
    )


def load_split(
    name: str,
    data_dir: str | Path | None,
    limit: int | None,
    seed: int,
    progress: Progress | None,
) -> tuple[Split, list[str]]:
    """Return all images of a data set as (N, C, H, W), and the names of its classes."""
    if name in PUBLISHED:
        split = load_published(name, data_dir, progress)
        split = split._replace(x_train=split.x_train[:, None], x_test=split.x_test[:, None])
        return split, list(PUBLISHED[name].classes)
    if data_dir is not None:
        raise DataError(
            f"data_dir is {data_dir}, but the data set {name} is not read from a folder; "
            f"leave it out, or ask for one of {', '.join(PUBLISHED)}"
        )
    if name == "digits":
        x_train, y_train = draw_digits(min(limit or DIGITS_TRAIN, DIGITS_TRAIN), seed)
        x_test, y_test = draw_digits(DIGITS_TEST, seed=0, stream="test")
        source = f"drawn by numbacnn, seed {seed}"
        return Split(x_train[:, None], y_train, x_test[:, None], y_test, source), list("0123456789")
    if not name.lower().endswith(".npz"):
        raise DataError(unknown(name))
    split = Split(*load_npz(name), source=f"NumPy file {name}")
    classes = 1 + int(max(split.y_train.max(), split.y_test.max()))
    return split, [str(k) for k in range(classes)]


def unknown(name: str) -> str:
    """Say which data sets there are, and which one was probably meant."""
    close = difflib.get_close_matches(name.lower(), NAMES, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return (
        f"there is no data set {name!r}; give one of {', '.join(NAMES)}, "
        f"or the path of an .npz file{hint}"
    )


def validation_count(N: int, validation: int | None) -> int:
    """Return how many of N training images to validate with."""
    if validation is None:
        return min(VALIDATION_MOST, max(1, N // VALIDATION_PART)) if N >= 2 else 0
    if not 0 <= validation < N:
        raise DataError(
            f"validation is {validation} of {N:,} training images; give 0 to {N - 1:,}, "
            "so that at least 1 is left to train with"
        )
    return validation


def pixel_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and std (C,) of uint8 images (N, C, H, W), with pixels from 0 to 1.

    Counting the 256 values is exact, and takes no copy of the images as floats.
    """
    value = np.arange(256) / 255
    mean, std = np.empty(x.shape[1]), np.empty(x.shape[1])
    for c in range(x.shape[1]):
        count = np.zeros(256)
        for start in range(0, len(x), 1024):
            count += np.bincount(x[start : start + 1024, c].ravel(), minlength=256)
        share = count / count.sum()
        mean[c] = share @ value
        std[c] = np.sqrt(share @ (value - mean[c]) ** 2)
    std[std == 0] = 1
    return mean, std


def data_hash(*arrays: np.ndarray) -> str:
    """Return the SHA-256 of arrays' shapes and numbers, the same on every platform."""
    digest = hashlib.sha256()
    for array in arrays:
        little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(little_endian).data)
    return digest.hexdigest()
