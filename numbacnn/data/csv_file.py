"""Read token sequences or time series from a CSV file: the label first, then the numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import DataError
from .record import Split

TEST_EVERY = 6  # rows: the last of every six is kept to test with
LAYOUT = "label,number,number,..."


def load_csv(path: str | Path) -> Split:
    """Read a CSV file.

    Parameters
    ----------
    path : str or Path
        A row an example: its label (a word or a number), then its numbers.  A
        first row without numbers is a heading.  If all are whole numbers of 0
        or more, written without a point, they are token ids, and shorter rows
        are filled up with 0; else the rows are time series of one length.

    Returns
    -------
    Split
        Tokens int64 (N, length), or series float32 (N, 1, length).  Every
        sixth row is kept to test with, counted class by class, so that labels
        which take turns are all tested.  Classes in the order of their names,
        numbers by size.

    Raises
    ------
    DataError
        If the file cannot be read, or a row does not fit; the row is named.
    """
    path = Path(path)
    rows = read_rows(path)
    labels = [cells[0] for _, cells in rows]
    classes = class_names(labels)
    if len(classes) < 2:
        raise DataError(f"{path}: every row has the label {labels[0]!r}; at least 2 are needed")
    if all(cell.isascii() and cell.isdigit() for _, cells in rows for cell in cells[1:]):
        x, kind = as_tokens(path, rows), "tokens"
    else:
        x, kind = as_series(path, rows), "series"
    y = np.array([classes.index(label) for label in labels], np.int64)
    if len(x) < TEST_EVERY:
        raise DataError(f"{path}: holds {len(x)} rows; at least {TEST_EVERY} are needed")
    test = np.zeros(len(x), bool)
    test[np.argsort(y, kind="stable")[TEST_EVERY - 1 :: TEST_EVERY]] = True
    source = f"CSV file {path}, every sixth row kept to test with, counted class by class"
    return Split(x[~test], y[~test], x[test], y[test], source, classes, kind)


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the number of each row, counted from 1, and its cells; blank rows are left out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text ({error})") from None
    rows = [
        (number, [cell.strip() for cell in line.split(",")])
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    if rows and not any(is_number(cell) for cell in rows[0][1][1:]):
        rows = rows[1:]
    if not rows:
        raise DataError(f"{path}: holds no rows; write {LAYOUT}")
    return rows


def is_number(cell: str) -> bool:
    """Whether a cell holds a finite number."""
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def class_names(labels: list[str]) -> tuple[str, ...]:
    """Return every label once: numbers by size, words by the alphabet."""
    names = sorted(set(labels))
    if all(name.isascii() and name.isdigit() for name in names):
        names.sort(key=int)
    return tuple(names)


def as_tokens(path: Path, rows: list[tuple[int, list[str]]]) -> np.ndarray:
    """Return rows of whole numbers as int64 (N, length), filled up with 0."""
    tokens = np.zeros((len(rows), max(len(cells) - 1 for _, cells in rows)), np.int64)
    if not tokens.shape[1]:
        raise DataError(f"{path}: no row has a number after its label; write {LAYOUT}")
    for i, (number, cells) in enumerate(rows):
        if any(len(cell) > 9 for cell in cells[1:]):
            raise DataError(f"{path}, row {number}: a token id is larger than 999,999,999")
        tokens[i, : len(cells) - 1] = [int(cell) for cell in cells[1:]]
    return tokens


def as_series(path: Path, rows: list[tuple[int, list[str]]]) -> np.ndarray:
    """Return rows of numbers as float32 (N, 1, length)."""
    length = len(rows[0][1]) - 1
    for number, cells in rows:
        wrong = [cell for cell in cells[1:] if not is_number(cell)]
        if wrong:
            raise DataError(
                f"{path}, row {number}: {wrong[0]!r} is not a finite number; write {LAYOUT}"
            )
        if len(cells) - 1 != length:
            raise DataError(
                f"{path}, row {number}: has {len(cells) - 1} numbers, but the first row {length}; "
                "time series must be of one length"
            )
    return np.array([[[float(cell) for cell in cells[1:]]] for _, cells in rows], np.float32)
