"""Read a whole table: from the file to its labels and numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..record import Choices
from .arrange import PART_COLUMNS, Table, arranged
from .labels import Column, is_row_name
from .layout import LABEL_NAMES, SAMPLE, Layout, find_layout, holds_packed, take_heading
from .marked import comma_notes, refuse_thousands
from .numbers import LARGEST_WHOLE, Coder, Numbers, Ragged, Texts, column_name, read_numbers
from .text import Rows, read_rows
from .title import without_title

SAME_LENGTH = 0.9  # part of the rows above which a shorter row is damaged rather than a shorter sequence


def read_table(path: Path, choices: Choices, like: dict | None = None, labeled: bool = True) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
    choices : Choices
    like : dict, optional
        ``columns`` and ``label`` of the table that this one is to be read as:
        columns are matched by their headings, where both have some.
    labeled : bool
        Whether it has to have labels.

    Raises
    ------
    DataError
        If it cannot be read; file, row and column are named.
    """
    rows = without_title(read_rows(path))
    try:
        layout = find_layout(rows)
        refuse_thousands(rows, layout)
        rows, layout = without_quoted_commas(rows, layout)
        rows, heading, notes = take_heading(rows, layout)
        notes += comma_notes(rows, layout, heading)
        rows, layout, heading = unpacked(rows, layout, heading)
        return in_columns(rows, layout, heading, choices, like, labeled, rows.notes + notes)
    except csv.Error as error:
        raise DataError(f"{path}: cannot be read as a table ({error})") from None


def in_columns(rows, layout, heading, choices, like, labeled, notes) -> Table:
    """Read rows of one length by columns; those of different lengths cell by cell."""
    cells = None
    if any(row[-1] == "" for row in layout.reader(rows.lines[:SAMPLE]) if row):
        rows, layout, cells = ends_cut(rows, layout)
    if cells is None:
        try:
            heading = checked_heading(rows, layout, heading)
            as_text = text_columns(rows, layout, heading, choices, like)
            numbers = read_numbers(rows, layout, heading, as_text, choices.reading)
            return arranged(rows, layout, heading, numbers, False, choices, like, labeled, notes)
        except Ragged:
            rows, layout, cells = ends_cut(rows, layout)
            if cells is None:
                return in_columns(rows, layout, heading, choices, like, labeled, notes)
    numbers, heading = ragged_numbers(rows, layout, cells, heading, choices, like)
    return arranged(rows, layout, heading, numbers, True, choices, like, labeled, notes)


