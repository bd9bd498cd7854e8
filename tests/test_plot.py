"""Pictures: the scale is shared, nothing is divided by zero, no words overlap, the same figure gives the same bytes."""
import io
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest

from numbacnn.plot import filter_change, filter_grid, save_png, training_curves
from numbacnn.plot.figure import new_figure

SHAPES = {"grey": (6, 1, 5, 5), "many-grey": (20, 1, 3, 3), "colour": (10, 3, 3, 5), "deep": (16, 6, 5, 5),
          "two-channels": (3, 2, 3, 3), "one": (1, 1, 1, 1), "large": (40, 40, 3, 3), "series": (24, 1, 7),
          "words": (32, 32, 3), "three-series": (5, 3, 5), "film": (8, 1, 3, 3, 3), "deep-film": (16, 12, 3, 3, 3),
          "colour-film": (4, 3, 5, 3, 3), "one-frame": (4, 1, 1, 3, 3)}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def png(figure):
    file = io.BytesIO()
    save_png(figure, file)
    return file.getvalue()


def texts(figure):
    return [text for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
            if text.get_text().strip() and text.get_visible()]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_words_stay_inside_and_do_not_overlap(shape, rng):
    figure = filter_change(rng.normal(size=shape), rng.normal(size=shape), "conv1")
    png(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def test_all_filters_share_one_symmetric_range(rng):
    before, after = rng.normal(size=(6, 1, 5, 5)), rng.normal(size=(6, 1, 5, 5))
    after[2, 0, 1, 1] = -9
    figure = filter_change(before, after, "conv1")
    ranges = {image.get_clim() for ax in figure.axes[:3] for image in ax.images}
    largest = max(9, np.abs(after - before).max())
    assert ranges == {(-largest, largest)}


def test_each_filter_has_its_title(rng):
    weight = rng.normal(size=(6, 1, 5, 5))
    titles = [text.get_text() for text in texts(filter_change(weight, weight, "conv1"))]
    assert f"conv1 · filter 3/6\n1x5x5 · norm {np.linalg.norm(weight[2]):.2f}" in titles


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_weights_of_zero_are_drawn(channels):
    zeros = np.zeros((4, channels, 3, 3))
    figure = filter_change(zeros, zeros, "conv1")
    assert png(figure)
    assert figure.axes[0].images[0].get_clim() == (-1, 1)


def test_zero_is_mid_grey_in_colour_and_the_largest_weight_is_full():
    weight = np.zeros((2, 3, 2, 2))
    weight[0, 0, 0, 0], weight[1, 2, 1, 1] = 0.5, -0.5
    ax = filter_grid(weight, new_figure(4, 2).add_subplot())
    first, second = (np.asarray(image.get_array()) for image in ax.images)
    assert first[0, 0].tolist() == [1, 0.5, 0.5]
    assert second[1, 1].tolist() == [0.5, 0.5, 0]


def test_the_same_figure_gives_the_same_bytes(rng):
    weight = rng.normal(size=(6, 1, 5, 5))
    assert png(filter_change(weight, weight, "c")) == png(filter_change(weight, weight, "c"))
    assert b"matplotlib" not in png(filter_change(weight, weight, "c"))


@pytest.mark.parametrize("epochs", [1, 2, 30])
def test_curves_mark_the_best_epoch(epochs):
    epoch = np.arange(epochs)
    val_accuracy = np.full(epochs, 0.9)
    val_accuracy[epochs // 2] = 0.95
    figure = training_curves(np.exp(-epoch / 5), np.exp(-epoch / 6), 1 - np.exp(-epoch - 1.0), val_accuracy,
                             np.full(epochs, 0.05), "lenet5 on digits")
    assert png(figure)
    words = [text.get_text() for text in texts(figure)]
    assert f"best epoch: {epochs // 2 + 1}, 95.00 %" in words
    loss, accuracy, rate = figure.axes
    assert [line.get_linestyle() for line in loss.lines[:2]] == ["-", "--"]
    assert accuracy.get_ylim()[1] <= 1.005 and rate.get_ylabel() == "learning rate"


def test_pyplot_is_never_imported():
    code = "import numbacnn.plot, sys; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
