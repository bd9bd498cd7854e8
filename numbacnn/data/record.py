"""The records that every data set is loaded into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ..notebook import paragraph, pictures
from .wording import listed

KINDS = {  # what the data are, in words, and the axes of one example
    "images": ("images", "CxHxW"),
    "video": ("films", "CxTxHxW"),
    "series": ("time series", "Cxlength"),
    "tokens": ("token sequences", "length"),
}


class Split(NamedTuple):
    """Data as they came: examples and int64 labels (N,), to train and to test with.

    ``masks_train`` and ``masks_test`` are for segmentation, uint8 (N, H, W).
    ``classes`` are the names of the labels and ``vocabulary`` those of the tokens.
    ``x_val`` and ``y_val`` are there if the data bring a validation part of
    their own.  ``parts`` names the parts that they bring; it is empty if they
    came undivided and were divided here (or, if `Choices.whole`, are
    all in ``x_test``).  ``notes`` has one plain sentence for each thing that
    was guessed, left out or converted.  ``pictures`` says how picture files
    were read (`Preparation.to_dict`).  ``table`` is what has to be known of a
    table to read others as it: ``label``, the column of the labels,
    ``columns``, the headings of the numbers (or None), ``numbers``, how many
    there are in a row, and ``before``, how many of them before the label.
    ``files`` are the names of the files that the examples of each part came
    from, one an example; empty of data that do not come in a file each.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    source: str
    classes: tuple[str, ...] = ()
    kind: str = "images"
    vocabulary: tuple[str, ...] | None = None
    masks_train: np.ndarray | None = None
    masks_test: np.ndarray | None = None
    x_val: np.ndarray | None = None
    y_val: np.ndarray | None = None
    parts: tuple[str, ...] = ("train", "test")
    notes: tuple[str, ...] = ()
    pictures: dict | None = None
    table: dict | None = None
    files: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return _in_a_line("Split", self, {"train": self.x_train, "validate": self.x_val, "test": self.x_test})


class Choices(NamedTuple):
    """The caller's decisions about their own data; None leaves the decision to the loader.

    ``kind`` is a key of `KINDS` or None, ``label`` the column of the label (its
    heading, ``first`` or ``last``), ``shape`` that of one example, ``test`` a
    file or folder with the data to test with.  ``whole``: data without parts of
    their own are not divided, and may be few; all of them become ``x_test``.
    ``classes`` and ``table`` are those of the data that a model was trained on
    (see `Split`), where these data are for it.  ``reading`` is told ``(done,
    total)`` while a long file is read.  ``pictures`` says how picture files are
    to be read, as `Split.pictures` of other data does.
    """

    kind: str | None = None
    label: str | None = None
    shape: tuple[int, ...] | None = None
    test: str | None = None
    whole: bool = False
    classes: tuple[str, ...] | None = None
    table: dict | None = None
    reading: Callable[[int, int], None] | None = None
    pictures: dict | None = None


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images, or other examples, to train, validate and test with.

    Attributes
    ----------
    name : str
    x_train, x_val, x_test : arrays of N examples
        Each with its own N; that of ``x_val`` may be 0.  By ``kind``:
        ``images`` are uint8 (N, C, H, W), ``video`` uint8 (N, C, T, H, W),
        ``series`` float32 (N, C, length), ``tokens`` int64 (N, length).
    y_train, y_val, y_test : int64 arrays of shape (N,)
        Labels from 0 to ``len(classes) - 1``.
    classes : list of str
    mean, std : float64 arrays of shape (C,)
        Of the training data: of images and video with pixels from 0 to 1, of
        series in their own unit; of tokens 0 and 1.  A channel in which all
        values are equal has a std of 1, so that it can be divided by.
    hash : str
        SHA-256 of the training images before the validation split, the test
        images, and their labels, in hexadecimal.
    source : str
        Where the images came from.
    kind : {"images", "video", "series", "tokens"}
    vocabulary : list of str, optional
        The words that tokens stand for.
    masks_train, masks_val, masks_test : uint8 arrays of shape (N, H, W), optional
        1 where there is what the label says, else 0: for segmentation.
    val_is_random : bool
        Whether ``x_val`` was picked at random, by the seed.  If not, it is the
        end of the training data, or a part that the data bring.
    parts : tuple of str
        The parts that the data bring themselves, of ``train``, ``val`` and
        ``test``; empty if they came undivided.
    table : dict, optional
        Of a table: ``label``, the column of the labels, and ``columns``, the
        headings of the numbers (or None).
    files : dict of tuple of str
        Of a folder of pictures: for each of ``train``, ``val`` and ``test`` the
        names of the files below that folder, one an example; else empty.
    notes : tuple of str
        One sentence for each thing that was guessed, left out or converted.
    pictures : dict, optional
        How a picture file is prepared for a network that learned from these
        images (see `preparation_for`); None of other data.
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
    kind: str = "images"
    vocabulary: list[str] | None = None
    masks_train: np.ndarray | None = None
    masks_val: np.ndarray | None = None
    masks_test: np.ndarray | None = None
    val_is_random: bool = False
    parts: tuple[str, ...] = ("train", "test")
    notes: tuple[str, ...] = ()
    pictures: dict | None = None
    table: dict | None = None
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return _in_a_line(f"ImageData {self.name}", self, {"train": self.x_train, "validate": self.x_val, "test": self.x_test})

    def _repr_html_(self) -> str:
        """Show the line and the first images in a notebook."""
        return paragraph(repr(self)) + ((pictures(self.x_train) or "") if self.kind == "images" else "")

    @property
    def vocabulary_size(self) -> int | None:
        """Number of tokens: those of the vocabulary, else one more than the largest; None for other data."""
        if self.kind != "tokens":
            return None
        if self.vocabulary:
            return len(self.vocabulary)
        return 1 + int(max(x.max() for x in (self.x_train, self.x_val, self.x_test) if x.size))

    def describe(self) -> dict:
        """Return what there is to say about the data set, ready for JSON.

        Returns
        -------
        dict
            ``name``, ``source``, ``kind``, ``shape`` of an example (of images
            [C, H, W]), ``train``, ``val`` and ``test`` (counts), ``classes``
            (names), ``per_class`` (for each split its counts, in the order of
            ``classes``), ``mean``, ``std``, ``hash``, ``val_is_random``, ``parts``
            and ``notes``; of images ``pictures``, of tokens ``vocabulary``, of a
            table ``table``.
        """
        labels = {"train": self.y_train, "val": self.y_val, "test": self.y_test}
        return {
            "name": self.name,
            "source": self.source,
            "kind": self.kind,
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
            "val_is_random": self.val_is_random,
            "parts": list(self.parts),
            "notes": list(self.notes),
            **({"pictures": self.pictures} if self.pictures else {}),
            **({"vocabulary": self.vocabulary} if self.vocabulary else {}),
            **({"table": self.table} if self.table else {}),
        }


def _in_a_line(begin: str, data: Split | ImageData, parts: dict[str, np.ndarray | None]) -> str:
    """Say what a data set holds, whatever its names are made of."""
    counts = ", ".join(f"{len(x):,} to {purpose}" for purpose, x in parts.items() if x is not None)
    shape = "x".join(map(str, data.x_train.shape[1:]))
    classes = f"; {len(data.classes)} classes: {listed(data.classes)}" if data.classes else ""
    return " ".join(f"<{begin}: {KINDS[data.kind][0]} of {shape}, {counts}{classes}>".split())
