"""The tables and arrays of ../shared/cases/make_files.py, and what is right for each; skipped where that script is absent."""

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset

READ = {  # kind, shape of an example, classes, words of a note
    "csv/pixels_with_heading.csv": ("images", (1, 28, 28), 3, "taken as images of 1x28x28; --kind"),
    "csv/pixels_numbered_heading.csv": ("images", (1, 28, 28), 3, "taken as images of 1x28x28; --kind"),
    "csv/index_first.csv": ("series", (1, 24), 3, "so it is left out"),
    "csv/label_last_with_heading.csv": ("series", (1, 24), 3, ""),
    "csv/quoted.csv": ("series", (1, 24), 3, ""),
    "csv/semicolons.csv": ("series", (1, 24), 3, ""),
    "csv/decimal_commas.csv": ("series", (1, 24), 3, "decimal commas are read in columns"),
    "csv/tabs.tsv": ("series", (1, 24), 3, ""),
    "csv/float_labels.csv": ("series", (1, 24), 3, ""),
    "csv/whole_number_readings.csv": ("tokens", (24,), 3, "--kind series"),
    "csv/empty_cells_behind.csv": ("tokens", (6,), 2, "not all of one length"),
    "csv/comment_lines.csv": ("series", (1, 24), 3, "1 comment line"),
    "csv/utf16.csv": ("series", (1, 24), 3, ""),
    "npz/grey_shapes.npz": ("images", (1, 28, 28), 3, ""),
    "npz/labels_from_one.npz": ("images", (1, 28, 28), 4, "class 0 has no images"),
    "npz/labels_apart.npz": ("images", (1, 28, 28), 21, "classes 1 to 9 and 11 to 19 have no images"),
}
REFUSED = {
    "csv/pixels_without_labels.csv": "no column is known to hold the labels",
    "csv/label_last.csv": "120 different values in 120 rows.*--label last",
    "csv/latin1.csv": "save the table as UTF-8",
    "csv/too_large_for_float32.csv": "row 1, column 2: 1e39 is too large",
    "npz/test_labels_never_trained.npz": "class 2 is in the test part, but no images",
    "npz/object_labels.npz": r"y_train.astype\(int\)",
}


@pytest.mark.parametrize("name", READ)
def test_read(cases, name):
    kind, shape, classes, words = READ[name]
    data = load_dataset(cases / name)
    assert (data.kind, data.x_train.shape[1:], len(data.classes)) == (kind, shape, classes)
    assert any(words in note for note in data.notes) if words else data.notes == ()


@pytest.mark.parametrize("name", REFUSED)
def test_refused(cases, name):
    with pytest.raises(DataError, match=REFUSED[name]):
        load_dataset(cases / name)


def test_the_labels_themselves(cases):
    assert load_dataset(cases / "csv/quoted.csv").classes == ["kind0", "kind1", "kind2"]
    assert load_dataset(cases / "csv/float_labels.csv").classes == ["-1", "2", "5"]
    tokens = load_dataset(cases / "csv/empty_cells_behind.csv", whole=True).x_test
    assert tokens.shape == (60, 6) and set((tokens > 0).sum(1)) == {3, 4, 5, 6}
    last, named = (load_dataset(cases / f"csv/{name}.csv", label=label, whole=True)
                   for name, label in (("label_last", "last"), ("label_last_with_heading", None)))
    np.testing.assert_array_equal(last.x_test, named.x_test)
    assert len(load_dataset(cases / "csv/held_out.csv", whole=True).x_test) == 120
