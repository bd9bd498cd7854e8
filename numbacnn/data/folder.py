"""Read pictures from folders: a folder a class, named as the class is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import DataError
from .image_file import as_bytes, cover, read_picture
from .record import Split

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
TRAIN, TEST = "train", ("test", "val", "valid", "validation")
TEST_EVERY = 6  # of the pictures of a class, where no folder is there to test with
PUBLISHED = {"ubyte": "mnist", "data_batch": "cifar10", "train.bin": "cifar100"}  # parts of the names of their files
LAYOUT = "DIR/<class>/*.png, or DIR/train/<class>/*.png and DIR/test/<class>/*.png"


def load_folder(
    path: str | Path, image_size: tuple[int, int] | None = None, limit: int | None = None
) -> Split:
    """Read a folder a class.

    Parameters
    ----------
    path : str or Path
        A folder of ``train/<class>/`` and ``test/<class>/`` (or ``val/``), or
        of ``<class>/`` alone; then every sixth picture is kept to test with.
        PNG, JPEG, BMP and GIF files count; hidden files, other files and
        empty folders do not.
    image_size : (int, int), optional
        Height and width.  Pictures are scaled to cover it, then cropped about
        their middle.  Without it all have to be of one size.
    limit : int, optional
        Read at most so many pictures to train with.

    Returns
    -------
    Split
        Images uint8 (N, C, H, W) in a fixed shuffled order, C = 1 if every
        picture is grey, else 3.  Classes in the order of their names.

    Raises
    ------
    DataError
        If there are no classes, a picture is damaged, or sizes differ.
    """
    path = Path(path)
    train, test, classes, source = list_pictures(path)
    rng = np.random.default_rng(0)  # the order is part of the data, not of the training
    train, test = ([files[i] for i in rng.permutation(len(files))] for files in (train, test))
    train = train[:limit]
    images = read_all(train + test, image_size)
    labels = np.array([classes.index(file.parent.name) for file in train + test], np.int64)
    n = len(train)
    return Split(images[:n], labels[:n], images[n:], labels[n:], source, tuple(classes))


def list_pictures(path: Path) -> tuple[list[Path], list[Path], list[str], str]:
    """Return the files to train and to test with, the classes, and where they were found."""
    if not path.is_dir():
        raise DataError(f"{path}: no such folder; give one laid out as {LAYOUT}")
    test_folder = next((path / name for name in TEST if (path / name).is_dir()), None)
    if (path / TRAIN).is_dir() and test_folder:
        train, test = (pictures_by_class(folder) for folder in (path / TRAIN, test_folder))
        odd = sorted(set(test) - set(train))
        if odd:
            raise DataError(
                f"{test_folder}: has pictures of {', '.join(odd)}, but {path / TRAIN} has none; "
                "the classes to test with must be among those to train with"
            )
        source = f"pictures in {path}, a folder a class, tested with {test_folder.name}/"
        classes = list(train)
    else:
        both = pictures_by_class(path)
        classes = list(both)
        few = [name for name, files in both.items() if len(files) < 2]
        if few:
            raise DataError(
                f"{path / few[0]}: holds 1 picture; at least 2 are needed, one to test with"
            )
        # the last of every six, and of fewer the last one
        test = {name: files[TEST_EVERY - 1 :: TEST_EVERY] or files[-1:] for name, files in both.items()}
        train = {name: [f for f in files if f not in set(test[name])] for name, files in both.items()}
        source = f"pictures in {path}, a folder a class, every sixth kept to test with"
    flat = [[file for files in split.values() for file in files] for split in (train, test)]
    return flat[0], flat[1], classes, source


def pictures_by_class(path: Path) -> dict[str, list[Path]]:
    """Return the pictures of every folder in ``path`` that has some, in the order of their names."""
    found = {}
    for folder in sorted(path.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            files = sorted(
                file
                for file in folder.iterdir()
                if file.suffix.lower() in SUFFIXES and not file.name.startswith(".")
            )
            if files:
                found[folder.name] = files
    if len(found) < 2:
        raise DataError(
            f"{path}: has {len(found) or 'no'} folder{'' if len(found) == 1 else 's'} with pictures in "
            f"{'it' if len(found) == 1 else 'them'}; at least 2 classes are needed, laid out as {LAYOUT}"
            + published_hint(path)
        )
    return found


def published_hint(path: Path) -> str:
    """Return how to ask for a published data set if ``path`` seems to hold the files of one, else nothing."""
    for file in sorted(path.iterdir()):
        name = next((name for part, name in PUBLISHED.items() if part in file.name), None)
        if name:
            return f"; if {file.name} is of a published data set give its name and the folder: --data {name} --data-dir {path}"
    return ""


def read_all(files: list[Path], image_size: tuple[int, int] | None) -> np.ndarray:
    """Return pictures as uint8 (N, C, H, W), all of one size, grey if every one is grey."""
    images = None
    for i, file in enumerate(files):
        picture = read_picture(file, [])
        if image_size is not None:
            picture = cover(picture, image_size)
        if images is None:
            images = np.empty((len(files), *picture.shape), np.uint8)
        elif picture.shape != images.shape[1:]:
            sizes = [f"{shape[0]}x{shape[1]}" for shape in (images.shape[1:], picture.shape)]
            raise DataError(
                f"{files[0]} is {sizes[0]} pixels but {file} is {sizes[1]}; give one size for all, "
                f"such as --image-size {min(images.shape[1:3])}"
            )
        images[i] = as_bytes(picture)
    if (images == images[..., :1]).all():
        images = images[..., :1]
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