def cut(row: list[str]) -> list[str]:
    """Return the cells of a row without the empty ones behind."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def without_quoted_commas(rows: Rows, layout: Layout) -> tuple[Rows, Layout]:
    """Return the rows with tabs between the cells where a comma is both separator and (in quotes) decimal sign."""
    if layout.separator != "," or not layout.decimal_comma:
        return rows, layout
    lines = ["\t".join(map(plain, row)) for row in layout.reader(rows.lines)]
    return rows._replace(lines=lines), Layout("\t", True)


def unpacked(rows: Rows, layout: Layout, heading: list[str] | None) -> tuple[Rows, Layout, list[str] | None]:
    """Return the table with a cell for each number where a cell holds many, as ``"70 80 82"`` or ``"[70, 80]"``."""
    sample = [layout.cells(line) for line in rows.lines[:SAMPLE]]
    packed = [j for j in range(len(sample[0])) if holds_packed([row[j] for row in sample if j < len(row)])]
    if not packed or layout.separator is None:
        return rows, layout, heading
    if len(packed) > 1:
        names = " and ".join(column_name(heading, j) for j in packed)
        raise DataError(f"{rows.path}: {names} both hold many numbers in one cell; leave one of them out")
    j = packed[0]
    lines = []
    for row in layout.reader(rows.lines):
        inner = re.sub(r"[\[\],\s]+", " ", row[j]).split() if j < len(row) else []
        lines.append("\t".join([*map(plain, row[:j]), *inner, *map(plain, row[j + 1 :])]))
    count = max(len(re.sub(r"[\[\],\s]+", " ", row[j]).split()) for row in sample if j < len(row))
    if heading and j < len(heading):
        heading = [*heading[:j], *(f"{heading[j]}{k}" for k in range(count)), *heading[j + 1 :]]
    return rows._replace(lines=lines), Layout("\t", False), heading


def plain(cell: str) -> str:
    """Return a cell without what would part or quote it when rows are put together with tabs."""
    return cell.replace("\t", " ").replace('"', "'")


def ends_cut(rows: Rows, layout: Layout) -> tuple[Rows, Layout, list[list[str]] | None]:
    """Return the rows without empty cells behind; the cells too if the rows then differ in length, else None."""
    cells = [cut(row) for row in layout.reader(rows.lines)]
    if len({len(row) for row in cells}) > 1:
        return rows, layout, cells
    lines = ["\t".join(map(plain, row)) for row in cells]
    return rows._replace(lines=lines), Layout("\t", layout.decimal_comma), None


def checked_heading(rows: Rows, layout: Layout, heading: list[str] | None) -> list[str] | None:
    """Return the heading without empty names behind; it must name as many columns as the rows have."""
    width = len(layout.cells(rows.lines[0]))
    if width < 2:
        raise DataError(f"{rows.path}: has one column; a row needs a label and its numbers")
    if heading is None:
        return None
    while len(heading) > width and heading[-1] == "":
        heading = heading[:-1]
    if len(heading) != width:
        if any(len(layout.cells(line)) != width for line in rows.lines):
            raise Ragged
        raise DataError(f"{rows.path}: the heading names {len(heading)} columns, but the rows have {width} cells; make them agree")
    return heading


def text_columns(rows: Rows, layout: Layout, heading: list[str] | None, choices: Choices, like: dict | None) -> set[int]:
    """Return the columns to keep as text: those with words, and those with a telling heading."""
    spread = rows.lines[SAMPLE :: max(1, len(rows.lines) // SAMPLE)]
    width = len(layout.cells(rows.lines[0]))
    found = set()
    for line in (*rows.lines[:SAMPLE], *spread):
        found |= {j for j, cell in enumerate(layout.cells(line)) if cell and not plain_number(cell, layout)}
    asked = {(choices.label or "").strip().lower(), str((like or {}).get("label", "")).strip().lower()} - {""}
    telling = {*LABEL_NAMES, *PART_COLUMNS, *asked}
    for j, name in enumerate(heading or []):
        column = Column(j, name, Texts(np.zeros(0, np.int64), []))
        if name.strip().lower() in telling or (name == "" or is_row_name(column, heading)):
            found.add(j)
    return {j for j in found if j < width}


def plain_number(cell: str, layout: Layout) -> bool:
    """Whether a cell is a number and nothing is lost if it is read as one, as the zeros of 007 would be."""
    return layout.is_number(cell) and not (len(cell) > 1 and cell[0] == "0" and cell.isdigit())


def ragged_numbers(
    rows: Rows, layout: Layout, cells: list[list[str]], heading: list[str] | None, choices: Choices, like: dict | None
) -> tuple[Numbers, list[str] | None]:
    """Return rows of different lengths filled up with 0: the first column as text, the others as token ids."""
    lengths = [len(row) for row in cells]
    longest = max(lengths)
    common, times = Counter(lengths).most_common(1)[0]
    digits = all(cell.isascii() and cell.isdigit() for row in cells for cell in row[1:])
    if not digits or (choices.kind != "tokens" and times > SAME_LENGTH * len(cells)) or choices.kind in ("images", "series"):
        i = next(i for i, length in enumerate(lengths) if length != common)
        way = "; if the rows are token sequences of different lengths give --kind tokens" if digits and choices.kind is None else ""
        raise DataError(
            f"{rows.path}, row {rows.numbers[i]}: has {lengths[i]} cells (empty ones behind do not count), but most rows have "
            f"{common}; complete it, or leave it out{way}"
        )
    label = str(choices.label or "first").lower()
    if label not in ("first", *(name.lower() for name in (heading or [])[:1])):
        raise DataError(f"{rows.path}: has rows of different lengths, so the label must be the first column, not {label}")
    if longest < 2:
        raise DataError(f"{rows.path}: no row has a number after its label; write label,number,number,...")
    values = np.zeros((len(cells), longest), np.int32)
    coder = Coder()
    for i, row in enumerate(cells):
        if any(len(cell) > 9 for cell in row[1:]):
            raise DataError(f"{rows.path}, row {rows.numbers[i]}: a token id is larger than {LARGEST_WHOLE:,}")
        values[i, 0] = coder.code(layout.first_as_written(rows.lines[i]) if row and row[0] else "")
        values[i, 1 : len(row)] = [int(cell) for cell in row[1:]]
    return Numbers(values, {0: coder.texts(values[:, 0])}, True, frozenset({0})), None
