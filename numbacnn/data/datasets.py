"""Load any data set by name into one record, split into training, validation and test."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from pathlib import Path

from .cifar import CIFAR, load_cifar
from .classes import relabeled
from .csv_file import load_csv
from .download import Progress
from .drawn import DRAWN, draw_split
from .errors import ArgumentError, DataError
from .folder import load_folder
from .mnist import PUBLISHED, load_published
from .npz import load_npz
from .parts import files_of, lost_to_validation, without_training
from .pictures_to_come import is_like_digits, preparation_for
from .record import Choices, ImageData, Split
from .statistics import channel_statistics, constant_notes, data_hash
from .table.text import seems_text
from .unknown import unknown
from .validation import held_back, validation_count

NAMES = (*DRAWN, *PUBLISHED, *CIFAR)
FROM_FOLDER = (*PUBLISHED, *CIFAR)
TABLES = (".csv", ".tsv", ".tab", ".txt", ".dat", ".data")
COMPRESSED = (".gz", ".bz2", ".xz")
TABLE_KINDS = ("images", "series", "tokens")


def load_dataset(
    name: str | Path,
    data_dir: str | Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    validation: int | None = None,
    progress: Progress | None = None,
    image_size: tuple[int, int] | None = None,
    kind: str | None = None,
    label: str | None = None,
    shape: tuple[int, ...] | None = None,
    test: str | Path | None = None,
    classes: Sequence[str] | None = None,
    table: dict | None = None,
    whole: bool = False,
    reading: Progress | None = None,
    pictures: dict | None = None,
) -> ImageData:
    """Load a data set.

    Parameters
    ----------
    name : str or Path
        One of `NAMES`: drawn on the spot (``digits``, ``products``,
        ``textures``, ``defects``, ``multispectral``; ``blobs-video``,
        ``waves``, ``phrases`` are not images), or published (``mnist``,
        ``fashion-mnist``, ``kmnist``, see `load_published`; ``cifar10``,
        ``cifar100``, see `load_cifar`).  Or a path: of a folder with one
        subfolder per class (see `load_folder`), an ``.npz`` file (see
        `load_npz`) or a ``.csv`` file (see `load_csv`).
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
        0 for none.  By default one twelfth, but at most 5,000, and at least 1
        if there are 2 or more.  Of a file or folder they are picked at random,
        for its end may hold another mixture (one class, or other writers); of
        images drawn on the spot, which are all alike, they are the last.
    progress : callable, optional
        Called with ``(bytes_done, bytes_total)`` of each file downloaded.
    image_size : (int, int), optional
        Height and width to which the pictures in a folder are scaled.
    kind : {"images", "series", "tokens"}, optional
        What the rows of a table are.  By default decided by its numbers.
    label : str, optional
        The column of a table that holds the labels: its heading, ``first`` or
        ``last``.  By default decided by the headings and the numbers.
    shape : tuple of int, optional
        Shape of one example in a row of a table: (H, W), (C, H, W) or
        (H, W, C) of images, (C, length) of time series.
    test : str or Path, optional
        A folder or file with the examples to test with, laid out as the data.
    classes : sequence of str, optional
        The classes to count labels by, such as those of a trained model.  By
        default those of the data.
    table : dict, optional
        The `ImageData.table` of the data that a model was trained on, to read
        another table as that one.
    whole : bool
        Leave data that have no parts of their own in one piece: all are in
        ``x_test``, and there may be few.  Nothing is held back to validate.
    reading : callable, optional
        Called with ``(done, total)`` while a large file or folder is read.
    pictures : dict, optional
        How to read the pictures of a folder, as ``ImageData.pictures`` of other
        data says.  By default decided by the pictures.

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
    check_kind(kind)
    own_test = None if test is None else str(test)
    choices = Choices(kind, label, shape, own_test, whole, classes and tuple(classes), table, reading, pictures)
    split = load_split(str(name), data_dir, limit, seed, progress, image_size, choices)
    if classes is not None:
        split = relabeled(split, str(name), tuple(classes))
    notes = split.notes
    if not whole and (limit is not None or str(name) not in DRAWN):
        notes += without_training(split, str(name), limit, own=str(name) not in NAMES)
    own_val = split.x_val is not None
    if own_val and validation is not None:
        raise ArgumentError("validation", f"is {validation}, but {name} brings its own validation part; leave it out")
    x, y, masks = split.x_train[:limit], split.y_train[:limit], split.masks_train
    count = 0 if own_val or whole else validation_count(len(x), validation)
    val_is_random = str(name) not in DRAWN and not own_val
    train, val = held_back(y, count, seed, val_is_random)
    x_train, x_val, y_val = x[train], x[val], y[val]
    if own_val:
        x_val, y_val = split.x_val, split.y_val
    elif not whole:
        notes += lost_to_validation(y[train], y_val, split.classes, str(name))
    for part, some in (("training", x_train), ("validation", x_val), ("test", split.x_test)) if str(name) not in NAMES else ():
        notes += constant_notes(some, part, str(name), split.kind)
    mean, std = channel_statistics(x_train if len(x_train) else split.x_test, split.kind)
    return ImageData(
        name=str(name),
        x_train=x_train,
        y_train=y[train],
        x_val=x_val,
        y_val=y_val,
        x_test=split.x_test,
        y_test=split.y_test,
        classes=list(split.classes),
        mean=mean,
        std=std,
        hash=data_hash(x, y, *((x_val, y_val) if own_val else ()), split.x_test, split.y_test),
        source=split.source,
        kind=split.kind,
        vocabulary=list(split.vocabulary) if split.vocabulary else None,
        masks_train=None if masks is None else masks[train],
        masks_val=None if masks is None else masks[val],
        masks_test=split.masks_test,
        val_is_random=val_is_random,
        parts=split.parts,
        notes=(*clash(str(name)), *notes),
        pictures=preparation_for(split, str(name) in NAMES and is_like_digits(str(name), split.x_train.shape[1:])),
        table=split.table,
        files=files_of(split, limit, train, val),
    )


