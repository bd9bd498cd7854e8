"""The classes of data: their order, the spelling of their names, and labels counted by those of a trained model."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from .errors import DataError
from .record import Split
from .table.layout import NUMBER
from .wording import listed

MOST_NAMES = 10


def in_order(names: Collection[str]) -> list[str]:
    """Return names of classes in order: by size if all are numbers, else by the alphabet."""
    if all(NUMBER.fullmatch(name) for name in names):
        return sorted(names, key=lambda name: (float(name), name))
    return sorted(names)


def same_name(name: str) -> str:
    """Return what two spellings of one class have in common: letters whatever their case and however accents are stored."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def written_alike(where: str, written: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return a note on labels that are written with different spaces around them, if there are any."""
    pairs = [" and ".join(map(repr, ways)) for ways in written]
    return (f"{where}: the labels {listed(pairs)} differ in spaces only, and count as one class",) if pairs else ()


def nearly_alike(where: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return a note on each group of classes that differ in capitals or in how accents are stored only."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(same_name(name), []).append(name)
    notes: tuple[str, ...] = ()
    for alike in groups.values():
        if len(alike) > 1:
            how = "capitals" if len({name.lower() for name in alike}) == 1 else "capitals or in how accents are stored"
            notes += (f"{where}: the labels {' and '.join(map(repr, alike))} differ in {how} only, and count as {len(alike)} classes",)
    return notes


def refuse_strange(names: Collection[str], name: str, classes: Collection[str]) -> None:
    """Raise if data have a class, in whatever spelling, that is none of those that a run has learned."""
    known = {same_name(each) for each in classes}
    strange = [each for each in names if same_name(each) not in known]
    if strange:
        raise DataError(
            f"{name} has the class{'es' * (len(strange) > 1)} {listed(strange, MOST_NAMES)}, which the run has never learned; "
            f"its classes are {listed(classes, MOST_NAMES)}"
        )


def relabeled(split: Split, name: str, classes: tuple[str, ...]) -> Split:
    """Return the data with labels counted by other classes; those that are none of them are refused by name."""
    if split.classes == classes:
        return split
    numbered = split.classes == tuple(str(k) for k in range(len(split.classes))) and not Path(name).is_dir()
    spelling = {same_name(known): known for known in classes}
    taken = {known: spelling.get(same_name(known), known) for known in split.classes}
    changed = {known: one for known, one in taken.items() if unicodedata.normalize("NFC", known) != unicodedata.normalize("NFC", one)}
    notes = (f"{name}: {listed([*map(repr, changed)])} taken for {listed([*map(repr, changed.values())])}",) if changed else ()
    split = split._replace(classes=tuple(taken.values()), notes=split.notes + notes)
    if numbered and not set(split.classes) <= set(classes):  # arrays have no names: their numbers are places
        if len(split.classes) > len(classes):
            raise DataError(f"{name} has {len(split.classes)} classes, but the run was trained on {len(classes)}")
        return split._replace(classes=classes)
    refuse_strange(split.classes, name, classes)
    places = np.array([classes.index(known) for known in split.classes], np.int64)
    labels = {part: getattr(split, part) for part in ("y_train", "y_val", "y_test")}
    return split._replace(classes=classes, **{part: places[y] for part, y in labels.items() if y is not None})
