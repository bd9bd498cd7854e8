"""What stands around a table or looks like a comment: titles, values of spreadsheets that are errors, the label at the other edge."""

import numpy as np
import pytest
from few_tables import BODY, HEADING, LAST, NAMES, K, all_of, assert_readings

from numbacnn.data import DataError, load_csv


@pytest.mark.parametrize("above", [["Measurements of May 2026"], ["Report" + "," * 6, "," * 6], ["Lab 7", "", "exported, 1 May"]])
def test_a_title_above_the_heading_is_left_out(table, above):
    split = all_of(table([*above, HEADING, *BODY]))
    assert_readings(split)
    assert any("above the table left out" in note for note in split.notes)


def test_a_title_above_semicolons(table):
    split = all_of(table(["Report", HEADING.replace(",", ";"), *(row.replace(",", ";") for row in BODY)]))
    assert_readings(split)


def test_a_short_row_with_numbers_is_no_title(table):
    with pytest.raises(DataError, match="row 1: has 2 cells"):
        load_csv(table(["0,1.5", *BODY]))


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#VALUE!", "#REF!"])
def test_errors_of_spreadsheets_are_no_comments(table, error):
    with pytest.raises(DataError, match=r"row 38: has no label \('" + error):
        load_csv(table([HEADING, *BODY, error + BODY[0][1:]]))
    with pytest.raises(DataError, match="row 38, column 't0': '" + error + "' is not a finite number"):
        load_csv(table([",".join([*NAMES, "label"]), *LAST, ",".join([error, *LAST[0].split(",")[1:]])]))


@pytest.mark.parametrize("sign", "#%")
def test_labels_that_begin_as_comments_are_not_dropped(table, sign):
    lines = [HEADING, *(f"{sign}a" + row[1:] if k == 1 else row for k, row in zip(K, BODY))]
    with pytest.raises(DataError, match="12 lines begin with # or % .*the first is row 3.*quotation marks"):
        load_csv(table(lines))
    split = all_of(table([line.replace(f"{sign}a", f'"{sign}a"') for line in lines]))
    assert split.classes == (f"{sign}a", "0", "2")


def test_one_row_that_is_a_comment_is_named(table):
    split = all_of(table([HEADING, *BODY, "#" + BODY[0]]))
    assert_readings(split)
    assert any("row 38 looks like data" in note for note in split.notes)


@pytest.mark.parametrize("name", ["species", "Class Label", "target class"])
def test_the_refusal_shows_a_fix_that_works(table, name):
    heading = ",".join([NAMES[0], name, *NAMES[1:]])
    rows = [",".join([line.split(",")[1], line.split(",")[0], *line.split(",")[2:]]) for line in BODY]
    word = f"'{name}'" if " " in name else name
    with pytest.raises(DataError, match=rf"no heading says label \(or class, target, y\).*give --label {word}$"):
        load_csv(table([heading, *rows]))
    assert_readings(all_of(table([heading, *rows]), label=name))


def test_a_constant_column_is_not_taken_for_labels_that_stand_at_the_other_edge(table):
    like = {"label": "first", "columns": None, "numbers": 6, "before": 0}
    rows = ["0," + ",".join([*line.split(",")[1:-1], line.split(",")[-1]]) for line in LAST]
    choices = dict(table=like, classes=("0", "1", "2"))
    with pytest.raises(DataError, match="first column, where the training data have the label, is the same .*--label first or --label last"):
        all_of(table(rows), **choices)
    assert all_of(table(rows), label="last", **choices).y_test.tolist() == K.tolist()
    one = all_of(table(["1" + row[1:] for row in BODY]), **choices)  # labels that are really all of one class
    assert set(np.array(one.classes)[one.y_test]) == {"1"}
