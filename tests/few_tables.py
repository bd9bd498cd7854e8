"""A small table of readings and one of pixels, for the tests of tables."""

import numpy as np
import pytest

from numbacnn.data import Choices, load_csv

ROWS, LENGTH = 36, 6
NAMES = [f"t{j}" for j in range(LENGTH)]
HEADING = "label," + ",".join(NAMES)


def readings():
    rng = np.random.default_rng(3)
    return np.round(rng.normal(size=(ROWS, LENGTH)), 3)


X, K = readings(), np.arange(ROWS) % 3
BODY = [f"{k}," + ",".join(map(str, row)) for k, row in zip(K, X)]
LAST = [",".join(map(str, row)) + f",{k}" for k, row in zip(K, X)]
PIXELS = np.random.default_rng(4).integers(0, 256, (ROWS, 64))


def pixel_rows(x=PIXELS):
    return [f"{k}," + ",".join(map(str, row)) for k, row in zip(K, x)]


@pytest.fixture
def table(tmp_path):
    def write(lines, name="some.csv", encoding="utf-8", end="\n"):
        path = tmp_path / name
        path.write_bytes((end.join(lines) + end).encode(encoding))
        return path

    return write


def all_of(path, **choices):
    """Every row in its place, unlike those of a split."""
    return load_csv(path, Choices(whole=True, **choices))


def assert_readings(split, classes=("0", "1", "2")):
    assert split.kind == "series" and split.classes == classes
    np.testing.assert_array_equal(split.x_test[:, 0], X.astype(np.float32))
    np.testing.assert_array_equal(split.y_test, K)
