"""The labels of an ``.npz`` file: numbers, texts or one-hot rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .classes import in_order, nearly_alike, written_alike
from .errors import DataError

MAX_CLASSES = 1000  # a larger label is far likelier a mistake than a class


def as_labels(
    path: Path, parts: dict[str, tuple[str, np.ndarray, int]], names: np.ndarray | None
) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[str, ...]]:
    """Return the labels of all parts as numbers, the classes, and notes.

    Parameters
    ----------
    path : Path
    parts : dict of str to (str, array, int)
        Key and array of the labels, and how many images there are.
    names : array of text, optional
        The names of the classes, in the order of their numbers.

    Returns
    -------
    labels : dict of str to int64 array of shape (N,)
    classes : tuple of str
    notes : tuple of str
    """
    said: dict[str, str] = {}  # each sentence once, of the first array that it is true of
    flat = {}
    for part, (key, y, count) in parts.items():
        flat[part], sentence = one_axis(path, key, y, count)
        said.setdefault(sentence, f"{path}: {key}: {sentence}")
    texts = [y.dtype.kind in "US" for y in flat.values()]
    if any(texts):
        if not all(texts):
            raise DataError(f"{path}: some labels are texts and some are numbers; save all of them in one way")
        return named(path, flat)
    for part, (key, _, _) in parts.items():
        flat[part], sentence = whole_numbers(path, key, flat[part])
        said.setdefault(sentence, f"{path}: {key}: {sentence}")
    notes = tuple(note for sentence, note in said.items() if sentence)
    if names is None:
        return flat, tuple(str(k) for k in range(1 + highest(flat))), notes
    flat, classes, more = with_names(path, flat, names)
    return flat, classes, notes + more


def highest(parts: dict[str, np.ndarray]) -> int:
    """Return the largest label of all parts."""
    return int(max(y.max() for y in parts.values()))


def with_names(
    path: Path, parts: dict[str, np.ndarray], names: np.ndarray
) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[str, ...]]:
    """Return labels counted from 0, the names of the classes, and a note if the labels were counted from 1."""
    if names.ndim != 1 or names.dtype.kind not in "US":
        raise DataError(f"{path}: the names of the classes have shape {names.shape} and dtype {names.dtype}, expected a list of texts")
    classes = tuple(text(name) for name in names.tolist())
    if len(set(classes)) < len(classes):
        twice = next(name for name in classes if classes.count(name) > 1)
        raise DataError(f"{path}: the names of the classes have {twice!r} twice; each class needs a name of its own")
    low, high = int(min(y.min() for y in parts.values())), highest(parts)
    if low >= 1 and high == len(classes):
        note = f"{path}: labels from {low} to {high} with {len(classes)} names of classes are counted from 1, so 1 is {classes[0]}"
        return {part: y - 1 for part, y in parts.items()}, classes, (note,)
    if high >= len(classes):
        raise DataError(
            f"{path}: there are {len(classes)} names of classes, but labels from {low} to {high}; number the labels from 0 to "
            f"{len(classes) - 1}, or give a name for each number"
        )
    return parts, classes, ()


def one_axis(path: Path, key: str, y: np.ndarray, count: int) -> tuple[np.ndarray, str]:
    """Return the labels of ``count`` images as (N,), one-hot rows as the place of their 1, and a sentence on that."""
    sentence = ""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    elif y.ndim == 2 and y.dtype.kind in "uifb" and len(y) and y.shape[1] and one_hot(y):
        sentence = "one-hot rows are taken as the number of the column with the 1"
        y = y.argmax(1)
    if y.ndim != 1:
        raise DataError(
            f"{path}: {key} has shape {y.shape}, expected ({count},): one number for each image; "
            f"turn scores into numbers with {key}.argmax(1)"
        )
    if len(y) != count:
        raise DataError(f"{path}: there are {count:,} images but {key} has {len(y):,} labels; the numbers must be equal")
    return y, sentence


def one_hot(y: np.ndarray) -> bool:
    """Whether every row has one 1 and otherwise 0."""
    return bool(((y == 0) | (y == 1)).all() and ((y == 1).sum(1) == 1).all())


def named(path: Path, parts: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[str, ...]]:
    """Return labels that are texts as numbers, the classes in the order of their names, and notes."""
    written = {part: [text(name) for name in y.tolist()] for part, y in parts.items()}
    ways: dict[str, dict[str, None]] = {}
    for name in (name for names in written.values() for name in names):
        ways.setdefault(name.strip(), {})[name] = None
    classes = in_order(ways)
    places = {name: k for k, name in enumerate(classes)}
    labels = {part: np.array([places[name.strip()] for name in names], np.int64) for part, names in written.items()}
    notes = written_alike(str(path), (tuple(each) for each in ways.values() if len(each) > 1))
    return labels, tuple(classes), notes + nearly_alike(str(path), classes)


def text(name: str | bytes) -> str:
    """Return a name that NumPy kept as text or as bytes."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def whole_numbers(path: Path, key: str, y: np.ndarray) -> tuple[np.ndarray, str]:
    """Return labels as int64 from 0 to `MAX_CLASSES` - 1, and a sentence if they were of another kind."""
    sentence = ""
    if y.dtype.kind == "b":
        sentence = "False and True are taken as the classes 0 and 1"
    elif y.dtype.kind == "f" and np.isfinite(y).all() and not (y % 1).any():
        sentence = f"labels of dtype {y.dtype} are taken as whole numbers"
    elif y.dtype.kind not in "ui":
        raise DataError(
            f"{path}: {key} has dtype {y.dtype}" + (" and numbers that are not whole" if y.dtype.kind == "f" else "")
            + "; save labels as integers from 0"
        )
    if y.min() < 0 or y.max() >= MAX_CLASSES:
        raise DataError(
            f"{path}: {key} has labels from {y.min()} to {y.max()}, expected 0 to at most "
            f"{MAX_CLASSES - 1}; number the classes from 0 (np.unique({key}, return_inverse=True)[1])"
        )
    return y.astype(np.int64), sentence
