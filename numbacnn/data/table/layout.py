"""How a table is laid out: what separates its cells, decimal commas, and whether the first row is a heading."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import NamedTuple

from ..errors import DataError
from ..wording import listed
from .text import Rows

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
BETWEEN_DIGITS = re.compile(r"(?<=\d),(?=\d)|(?<![\d\w]),(?=\d)", re.ASCII)
PACKED = re.compile(r"\[?\s*[+-]?[\d.]+(?:[eE][+-]?\d+)?(?:[\s,]+[+-]?[\d.]+(?:[eE][+-]?\d+)?)*,?\s*\]?", re.ASCII)
#: a number with a sign or unit before or after it, or with marks between its digits
MARKED = re.compile(r"([^\w\s.,:;'\"/-]{0,3}\s*)([+-]?\d[\d.,:'’]*(?:[eE][+-]?\d+)?)(\s*[^\d\n]{0,12})", re.ASCII)
FILE_NAME = re.compile(r".*\.[A-Za-z]\w*")
MISSING = ("", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "#n/a", "inf", "-inf", "+inf", "infinity", "-infinity")
SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 30  # rows by which the layout is judged
FEW_NUMBERS = 8  # in one cell without brackets: fewer may be anything, such as a date
MISFIT = 0.5  # part of the cells that are numbers below which a separator is doubted


class Layout(NamedTuple):
    """``separator`` of the cells (None: white space), and whether 1,5 is a number and a half."""

    separator: str | None
    decimal_comma: bool

    def cells(self, line: str) -> list[str]:
        """Return the cells of a row, without quotation marks and spaces around them."""
        if self.separator is None and '"' not in line:
            return line.split()
        return self.reader([line])[0]

    def reader(self, lines: list[str]) -> list[list[str]]:
        """Return the cells of many rows."""
        if self.separator is None:
            lines = [" ".join(line.split()) for line in lines]
        rows = csv.reader(lines, delimiter=self.separator or " ", skipinitialspace=True)
        return [[cell.strip() for cell in row] for row in rows]

    def first_as_written(self, line: str) -> str:
        """Return the first cell of a row with the spaces around it."""
        if self.separator is None or line.lstrip().startswith('"'):
            return self.cells(line)[0]
        return line.partition(self.separator)[0]

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number as it is written here."""
        return bool((DECIMAL_COMMA if self.decimal_comma else NUMBER).fullmatch(cell))

    def with_points(self, text: str) -> str:
        """Return text with decimal points, as NumPy reads them."""
        return BETWEEN_DIGITS.sub(".", text) if self.decimal_comma else text


def find_layout(rows: Rows) -> Layout:
    """Return the layout in which most cells of the first rows are numbers.

    White space separates only where no other separator makes sense of the
    rows, for it also stands inside of cells.
    """
    first, sample = rows.lines[0], rows.lines[1 : SAMPLE + 1] or rows.lines[:1]
    if rows.separator:
        return with_comma(rows, rows.separator)
    scores = {separator: score(separator, first, sample) for separator in SEPARATORS}
    best = max(scores, key=lambda separator: scores[separator])
    if scores[best][0] < MISFIT:
        spaces = score(None, first, sample)
        if spaces > scores[best]:
            return with_comma(rows, None)
    if not scores[best][1]:
        raise DataError(
            f"{rows.path}: has one column, {first.strip()[:40]!r} and so on; a row needs a label and its numbers, "
            "separated by commas, semicolons, tabs or spaces"
        )
    return with_comma(rows, best)


def with_comma(rows: Rows, separator: str | None) -> Layout:
    """Return the layout with this separator; a comma between digits that separates nothing is a decimal one.

    Where commas separate, numbers with a decimal one are quoted.
    """
    decimal = any(
        DECIMAL_COMMA.fullmatch(cell) and "," in cell
        for line in rows.lines
        if "," in line and (separator != "," or '"' in line)
        for cell in Layout(separator, False).cells(line)
    )
    return Layout(separator, decimal)


def score(separator: str | None, first: str, sample: list[str]) -> tuple[float, int]:
    """Return how well a separator fits: the part of the cells that are numbers, and how many cells there are."""
    if separator is not None and separator not in first:
        return 0.0, 0
    layout = Layout(separator, separator != ",")
    try:
        rows = layout.reader(sample)
        heading = layout.reader([first])[0]
    except csv.Error:
        return 0.0, 0
    if len(heading) < 2 or sum(len(row) > 1 for row in rows) <= len(rows) / 2:
        return 0.0, 0
    cells = [cell for row in rows for cell in row]
    if separator is None and any(set(cell) & set(SEPARATORS) and not layout.is_number(cell) for cell in cells):
        return 0.0, 0  # another separator is at work
    fit = sum(like_number(cell, layout) for cell in cells) / len(cells)
    return fit, len(cells)


def like_number(cell: str, layout: Layout) -> bool:
    """Whether a cell is a number, many numbers, or the word for a missing one."""
    if layout.is_number(cell) or NUMBER.fullmatch(cell) or cell.lower() in MISSING:
        return True
    return is_packed(cell)


