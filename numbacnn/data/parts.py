"""Which examples test a model, and whether every class has some in every part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .errors import DataError
from .record import KINDS, Split
from .wording import listed

PARTS = {  # what people call them, in small letters
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "validate", "dev", "development"),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout", "heldout"),
}
PART_OF = {word: part for part, words in PARTS.items() for word in words}
SHORT_PART_OF = {**PART_OF, "tr": "train", "te": "test"}  # as words in a file; a folder tr or te may hold a language
TEST_EVERY = 6  # examples: the last of every six is kept to test with
MOST_NAMES = 10


def every_sixth(y: np.ndarray) -> np.ndarray:
    """Return which examples to test with: every sixth, counted class by class.

    Parameters
    ----------
    y : int64 array of shape (N,)

    Returns
    -------
    bool array of shape (N,)
        At least one is True; the only example of a class never is, so that
        nothing is tested that was never trained, unless no class has two.
    """
    often = np.bincount(y) > 1
    order = np.argsort(y, kind="stable")
    order = order[often[y[order]]]
    test = np.zeros(len(y), bool)
    test[order[TEST_EVERY - 1 :: TEST_EVERY]] = True
    if not test.any():
        test[order[-1] if len(order) else len(y) - 1] = True
    return test


def refuse_same(path: Path, test_path: Path, what: str) -> None:
    """Raise if the data given to test with are those to train with; ``what`` they are is said."""
    if test_path.exists() and test_path.samefile(path):
        raise DataError(f"{test_path}: is the {what} to train with; give another one to test with, or leave --test out")


def lost_to_validation(y_train: np.ndarray, y_val: np.ndarray, classes: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return a note on classes of which every training example was picked to validate with."""
    lost = sorted(set(y_val.tolist()) - set(y_train.tolist()))
    if not lost:
        return ()
    words = listed([classes[k] for k in lost])
    return (f"{name}: all training images of {words} were picked to validate with, so they are not learned; another --seed picks others, "
            "more images are better",)


def without_training(split: Split, name: str, limit: int | None, own: bool) -> tuple[str, ...]:
    """Return notes on classes without examples; refuse labels that are tested but never trained.

    With a ``limit``, which may leave classes out of the training, or a subset of
    a published data set (``own`` is False) they are noted only.
    """
    counts = {part: class_counts(split, part) for part in ("train", "val", "test")}
    kept = class_counts(split._replace(y_train=split.y_train[:limit]), "train")
    cut = not own or limit is not None and len(split.y_train) <= limit  # the file or folder may hold more
    examples = KINDS[split.kind][0]
    learned = [k for k in range(len(split.classes)) if counts["train"][k]]
    if len(learned) < 2 and not cut:
        raise DataError(f"{name}: all {examples} to train with are of one class, {class_words(split.classes, learned)}; at least 2 are needed")
    nowhere = [k for k in range(len(split.classes)) if not any(count[k] for count in counts.values())]
    notes = ()
    if nowhere:
        are, them = ("has", "it") if len(nowhere) == 1 else ("have", "them")
        notes += (f"{name}: {class_words(split.classes, nowhere)} {are} no {examples}; the network gets an output for {them} that "
                  "nothing trains",)
    for part, verb in (("test", "test"), ("val", "validate")):
        untrained = [k for k in range(len(split.classes)) if counts[part][k] and not kept[k]]
        if not untrained:
            continue
        words = f"{class_words(split.classes, untrained)} {'is' if len(untrained) == 1 else 'are'} in the {part} part"
        if not cut and not all(counts["train"][k] for k in untrained):
            raise DataError(
                f"{name}: {words}, but no {examples} to train with have this label; the labels to {verb} with must be among "
                "those to train with"
            )
        notes += (f"{name}: {words}, but the {examples} to train with have none of it",)
    untested = [k for k in range(len(split.classes)) if counts["train"][k] and not counts["test"][k]]
    if untested and len(split.y_test):
        notes += (f"{name}: {class_words(split.classes, untested)} {'has' if len(untested) == 1 else 'have'} no {examples} to test with",)
    return notes


def class_counts(split: Split, part: str) -> np.ndarray:
    """Return how many examples of each class a part has."""
    y = getattr(split, f"y_{part}")
    return np.bincount(y if y is not None else [], minlength=len(split.classes))


def class_words(classes: Sequence[str], places: Sequence[int]) -> str:
    """Return ``class cat``, ``classes 1 to 9 and 11``: neighboring numbers as a range."""
    if len(places) == 1:
        return f"class {classes[places[0]]}"
    names = [classes[k] for k in places]
    if all(name.isascii() and name.isdigit() for name in names):
        names = ranges([int(name) for name in names])
    if len(names) > MOST_NAMES:
        return f"classes {', '.join(names[:MOST_NAMES])} and others ({len(places):,} in all)"
    return "classes " + (f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0])


def ranges(numbers: list[int]) -> list[str]:
    """Return rising numbers as words, three or more in a row as ``1 to 9``."""
    words, start = [], 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            first, last = numbers[start], numbers[i - 1]
            words += [f"{first} to {last}"] if last - first > 1 else [str(n) for n in range(first, last + 1)]
            start = i
    return words


def files_of(split: Split, limit: int | None, train: slice | np.ndarray, val: slice | np.ndarray) -> dict[str, tuple[str, ...]]:
    """Return the files of each part, after some of those to train with were held back to validate."""
    if not split.files:
        return {}
    rows = np.array(split.files["train"], object)[:limit]
    held = split.files.get("val", tuple(rows[val]))
    return {"train": tuple(rows[train]), "val": held, "test": split.files["test"]}
