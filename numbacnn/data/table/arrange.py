"""Which columns of a table are label, part, names of rows and numbers, and the numbers in their order."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import DataError
from ..parts import SHORT_PART_OF
from ..wording import listed
from .labels import FEW_ROWS, Column, called, find_label, is_row_name, named, option
from .layout import LABEL_NAMES
from .marked import mostly_marked, refuse_marked
from .numbers import LARGEST_WHOLE, Texts, as_texts, column_name, numbers_of
from .text import Rows

PART_COLUMNS = ("usage", "split", "set", "part", "partition", "subset")
PART_OF = {**SHORT_PART_OF, "publictest": "val", "privatetest": "test"}  # the last two as in FER-2013


class Table(NamedTuple):
    """A table as it was read.

    ``values`` int32 or float32 (N, length); ``labels`` is None if none were
    asked for; ``parts`` (N,) are train, val or test, or None; ``columns`` are the
    headings of the values, or None; ``label`` is the heading of the label, or first,
    last or its place, and ``before`` of the values stand before it.
    """

    values: np.ndarray
    whole: bool
    ragged: bool
    labels: Texts | None
    parts: np.ndarray | None
    columns: list[str] | None
    label: str
    before: int
    notes: tuple[str, ...]
    rows: Rows


def arranged(rows, layout, heading, numbers, ragged, choices, like, labeled, notes) -> Table:
    """Tell label, parts and names of rows from the numbers, and put the numbers in the order that is wanted."""
    path, width = rows.path, numbers.values.shape[1]
    columns = {j: Column(j, heading[j] if heading else "", texts) for j, texts in numbers.texts.items()}
    label, by_heading = label_by_heading(path, columns, heading, choices, like, labeled, width)
    row_names = [j for j, column in columns.items() if j != label and not ragged and is_row_name(column, heading)]
    notes += tuple(f"{path}: {called(columns[j], width - 1)} names or counts the rows, so it is left out" for j in row_names)
    parts = next((j for j in columns if j != label and is_parts(columns[j])), None)
    places = [j for j in range(width) if j not in (*row_names, parts)]
    if not places:
        raise DataError(f"{path}: has no numbers, only columns that name or count the rows; a row needs a label and its numbers")
    keep_as_text(columns, heading, numbers, places[0])
    if label is None and like is not None and not by_heading:
        tokens = ragged or choices.kind == "tokens" and like["before"] == 0
        label, note = by_place(path, places, columns, like, labeled, tokens)
        if label is not None and labeled and not ragged:
            refuse_other_edge(path, columns, heading, numbers, places, label, choices.classes)
        notes += (note,) if note and heading is None and like["columns"] else ()
    elif label is None and labeled:
        label, note = found(path, columns, heading, places, numbers, ragged)
        notes += (note,) if note else ()
    if label is not None:
        keep_as_text(columns, heading, numbers, label)
    words = {j: column for j, column in columns.items() if column.is_words and j not in (*row_names, label, parts)}
    for j, column in words.items():
        if mostly_marked(column.texts):
            refuse_marked(rows, layout, j, column_name(heading, j), column.texts)
    left, more = words_left_out(path, words, numbers, width - 1)
    notes += more
    features = [j for j in places if j not in left and j != label]
    features, more = matched(path, heading, features, (like or {}).get("columns"))
    values, whole = gathered(rows, layout, heading, numbers, features)
    if heading and values.shape[1] == 1 and len(values) >= FEW_ROWS and (np.diff(values[:, 0].astype(np.float64)) == 1).all():
        raise DataError(
            f"{path}: the only numbers, in {column_name(heading, features[0])}, count the rows; a row needs a label and its numbers"
        )
    return Table(
        values, whole, ragged, numbers.texts[label] if label is not None else None,
        part_keys(columns[parts]) if parts is not None else None,
        [heading[j] for j in features] if heading else None,
        "" if label is None else place_of(heading, label, width), sum(j < (label or 0) for j in features), notes + more, rows,
    )


def label_by_heading(path, columns, heading, choices, like, labeled, width) -> tuple[int | None, bool]:
    """Return the column of the labels if it is asked for, or headed as in the training data, and whether the latter decides."""
    if choices.label and labeled:
        return named(columns, heading, choices.label, path, width), False
    if like is None or heading is None or like["columns"] is None:
        return None, False
    label = next((j for j, name in enumerate(heading) if name.lower() == like["label"].lower()), None)
    if label is None and labeled:
        raise DataError(f"{path}: has no column {like['label']!r}, which holds the labels of the training data")
    return label, True


def keep_as_text(columns, heading, numbers, j) -> None:
    """Let a column be one that may hold labels, although its numbers were not kept as text."""
    if j not in columns:
        numbers.texts[j] = as_texts(numbers.values[:, j])
        columns[j] = Column(j, heading[j] if heading else "", numbers.texts[j])


def words_left_out(path, words, numbers, last) -> tuple[list[int], tuple[str, ...]]:
    """Return the columns of words that are left out, and notes; those of True and False become numbers."""
    bools = [j for j, column in words.items() if column.is_bool and not column.differs]
    for j in bools:
        texts = words[j].texts
        numbers.texts[j] = Texts(texts.codes, [str(int(name.lower() == "true")) for name in texts.names])
    left = [j for j in words if j not in bools]
    notes = (f"{path}: True and False are read as 1 and 0",) if bools else ()
    return left, notes + tuple(without_words(path, words[j], last) for j in left)


def by_place(path, places, columns, like, labeled, tokens) -> tuple[int | None, str]:
    """Return the column of the labels by its place in the training data, where one of the tables has no heading, and a note.

    Rows of tokens may be shorter than those of the training data; their label is the first.
    """
    telling = [j for j, column in columns.items() if is_label_name(column)]
    if telling and (tokens or len(places) == like["numbers"] + 1):
        return telling[0], ""
    if tokens and not labeled and not columns[places[0]].is_words:
        return None, ""
    note = f"{path}: has no heading, so its columns are taken in the order of the training data"
    if tokens or len(places) == like["numbers"] + 1:
        return places[0 if tokens else like["before"]], note
    if not labeled and len(places) == like["numbers"]:
        return None, note
    raise DataError(
        f"{path}: has {len(places)} columns, but the training data have {like['numbers']} numbers in a row "
        f"{'and a label' if labeled else '(and perhaps a label)'}; give a table with the same columns"
    )


def refuse_other_edge(path, columns, heading, numbers, places, label, classes) -> None:
    """Raise if the column taken for the label by its place is the same in every row, and the one at the other edge holds classes."""
    other = places[0] if label == places[-1] else places[-1]
    for j in (label, other):
        keep_as_text(columns, heading, numbers, j)
    if other != label and len(columns[label].texts.names) == 1 and columns[other].may_be_label and set(columns[other].texts.names) <= set(classes or ()):
        raise DataError(
            f"{path}: {called(columns[label], places[-1])}, where the training data have the label, is the same in every row, and "
            f"{called(columns[other], places[-1])} holds classes of the training data; choose one: "
            f"{option(columns[label], 'first' if label == places[0] else 'last')} or {option(columns[other], 'last' if label == places[0] else 'first')}"
        )


def is_label_name(column: Column) -> bool:
    """Whether the heading says that the column holds the labels."""
    return column.name.strip().lower() in LABEL_NAMES


def found(path, columns, heading, places, numbers, ragged) -> tuple[int, str]:
    """Return the column of the labels, out of those at ``places``, and a note; judged by headings and numbers."""
    if len(places) == 1:
        raise DataError(f"{path}: has no numbers beside {column_name(heading, places[0])}; a row needs a label and its numbers")

    def inner(j):
        if j in numbers.texts and not Column(j, "", numbers.texts[j]).is_whole:
            return None
        values = numbers.values[:, j]
        if j in numbers.texts:
            values = np.array([float(name) for name in numbers.texts[j].names])[numbers.texts[j].codes]
        return None if (values % 1).any() else values

    edges = (places[0], places[0] if ragged else places[-1])
    for j in edges:
        keep_as_text(columns, heading, numbers, j)
    likely = {j: column for j, column in columns.items()
              if j in edges or j in places and (column.is_words or is_label_name(column))}
    return find_label(path, likely, heading, edges[1], inner)


def is_parts(column: Column) -> bool:
    """Whether a column says of each row to which part it belongs."""
    return column.name.strip().lower() in PART_COLUMNS and all(name.lower() in PART_OF for name in column.texts.names)


def part_keys(column: Column) -> np.ndarray:
    """Return train, val or test for each row."""
    return np.array([PART_OF[name.lower()] for name in column.texts.names])[column.texts.codes]


def without_words(path: Path, column: Column, last: int) -> str:
    """Return the note that a column of words is left out; raise if it might be more than a name."""
    names = column.texts.names
    if column.differs:
        return f"{path}: {called(column, last)} has words that differ from row to row, so it is left out"
    if len(names) == 1:
        return f"{path}: {called(column, last)} has the same word in every row, so it is left out"
    raise DataError(
        f"{path}: {called(column, last)} holds words ({listed(names, 3)}), but it is not the label; leave the "
        "column out of the file, or write numbers in place of the words"
    )


def matched(path, heading, features, wanted) -> tuple[list[int], tuple[str, ...]]:
    """Return the columns in the order of another table's headings, and a note if they were in another one."""
    if not wanted or not heading:
        return features, ()
    names = [heading[j] for j in features]
    if names == list(wanted):
        return features, ()
    if len(names) == len(wanted) and not set(names) & set(wanted):
        return features, (f"{path}: has other headings than the training data, so its columns are taken in their order",)
    if len(set(names)) < len(names) or len(set(wanted)) < len(wanted):
        raise DataError(f"{path}: columns are named differently than in the training data, and some names stand twice; make them agree")
    missing = [name for name in wanted if name not in names]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(f"{path}: has no column {missing[0]!r}{more}, which the training data have")
    extra = [name for name in names if name not in set(wanted)]
    notes = (f"{path}: columns are put in the order of the training data",) if [n for n in names if n not in extra] != list(wanted) else ()
    if extra:
        notes += (f"{path}: {listed([*map(repr, extra)])} left out: the training data have no such column",)
    places = dict(zip(names, features))
    return [places[name] for name in wanted], notes


