"""Reading your own data set from an `.npz` file."""

import gzip
import re

import numpy as np
import pytest

from numbacnn.data import Choices, DataError, load_dataset, load_npz


@pytest.fixture
def arrays():
    rng = np.random.default_rng(1)
    return dict(
        x_train=rng.integers(0, 256, (6, 5, 7), np.uint8),
        y_train=np.array([0, 1, 2, 3, 0, 1]),
        x_test=rng.integers(0, 256, (2, 5, 7), np.uint8),
        y_test=np.array([3, 2], np.uint8),
    )


@pytest.fixture
def npz(tmp_path):
    def write(arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return tmp_path / "own.npz"

    return write


def test_npz_is_loaded_as_it_is(npz, arrays):
    path = npz(arrays)
    data = load_dataset(path, validation=0)
    np.testing.assert_array_equal(data.x_train[:, 0], arrays["x_train"])
    np.testing.assert_array_equal(data.x_test[:, 0], arrays["x_test"])
    assert data.y_test.tolist() == [3, 2] and data.y_test.dtype == np.int64
    assert data.classes == ["0", "1", "2", "3"]
    assert str(path) in data.source


def test_npz_names_that_differ_in_spaces_are_one_class_and_those_that_differ_in_case_are_two(npz, arrays):
    arrays |= dict(y_train=np.array(["cat", "dog", "cat ", "Dog", "cat", "dog"]), y_test=np.array([" cat", "dog"]))
    split = load_npz(npz(arrays))
    assert split.classes == ("Dog", "cat", "dog") and split.y_train.tolist() == [1, 2, 1, 0, 1, 2] and split.y_test.tolist() == [1, 2]
    spaces, capitals = split.notes
    assert "the labels 'cat' and 'cat ' and ' cat' differ in spaces only, and count as one class" in spaces
    assert "'Dog' and 'dog' differ in capitals only, and count as 2 classes" in capitals


def test_npz_channels_first_or_last(npz, arrays):
    color = np.random.default_rng(2).integers(0, 256, (6, 3, 5, 7), np.uint8)
    for x in (color, color.transpose(0, 2, 3, 1)):
        arrays |= dict(x_train=x, x_test=x[:2])
        x_train, _, x_test, *_ = load_npz(npz(arrays))
        np.testing.assert_array_equal(x_train, color)
        np.testing.assert_array_equal(x_test, color[:2])
        assert x_train.flags.c_contiguous


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint16])
def test_npz_whole_numbers_up_to_255_are_kept(npz, arrays, dtype):
    expected = arrays["x_train"].copy()
    arrays["x_train"] = expected.astype(dtype)
    np.testing.assert_array_equal(load_npz(npz(arrays))[0][:, 0], expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_npz_floats_up_to_1_are_scaled(npz, arrays, dtype):
    expected = arrays["x_train"].copy()
    arrays["x_train"] = (expected / 255).astype(dtype)
    arrays["x_test"] = (arrays["x_test"] / 255).astype(dtype)
    np.testing.assert_array_equal(load_npz(npz(arrays))[0][:, 0], expected)


def test_npz_floats_are_rounded(npz, arrays):
    arrays["x_train"] = np.full((6, 5, 7), 0.999)
    arrays["x_test"] = np.full((2, 5, 7), 0.501)
    x_train, _, x_test, *_ = load_npz(npz(arrays))
    assert (x_train == 255).all() and (x_test == 128).all()  # 254.7 and 127.8


def test_npz_booleans_are_black_and_white(npz, arrays):
    arrays["x_train"], arrays["x_test"] = arrays["x_train"] > 99, arrays["x_test"] > 99
    x = load_npz(npz(arrays))[0]
    np.testing.assert_array_equal(x[:, 0], 255 * arrays["x_train"])


def test_npz_label_column(npz, arrays):
    arrays["y_train"] = arrays["y_train"][:, None]
    assert load_npz(npz(arrays))[1].tolist() == [0, 1, 2, 3, 0, 1]


def nan(x):
    x = x.astype(float)
    x[1, 2, 3] = np.nan
    return x


@pytest.mark.parametrize(
    "key, change, words",
    [
        ("x_train", lambda x: x[0], r"x_train has shape \(5, 7\), expected \(N, H, W\)"),
        ("x_train", lambda x: x[:0], r"x_train has shape \(0, 5, 7\), so it holds no images"),
        ("x_train", lambda x: x[:, :3, :3, None].repeat(3, 3), "may be .N, C, H, W. or"),
        ("x_train", lambda x: x[..., None].repeat(4, 3), "without a channel axis .*alpha"),
        ("x_train", lambda x: x[:, 1:], r"\(1, 4, 7\) but x_test of \(1, 5, 7\)"),
        ("x_test", lambda x: x.astype(str), "x_test has dtype <U.*; save it as uint8"),
        ("x_test", lambda x: x.astype(complex), "x_test has dtype complex128"),
        ("x_train", nan, "x_train has 1 NaN or infinite pixels"),
        ("x_train", lambda x: x - 128.0, "pixels from -128 to .*, expected 0 to 255"),
        ("x_train", lambda x: x.astype(int) + 9, "pixels from .* to 26., expected 0 to 255"),
        ("x_train", lambda x: x / 2, "up to 127.5 that are not whole numbers"),
        ("y_train", lambda y: y[:5], "there are 6 images but y_train has 5 labels"),
        ("y_train", lambda y: np.eye(4)[y] + 0.1, r"turn scores .* y_train.argmax\(1\)"),
        ("y_train", lambda y: y + 0.5, "y_train has dtype float64 and numbers that are not whole; save labels as integ"),
        ("y_test", lambda y: y.astype(int) - 5, "y_test has labels from -3 to -2"),
        ("y_train", lambda y: y * 10**9, "labels from 0 to 3000000000, expected 0 to at most 999"),
        ("y_train", lambda y: y.astype(object), r"y_train is an array of Python objects.*y_train.astype\(int\)"),
        ("x_train", lambda x: x.astype(object), r"x_train is an array of Python objects.*x_train.astype\(np.uint8\)"),
    ],
)
def test_npz_with_a_bad_array(npz, arrays, key, change, words):
    arrays[key] = change(arrays[key])
    with pytest.raises(DataError, match=words) as caught:
        load_npz(npz(arrays))
    assert "own.npz: " in str(caught.value) and "\n" not in str(caught.value)


def test_npz_with_missing_keys(npz, arrays):
    del arrays["x_test"]
    with pytest.raises(DataError, match="has no x_test, it holds x_train, y_train, y_test"):
        load_npz(npz(arrays))
    with pytest.raises(DataError, match="has no y_train, y_test, it holds x_train, x_test"):
        load_npz(npz({"x_train": arrays["x_train"], "x_test": arrays["x_train"]}))
    with pytest.raises(DataError, match="has no x_train, y_train, x_test, y_test, it holds arr_0"):
        load_npz(npz({"arr_0": arrays["x_train"]}))


def test_npz_that_is_something_else(tmp_path, arrays):
    path = tmp_path / "own.npz"
    with pytest.raises(DataError, match="no such file"):
        load_npz(path)
    for content in (b"hello", gzip.compress(b"hello")):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is not an .npz file; save it with np.savez"):
            load_npz(path)
    with open(path, "wb") as file:
        np.save(file, arrays["x_train"])
    with pytest.raises(DataError, match="holds one array .*without labels"):
        load_npz(path)
    with pytest.raises(DataError, match="is not an .npz file|cannot be read"):
        load_npz(tmp_path)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_npz_never_escapes_as_another_error(tmp_path, arrays, seed):
    rng = np.random.default_rng(seed)
    path = tmp_path / "own.npz"
    (np.savez if seed % 2 else np.savez_compressed)(path, **arrays)
    content = bytearray(path.read_bytes())
    for _ in range(8):
        content[rng.integers(len(content))] = rng.integers(256)
    path.write_bytes(content)
    try:
        load_npz(path)
    except DataError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("names", [
    ("X_train", "Y_train", "X_test", "Y_test"), ("train_images", "train_labels", "test_images", "test_labels"),
    ("trainImages", "trainTargets", "testImages", "testTargets"), ("xtrain", "ytrain", "xtest", "ytest"),
    ("training_data", "training_labels", "testing_data", "testing_labels"),
])
def test_npz_other_names(npz, arrays, names):
    split = load_npz(npz(dict(zip(names, arrays.values()))))
    np.testing.assert_array_equal(split.x_train[:, 0], arrays["x_train"])
    assert split.y_test.tolist() == [3, 2] and split.parts == ("train", "test") and split.notes == ()


@pytest.mark.parametrize("names", [("x", "y"), ("images", "labels"), ("data", "target"), ("x_train", "y_train")])
def test_npz_without_a_test_part(npz, names):
    x, y = np.arange(36 * 64, dtype=np.uint8).reshape(36, 8, 8), np.arange(36) % 3
    path = npz(dict(zip(names, (x, y))))
    split = load_npz(path)
    assert np.bincount(split.y_test).tolist() == [2, 2, 2] and len(split.y_train) == 30
    assert "has no test part, so every sixth image, 6 of 36, is kept to test with" in split.notes[0]
    whole = load_npz(path, Choices(whole=True))
    assert len(whole.y_test) + len(whole.y_train) == 36


def test_npz_with_a_validation_part(npz, arrays):
    arrays |= dict(x_val=arrays["x_test"], y_val=arrays["y_test"])
    data = load_dataset(npz(arrays))
    assert data.parts == ("train", "val", "test") and not data.val_is_random
    assert (len(data.x_train), data.y_val.tolist()) == (6, [3, 2])
    with pytest.raises(DataError, match="brings its own validation part"):
        load_dataset(npz(arrays), validation=2)


@pytest.mark.parametrize("change, words", [
    (lambda a: a | {"y_train": np.eye(4)[a["y_train"]]}, "one-hot rows"),
    (lambda a: a | {"y_train": a["y_train"] * 1.0}, "labels of dtype float64 are taken as whole"),
    (lambda a: a | {"ids": np.arange(6)}, "ids left out"),
    (lambda a: a | {"x_train": a["x_train"].astype(np.uint16) * 257, "x_test": a["x_test"].astype(np.uint16) * 257}, "scaled to 0 to 255"),
    (lambda a: a | {"x_train": a["x_train"] / 127.5 - 1, "x_test": a["x_test"] / 127.5 - 1}, "taken as -1 .black. to 1"),
    (lambda a: a | {"x_train": a["x_train"] / 255, "x_test": a["x_test"] / 255}, "multiplied by 255"),
])
def test_npz_what_is_converted_is_noted(npz, arrays, change, words):
    split, plain = load_npz(npz(change(arrays))), load_npz(npz(arrays))
    for part in range(4):
        np.testing.assert_array_equal(split[part], plain[part])
    assert len(split.notes) == 1 and re.search(words, split.notes[0])


def test_npz_pixels_of_0_and_1_are_black_and_white(npz, arrays):
    arrays |= dict(x_train=arrays["x_train"] // 128, x_test=arrays["x_test"] // 128)
    assert set(np.unique(load_npz(npz(arrays)).x_train)) == {0, 255}
    arrays = {key: array * 2 if key.startswith("x") else array for key, array in arrays.items()}
    assert set(np.unique(load_npz(npz(arrays)).x_train)) == {0, 2}


@pytest.mark.parametrize("top", [1023, 4095, 16383, 65535])
def test_npz_bits_of_a_camera(npz, arrays, top):
    x = np.zeros((6, 5, 7), np.uint16)
    x[0, 0, 0] = top
    split = load_npz(npz(arrays | {"x_train": x, "x_test": x[:2]}))
    assert split.x_train[0, 0, 0, 0] == 255 and f"0 to {top:,}" in split.notes[0]


def test_npz_labels_as_texts_and_names(npz, arrays):
    names = np.array(["ant", "bee", "cat", "dog"])
    for made in (names, names.astype("S")):
        split = load_npz(npz(arrays | {"y_train": made[arrays["y_train"]], "y_test": made[arrays["y_test"]]}))
        assert split.classes == tuple(names) and split.y_test.tolist() == [3, 2]
    assert load_npz(npz(arrays | {"class_names": names[::-1]})).classes == ("dog", "cat", "bee", "ant")
    with pytest.raises(DataError, match="there are 3 names of classes, but labels from 0 to 3"):
        load_npz(npz(arrays | {"class_names": names[:3]}))


@pytest.mark.parametrize("labels, words", [
    ([1, 2, 3, 4, 1, 2], "class 0 has no images"),
    ([0, 10, 12, 13, 0, 10], "classes 1 to 9 and 11 have no images"),
])
def test_npz_classes_without_images_are_noted(npz, arrays, labels, words):
    arrays |= dict(y_train=np.array(labels), y_test=np.array(labels[2:4]))
    assert any(words in note for note in load_dataset(npz(arrays), validation=0).notes)


@pytest.mark.parametrize("part", ["test", "val"])
def test_npz_labels_that_were_never_trained(npz, arrays, part):
    arrays |= {f"x_{part}": arrays["x_test"], f"y_{part}": np.array([4, 3])}
    with pytest.raises(DataError, match=f"class 4 is in the {part} part, but no images to train with"):
        load_dataset(npz(arrays))
    assert any("class 3 is in" in note for note in load_dataset(npz(arrays | {f"y_{part}": np.array([3, 0])}), limit=2).notes)


def test_npz_of_one_class(npz, arrays):
    arrays |= dict(y_train=arrays["y_train"] * 0, y_test=arrays["y_test"] * 0)
    with pytest.raises(DataError, match="all images to train with are of one class, class 0"):
        load_dataset(npz(arrays))


def test_npz_rows_of_a_square(npz, arrays):
    x = np.arange(6 * 64, dtype=np.uint8).reshape(6, 64)
    split = load_npz(npz(arrays | {"x_train": x, "x_test": x[:2]}))
    np.testing.assert_array_equal(split.x_train, x.reshape(6, 1, 8, 8))
    assert "rows of 64 numbers are taken as images of 1x8x8" in split.notes[0]


def test_a_second_npz_to_test_with(npz, arrays, tmp_path):
    np.savez(tmp_path / "other.npz", x=arrays["x_test"], y=np.array([1, 0]))
    path = npz(arrays)
    split = load_npz(path, Choices(test=str(tmp_path / "other.npz")))
    assert split.y_test.tolist() == [1, 0] and "its own test part is left out" in split.notes[-1]
    for test, words in ((path, "is the file to train with"), (tmp_path / "a.csv", "is not an .npz file"), (tmp_path / "a.npz", "no such file")):
        with pytest.raises(DataError, match=words):
            load_npz(path, Choices(test=str(test)))
