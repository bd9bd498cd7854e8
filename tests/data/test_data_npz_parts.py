"""What the parts of an `.npz` file say of each other: ranges of pixels, missing labels, names of classes, damage."""

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset, load_npz

RNG = np.random.default_rng(1)
X, Y = RNG.integers(0, 256, (12, 5, 7), np.uint8), np.arange(12) % 3


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return write


RANGES = {
    "0 to 1": X / 255, "-1 to 1": X / 127.5 - 1, "0 to 255": X, "0 and 1": (X > 99).astype(np.uint8), "bool": X > 99,
}


@pytest.mark.parametrize("train, test", [
    ("0 to 1", "0 to 255"), ("0 to 255", "0 to 1"), ("0 and 1", "0 to 255"), ("0 to 255", "bool"), ("-1 to 1", "0 to 1"),
    ("-1 to 1", "0 to 255"),
])
def test_parts_in_different_ranges_are_refused(npz, train, test):
    with pytest.raises(DataError, match="x_train has pixels from .* to .*, but x_test has pixels from .*; save all of them in one range"):
        load_npz(npz(x_train=RANGES[train], y_train=Y, x_test=RANGES[test], y_test=Y))


def test_16_bits_beside_8_are_refused(npz):
    wide = X.astype(np.uint16) * 257
    with pytest.raises(DataError, match="from 0 to 655.*, but x_test has pixels from 0 to 25"):
        load_npz(npz(x_train=wide, y_train=Y, x_test=X.astype(np.uint16), y_test=Y))


@pytest.mark.parametrize("train, test", [("bool", "0 to 1"), ("0 to 1", "black"), ("0 to 255", "black")])
def test_parts_that_may_be_in_one_range_are_read(npz, train, test):
    ranges = {**RANGES, "black": np.zeros_like(X)}
    split = load_npz(npz(x_train=ranges[train], y_train=Y, x_test=ranges[test], y_test=Y))
    assert split.x_train.max() >= 250


@pytest.mark.parametrize("part", ["val", "test"])
def test_images_without_labels_are_left_out(npz, part):
    arrays = dict(x_train=X, y_train=Y, x_test=X, y_test=Y, x_val=X, y_val=Y)
    del arrays[f"y_{part}"]
    split = load_npz(npz(**arrays))
    assert any(f"x_{part} left out: there is no y_{part} with its labels" in note for note in split.notes)
    assert (split.x_val is None) == (part == "val") and len(split.x_test) == (2 if part == "test" else 12)


def test_names_of_labels_that_are_counted_from_1(npz):
    split = load_npz(npz(x=X, y=Y + 1, class_names=np.array(["cat", "dog", "elk"])))
    assert split.classes == ("cat", "dog", "elk") and sorted({*split.y_train, *split.y_test}) == [0, 1, 2]
    assert any("labels from 1 to 3 with 3 names of classes are counted from 1, so 1 is cat" in note for note in split.notes)
    assert load_npz(npz(x=X, y=Y + 1, class_names=np.array(["none", "cat", "dog", "elk"]))).classes[1] == "cat"


@pytest.mark.parametrize("names, words", [
    (["cat"], "there are 1 names of classes, but labels from 0 to 2; number the labels from 0 to 0"),
    (["cat", "cat", "elk"], "have 'cat' twice"), ([["cat", "dog", "elk"]], r"have shape \(1, 3\).*expected a list of texts"),
    ([1, 2, 3], "dtype int64, expected a list of texts"),
    (np.array(["cat", "dog", "elk"], object), r"class_names is an array of Python objects.*class_names.astype\(str\)"),
])
def test_names_that_do_not_fit(npz, names, words):
    with pytest.raises(DataError, match=words):
        load_npz(npz(x=X, y=Y, class_names=np.array(names)))


def test_an_archive_that_was_cut_off_is_damaged(npz):
    path = npz(x=X, y=Y)
    content = path.read_bytes()
    for length in (3, 30, len(content) // 2, len(content) - 30):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match="is damaged: it begins as an .npz file, but its end is missing"):
            load_npz(path)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="is an empty file"):
        load_npz(path)


@pytest.mark.parametrize("seed", range(8))
def test_our_own_split_leaves_no_class_untrained(npz, seed):
    rare = np.array([0] * 30 + [1] * 30 + [2, 3, 4])
    images = RNG.integers(0, 256, (63, 5, 7), np.uint8)
    data = load_dataset(npz(x_train=images, y_train=rare, x_test=images, y_test=rare), seed=seed, validation=40)
    assert len(data.y_val) == 40 and set(data.y_train.tolist()) == {0, 1, 2, 3, 4}
    np.testing.assert_array_equal(np.sort(np.concatenate([data.y_train, data.y_val])), rare)


def test_what_validates_is_random_where_no_class_is_rare(npz):
    images = np.arange(120, dtype=np.uint8).repeat(35).reshape(120, 5, 7)
    data = load_dataset(npz(x_train=images, y_train=np.arange(120) % 3, x_test=X, y_test=Y), seed=4)
    picked = np.sort(np.random.default_rng(4).permutation(120)[:10])
    np.testing.assert_array_equal(data.x_val[:, 0, 0, 0], picked)
