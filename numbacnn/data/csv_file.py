"""Read examples from a table: a text file with one example per row, a label and its numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .classes import in_order, nearly_alike, written_alike
from .errors import DataError
from .parts import PARTS, TEST_EVERY, every_sixth, refuse_same
from .pixels import refuse_two_ranges
from .record import Choices, Split
from .table.arrange import Table
from .table.kinds import as_examples, guessed
from .table.layout import NUMBER
from .table.numbers import Texts
from .table.reading import read_table
from .table.text import ERRORS
from .wording import listed

NO_LABEL = ("", "na", "n/a", "nan", "null", *ERRORS)


def load_csv(path: str | Path, choices: Choices = Choices()) -> Split:
    """Read a table of comma-separated values, or a kindred text file.

    Parameters
    ----------
    path : str or Path
        One example per row: its label (a word or a number) and its numbers,
        separated by commas, semicolons, tabs, ``|`` or spaces.  Cells may be
        quoted; numbers may have decimal commas where no comma separates;
        comments (``#``), blank lines, a heading and a column that counts the
        rows are left out.  The text is UTF-8, or has a mark that says UTF-16;
        the file may be compressed (gzip, bzip2, xz).  The label is the column
        headed label, class, target or y, else the only one with words, else
        the first, if its values are few.  A column headed split (or usage, set, part) with the words train,
        val and test divides the rows.
    choices : Choices
        ``label`` names the column, ``kind`` and ``shape`` say what the numbers
        are, ``test`` is a second table to test with, ``whole`` leaves the rows
        together.  Without ``kind``, a square number of whole numbers from 0 to
        255 (8x8 or more) is an image; other whole numbers of 0 or more are
        token ids, and shorter rows are filled up with 0; the rest are time
        series of one length.

    Returns
    -------
    Split
        Images uint8 (N, C, H, W), tokens int64 (N, length), or series float32
        (N, C, length).  Without a test part every sixth row is kept to test
        with, counted class by class, so that labels which take turns are all
        tested.  Classes in the order of their names, numbers by size.

    Raises
    ------
    DataError
        If the file cannot be read, a row does not fit, or no column is known
        to hold the labels; file, row and column are named.
    """
    path = Path(path)
    table = read_table(path, choices, choices.table)
    labels, notes = class_of_rows(path, table, choices)
    if choices.test is not None:
        return with_test_table(path, table, labels, choices, notes)
    x, kind, more = as_examples(path, table.values, table.rows.numbers, table.whole, table.ragged, choices)
    notes += more
    x = filled_up(x, kind, choices.table)
    names, y = labels.names, labels.codes
    described = {"classes": tuple(names), "kind": kind, "notes": notes, "table": description(table)}
    where = f"table {path}, labels in {label_place(table)}"
    if table.parts is not None:
        return by_parts(path, x, y, table.parts, where, described)
    if choices.whole:
        return Split(x[:0], y[:0], x, y, where, parts=(), **described)
    refuse_too_few(path, labels)
    test = every_sixth(y)
    source = f"{where}, every sixth row kept to test with, counted class by class"
    return Split(x[~test], y[~test], x[test], y[test], source, parts=(), **described)


def load_rows(path: str | Path, choices: Choices = Choices()) -> tuple[np.ndarray, list[int], tuple[str, ...]]:
    """Read a table of examples to be classified, with or without labels.

    Parameters
    ----------
    path : str or Path
    choices : Choices
        ``kind`` and ``shape`` as for the training, ``table`` as it describes
        the training data: a column with the heading of its label is left out,
        the other columns are matched by their headings.

    Returns
    -------
    x : array
        As in `load_csv`.
    rows : list of int
        The place of each in the file, counted from 1.
    notes : tuple of str
        What was guessed, left out or converted.

    Raises
    ------
    DataError
        As `load_csv` does, except for labels that are missing.
    """
    path = Path(path)
    table = read_table(path, choices._replace(label=None), choices.table, labeled=False)
    x, kind, notes = as_examples(path, table.values, table.rows.numbers, table.whole, table.ragged, choices)
    return filled_up(x, kind, choices.table), table.rows.numbers, table.notes + notes


def filled_up(x: np.ndarray, kind: str, table: dict | None) -> np.ndarray:
    """Return token sequences at least as long as those of the training data, with 0 behind their end."""
    missing = table["numbers"] - x.shape[1] if table and kind == "tokens" else 0
    return np.pad(x, ((0, 0), (0, missing))) if missing > 0 else x


def class_of_rows(path: Path, table: Table, choices: Choices) -> tuple[Texts, tuple[str, ...]]:
    """Return the labels with classes in order, and notes; refuse a column that cannot be one of labels."""
    labels, notes = table.labels, table.notes
    for k, name in enumerate(labels.names):
        if name.lower() in NO_LABEL:
            row = table.rows.numbers[int(np.argmax(labels.codes == k))]
            raise DataError(f"{path}, row {row}: has no label ({name!r}); fill it in, or leave the row out")
    if all(len(name) > 2 and name[0] == name[-1] == "'" for name in labels.names):
        labels = Texts(labels.codes, [name[1:-1] for name in labels.names])
    notes += written_alike(str(path), (ways for ways in table.labels.written if not NUMBER.fullmatch(ways[0].strip())))
    labels = each_once(labels)
    count, rows = len(labels.names), len(labels.codes)
    if count > rows / 2 and rows >= TEST_EVERY and not (choices.classes and set(labels.names) <= set(choices.classes)):
        said = f"{path}: {label_place(table)} has {count:,} different labels in {rows:,} rows"
        if choices.label is None:
            raise DataError(
                f"{said}; a label names a class that many rows share, so give --label with another column, or classes in place of "
                "the numbers (numbacnn learns classes, not quantities)"
            )
        notes += (f"{said}: hardly any row shares its class with another",)
    return labels, notes + nearly_alike(str(path), labels.names)


def each_once(labels: Texts) -> Texts:
    """Return labels with every class once and in order; 1 and 1.0 are one class, but codes such as 007 stay as they are."""
    names = labels.names
    padded = any(len(name) > 1 and name.startswith("0") and name.isdigit() for name in names)
    if not padded and all(NUMBER.fullmatch(name) for name in names):
        names = [str(int(float(name))) if float(name).is_integer() else name for name in names]
    classes = in_order(set(names))
    places = np.array([classes.index(name) for name in names], np.int64)
    return Texts(places[labels.codes], classes)


def label_place(table: Table) -> str:
    """Return where the labels are, in words."""
    if table.label in ("first", "last") and (table.columns is None or table.label not in table.columns):
        return f"the {table.label} column"
    if table.columns is None:
        return table.label
    return f"the column {table.label!r}"


def description(table: Table) -> dict:
    """Return what has to be known to read another table as this one."""
    return {"label": table.label, "columns": table.columns, "numbers": table.values.shape[1], "before": table.before}


def refuse_too_few(path: Path, labels: Texts) -> None:
    """Raise unless there are enough rows and classes to train and to test with."""
    if len(labels.names) < 2:
        raise DataError(f"{path}: every row has the label {labels.names[0]!r}; at least 2 are needed")
    if len(labels.codes) < TEST_EVERY:
        raise DataError(f"{path}: holds {len(labels.codes)} rows; at least {TEST_EVERY} are needed")


def by_parts(path: Path, x: np.ndarray, y: np.ndarray, parts: np.ndarray, where: str, described: dict) -> Split:
    """Return the rows as a column divides them; without rows to test with every sixth one is kept."""
    train, val, test = (parts == part for part in PARTS)
    there = tuple(part for part in PARTS if (parts == part).any())
    notes = described.pop("notes") + (f"{path}: a column divides the rows into {', '.join(there)}",)
    if not train.any():
        raise DataError(f"{path}: a column divides the rows into {', '.join(there)}, so none are left to train with")
    if not test.any():
        test[np.flatnonzero(train)[every_sixth(y[train])]] = True
        train &= ~test
        notes += (f"{path}: no row is of the test part, so every sixth row to train with is kept to test with",)
    own = {"x_val": x[val], "y_val": y[val]} if val.any() else {}
    return Split(x[train], y[train], x[test], y[test], where, parts=there, notes=notes, **own, **described)


def with_test_table(path: Path, table: Table, labels: Texts, choices: Choices, notes: tuple[str, ...]) -> Split:
    """Return a table to train with, and a second one to test with, read as the first."""
    test_path = Path(choices.test)
    if table.parts is not None:
        raise DataError(f"{path}: has a column that divides the rows into parts; leave --test out, or that column")
    refuse_same(path, test_path, "table")
    test = read_table(test_path, choices._replace(label=None), description(table))
    test_labels, more = class_of_rows(test_path, test, choices._replace(classes=tuple(labels.names)))
    strange = [name for name in test_labels.names if name not in labels.names]
    if strange:
        them = "them" if len(strange) > 1 else "it"
        raise DataError(
            f"{test_path}: has the label{'s' * (len(strange) > 1)} {listed(strange)}, but {path} has no row of {them} to train with; leave "
            "those rows out, or add some to train with"
        )
    if len(labels.names) < 2:
        refuse_too_few(path, labels)
    kind = choices.kind or guessed(path, table.values, table.rows.numbers, table.whole, table.ragged, choices.shape)[0]
    if kind == "images":
        refuse_two_ranges(str(path), {path.name: table.values, str(test_path): test.values})
    n, both = len(table.values), joined(path, test_path, table, test)
    whole, ragged = table.whole and test.whole, table.ragged or test.ragged
    x, kind, said = as_examples(path, both, table.rows.numbers + test.rows.numbers, whole, ragged, choices)
    places = np.array([labels.names.index(name) for name in test_labels.names], np.int64)
    source = f"table {path}, labels in {label_place(table)}, tested with {test_path}"
    return Split(x[:n], labels.codes, x[n:], places[test_labels.codes], source, tuple(labels.names), kind,
                 notes=notes + more + said, table=description(table))


def joined(path: Path, test_path: Path, table: Table, test: Table) -> np.ndarray:
    """Return the values of both tables, one below the other; token sequences are filled up with 0."""
    lengths = table.values.shape[1], test.values.shape[1]
    if lengths[0] != lengths[1]:
        if not (table.ragged or test.ragged) or not (table.whole and test.whole):
            raise DataError(
                f"{test_path}: has {lengths[1]} numbers in a row, but {path} has {lengths[0]}; give tables with the same columns"
            )
        both = [np.pad(t.values, ((0, 0), (0, max(lengths) - t.values.shape[1]))) for t in (table, test)]
        return np.concatenate(both)
    if table.whole != test.whole:
        return np.concatenate([table.values.astype(np.float32), test.values.astype(np.float32)])
    return np.concatenate([table.values, test.values])
