"""What the rows of a table are examples of, parts of a table, and second tables."""

import numpy as np
import pytest
from few_tables import BODY, HEADING, LENGTH, NAMES, PIXELS, ROWS, K, X, all_of, assert_readings, pixel_rows

from numbacnn.data import Choices, DataError, load_csv, load_dataset, load_rows


@pytest.mark.parametrize("lines", [
    pixel_rows(),
    ["label," + ",".join(map(str, range(64))), *pixel_rows()],
    ["label," + ",".join(f"pixel{j}" for j in range(64)), *pixel_rows()],
    pixel_rows(PIXELS.astype(float)),
], ids=["plain", "counted", "named", "floats"])
def test_a_square_number_of_bytes_is_an_image(table, lines):
    split = all_of(table(lines))
    assert split.kind == "images" and split.x_test.dtype == np.uint8
    np.testing.assert_array_equal(split.x_test, PIXELS.reshape(-1, 1, 8, 8))
    assert "8x8 whole numbers from 0 to 255 are taken as images" in split.notes[-1] and "--kind series" in split.notes[-1]


def test_the_edge_of_what_is_an_image(table):
    assert all_of(table(pixel_rows(PIXELS[:, :63]))).kind == "tokens"
    assert all_of(table(pixel_rows(PIXELS[:, :49]))).kind == "tokens"  # 7x7
    more = PIXELS.copy()
    more[5, 5] = 256
    assert all_of(table(pixel_rows(more))).kind == "tokens"
    more[5, 5] = -1
    assert all_of(table(pixel_rows(more))).kind == "series"


@pytest.mark.parametrize("asked, shape, x", [
    ("series", None, PIXELS[:, None]),
    ("series", (2, 32), PIXELS.reshape(-1, 2, 32)),
    ("tokens", None, PIXELS),
    ("images", None, PIXELS.reshape(-1, 1, 8, 8)),
    ("images", (4, 16), PIXELS.reshape(-1, 1, 4, 16)),
    (None, (16, 4), PIXELS.reshape(-1, 1, 16, 4)),
])
def test_kind_and_shape_decide(table, asked, shape, x):
    np.testing.assert_array_equal(all_of(table(pixel_rows()), kind=asked, shape=shape).x_test, x)


@pytest.mark.parametrize("shape", [(3, 4, 5), (4, 5, 3)])
def test_color(table, shape):
    x = PIXELS[:, :60]
    expected = x.reshape(-1, *shape) if shape[0] == 3 else x.reshape(-1, *shape).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(all_of(table(pixel_rows(x)), shape=shape).x_test, expected)


@pytest.mark.parametrize("choices, words", [
    ({"shape": (7, 7)}, "49 numbers, but .* 64 in a row"),
    ({"kind": "series", "shape": (7, 7)}, "64 numbers in a row.*CHANNELSxLENGTH"),
    ({"kind": "tokens", "shape": (8, 8)}, "the rows .* are tokens"),
])
def test_shapes_that_do_not_fit(table, choices, words):
    with pytest.raises(DataError, match=words):
        all_of(table(pixel_rows()), **choices)


def test_kinds_that_do_not_fit(table):
    with pytest.raises(DataError, match="tokens are whole numbers"):
        all_of(table(BODY), kind="tokens")
    with pytest.raises(DataError, match="6 numbers in a row, which is not a square number"):
        all_of(table(BODY), kind="images")
    with pytest.raises(DataError, match="kind is films; give one of images, series, tokens"):
        load_dataset(table(BODY), kind="films")


@pytest.mark.parametrize("scale, offset, words", [(255, 0, "multiplied by 255"), (127.5, -1, "taken as -1 (black)")])
def test_pixels_in_other_ranges(table, scale, offset, words):
    path = table([f"{k}," + ",".join(f"{value:.7f}" for value in row) for k, row in zip(K, PIXELS / scale + offset)])
    split = all_of(path, kind="images")
    np.testing.assert_array_equal(split.x_test, PIXELS.reshape(-1, 1, 8, 8))
    assert any(words in note for note in split.notes)
    if offset == 0:
        assert all_of(path).kind == "series" and "give --kind images" in all_of(path).notes[-1]


def test_readings_that_are_whole_numbers_are_noted_as_tokens(table):
    split = all_of(table([HEADING, *(f"{k}," + ",".join(map(str, row)) for k, row in zip(K, PIXELS[:, :LENGTH] * 9))]))
    assert split.kind == "tokens" and "if they are readings give --kind series" in split.notes[-1]


@pytest.mark.parametrize("form", ["{},{},,", "{},{}", '{},"{}"', "{},[{}]"])
def test_sequences_of_different_lengths(table, form):
    sequences = [list(range(1, 3 + i % 4)) for i in range(ROWS)]
    between = {'{},"{}"': " ", "{},[{}]": " "}.get(form, ",")
    split = all_of(table([form.format("ab"[i % 2], between.join(map(str, row))) for i, row in enumerate(sequences)]))
    assert split.kind == "tokens" and split.classes == ("a", "b")
    assert [row[row > 0].tolist() for row in split.x_test] == sequences


