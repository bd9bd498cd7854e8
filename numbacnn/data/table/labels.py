"""Which column of a table holds the labels, and which ones only name its rows."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

import numpy as np

from ..errors import ArgumentError, DataError
from ..wording import listed
from .layout import LABEL_NAMES, NUMBER
from .numbers import Texts, column_name

ROW_NAMES = ("id", "index", "idx", "row", "rowid", "row_id", "no", "nr", "#", "")
LIKELY = re.compile(r"label|class|target|species|category|diagnosis|outcome|variety", re.IGNORECASE)  # hints, not enough to go by
NEAR = 3  # columns beside the first or the last that it is compared with
ALIKE = 0.6  # part of two columns' values that agree, above which they are of one kind
MOSTLY = 0.95  # part of the rows with one value, above which a column is hardly one of labels
FEW_ROWS = 6  # below this every row may have a class of its own


class Column(NamedTuple):
    """A column that may hold labels: place, name in the heading ("" without), and text."""

    place: int
    name: str
    texts: Texts

    @property
    def differs(self) -> bool:
        """Whether nearly every row has a value of its own."""
        return len(self.texts.names) > len(self.texts.codes) / 2 and len(self.texts.codes) >= FEW_ROWS

    @property
    def is_words(self) -> bool:
        """Whether no value is a number."""
        return not any(NUMBER.fullmatch(name) for name in self.texts.names)

    @property
    def is_bool(self) -> bool:
        """Whether every value is true or false."""
        return all(name.lower() in ("true", "false") for name in self.texts.names)

    @property
    def is_whole(self) -> bool:
        """Whether every value is a whole number."""
        return all(NUMBER.fullmatch(name) and float(name).is_integer() for name in self.texts.names)

    @property
    def may_be_label(self) -> bool:
        """Whether its values are few, and words or whole numbers."""
        return len(self.texts.names) > 1 and not self.differs and (self.is_words or self.is_whole)

    @property
    def is_count(self) -> bool:
        """Whether it counts the rows, up by 1 from one to the next."""
        if not self.is_whole or len(self.texts.codes) < FEW_ROWS:
            return False
        values = np.array([float(name) for name in self.texts.names])[self.texts.codes]
        return bool((np.diff(values) == 1).all())

    def is_like(self, values: np.ndarray) -> bool:
        """Whether whole numbers in another column have about the same values, equally often."""
        own = np.array([float(name) for name in self.texts.names])[self.texts.codes] if self.is_whole else None
        if own is None:
            return False
        shared = np.union1d(own, values)
        parts = [np.bincount(np.searchsorted(shared, x), minlength=len(shared)) / len(x) for x in (own, values)]
        return float(np.minimum(*parts).sum()) > ALIKE


def named(columns: dict[int, Column], heading: list[str] | None, asked: str, path, width: int) -> int:
    """Return the column that ``asked`` means: a heading, first or last.

    Raises
    ------
    ArgumentError
        If there is none, or more than one.
    """
    names = heading or []
    found = [j for j, name in enumerate(names) if name == asked]
    found = found or [j for j, name in enumerate(names) if name.lower() == asked.lower()]
    if len(found) > 1:
        raise ArgumentError("label", f"is {asked}, but {path} has {len(found)} columns with this heading; rename one")
    if found:
        return found[0]
    if asked.lower() in ("first", "last"):
        return 0 if asked.lower() == "first" else width - 1
    counted = re.fullmatch(r"column (\d+)", asked.lower())
    if counted and 1 <= int(counted[1]) <= width:
        return int(counted[1]) - 1
    if heading is None:
        raise ArgumentError("label", f"is {asked}, but {path} has no heading; give first or last")
    shown = listed([name or "(empty)" for name in names], 8)
    raise ArgumentError("label", f"is {asked}, but {path} has the columns {shown}; give one of them, first or last")


def is_row_name(column: Column, heading: list[str] | None) -> bool:
    """Whether a column only names or counts its rows, so that it is neither label nor number."""
    name = column.name.strip().lower()
    if heading is None:
        return column.place == 0 and column.is_count
    if name.startswith("unnamed:"):
        return True
    if name == "":
        return column.is_count or column.differs
    return name in ROW_NAMES


def find_label(path, columns: dict[int, Column], heading: list[str] | None, last: int, inner) -> tuple[int, str]:
    """Return the column with the labels and a note on how it was found ("" where its heading says it).

    Parameters
    ----------
    path : Path
    columns : dict of int to Column
        The columns that may be it: those with words, the first and the last.
    heading : list of str, optional
    last : int
        The last column.
    inner : callable
        Gives the numbers (N,) of a column between, or None if they are not
        whole numbers.

    Raises
    ------
    DataError
        If nothing tells, or two columns may be it; the options are named.
    """
    by_name = [j for j, column in columns.items() if column.name.strip().lower() in LABEL_NAMES]
    if len(by_name) > 1:
        names = [columns[j].name for j in by_name]
        raise DataError(
            f"{path}: the columns {' and '.join(map(repr, names))} may both hold the labels; choose one: "
            + " or ".join(f"--label {name}" for name in names) + " (and leave the other out of the file)"
        )
    if by_name:
        return by_name[0], ""
    first = min(columns)
    words = [j for j, column in columns.items() if column.is_words and not column.differs and not column.is_bool]
    bools = [j for j, column in columns.items() if column.is_bool]
    words = words or (bools if len(bools) == 1 else [])  # many of them are numbers in other words
    if len(words) == 1 and words[0] in (first, last):
        place = words[0]
        note = f"{path}: {called(columns[place], last)} holds the labels, for it alone has words"
        return place, note if place != first or heading else ""
    if len(words) > 1:
        names = " and ".join(column_name(heading, j) for j in words[:3]) + (f" and {len(words) - 3} more" if len(words) > 3 else "")
        raise DataError(f"{path}: {names} hold words; say with --label which one holds the labels, leave the other out")
    apart = {j: columns[j].may_be_label and stands_apart(columns[j], columns, heading, last, inner) for j in (first, last)}
    if apart[first] and apart[last] and is_even(columns[last]):
        raise DataError(
            f"{path}: the first and the last column may both hold the labels; choose one: "
            f"{option(columns[first], 'first')} or {option(columns[last], 'last')}"
        )
    if apart[first]:
        note = f"{path}: no heading says label, so {called(columns[first], last)} is taken as the label"
        return first, note if heading else ""
    raise DataError(f"{path}: {no_label(columns[first], columns[last], heading, apart[last], last)}")


def stands_apart(column: Column, columns: dict[int, Column], heading: list[str] | None, last: int, inner) -> bool:
    """Whether a column at the edge is of another kind than the ones beside it."""
    toward = 1 if column.place != last else -1
    beside = [column.place + toward * k for k in range(1, NEAR + 1)]
    beside = [j for j in beside if 0 <= j <= last]
    if heading and stem(column.name) and any(stem(heading[j]) == stem(column.name) for j in beside):
        return False  # pixel0 beside pixel1
    if column.is_bool and any(j in columns and columns[j].is_bool for j in beside):
        return False
    numbers = [values for values in map(inner, beside) if values is not None]
    return not numbers or not all(column.is_like(values) for values in numbers)


def stem(name: str) -> str:
    """Return a heading without what counts it: pixel12 and pixel13 have the same stem."""
    return re.sub(r"[\d\s._\[\]()-]+", "", name).lower()


def is_even(column: Column) -> bool:
    """Whether the values are spread as those of labels are: no gaps, none in nearly all rows."""
    counts = np.bincount(column.texts.codes)
    if column.is_words:
        return True
    values = sorted(float(name) for name in column.texts.names)
    gapless = len(values) == 2 or values[-1] - values[0] == len(values) - 1
    return gapless and counts.max() <= MOSTLY * counts.sum()


def called(column: Column, last: int) -> str:
    """Return a column's place and name in words."""
    place = "the first column" if column.place == 0 else "the last column" if column.place == last else f"column {column.place + 1}"
    return f"{place} ({column.name!r})" if column.name else place


