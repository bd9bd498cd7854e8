"""The cells of a table as numbers, read by NumPy's own reader, and those of a few columns also as text."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..errors import DataError
from .layout import MISSING, NUMBER, Layout
from .text import Rows

CHUNK = 4 << 20  # characters that are read at a time, so that a bar can move
LARGEST = float(np.finfo(np.float32).max)
LARGEST_WHOLE = 999_999_999


class Texts(NamedTuple):
    """A column as text: ``codes`` (N,) are places in ``names``, which has every text once.

    ``written`` has, for each name that stands in the file with different spaces
    around it, the ways in which it is written.
    """

    codes: np.ndarray
    names: list[str]
    written: tuple[tuple[str, ...], ...] = ()


class Numbers(NamedTuple):
    """All cells of a table.

    ``values`` (N, columns) are int32 if ``whole``, that is if every number is
    written with digits alone, else float32.  ``texts`` has the columns that
    were asked for and two at each edge; of those in ``coded`` the values are
    the codes.
    """

    values: np.ndarray
    texts: dict[int, Texts]
    whole: bool
    coded: frozenset[int]


def read_numbers(
    rows: Rows,
    layout: Layout,
    heading: list[str] | None,
    as_text: set[int],
    reading: Callable[[int, int], None] | None = None,
) -> Numbers:
    """Read rows of one length.

    Parameters
    ----------
    rows : Rows
        Without a heading.
    layout : Layout
    heading : list of str, optional
        Names for the errors.
    as_text : set of int
        Columns to be kept as text.
    reading : callable, optional
        Told ``(done, total)`` in characters.

    Raises
    ------
    DataError
        If a cell in another column is not a finite number, or too large for
        float32; its row and column are named.
    """
    coders = {j: Coder() for j in as_text}
    converters = {j: coder.code for j, coder in coders.items()}
    lines = rows.lines
    total = sum(map(len, lines))
    step = max(1, len(lines) * CHUNK // max(total, 1))
    edges: dict[int, list[np.ndarray]] = {}
    values, dtype = None, np.int64
    for start in range(0, len(lines), step):
        chunk = lines[start : start + step]
        if layout.decimal_comma:
            refuse_points(rows, layout, start, start + len(chunk))
            chunk = [layout.with_points(line) for line in chunk]
        part, dtype = parse(chunk, layout, converters, dtype)
        if part is None or values is not None and part.shape[1] != values.shape[1]:
            refuse_first_wrong(rows, layout, heading, as_text, start, start + len(chunk))
        check(rows, layout, heading, as_text, part, start)
        if values is None:
            values = np.empty((len(lines), part.shape[1]), np.int32)
        if values.dtype == np.int32 and not fits(part):
            values = values.astype(np.float32)
        values[start : start + len(part)] = part
        for j in {0, 1, values.shape[1] - 2, values.shape[1] - 1} - as_text:
            edges.setdefault(j, []).append(part[:, j].astype(np.float64))
        if reading is not None and total > CHUNK:
            reading(start + len(part), len(lines))
    texts = {j: coder.texts(values[:, j]) for j, coder in coders.items()}
    texts |= {j: as_texts(np.concatenate(parts)) for j, parts in edges.items()}
    return Numbers(values, texts, values.dtype == np.int32, frozenset(as_text))


def as_texts(numbers: np.ndarray) -> Texts:
    """Return numbers as text, whole ones without a point."""
    distinct, codes = np.unique(numbers, return_inverse=True)
    return Texts(codes.reshape(-1), [str(int(x)) if x == int(x) else str(x) for x in distinct])


def fits(part: np.ndarray) -> bool:
    """Whether numbers are whole and can be kept as int32."""
    return part.dtype == np.int64 and part.min() >= -LARGEST_WHOLE and part.max() <= LARGEST_WHOLE


class Coder:
    """Gives every new text the next number, whatever the spaces around it."""

    def __init__(self):
        self.places: dict[str, int] = {}
        self.known: dict[str, int] = {}  # by the cell as it is written

    def code(self, cell: str) -> int:
        """Return the number of a cell."""
        number = self.known.get(cell)
        if number is None:
            number = self.known[cell] = self.places.setdefault(cell.strip(), len(self.places))
        return number

    def texts(self, codes: np.ndarray) -> Texts:
        """Return the column whose cells have these numbers."""
        ways: dict[int, list[str]] = {}
        for cell, number in self.known.items():
            ways.setdefault(number, []).append(cell)
        return Texts(codes.astype(np.int64), list(self.places), tuple(tuple(each) for each in ways.values() if len(each) > 1))


def refuse_points(rows: Rows, layout: Layout, start: int, stop: int) -> None:
    """Raise if a number from row ``start`` to ``stop`` has a point, where others have a decimal comma."""
    for i in range(start, stop):
        if "." in rows.lines[i]:
            for cell in layout.cells(rows.lines[i]):
                if "." in cell and NUMBER.fullmatch(cell):
                    raise DataError(
                        f"{rows.path}, row {rows.numbers[i]}: {cell!r} has a point, but other numbers have a decimal comma; "
                        "write all of them in one way, without points between thousands"
                    )


def parse(chunk: list[str], layout: Layout, converters: dict, first: type) -> tuple[np.ndarray | None, type]:
    """Return lines as an array of int64 if that is to be tried first, or float64; None where they are not numbers."""
    for dtype in (np.int64, np.float64) if first is np.int64 else (np.float64,):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # NumPy warns where it cuts a fraction off
                part = np.loadtxt(
                    chunk, dtype, comments=None, delimiter=layout.separator, converters=converters,
                    quotechar='"', ndmin=2, encoding=None,
                )
            return part, dtype
        except (ValueError, DeprecationWarning, OverflowError):
            continue
    return None, dtype


def check(rows: Rows, layout: Layout, heading: list[str] | None, as_text: set[int], part: np.ndarray, start: int) -> None:
    """Raise if a number is not finite, or too large for float32."""
    if part.dtype == np.float64 and not max(-part.min(), part.max()) <= LARGEST:  # NaN fails too
        refuse_first_wrong(rows, layout, heading, as_text, start, start + len(part))


class Ragged(Exception):
    """Rows differ in the number of their cells."""


def refuse_first_wrong(
    rows: Rows, layout: Layout, heading: list[str] | None, as_text: set[int], start: int, stop: int
) -> None:
    """Raise for the first cell from row ``start`` to ``stop`` that is not a number which float32 can hold.

    A row with another number of cells than the first one raises `Ragged`.
    """
    width = len(layout.cells(rows.lines[0]))
    for i in range(start, stop):
        cells = layout.cells(rows.lines[i])
        if len(cells) != width:
            raise Ragged
        for j, cell in enumerate(cells):
            if j not in as_text:
                refuse_wrong(f"{rows.path}, row {rows.numbers[i]}, {column_name(heading, j)}", cell, layout)
    raise DataError(
        f"{rows.path}: cannot be read as a table of numbers; look at rows {rows.numbers[start]} to {rows.numbers[stop - 1]}"
    )


def refuse_wrong(where: str, cell: str, layout: Layout) -> None:
    """Raise if a cell is not a number that float32 can hold; ``where`` names it."""
    if not layout.is_number(cell):
        if not cell:
            raise DataError(f"{where}: is empty; fill in a number, or leave the row out")
        if cell.lower() in MISSING:
            raise DataError(f"{where}: {cell!r} is not a finite number; fill one in, or leave the row out")
        comma = ", and its decimal sign is a comma elsewhere in the file" if layout.decimal_comma and "." in cell else ""
        raise DataError(f"{where}: {cell[:40]!r} is not a finite number{comma}; a row needs a label and its numbers")
    value = float(cell.replace(",", "."))
    if abs(value) > LARGEST:
        raise DataError(
            f"{where}: {cell} is too large for float32, whose largest number is {LARGEST:.3g}; scale the numbers down"
        )


def column_name(heading: list[str] | None, j: int) -> str:
    """Return what to call a column in a message, counted from 1."""
    return f"column {heading[j]!r}" if heading and j < len(heading) and heading[j] else f"column {j + 1}"


def numbers_of(texts: Texts, where: str, rows: Rows, layout: Layout) -> tuple[np.ndarray, bool]:
    """Return a column that was kept as text as float64 (N,), and whether all are digits alone."""
    for k, name in enumerate(texts.names):
        row = rows.numbers[int(np.argmax(texts.codes == k))]
        refuse_wrong(f"{rows.path}, row {row}, {where}", name, Layout(layout.separator, False))
    whole = all(name.isascii() and name.lstrip("+-").isdigit() for name in texts.names)
    return np.array([float(name) for name in texts.names])[texts.codes], whole