def test_pixels_in_one_cell_and_a_column_of_parts(table):
    parts = np.array(["Training", "Training", "PublicTest", "PrivateTest"])[np.arange(ROWS) % 4]
    lines = [f"{k},{' '.join(map(str, row))},{part}" for k, row, part in zip(K, PIXELS, parts)]
    split = load_csv(table(["emotion,pixels,Usage", *lines]))
    assert split.parts == ("train", "val", "test")
    for x, part in ((split.x_train, "Training"), (split.x_val, "PublicTest"), (split.x_test, "PrivateTest")):
        np.testing.assert_array_equal(x, PIXELS[parts == part].reshape(-1, 1, 8, 8))


def test_a_second_table_to_test_with(table):
    path = table([HEADING, *BODY])
    turned = [",".join(reversed(line.split(","))) for line in [HEADING, *BODY]]
    for lines in ([HEADING, *BODY], BODY, turned, ["id," + HEADING, *(f"{i},{line}" for i, line in enumerate(BODY))]):
        split = load_csv(path, Choices(test=str(table(lines, "other.csv"))))
        assert split.parts == ("train", "test")
        np.testing.assert_array_equal(split.x_test[:, 0], X.astype(np.float32))
        np.testing.assert_array_equal(split.y_test, K)
        np.testing.assert_array_equal(split.x_train, split.x_test)


@pytest.mark.parametrize("lines, words", [
    ([HEADING.replace("t3", "t9"), *BODY], "has no column 't3'"),
    ([HEADING, "7," + BODY[0].split(",", 1)[1]], "has the label 7, but"),
    ([line.rsplit(",", 1)[0] for line in BODY], "has 6 columns, but the training data have 6 numbers in a row and a label"),
    ([",".join(NAMES), *(line.split(",", 1)[1] for line in BODY)], "has no column 'label'"),
])
def test_second_tables_that_do_not_fit(table, lines, words):
    with pytest.raises(DataError, match=words):
        load_csv(table([HEADING, *BODY]), Choices(test=str(table(lines, "other.csv"))))


def test_a_label_in_the_middle_of_tables_without_heading(table):
    rows = [f"{row[0]},{row[1]},{row[2]},{k}.5,{row[3]},{row[4]},{row[5]}" for k, row in zip(K, X)]
    path = table([",".join([*NAMES[:3], "kind", *NAMES[3:]]), *rows])
    known = load_csv(path, Choices(label="kind"))
    assert known.classes == ("0.5", "1.5", "2.5")
    other = table(rows, "other.csv")
    split = load_csv(path, Choices(label="kind", test=str(other)))
    np.testing.assert_array_equal(split.y_test, K)
    np.testing.assert_array_equal(load_rows(other, Choices(kind="series", table=known.table))[0][:, 0], X.astype(np.float32))
    np.testing.assert_array_equal(load_csv(other, Choices(label="column 4", whole=True)).y_test, K)


def test_a_table_cannot_test_itself(table):
    path = table(BODY)
    with pytest.raises(DataError, match="is the table to train with"):
        load_csv(path, Choices(test=str(path)))
    with pytest.raises(DataError, match="other.csv: no such file"):
        load_csv(path, Choices(test=str(path.with_name("other.csv"))))


def test_rows_to_classify(table):
    known = load_csv(table([HEADING, *BODY])).table
    unlabeled = [line.split(",", 1)[1] for line in BODY]
    for lines in ([HEADING, *BODY], BODY, [",".join(NAMES), *unlabeled], unlabeled):
        x, rows, _ = load_rows(table(lines, "other.csv"), Choices(kind="series", table=known))
        np.testing.assert_array_equal(x[:, 0], X.astype(np.float32))
        assert rows == list(range(1 + (len(lines) > ROWS), 1 + len(lines)))


def test_the_only_row_of_a_class_is_trained_with(table):
    split = load_csv(table([*BODY, "9," + BODY[0].split(",", 1)[1]]))
    assert split.classes[-1] == "9" and 3 in split.y_train and 3 not in split.y_test
    notes = load_dataset(table([*BODY, "9," + BODY[0].split(",", 1)[1]])).notes
    assert any("class 9 has no time series to test with" in note for note in notes)


def test_a_long_table_tells_how_far_it_is(table, monkeypatch):
    monkeypatch.setattr("numbacnn.data.table.numbers.CHUNK", 300)
    told = []
    split = load_csv(table([HEADING, *BODY]), Choices(whole=True, reading=lambda *pair: told.append(pair)))
    assert_readings(split)
    assert len(told) > 3 and told == sorted(told) and told[-1] == (ROWS, ROWS)


def test_whole_numbers_before_a_fraction_in_a_later_chunk(table, monkeypatch):
    monkeypatch.setattr("numbacnn.data.table.numbers.CHUNK", 100)
    x = PIXELS[:, :LENGTH].astype(float)
    x[30, 2] = 0.5
    split = all_of(table([f"{k}," + ",".join(f"{value:g}" for value in row) for k, row in zip(K, x)]))
    assert split.kind == "series"
    np.testing.assert_array_equal(split.x_test[:, 0], x.astype(np.float32))
