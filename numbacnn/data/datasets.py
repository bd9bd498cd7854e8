"""Load any data set by name into one record, split into training, validation and test."""

from __future__ import annotations

import difflib
from numbers import Integral
from pathlib import Path
from typing import Union

import numpy as np

from .cifar import CIFAR, load_cifar
from .csv_file import load_csv
from .download import Progress
from .drawn import DRAWN, draw_split
from .errors import ArgumentError, DataError
from .folder import load_folder
from .mnist import PUBLISHED, load_published
from .npz import load_npz
from .record import ImageData, Split
from .statistics import channel_statistics, data_hash

NAMES = (*DRAWN, *PUBLISHED, *CIFAR)
FROM_FOLDER = (*PUBLISHED, *CIFAR)
Rows = Union[slice, np.ndarray]
VALIDATION_PART, VALIDATION_MOST = 12, 5_000  # 5,000 of 60,000


def load_dataset(
    name: str | Path,
    data_dir: str | Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    validation: int | None = None,
    progress: Progress | None = None,
    image_size: tuple[int, int] | None = None,
) -> ImageData:
    """Load a data set.

    Parameters
    ----------
    name : str or Path
        One of `NAMES`: drawn on the spot (``digits``, ``products``,
        ``textures``, ``defects``, ``multispectral``; ``blobs-video``,
        ``waves``, ``phrases`` are no images), or published (``mnist``,
        ``fashion-mnist``, ``kmnist``, see `load_published`; ``cifar10``,
        ``cifar100``, see `load_cifar`).  Or a path: of a folder that holds a
        folder a class (see `load_folder`), an ``.npz`` file (see `load_npz`)
        or a ``.csv`` file (see `load_csv`).
    data_dir : str or Path, optional
        The folder that holds the files of a published data set.
    limit : int, optional
        Use only the first ``limit`` training images (before the validation
        split); all of them if there are fewer.  Test images are never limited.
    seed : int
        Of the training images that are drawn, and of which images of a file
        or folder validate.  Test images are always the same, so that results
        with different seeds can be compared.
    validation : int, optional
        How many training images to validate with; they are not trained with.
        0 for none.  By default a twelfth, but at most 5,000, and at least 1
        if there are 2 or more.  Of a file or folder they are picked at random,
        for its end may hold another mixture (one class, or other writers); of
        images drawn on the spot, which are all alike, they are the last.
    progress : callable, optional
        Called with ``(bytes_done, bytes_total)`` of each file downloaded.
    image_size : (int, int), optional
        Height and width to which the pictures in a folder are scaled.

    Returns
    -------
    ImageData

    Raises
    ------
    DataError
        If the name is unknown, an argument does not fit, or the data cannot be
        used.
    """
    if limit is not None and limit < 1:
        raise ArgumentError("limit", f"is {limit}; give at least 1 training image, or leave it out")
    if not isinstance(seed, Integral) or seed < 0:
        raise ArgumentError("seed", f"is {seed}; give a seed of 0 or more")
    split = load_split(str(name), data_dir, limit, seed, progress, image_size)
    x, y, masks = split.x_train[:limit], split.y_train[:limit], split.masks_train
    count = validation_count(len(x), validation)
    val_is_random = str(name) not in DRAWN
    train, val = held_back(len(x), count, seed, val_is_random)
    x_train = x[train]
    mean, std = channel_statistics(x_train, split.kind)
    return ImageData(
        name=str(name),
        x_train=x_train,
        y_train=y[train],
        x_val=x[val],
        y_val=y[val],
        x_test=split.x_test,
        y_test=split.y_test,
        classes=list(split.classes),
        mean=mean,
        std=std,
        hash=data_hash(x, y, split.x_test, split.y_test),
        source=split.source,
        kind=split.kind,
        vocabulary=list(split.vocabulary) if split.vocabulary else None,
        masks_train=None if masks is None else masks[train],
        masks_val=None if masks is None else masks[val],
        masks_test=split.masks_test,
        val_is_random=val_is_random,
    )


def load_split(
    name: str,
    data_dir: str | Path | None,
    limit: int | None,
    seed: int,
    progress: Progress | None,
    image_size: tuple[int, int] | None,
) -> Split:
    """Return all examples of a data set, and the names of its classes."""
    if data_dir is not None and name not in FROM_FOLDER:
        raise ArgumentError(
            "data_dir",
            f"is {data_dir}, but the data set {name} is not read from a folder; "
            f"leave it out, or ask for one of {', '.join(FROM_FOLDER)}",
        )
    is_folder = name not in NAMES and Path(name).is_dir()
    if image_size is not None and not is_folder:
        raise ArgumentError(
            "image_size",
            f"is {image_size[0]}x{image_size[1]}, but the size of {name} is what it is; "
            "leave it out, or give a folder of pictures",
        )
    if is_folder:
        return load_folder(name, image_size, limit)
    if name in DRAWN:
        return draw_split(name, limit, seed)
    if name in CIFAR:
        return load_cifar(name, data_dir)
    if name in PUBLISHED:
        split = load_published(name, data_dir, progress)
        return split._replace(
            x_train=split.x_train[:, None],
            x_test=split.x_test[:, None],
            classes=PUBLISHED[name].classes,
        )
    if name.lower().endswith(".csv"):
        return load_csv(name)
    if not name.lower().endswith(".npz"):
        raise DataError(unknown(name))
    split = Split(*load_npz(name), source=f"NumPy file {name}")
    classes = 1 + int(max(split.y_train.max(), split.y_test.max()))
    return split._replace(classes=tuple(str(k) for k in range(classes)))


def is_like_digits(name: str) -> bool:
    """Whether the images of a data set are framed and centred as MNIST's digits are.

    Of an ``.npz`` file nothing is known, and digits are what most of them hold.
    """
    return name in ("digits", *PUBLISHED) or name.lower().endswith(".npz")


def unknown(name: str) -> str:
    """Say which data sets there are, and which one was probably meant."""
    close = difflib.get_close_matches(name.lower(), NAMES, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return (
        f"there is no data set {name!r}; give one of {', '.join(NAMES)}, "
        f"or the path of an .npz file, a .csv file or a folder with a folder a class{hint}"
    )


def validation_count(N: int, validation: int | None) -> int:
    """Return how many of N training images to validate with."""
    if validation is None:
        return min(VALIDATION_MOST, max(1, N // VALIDATION_PART)) if N >= 2 else 0
    if not 0 <= validation < N:
        raise ArgumentError(
            "validation",
            f"is {validation} of {N:,} training images; give 0 to {N - 1:,}, "
            "so that at least 1 is left to train with",
        )
    return validation


def held_back(N: int, count: int, seed: int, at_random: bool) -> tuple[Rows, Rows]:
    """Return which of N examples train, and which ``count`` validate, each in their order.

    Those picked at random are copied, the last ones are not.
    """
    if not at_random or not count:
        return slice(N - count), slice(N - count, N)
    order = np.random.default_rng(seed).permutation(N)
    return np.sort(order[count:]), np.sort(order[:count])