def is_marked(cell: str) -> bool:
    """Whether a cell is a number that is not written plainly, such as 12.5%, 3:45 or 7 kg; the name of a file is none."""
    return bool(MARKED.fullmatch(cell)) and not NUMBER.fullmatch(cell) and not FILE_NAME.fullmatch(cell)


def is_packed(cell: str) -> bool:
    """Whether a cell holds many numbers, such as the pixels of an image with spaces between them."""
    return bool(PACKED.fullmatch(cell)) and (len(cell.split()) >= FEW_NUMBERS or cell.startswith("["))


def holds_packed(cells: list[str]) -> bool:
    """Whether a column holds many numbers in each cell, if in some only one."""
    return all(PACKED.fullmatch(cell) for cell in cells) and 2 * sum(len(cell.split()) > 1 for cell in cells) > len(cells)


def take_heading(rows: Rows, layout: Layout) -> tuple[Rows, list[str] | None, tuple[str, ...]]:
    """Return the rows without a heading, the heading if there is one, and notes."""
    first = layout.cells(rows.lines[0])
    sample = [layout.cells(line) for line in rows.lines[1 : SAMPLE + 1]]
    if is_heading(first, sample, layout):
        rest = rows.without_first()
        if not rest.lines:
            raise DataError(f"{rows.path}: holds a heading but no rows; write one example per row")
        return rest, fitted(rest, first, sample), ()
    if is_counted(first, sample):
        note = f"{rows.path}: the first row counts its columns, so it is taken as a heading"
        return rows.without_first(), fitted(rows, first, sample), (note,)
    if numbers_repeats(first) and not any(map(numbers_repeats, sample)):
        note = (f"{rows.path}: the first row numbers repeated names ({listed([*map(repr, first)], 4)}), as pandas does, so it is "
                "taken as a heading")
        return rows.without_first(), None, (note,)
    if rows.comments:  # as numpy.savetxt writes its header
        named = layout.cells(rows.comments[-1].strip())
        if len(named) == len(first) and not any(layout.is_number(cell) for cell in named):
            note = f"{rows.path}: the comment above the rows names their columns, so it is taken as the heading"
            return rows, named, (note,)
    return rows, None, ()


def is_heading(first: list[str], sample: list[list[str]], layout: Layout) -> bool:
    """Whether the first row has words where the other rows have numbers."""
    if not sample:
        return not any(layout.is_number(cell) for cell in first[1:])
    longest = max(len(row) for row in sample)
    numbers = [0] * longest
    for row in sample:
        for j, cell in enumerate(row):
            numbers[j] += like_number(cell, layout) or is_marked(cell)
    columns = [j for j in range(min(len(first), longest)) if numbers[j] > len(sample) / 2]
    words = [j for j in columns if not like_number(first[j], layout) and not is_marked(first[j])]
    if len(words) > len(columns) / 2:
        return True
    named = [cell.lower() for cell in first if cell.strip().lower() in LABEL_NAMES]
    return bool(named) and counts(first) and not any(row[:1] == first[:1] for row in sample)


#: headings that say which column holds the labels, in small letters
LABEL_NAMES = ("label", "labels", "class", "classes", "target", "targets", "y")


def counts(cells: list[str]) -> bool:
    """Whether the numbers among the cells count the columns: 0, 1, 2 and so on, or from 1."""
    numbers = [int(cell) for cell in cells if cell.isascii() and cell.isdigit()]
    return len(numbers) >= 2 and len(numbers) >= len(cells) - 2 and numbers in (
        list(range(len(numbers))), list(range(1, len(numbers) + 1)))


def is_counted(first: list[str], sample: list[list[str]]) -> bool:
    """Whether the first row counts all its columns, and no other row does."""
    cells = first[1:] if first[0] == "" else first
    whole = len(cells) >= 4 and all(cell.isascii() and cell.isdigit() for cell in cells)
    return bool(sample) and whole and counts(cells) and not any(counts(row) for row in sample)


def numbers_repeats(cells: list[str]) -> bool:
    """Whether cells are names that pandas numbered because they are repeated: 0, 0.1, 0.2, 7, 0.3, 7.1."""
    seen: dict[str, int] = {}
    numbered = 0
    for j, cell in enumerate(cells):
        base, point, count = cell.rpartition(".")
        if point and base in seen and count.isascii() and count.isdigit():
            seen[base] += 1
            if count != str(seen[base]):
                return False
            numbered += 1
        elif cell in seen and j > 1:
            return False
        else:
            seen[cell] = 0
    return numbered >= FEW_NUMBERS and 2 * numbered > len(cells)


def fitted(rows: Rows, heading: list[str], sample: list[list[str]]) -> list[str]:
    """Return a heading with as many names as the rows have cells.

    Some programs leave out the name above the names of the rows, some end every
    row but the heading with a separator, or the other way round.
    """
    width = Counter(len(row) for row in sample).most_common(1)[0][0]
    longest = max(len(row) for row in sample)
    while len(heading) > longest and heading[-1] == "":
        heading = heading[:-1]
    if len(heading) == width - 1 and longest == width:
        last_is_empty = all(row[-1] == "" for row in sample if len(row) == width)
        return [*heading, ""] if last_is_empty else ["", *heading]
    return heading
