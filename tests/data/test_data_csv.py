"""Token sequences and time series from CSV files."""

import numpy as np
import pytest

from numbacnn.data import Choices, DataError, load_csv, load_dataset


def write(tmp_path, *rows):
    path = tmp_path / "some.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_tokens(tmp_path):
    path = write(tmp_path, "good,3,1,2", "bad,4,5", "good,7", "bad,1,1", "good,2", "bad,9,9,9", "", "good,1,2,3")
    split = load_csv(path)
    assert split.kind == "tokens" and split.classes == ("bad", "good")
    np.testing.assert_array_equal(
        split.x_train, [[3, 1, 2], [4, 5, 0], [7, 0, 0], [1, 1, 0], [9, 9, 9], [1, 2, 3]])
    assert split.x_train.dtype == np.int64
    np.testing.assert_array_equal(split.y_train, [1, 0, 1, 0, 0, 1])
    np.testing.assert_array_equal(split.x_test, [[2, 0, 0]])
    np.testing.assert_array_equal(split.y_test, [1])


def test_series_with_a_heading(tmp_path):
    rows = [f"{k % 3 + 9}, {k}.5, -{k}, 1e{k % 4}" for k in range(12)]
    data = load_dataset(write(tmp_path, "label,t0,t1,t2", *rows), validation=0)
    assert data.kind == "series" and data.classes == ["9", "10", "11"]  # numbers by size
    x = data.x_train
    assert x.shape == (10, 1, 3) and x.dtype == np.float32 and data.x_test.shape == (2, 1, 3)
    np.testing.assert_array_equal(x[4, 0], [5.5, -5, 10])
    np.testing.assert_array_equal(data.x_test[:, 0, 0], [4.5, 11.5])
    np.testing.assert_allclose(data.mean, [data.x_train.mean()], rtol=1e-5)
    np.testing.assert_allclose(data.std, [data.x_train.std()], rtol=1e-5)


@pytest.mark.parametrize(
    "rows, words",
    [
        ([], "is empty; write one example per row: label,number"),
        (["a,1,2"] * 7, "every row has the label 'a'"),
        (["a,1", "b,2"], "holds 2 rows; at least 6"),
        (["a,1.5", "b,two"] + ["a,1.0"] * 6, "row 2, column 2: 'two' is not a finite number"),
        (["a,1.5", "", "b,nan"] + ["a,1.0"] * 6, "row 3, column 2: 'nan' is not"),
        (["a,1.5,2", "b,1.5"] + ["a,1.0"] * 6, "row 1: has 3 cells .*most rows have 2"),
    ],
)
def test_bad_files(tmp_path, rows, words):
    with pytest.raises(DataError, match=words):
        load_csv(write(tmp_path, *rows))


def test_no_file(tmp_path):
    with pytest.raises(DataError, match="nowhere.csv: no such file"):
        load_dataset(tmp_path / "nowhere.csv")
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="bytes.csv, row 1: byte 0x00 is not UTF-16"):
        load_csv(tmp_path / "bytes.csv")


def test_every_class_is_tested(tmp_path):
    """Labels that take turns: every sixth row would be of one class."""
    split = load_csv(write(tmp_path, *[f"{i % 3},{i}.5" for i in range(36)]))
    assert np.bincount(split.y_test).tolist() == [2, 2, 2]
    assert sorted(np.concatenate([split.x_train, split.x_test]).ravel()) == [i + 0.5 for i in range(36)]


def test_few_rows_of_each_class_still_leave_one_to_test(tmp_path):
    split = load_csv(write(tmp_path, *[f"{i},{i}.5" for i in range(6)]), Choices(label="first"))
    assert len(split.x_test) == 1 and len(split.x_train) == 5
