"""Which augmentation: parsed from text such as ``flip,crop=4,jitter=0.2``, applied step by step."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from collections.abc import Callable

import numpy as np

from .chance import Chance
from .color import NEED_COLOR, recolor
from .place import cut_out, flip, shift
from .warp import warp


class Step(NamedTuple):
    """One way to change an image: its function, and what its number may be.

    Without a number the step is taken with ``usual``.
    """

    apply: Callable
    unit: str
    usual: float
    most: float
    about: str


STEPS = {
    "shift": Step(shift, "pixels", 2, math.inf, "moved by up to this many pixels, filled with black"),
    "crop": Step(shift, "pixels", 4, math.inf, "padded, then cropped: a shift, as photos call it"),
    "flip": Step(flip, "part", 0.5, 1, "left and right swapped in this fraction of the images"),
    "flip-vertical": Step(flip, "part", 0.5, 1, "top and bottom swapped in this part"),
    "rotate": Step(warp, "degrees", 10, 180, "turned by up to this many degrees"),
    "scale": Step(warp, "part", 0.1, 1, "larger or smaller by up to this part"),
    "shear": Step(warp, "degrees", 10, 60, "slanted by up to this many degrees"),
    "elastic": Step(warp, "strength", 34, 1000, "bent as by an uneven hand (Simard et al. 2003)"),
    "brightness": Step(recolor, "part", 0.2, 1, "lighter or darker by up to this part"),
    "contrast": Step(recolor, "part", 0.2, 1, "more or less contrast by up to this part"),
    "saturation": Step(recolor, "part", 0.2, 1, "more or less colorful by up to this part"),
    "hue": Step(recolor, "turns", 0.05, 0.5, "colors turned by up to this part of the circle"),
    "jitter": Step(recolor, "part", 0.2, 1, "brightness, contrast, saturation; hue a quarter of it"),
    "cutout": Step(cut_out, "pixels", 8, math.inf, "a square painted over (DeVries & Taylor 2017)"),
}
WHOLE = ("shift", "crop", "cutout")


@dataclass(frozen=True)
class Augmentation:
    """Random changes of training images that leave their class as it is.

    What happens to an image depends on the seed, the epoch and the image's
    index alone: not on the batch it sits in, nor on the other steps.

    Parameters
    ----------
    steps : tuple of (str, float)
        Names out of `STEPS`, each at most once, and their numbers, in the order
        in which they are applied.  Neighbors of one kind are applied as one:
        warps as one interpolation, colors as one matrix.
    """

    steps: tuple[tuple[str, float], ...] = ()

    def __call__(
        self, images: np.ndarray, indices: np.ndarray, epoch: int, seed: int
    ) -> np.ndarray:
        """Change a batch.

        Parameters
        ----------
        images : uint8 array of shape (N, C, H, W)
            Left as they are.
        indices : int array of shape (N,)
            Which images of the training set they are.
        epoch, seed : int
            Not negative.

        Returns
        -------
        uint8 array of shape (N, C, H, W)
            ``images`` itself if there are no steps.

        Raises
        ------
        ValueError
            As `check`.
        """
        self.check(images.shape[1:])
        chance = Chance(seed, epoch, indices)
        for apply, steps in groupby(self.steps, key=lambda step: STEPS[step[0]].apply):
            images = apply(images, dict(steps), chance)
        return images

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError if a step does not suit images of shape (C, H, W), or the data are not images."""
        if not self.steps:
            return
        if len(shape) != 3:
            raise ValueError(
                f"augment: {self.steps[0][0]} changes images (C, H, W), and each example of these data "
                f"is {'x'.join(map(str, shape))}; leave augment out"
            )
        C, H, W = shape
        for name, value in self.steps:
            if name in NEED_COLOR and C != 3:
                raise ValueError(
                    f"augment: {name} needs images of 3 channels (red, green, blue), these have "
                    f"{C}; leave {name} out, brightness and contrast suit any image"
                )
            if name in WHOLE and value >= min(H, W):
                raise ValueError(
                    f"augment: {name}={value:g} is too much for images of {H}x{W} pixels; "
                    f"give less than {min(H, W)}"
                )

    def __str__(self) -> str:
        """Return the text from which `parse_augmentation` makes the same again."""
        return ",".join(f"{name}={value:.12g}" for name, value in self.steps)


@lru_cache(maxsize=16)
def parse_augmentation(text: str) -> Augmentation:
    """Read an augmentation from text.

    Parameters
    ----------
    text : str
        Names out of `STEPS`, separated by commas, each with or without
        ``=number``, such as ``flip,crop=4,jitter=0.2``.  Empty for none.

    Returns
    -------
    Augmentation

    Raises
    ------
    ValueError
        If a name is unknown or given twice, or a number makes no sense.
    """
    steps: dict[str, float] = {}
    for word in text.split(",") if text.strip() else ():
        name, equals, number = (part.strip() for part in word.partition("="))
        if name not in STEPS:
            raise ValueError(unknown(name, word.strip()))
        if name in steps:
            raise ValueError(f"augment: {name} is given twice; give it once")
        steps[name] = read_number(name, number) if equals else STEPS[name].usual
    return Augmentation(tuple(steps.items()))


def unknown(name: str, word: str) -> str:
    """Say which steps there are, and which one was probably meant."""
    close = difflib.get_close_matches(name.lower(), STEPS, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    what = f"there is no {name!r}"
    if not name:
        what = f"{word!r} has no name before its =" if word else "there is nothing between two commas"
    return f"augment: {what}; give some of {', '.join(STEPS)}, separated by commas{hint}"


def read_number(name: str, text: str) -> float:
    """Return the number of a step, checked."""
    step = STEPS[name]
    most = f" and at most {step.most:g}" if math.isfinite(step.most) else ""
    whole = name in WHOLE
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and 0 < value <= step.most) or (whole and value % 1):
        kind = f"a number above 0{most} ({step.unit})"
        if whole:
            kind = "a whole number of pixels, at least 1"
        raise ValueError(
            f"augment: {name} takes {kind}, not {text!r}; such as {name}={step.usual:g}"
        )
    return value
