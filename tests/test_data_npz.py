"""Reading a data set of one's own from an `.npz` file."""

import gzip

import numpy as np
import pytest

from numbacnn.data import DataError, load_dataset, load_npz


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


def test_npz_channels_first_or_last(npz, arrays):
    colour = np.random.default_rng(2).integers(0, 256, (6, 3, 5, 7), np.uint8)
    for x in (colour, colour.transpose(0, 2, 3, 1)):
        arrays |= dict(x_train=x, x_test=x[:2])
        x_train, _, x_test, _ = load_npz(npz(arrays))
        np.testing.assert_array_equal(x_train, colour)
        np.testing.assert_array_equal(x_test, colour[:2])
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
    x_train, _, x_test, _ = load_npz(npz(arrays))
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
        ("x_train", lambda x: x[:0], r"x_train has shape \(0, 5, 7\).* without a 0"),
        ("x_train", lambda x: x[:, :3, :3, None].repeat(3, 3), "may be .N, C, H, W. or"),
        ("x_train", lambda x: x[..., None].repeat(4, 3), "without a channel axis .*alpha"),
        ("x_train", lambda x: x[:, 1:], r"\(1, 4, 7\) but x_test of \(1, 5, 7\)"),
        ("x_test", lambda x: x.astype(str), "x_test has dtype <U.*; save it as uint8"),
        ("x_test", lambda x: x.astype(complex), "x_test has dtype complex128"),
        ("x_train", nan, "x_train has 1 NaN or infinite pixels"),
        ("x_train", lambda x: x / 255 - 0.5, "pixels from -0.5 to 0.5, expected 0 to 255"),
        ("x_train", lambda x: x.astype(int) + 9, "pixels from .* to 26., expected 0 to 255"),
        ("x_train", lambda x: x / 2, "up to 127.5 that are not whole numbers"),
        ("y_train", lambda y: y[:5], "x_train holds 6 images but y_train 5 labels"),
        ("y_train", lambda y: np.eye(4, dtype=int)[y], r"one-hot rows .* y_train.argmax\(1\)"),
        ("y_train", lambda y: y.astype(float), "y_train has dtype float64; save labels as integ"),
        ("y_test", lambda y: y.astype(int) - 5, "y_test has labels from -3 to -2"),
        ("y_train", lambda y: y * 10**9, "labels from 0 to 3000000000, expected 0 to at most 999"),
        ("y_train", lambda y: y.astype(object), "cannot be read .Object arrays"),
    ],
)
def test_npz_with_a_bad_array(npz, arrays, key, change, words):
    arrays[key] = change(arrays[key])
    with pytest.raises(DataError, match=words) as caught:
        load_npz(npz(arrays))
    assert "own.npz: " in str(caught.value) and "\n" not in str(caught.value)


def test_npz_with_missing_keys(npz, arrays):
    del arrays["x_test"], arrays["y_test"]
    with pytest.raises(DataError, match="has no x_test, y_test, it holds x_train, y_train"):
        load_npz(npz(arrays))


def test_npz_that_is_something_else(tmp_path, arrays):
    path = tmp_path / "own.npz"
    with pytest.raises(DataError, match="no such file"):
        load_npz(path)
    for content in (b"", b"hello", gzip.compress(b"hello")):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is not an .npz file; save it with np.savez"):
            load_npz(path)
    with open(path, "wb") as file:
        np.save(file, arrays["x_train"])
    with pytest.raises(DataError, match="is not an .npz file"):
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