def load_split(
    name: str,
    data_dir: str | Path | None,
    limit: int | None,
    seed: int,
    progress: Progress | None,
    image_size: tuple[int, int] | None,
    choices: Choices,
) -> Split:
    """Return all examples of a data set, and the names of its classes."""
    is_folder = bool(name.strip()) and name not in NAMES and Path(name).is_dir()
    if data_dir is not None and name not in FROM_FOLDER and (is_data(name) or is_folder):
        raise ArgumentError(
            "data_dir",
            f"is {data_dir}, but the data set {name} is not read from a folder; "
            f"leave it out, or ask for one of {', '.join(FROM_FOLDER)}",
        )
    if image_size is not None and not is_folder and is_data(name):
        raise ArgumentError(
            "image_size",
            f"is {image_size[0]}x{image_size[1]}, but the size of {name} is what it is; "
            "leave it out, or give a folder of pictures",
        )
    refuse_other_sort(name, choices.test)
    if is_folder:
        refuse_choices(name, choices, "a folder of pictures", ("test",))
        return load_folder(name, image_size, limit, choices)
    if is_table(name):
        return load_csv(name, choices)
    if name.lower().endswith(".npz"):
        refuse_choices(name, choices, "an .npz file", ("test",))
        return load_npz(name, choices)
    if name not in NAMES:
        raise DataError(unknown(name, NAMES))
    refuse_choices(name, choices, "a data set of its own kind and parts", ())
    if name in DRAWN:
        return draw_split(name, limit, seed)
    if name in CIFAR:
        return load_cifar(name, data_dir)
    split = load_published(name, data_dir, progress)
    return split._replace(
        x_train=split.x_train[:, None],
        x_test=split.x_test[:, None],
        classes=PUBLISHED[name].classes,
    )


def is_data(name: str) -> bool:
    """Whether a name is that of a data set, or of a file that can be read as one."""
    return name in NAMES or is_table(name) or name.lower().endswith(".npz")


def is_table(name: str) -> bool:
    """Whether a name is that of a table of numbers, compressed or not; one without a suffix if it is a file with text."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
        if not suffixes:  # an archive, or images (train-images-idx3-ubyte.gz)
            return False
    if suffixes:
        return suffixes[-1] in TABLES
    return name not in NAMES and Path(name).is_file() and seems_text(Path(name))


def sort_of(name: str) -> str | None:
    """Return what a path leads to: a folder, a table or an .npz file; None if it is nothing of these."""
    if Path(name).is_dir():
        return "a folder"
    return "a table" if is_table(name) else "an .npz file" if name.lower().endswith(".npz") else None


def refuse_other_sort(name: str, test: str | None) -> None:
    """Raise if the data to test with are of another sort than those to train with, so that they cannot be laid out alike."""
    own, other = name not in NAMES and sort_of(name), test and Path(test).exists() and sort_of(test)
    if own and other and own != other:
        raise DataError(f"--test {test}: is {other}, but the data to train with, {name}, are {own}; both must be of one kind")


def check_kind(kind: str | None) -> None:
    """Raise unless a kind of data is one that a table can hold."""
    if kind is not None and kind not in TABLE_KINDS:
        raise ArgumentError("kind", f"is {kind}; give one of {', '.join(TABLE_KINDS)}")


def refuse_choices(name: str, choices: Choices, what: str, allowed: tuple[str, ...]) -> None:
    """Raise if something was chosen that has no meaning for such data."""
    for argument in ("kind", "label", "shape", "test"):
        value = getattr(choices, argument)
        if value is None or argument in allowed:
            continue
        where = "files and folders of your own" if argument == "test" else "tables (.csv, .tsv)"
        text = "x".join(map(str, value)) if isinstance(value, tuple) else value
        raise ArgumentError(argument, f"is {text}, but it is for {where}, and {name} is {what}; leave it out")


def clash(name: str) -> list[str]:
    """Return a note if a data set and a folder have one name."""
    if name in NAMES and Path(name).is_dir():
        return [f"{name} is the data set of that name; for the folder write ./{name}"]
    return []
