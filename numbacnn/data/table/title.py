"""Lines above a table that are not part of it, such as the title that a spreadsheet has over its columns."""

from __future__ import annotations

import csv
from collections import Counter

from ..wording import counted
from .layout import NUMBER, SEPARATORS, Layout
from .text import Rows

MOST_LINES = 10  # a longer text is not a title
SAMPLE = 40  # rows by which the width of the table is judged
ALIKE = 0.9  # part of them that has the same width; token sequences of many lengths have none


def without_title(rows: Rows) -> Rows:
    """Return the rows without lines above the table, and a note on those.

    A title has words in half as many cells as the rows or fewer, and no numbers.
    """
    tried = {}
    for separator in (rows.separator,) if rows.separator else SEPARATORS:
        try:
            tried[separator] = Layout(separator, False).reader(rows.lines[: MOST_LINES + SAMPLE])
        except csv.Error:
            continue
    filled = {separator: [sum(cell != "" for cell in row) for row in cells] for separator, cells in tried.items()}
    widest = list(map(max, zip(*filled.values())))  # a heading has one cell if it is parted at another sign
    for separator, cells in tried.items():
        body = filled[separator][MOST_LINES:] or filled[separator][1:]
        width, times = Counter(body).most_common(1)[0] if body else (0, 0)
        if width < 3 or times < ALIKE * len(body):
            continue
        above = next((i for i, count in enumerate(widest) if 2 * count > width), 0)
        if 0 < above < MOST_LINES and not any(NUMBER.fullmatch(cell) for row in cells[:above] for cell in row):
            text = " ".join(cell for cell in cells[0] if cell)[:40]
            note = f"{rows.path}: {counted(above, 'line')} above the table left out ({text!r}{', ...' * (above > 1)})"
            return rows._replace(lines=rows.lines[above:], numbers=rows.numbers[above:], notes=(*rows.notes, note))
    return rows
