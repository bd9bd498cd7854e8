"""The digits drawn by the data package: reproducible, balanced, and framed as MNIST's are."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from numbacnn.data import DataError, digits, draw_digits
from numbacnn.data.strokes import SAMPLES, STYLES, catmull_rom, parse_style, sample_curve

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"


@pytest.fixture(scope="module")
def drawn():
    return draw_digits(2000, seed=3)


def test_shapes_and_types(drawn):
    images, labels = drawn
    assert images.shape == (2000, 28, 28) and images.dtype == np.uint8
    assert labels.shape == (2000,) and labels.dtype == np.int64


def test_every_thousand_is_balanced_and_shuffled(drawn):
    labels = drawn[1]
    for start in (0, 1000):
        assert np.bincount(labels[start : start + 1000]).tolist() == [100] * 10
    assert not np.array_equal(labels[:1000], labels[1000:])
    assert len(set(labels[:30])) >= 8


@pytest.mark.parametrize("count", [1, 7, 999, 1000, 1001])
def test_an_image_does_not_depend_on_how_many_are_drawn(drawn, count):
    images, labels = draw_digits(count, seed=3)
    np.testing.assert_array_equal(images, drawn[0][:count])
    np.testing.assert_array_equal(labels, drawn[1][:count])


def test_seeds_chunks_and_streams_share_no_image(drawn):
    series = [drawn[0], draw_digits(1000, 4)[0], draw_digits(1000, 3, stream="test")[0]]
    images = [image.tobytes() for one in series for image in one]
    assert len(set(images)) == len(images) == 4000


def test_a_seed_beyond_32_bits_is_not_another_seed_and_stream():
    # seeds are read as 32-bit words: without padding these two would be the same generator
    a = draw_digits(50, seed=2**32 + 3)[0]
    b = draw_digits(50, seed=3, stream="test")[0]
    assert not np.array_equal(a, b)


def test_ink_fills_a_box_of_20_pixels(drawn):
    for image in drawn[0]:
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert 17 <= max(height, width) <= 20


def test_ink_is_centered_by_mass(drawn):
    x = drawn[0].astype(float)
    at = np.arange(28)  # in MNIST the center of mass rounds to pixel 14, counted from 0
    row = (x.sum(2) @ at) / x.sum((1, 2))
    column = (x.sum(1) @ at) / x.sum((1, 2))
    assert (np.abs(np.stack([row, column]) - 14).max(0) <= 0.51).mean() > 0.99


def test_ink_is_as_dark_as_that_of_mnist(drawn):
    # MNIST's published mean and standard deviation are 0.1307 and 0.3081
    x = drawn[0] / 255
    assert x.mean() == pytest.approx(0.1307, abs=0.012)
    assert x.std() == pytest.approx(0.3081, abs=0.015)
    assert (drawn[0].max((1, 2)) == 255).mean() > 0.95


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(count=0, seed=0), "count is 0; ask for at least 1"),
        (dict(count=1, seed=-1), "seed is -1; give a seed of 0"),
        (dict(count=1, seed=0, stream="val"), "stream is 'val'; give one of train, test"),
    ],
)
def test_bad_arguments(arguments, words):
    with pytest.raises(DataError, match=words):
        draw_digits(**arguments)


def curve(text):
    xy, pieces = parse_style(text)
    weights, pen_down = sample_curve(xy, pieces)
    return weights @ xy, pen_down


def test_two_points_make_an_even_straight_line():
    path, pen_down = curve("0,0 10,5")
    np.testing.assert_allclose(path[:, 0], np.linspace(0, 1, SAMPLES), atol=1e-12)
    np.testing.assert_allclose(path[:, 1], path[:, 0] / 2, atol=1e-12)
    assert pen_down.all()


def test_a_corner_is_sharp():
    path, pen_down = curve("0,0 10,0! 10,10")
    assert (np.isclose(path[:, 1], 0) | np.isclose(path[:, 0], 1)).all()
    assert path.min() > -1e-12 and path.max() < 1 + 1e-12
    assert pen_down.all()


def test_without_the_mark_the_same_points_make_a_bend():
    path, _ = curve("0,0 10,0 10,10")
    assert path[:, 1].min() < -0.01


def test_a_lifted_pen_leaves_one_gap():
    path, pen_down = curve("0,0 10,0 / 0,10 10,10")
    (gap,) = np.flatnonzero(pen_down == 0)
    np.testing.assert_allclose(path[gap], [1, 0], atol=1e-12)
    np.testing.assert_allclose(path[gap + 1], [0, 1], atol=1e-12)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_curve_passes_through_its_points(k):
    weights = catmull_rom(np.array([0.0, 0.3, 1.0]), k, 0, 3, 4)
    np.testing.assert_allclose(weights.sum(1), 1)
    np.testing.assert_allclose(weights[[0, 2]], np.eye(4)[[k, k + 1]], atol=1e-12)


@pytest.mark.parametrize("digit", range(10))
def test_every_style_stays_on_its_page(digit):
    for _, text in STYLES[digit]:
        path, _ = curve(text)
        assert len(path) == SAMPLES
        assert -0.1 <= path.min() and path.max() <= 1.1


def test_ink_of_a_straight_line_has_the_pen_s_profile(monkeypatch):
    monkeypatch.setattr(digits, "pressure", lambda rng, N, S: np.ones((N, S), np.float32))
    path = np.stack([np.linspace(0, 20, SAMPLES), np.full(SAMPLES, 9.3)], 1)[None]
    radius = np.array([[1.7]])
    ink = digits.spread_ink(None, path, np.ones((1, SAMPLES - 1)), radius)
    distance = np.abs(np.arange(20) + 0.5 - 9.3)
    expected = np.clip((1.7 - distance) / digits.EDGE + 0.5, 0, 1)
    np.testing.assert_allclose(ink[0, :, 10], expected, atol=2e-3)


def test_a_lifted_pen_leaves_no_ink():
    rng = np.random.default_rng(0)
    path = np.stack([np.linspace(0, 20, SAMPLES), np.full(SAMPLES, 10)], 1)[None]
    pen_down = np.ones((1, SAMPLES - 1))
    pen_down[0, 20:43] = 0
    ink = digits.spread_ink(rng, path, pen_down, np.array([[1.0]]))[0]
    assert (ink[:, 9:11] == 0).all()
    assert ink[9:11, :4].min() > 0.4 and ink[9:11, -4:].min() > 0.4


def test_center_by_mass_moves_by_whole_pixels_inside_the_border():
    ink = np.zeros((2, 20, 20))
    ink[0, 3, 12] = 1  # row 3 would have to move by 11, but 8 is as far as the box goes
    ink[1, 10:12, 10] = 1
    ink[1, 10:12, 11] = 0.2  # mass at row 10.5, column 10.17: tied rows go to the even shift
    images = digits.center_by_mass(ink)
    assert np.argwhere(images[0]).tolist() == [[11, 14]]
    assert images[0].max() == 255
    expected = [[14, 14], [14, 15], [15, 14], [15, 15]]
    assert np.argwhere(images[1]).tolist() == expected
    assert images[1, 14:16, 15].tolist() == [51, 51]


def centroid_accuracy(train, train_labels, x, y):
    """Share of images nearest to the mean image of their own digit."""
    means = np.stack([train[train_labels == k].mean(0).ravel() for k in range(10)])
    x = x.reshape(len(x), -1).astype(float)
    distance = (means**2).sum(1) - 2 * x @ means.T
    return (distance.argmin(1) == y).mean()


def test_mean_digits_tell_fresh_digits_apart(drawn):
    images, labels = draw_digits(1000, 5)
    assert centroid_accuracy(*drawn, images, labels) > 0.6


@pytest.mark.skipif(not MNIST.is_dir(), reason="MNIST is not here")
def test_mean_digits_tell_handwritten_digits_apart(drawn):
    with gzip.open(MNIST / "train-images-idx3-ubyte.gz") as file:
        x = np.frombuffer(file.read(16 + 784 * 2000)[16:], np.uint8).reshape(-1, 28, 28)
    with gzip.open(MNIST / "train-labels-idx1-ubyte.gz") as file:
        y = np.frombuffer(file.read(8 + 2000)[8:], np.uint8)
    assert centroid_accuracy(*drawn, x, y) > 0.6
