"""Data sets that are drawn on the spot, from a seed: their names, and how many examples there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..digits import draw_digits
from ..record import Split
from . import blobs_video, defects, multispectral, phrases, products, textures, waves


class Drawn(NamedTuple):
    """A data set that is drawn: ``draw(count, seed, stream)`` gives examples, labels, perhaps masks."""

    draw: Callable
    classes: tuple[str, ...]
    train: int
    test: int
    kind: str = "images"
    vocabulary: tuple[str, ...] | None = None


def digits_with_channel(count: int, seed: int, stream: str = "train"):
    """Draw digits as (count, 1, 28, 28)."""
    images, labels = draw_digits(count, seed, stream)
    return images[:, None], labels


DRAWN = {
    "digits": Drawn(digits_with_channel, tuple("0123456789"), 60_000, 10_000),  # as MNIST
    "products": Drawn(products.draw_products, products.CLASSES, 12_000, 2_000),
    "textures": Drawn(textures.draw_textures, textures.CLASSES, 12_000, 2_000),
    "defects": Drawn(defects.draw_defects, defects.CLASSES, 12_000, 2_000),
    "multispectral": Drawn(multispectral.draw_multispectral, multispectral.CLASSES, 12_000, 2_000),
    "blobs-video": Drawn(blobs_video.draw_blobs_video, blobs_video.CLASSES, 6_000, 1_000, "video"),
    "waves": Drawn(waves.draw_waves, waves.CLASSES, 12_000, 2_000, "series"),
    "phrases": Drawn(
        phrases.draw_phrases, phrases.CLASSES, 12_000, 2_000, "tokens", phrases.VOCABULARY
    ),
}


def draw_split(name: str, limit: int | None, seed: int) -> Split:
    """Draw a data set of `DRAWN`: at most ``limit`` examples to train with, and all to test with.

    The test examples are always the same, so that results with different seeds
    can be compared.
    """
    drawn = DRAWN[name]
    x_train, y_train, *masks_train = drawn.draw(min(limit or drawn.train, drawn.train), seed)
    x_test, y_test, *masks_test = drawn.draw(drawn.test, seed=0, stream="test")
    masks = {"masks_train": masks_train[0], "masks_test": masks_test[0]} if masks_train else {}
    return Split(
        x_train,
        y_train,
        x_test,
        y_test,
        source=f"drawn by numbacnn, seed {seed}",
        classes=drawn.classes,
        kind=drawn.kind,
        vocabulary=drawn.vocabulary,
        **masks,
    )