def gathered(rows, layout, heading, numbers, features) -> tuple[np.ndarray, bool]:
    """Return the values of some columns (N, length), and whether all are written with digits alone."""
    if not features:
        raise DataError(
            f"{rows.path}: has no columns of numbers beside the label; a row needs a label and its numbers (words have to be "
            "numbered first: token ids)"
        )
    whole = numbers.whole
    texts = {}
    for j in features:
        if j in numbers.coded:
            texts[j], digits = numbers_of(numbers.texts[j], column_name(heading, j), rows, layout)
            whole = whole and digits
    if whole and any(np.abs(values).max() > LARGEST_WHOLE for values in texts.values()):
        whole = False
    run = features == list(range(features[0], features[-1] + 1))
    values = numbers.values[:, features[0] : features[-1] + 1] if run else numbers.values[:, features]
    values = values.astype(np.int32 if whole else np.float32, copy=bool(texts))
    for k, j in enumerate(features):
        if j in texts:
            values[:, k] = texts[j]
    return values, whole


def place_of(heading: list[str] | None, label: int, width: int) -> str:
    """Return what to call the column of the labels so that it is found again."""
    if heading and heading[label] and heading.count(heading[label]) == 1:
        return heading[label]
    return "first" if label == 0 else "last" if label == width - 1 else f"column {label + 1}"
