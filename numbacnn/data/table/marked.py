"""Numbers that are not written plainly: with units, percent signs, or marks between thousands."""

from __future__ import annotations

import re

import numpy as np

from ..errors import DataError
from .layout import MARKED, Layout, is_marked
from .numbers import Texts, column_name
from .text import Rows

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)


def refuse_thousands(rows: Rows, layout: Layout) -> None:
    """Raise if commas separate and the quoted numbers of a column, such as "7,670", may have thousands or decimal commas."""
    if layout.separator != "," or not layout.decimal_comma:
        return
    unclear: dict[int, tuple[int, str]] = {}
    clear = set()
    for number, line in zip(rows.numbers, rows.lines):
        if '"' not in line:
            continue
        for j, cell in enumerate(layout.cells(line)):
            if "," not in cell or not layout.is_number(cell):
                continue
            if THOUSANDS.fullmatch(cell):
                unclear.setdefault(j, (number, cell))
            else:
                clear.add(j)
    for j, (number, cell) in unclear.items():
        if j not in clear:
            raise DataError(
                f'{rows.path}, row {number}, column {j + 1}: "{cell}" may be {cell.replace(",", "")} or {cell.replace(",", ".")}; '
                "write it without marks between thousands, and with a decimal point"
            )


def comma_notes(rows: Rows, layout: Layout, heading: list[str] | None) -> tuple[str, ...]:
    """Return a note on the columns of which decimal commas are read."""
    if not layout.decimal_comma:
        return ()
    found: set[int] = set()
    width = len(layout.cells(rows.lines[0]))
    for line in rows.lines:
        if "," in line:
            found |= {j for j, cell in enumerate(layout.cells(line)) if "," in cell and layout.is_number(cell)}
            if len(found) == width:
                break
    if not found:
        return ()
    names = [column_name(heading, j).removeprefix("column ") for j in sorted(found)]
    where = f"columns {names[0]} to {names[-1]}" if len(names) > 4 else f"column{'s' * (len(names) > 1)} {', '.join(names)}"
    return (f"{rows.path}: numbers with decimal commas are read in {where} (0,5 is a half)",)


def mostly_marked(texts: Texts) -> bool:
    """Whether most cells of a column are numbers with a unit or other marks."""
    counts = np.bincount(texts.codes, minlength=len(texts.names))
    marked = sum(int(n) for name, n in zip(texts.names, counts) if is_marked(name))
    return 2 * marked > counts.sum()


def fix_of(cell: str) -> str:
    """Return what to do so that a marked number becomes a plain one."""
    found = MARKED.fullmatch(cell)
    before, digits, after = (found[k].strip() for k in (1, 2, 3)) if found else ("", cell, "")
    marks = [sign for sign in (before, after) if sign]
    if marks:
        return f"remove the {' and '.join(marks)}"
    if ":" in digits:
        return "write one number, such as minutes or seconds"
    return "write it with a decimal point and without marks between thousands"


def refuse_marked(rows: Rows, layout: Layout, j: int, where: str, texts: Texts) -> None:
    """Raise for a column of numbers that are not written plainly; its first such cell is quoted."""
    k = next(k for k, name in enumerate(texts.names) if is_marked(name))
    i = int(np.argmax(texts.codes == k))
    cell = layout.cells(rows.lines[i])[j]  # as it stands in the file
    raise DataError(
        f"{rows.path}, row {rows.numbers[i]}, {where}: {cell[:40]!r} is not a plain number; {fix_of(cell)} in the whole column, or leave the "
        "column out of the file"
    )
