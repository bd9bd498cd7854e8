"""Read many pictures into arrays, prepared alike, and say what was unusual about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np

from .errors import DataError
from .image_file import load_as_learned
from .picture import Picture, read_picture
from .preparation import PAGE, Preparation, as_bytes, cover, is_gray, to_gray
from .wording import counted

SAID = {  # of what is unusual about pictures; {} stands for "3 pictures"
    "turned": "{} turned as the camera's EXIF mark says",
    "first frame": "{} with several frames or pages: only the first is read",
    "16-bit color": "{} with 16 bits per color: only the upper 8 are read",
    "framed": "{} made light on black, cropped, scaled and centered, as the digits that the network learned from",
    "another format": "{} in another format than the name says, read as what it is",
}
MOST_NAMED = 3


def read_all(
    files: dict[str, list[Path]],
    image_size: tuple[int, int] | None,
    fixed: Preparation,
    reading: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, np.ndarray], Preparation, list[str]]:
    """Read the pictures of several parts.

    Parameters
    ----------
    files : dict of list of Path
        The pictures of each part.  Those of ``train``, if there are any, decide
        on what ground and in what range all are read.
    image_size : (int, int) or None
        Height and width to scale to.
    fixed : Preparation
        What is decided already.
    reading : callable, optional
        Called with ``(done, total)`` pictures.

    Returns
    -------
    images : dict of uint8 arrays of shape (N, C, H, W)
        All of one size; C = 1 if every picture is gray, else 3.
    preparation : Preparation
        How they were read, which is how others are to be read.
    notes : list of str
        What was unusual about some.
    """
    every = [file for part in files.values() for file in part]
    pictures, facts = read_each(every, image_size, fixed, reading)
    preparation = fixed.completed(pictures[: len(files.get("train", ()))] or pictures).completed(pictures)
    images = np.empty((len(every), *pictures[0].pixels.shape[:2], 3), np.uint8)
    gray = np.empty(len(every), bool)
    deep = [file for file, picture in zip(every, pictures) if picture.range is not None]
    clear = [file for file, picture in zip(every, pictures) if picture.transparent]
    for i, picture in enumerate(pictures):
        color = preparation.colored(picture)
        gray[i] = is_gray(color)
        if preparation.channels == 1 and not gray[i]:
            color = np.repeat(to_gray(color)[..., None], 3, 2)
        images[i] = as_bytes(color)
        pictures[i] = None  # its memory is needed for others
    if preparation.channels is None:
        preparation = replace(preparation, channels=1 if gray.all() else 3)
    images = np.ascontiguousarray(images[..., : preparation.channels].transpose(0, 3, 1, 2))
    notes = [*notes_of(facts), *notes_of_all(preparation, every, clear, deep, gray)]
    ends = np.cumsum([len(part) for part in files.values()])
    return dict(zip(files, np.split(images, ends[:-1]))), preparation, notes


def read_each(
    files: list[Path],
    image_size: tuple[int, int] | None,
    fixed: Preparation,
    reading: Callable[[int, int], None] | None,
) -> tuple[list[Picture], dict[str, list[Path]]]:
    """Return the pictures, all of one size, and by fact the files that it is true of."""
    pictures: list[Picture] = []
    facts = defaultdict(list)
    bad = []
    for done, file in enumerate(files, 1):
        try:
            picture = read_one(file, image_size, fixed)
        except DataError as error:
            bad.append((file, str(error)))
            continue
        finally:
            if reading:
                reading(done, len(files))
        for fact in picture.facts:
            facts[fact].append(file)
        if pictures and not bad and picture.pixels.shape[:2] != pictures[0].pixels.shape[:2]:
            sizes = [f"{height}x{width}" for height, width in (p.pixels.shape[:2] for p in (pictures[0], picture))]
            raise DataError(
                f"{files[0]} is {sizes[0]} pixels but {file} is {sizes[1]}; give one size for all, "
                f"such as --image-size {min(pictures[0].pixels.shape[:2])}"
            )
        pictures.append(picture)
    if bad:
        others = ", ".join(str(file) for file, _ in bad[1 : 1 + MOST_NAMED]) + ", ..." * (len(bad) > 1 + MOST_NAMED)
        more = f"; {counted(len(bad) - 1, 'more picture')} cannot be read: {others}" if len(bad) > 1 else ""
        raise DataError(bad[0][1] + more)
    return pictures, facts


def read_one(file: Path, image_size: tuple[int, int] | None, fixed: Preparation) -> Picture:
    """Read a picture in its size; one for a network that learned from framed digits is framed as they were."""
    if not fixed.framed or image_size is None:
        return cover(read_picture(file), image_size)
    pixels, steps = load_as_learned(file, image_size, fixed.to_dict())
    return Picture(np.repeat(pixels.transpose(1, 2, 0), 3, 2), ("framed",) if steps else ())


def notes_of(facts: dict[str, list[Path]]) -> list[str]:
    """Return one sentence for each fact about some pictures."""
    return [
        SAID.get(fact, f"{{}} in {fact} colors, converted to RGB").format(counted(len(files), "picture")) + named(files)
        for fact, files in facts.items()
    ]


def named(files: list[Path]) -> str:
    """Return the first few names in brackets."""
    return f" ({', '.join(f'{file.parent.name}/{file.name}' for file in sorted(files)[:MOST_NAMED])}{', ...' * (len(files) > MOST_NAMED)})"


def notes_of_all(
    preparation: Preparation, files: list[Path], clear: list[Path], deep: list[Path], gray: np.ndarray
) -> list[str]:
    """Return what was decided for all pictures together, as sentences."""
    notes = []
    if clear:
        notes.append(f"{counted(len(clear), 'picture')} with transparent parts, all laid on {PAGE[preparation.ground]}{named(clear)}")
    if deep:
        low, high = preparation.range
        notes.append(
            f"{counted(len(deep), 'picture')} with more than 8 bits of gray, whose values {low:g} to {high:g} are stretched to 0 to "
            f"255{named(deep)}"
        )
        if len(deep) < len(files):
            notes.append(f"{counted(len(files) - len(deep), 'other picture')} with 8 bits left as they are: is one scale meant for all?")
    if preparation.channels == 3 and gray.any():
        what = "gray, read in color (3 equal channels)"
        some = "all pictures" if gray.all() else f"{int(gray.sum()):,} of {counted(len(gray), 'picture')}"
        notes.append(f"{some} {what}")
    if preparation.channels == 1 and not gray.all():
        notes.append(f"{int((~gray).sum()):,} of {counted(len(gray), 'picture')} in color, made gray as the run's were")
    return notes


def repeated(
    files: dict[str, list[Path]], images: dict[str, np.ndarray], y: dict[str, np.ndarray], classes: list[str],
    trained: bool = True,
) -> list[str]:
    """Return sentences about pictures that are there twice: in two classes, and if they are ``trained`` with also to test with."""
    seen: dict[bytes, tuple[str, Path, int]] = {}
    leaked, twofold = defaultdict(list), []
    for part in files:  # train comes first
        for file, image, label in zip(files[part], images[part], y[part]):
            key = blake2b(image.tobytes(), digest_size=16).digest()
            first = seen.setdefault(key, (part, file, int(label)))
            if first[1] is file:
                continue
            if first[0] == "train" != part:
                leaked[part].append((file, first[1]))
            if first[2] != label:
                twofold.append((file, first[1]))
    notes = []
    for part, pairs in leaked.items() if trained else ():
        what = {"test": "test", "val": "validation"}[part]
        notes.append(
            f"{len(pairs):,} of {counted(len(files[part]), f'{what} picture')} identical to one that is trained with, which flatters the "
            f"{what} accuracy: {pairs[0][0]} is {pairs[0][1]}"
        )
    if twofold:
        notes.append(f"{counted(len(twofold), 'picture')} in two classes at once: {twofold[0][0]} is {twofold[0][1]}")
    return notes