def option(column: Column, place: str) -> str:
    """Return the option that takes a column."""
    name = column.name
    return f"--label {shlex.quote(name)}" if name and name.isprintable() and not name.startswith("-") else f"--label {place}"


def no_label(first: Column, last: Column, heading: list[str] | None, last_fits: bool, end: int) -> str:
    """Say why no column is taken as the label, and what to do."""
    values, rows = len(first.texts.names), len(first.texts.codes)
    if first.differs:
        why = f"{called(first, end)} has {values:,} different values in {rows:,} rows, too many for labels"
    elif values == 1:
        why = f"{called(first, end)} has the same value in every row"
    elif not first.is_whole and not first.is_words:
        why = f"{called(first, end)} has numbers that are not whole"
    else:
        why = f"{called(first, end)} looks like the numbers beside it"
    head = "no heading says label (or class, target, y), and " if heading else ""
    if last_fits:
        return f"{head}{why}; if the last column holds the labels give {option(last, 'last')}"
    likely = next((j for j, name in enumerate(heading or []) if LIKELY.search(name)), None)
    if likely is not None:
        return f"{head}{why}; if the column {heading[likely]!r} holds the labels give --label {shlex.quote(heading[likely])}"
    return (f"{head}{why}, so no column is known to hold the labels; give --label "
            f"{'COLUMN' if heading else 'first or --label last'}, or add a column of labels")
