"""The records that every data set is loaded into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
        Whether ``x_val`` was picked at random, by the seed, or is the end.
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

    @property
    def vocabulary_size(self) -> int | None:
        """How many tokens there are: those of the vocabulary, else one more than the largest; None of other data."""
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
            ``classes``), ``mean``, ``std``, ``hash`` and ``val_is_random``; of
            tokens also ``vocabulary``.
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
            **({"vocabulary": self.vocabulary} if self.vocabulary else {}),
        }
