"""Read CIFAR-10 and CIFAR-100 from the files of their "binary version".

A record is a byte or two of labels, then 1024 bytes of red, 1024 of green and
1024 of blue, row by row.
Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images",
and https://www.cs.toronto.edu/~kriz/cifar.html, section "Binary version".
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .errors import ArgumentError, DataError
from .record import Split

SHAPE = (3, 32, 32)
PIXELS = 3 * 32 * 32
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"


class Cifar(NamedTuple):
    """One of the two: its files, how many label bytes come first, the last of which is the class."""

    folder: str
    train: tuple[str, ...]
    test: str
    label_bytes: int
    classes: tuple[str, ...]


CIFAR = {
    "cifar10": Cifar(
        "cifar-10-batches-bin",
        tuple(f"data_batch_{k}.bin" for k in range(1, 6)),
        "test_batch.bin",
        1,
        tuple("airplane automobile bird cat deer dog frog horse ship truck".split()),
    ),
    "cifar100": Cifar(
        "cifar-100-binary",
        ("train.bin",),
        "test.bin",
        2,
        tuple(
            "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus "
            "butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach "
            "couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster "
            "house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree "
            "motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear "
            "pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road "
            "rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel "
            "streetcar sunflower sweet_pepper table tank telephone television tiger tractor train "
            "trout tulip turtle wardrobe whale willow_tree wolf woman worm".split()
        ),
    ),
}


def load_cifar(name: str, data_dir: str | Path | None) -> Split:
    """Load ``cifar10`` or ``cifar100`` (its 100 fine classes).

    Parameters
    ----------
    name : str
        A key of `CIFAR`.
    data_dir : str or Path
        The folder that holds the ``.bin`` files, or the one above it.

    Returns
    -------
    Split
        Images uint8 (N, 3, 32, 32).

    Raises
    ------
    DataError
        If there is no folder, or a file is missing or damaged.
    """
    cifar = CIFAR[name]
    if data_dir is None:
        raise ArgumentError(
            "data_dir",
            f"is needed for {name}: unpack the binary version of {PAGE} and give its folder",
        )
    folder = find_folder(name, Path(data_dir))
    train = [read_records(folder / file, cifar) for file in cifar.train if (folder / file).exists()]
    x_test, y_test = read_records(folder / cifar.test, cifar)
    x_train, y_train = (np.concatenate(arrays) for arrays in zip(*train))
    source = f"binary files in {folder}"
    return Split(x_train, y_train, x_test, y_test, source, cifar.classes)


def find_folder(name: str, data_dir: Path) -> Path:
    """Return the folder at or below ``data_dir`` with at least one file to train and that to test."""
    cifar = CIFAR[name]
    if not data_dir.is_dir():
        raise DataError(f"{data_dir}: no such folder; give the one that holds {name}'s .bin files")
    for folder in (data_dir, data_dir / cifar.folder):
        if (folder / cifar.test).exists() and any((folder / file).exists() for file in cifar.train):
            return folder
    raise DataError(
        f"{data_dir}: {cifar.train[0]} and {cifar.test}, files of {name}'s binary version, are not "
        f"here; unpack them from {PAGE}"
    )


def read_records(path: Path, cifar: Cifar) -> tuple[np.ndarray, np.ndarray]:
    """Return the images (N, 3, 32, 32) and labels (N,) of one file."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from None
    length = cifar.label_bytes + PIXELS
    if not len(data) or len(data) % length:
        raise DataError(
            f"{path}: holds {len(data):,} bytes, which is not a multiple of {length:,}, the length of "
            "an image with its label; unpack it again"
        )
    records = data.reshape(-1, length)
    labels = records[:, cifar.label_bytes - 1].astype(np.int64)
    if labels.max() >= len(cifar.classes):
        i = int(labels.argmax())
        raise DataError(
            f"{path}: image {i} has the label {labels[i]}, expected 0 to {len(cifar.classes) - 1}; "
            "the file is damaged or of another data set"
        )
    return np.ascontiguousarray(records[:, cifar.label_bytes :]).reshape(-1, *SHAPE), labels
