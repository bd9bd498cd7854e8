"""Tables whose numbers have units, percent signs or marks between thousands, and numbers that are not tokens."""

import numpy as np
import pytest
from few_tables import HEADING, LENGTH, K, X, all_of

from numbacnn.data import Choices, DataError, load_csv


def rows_with(cell, other="0.5"):
    return ["label,a,b", *(f"{'xy'[i % 2]},{cell.format(i % 10)},{other}" for i in range(12))]


REFUSED = {
    "thousands": (rows_with('"7,67{}"'), 'row 2, column 2: "7,670" may be 7670 or 7.670; write it without'),
    "thousands beside plain numbers": (["x,\"7,670\",6", "y,893,3"] * 6, "row 1, column 2.*may be 7670"),
    "millions": (rows_with('"1,234,56{}"'), "column 'a': '1,234,560' is not a plain number"),
    "thousands and a point": (rows_with('"1,234.5{}"'), "'1,234.50' is not a plain number; write it with a decimal point"),
    "percent": (rows_with("12.34{}%"), "row 2, column 'a': '12.340%' is not a plain number; remove the % in the whole"),
    "the same percent": (rows_with("12%"), "'12%' is not a plain number; remove the %"),
    "clock": (rows_with("3:4{}"), "'3:40' is not a plain number; write one number, such as minutes"),
    "euro": (rows_with("€ 3{}"), "remove the €"),
    "unit": (rows_with("3{} kg"), "remove the kg"),
    "all with units": ([HEADING, *(f"{k}," + ",".join(f"{v} mV" for v in row) for k, row in zip(K, X))], "row 2, column 't0'.*remove the mV"),
    "only a count": (["ImageId,Label", *(f"{i},{i % 10}" for i in range(1, 40))], "the only numbers, in column 'ImageId', count the rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(table, name):
    lines, words = REFUSED[name]
    with pytest.raises(DataError, match=words):
        load_csv(table(lines))


def test_thousands_points_beside_decimal_commas(table):
    lines = ["label;a;b", *(f"{'xy'[i % 2]};3.48{i % 10},5;12,2" for i in range(12))]
    with pytest.raises(DataError, match="'3.480,5' is not a plain number; write it with a decimal point and without marks"):
        load_csv(table(lines))


def test_decimal_commas_are_noted_with_their_columns(table):
    split = all_of(table(["label,a,b", *(f'{"xy"[i % 2]},"1,25{i % 10}",3' for i in range(11)), 'x,"0,5",3']))
    assert split.x_test[0, 0, 0] == np.float32(1.25) and any("decimal commas are read in column 'a'" in note for note in split.notes)


@pytest.mark.parametrize("largest, expected", [(1_000_000, "tokens"), (1_000_001, "series"), (9_999_999_999, "series")])
def test_large_whole_numbers_are_readings(table, largest, expected):
    path = table([f"{i % 2},{largest},{i}" for i in range(12)])
    split = load_csv(path)
    assert split.kind == expected and any(("token sequences" if expected == "tokens" else "taken as time series") in note for note in split.notes)
    if expected == "series":
        with pytest.raises(DataError, match="largest token id is"):
            load_csv(path, Choices(kind="tokens"))


@pytest.mark.parametrize("shape", [(1, LENGTH), (3, LENGTH // 3)])
def test_a_shape_of_channels_and_length(table, shape):
    path = table([f"{k}," + ",".join(map(str, row)) for k, row in zip(K, X)])
    split = all_of(path, shape=shape)
    assert split.kind == "series"
    np.testing.assert_array_equal(split.x_test, X.astype(np.float32).reshape(-1, *shape))


def test_repeated_names_that_pandas_numbered_are_a_heading(table):
    first = ",".join(["0", "0", *(f"0.{k}" for k in range(1, 64))])
    pixels = np.random.default_rng(1).integers(0, 256, (24, 64))
    split = all_of(table([first, *(f"{i % 3}," + ",".join(map(str, row)) for i, row in enumerate(pixels))]))
    assert split.classes == ("0", "1", "2") and len(split.x_test) == 24
    np.testing.assert_array_equal(split.x_test.reshape(24, 64), pixels)
    assert any("as pandas does" in note for note in split.notes)


def test_token_rows_of_several_lengths_are_noted(table):
    split = all_of(table([f"{'ab'[i % 2]}," + ",".join(map(str, [7 + i % 5, 9, 30, 41, 52, 63][: 3 + i % 4])) for i in range(12)]))
    assert split.kind == "tokens" and any("not all of one length" in note for note in split.notes)
