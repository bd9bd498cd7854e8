"""Pictures: the scale is shared, nothing is divided by zero, no words overlap, the same figure gives the same bytes."""
import io
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from numbacnn.plot import ShownMaps, filter_change, filter_grid, phrase_sheet, save_png, training_curves
from numbacnn.plot.figure import new_figure

SHAPES = {"gray": (6, 1, 5, 5), "many-gray": (20, 1, 3, 3), "color": (10, 3, 3, 5), "deep": (16, 6, 5, 5),
          "two-channels": (3, 2, 3, 3), "one": (1, 1, 1, 1), "large": (40, 40, 3, 3), "series": (24, 1, 7),
          "words": (32, 32, 3), "three-series": (5, 3, 5), "film": (8, 1, 3, 3, 3), "deep-film": (16, 12, 3, 3, 3),
          "color-film": (4, 3, 5, 3, 3), "one-frame": (4, 1, 1, 3, 3)}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def png(figure):
    file = io.BytesIO()
    save_png(figure, file)
    return file.getvalue()


def test_a_notebook_shows_what_was_drawn(rng):
    figure = training_curves([1.0, 0.5], [1.2, 0.7], [0.5, 0.8], [0.4, 0.7], [0.1, 0.05], title="$a")
    assert figure._repr_png_() == png(figure)
    ax = filter_grid(rng.normal(size=(2, 1, 3, 3)))
    assert ax._repr_png_() == png(ax.figure)
    theirs = Figure().add_subplot()
    assert filter_grid(rng.normal(size=(2, 1, 3, 3)), ax=theirs) is theirs


def texts(figure):
    return [text for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
            if text.get_text().strip() and text.get_visible()]


def examples_for(shape, rng):
    """Two examples and maps that fit filters of a shape."""
    sides = {3: (40,), 4: (12, 14), 5: (4, 12, 14)}[len(shape)]
    return ShownMaps(rng.uniform(size=(2, shape[1], *sides)), ("validation-1203: read as spin right, truly shrink", "a.png"),
                     rng.normal(size=(2, shape[0], *sides)))


@pytest.mark.parametrize("more", [False, True], ids=["alone", "with-maps-and-words"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_words_stay_inside_and_do_not_overlap(shape, more, rng):
    marks = {"marks": ["brighter at the lower right, moving to the upper left 53\u00a0%" if len(shape) == 5 else
                       "a bright falling diagonal line 53\u00a0%"] * shape[0],
             "dead": [True] * shape[0], "shown": examples_for(shape, rng), "title": "a run on some data after an epoch",
             "remarks": ["one remark", "and another one, which is much longer than a narrow sheet is wide, so that it takes a second line " * 2]}
    figure = filter_change(rng.normal(size=shape), rng.normal(size=shape), "conv1", **marks if more else {})
    assert_words_have_room(figure)


def assert_words_have_room(figure):
    """Inside the figure, and no words on others."""
    png(figure)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def test_maps_stand_beside_their_filters_on_one_scale(rng):
    weight, shown = rng.normal(size=(6, 1, 5, 5)), examples_for((6, 1, 5, 5), rng)
    figure = filter_change(weight, weight, "conv1", limit=0.5, shown=shown)
    images = [image for ax in figure.axes for image in ax.images]
    maps = [image for image in images if image.get_array().shape == (12, 14) and image.get_cmap().name == "RdBu_r"]
    assert len(maps) == 12 and {image.get_clim() for image in maps} == {(-np.abs(shown.maps).max(), np.abs(shown.maps).max())}
    np.testing.assert_array_equal(maps[7].get_array(), shown.maps[1, 1])
    assert {image.get_clim() for image in images if image.get_array().shape == (5, 5)} == {(-0.5, 0.5)}
    limited = ShownMaps(shown.examples, shown.labels, shown.maps, limit=2.0)
    assert limited.end == 2 and ShownMaps(shown.examples, shown.labels, shown.maps * 0).end == 1


def test_dead_stands_on_the_filter_after_training_and_on_its_maps(rng):
    weight, dead = rng.normal(size=(6, 1, 5, 5)), np.arange(6) == 2
    figure = filter_change(weight, weight, "conv1", dead=dead, shown=examples_for((6, 1, 5, 5), rng), marks=[None] * 5 + ["a peak"])
    words = [text.get_text() for text in texts(figure)]
    assert words.count("dead") == 1 + 2 and words.count("a peak") == 1


@pytest.mark.parametrize("filters", [3, 13, 32])
def test_phrases_stand_in_lines_and_columns(filters, rng):
    phrases = [[(f"never very good {k}", 1.5), ("not dull", 0.5), ("red", -0.25)][:1 + k % 3] for k in range(filters)]
    figure = phrase_sheet(phrases, "a run", "a layer", ["moved by 0.50"] * filters, [k == 1 for k in range(filters)], ["a remark"])
    assert_words_have_room(figure)
    words = [text.get_text() for text in texts(figure)]
    assert "filter 1 · dead" in words and "never very good 1" in words and "1.50" in words and "a remark" in words


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
    assert f"conv1 · filter 2\n1x5x5 · norm {np.linalg.norm(weight[2]):.2f}" in titles


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_weights_of_zero_are_drawn(channels):
    zeros = np.zeros((4, channels, 3, 3))
    figure = filter_change(zeros, zeros, "conv1")
    assert png(figure)
    assert figure.axes[0].images[0].get_clim() == (-1, 1)


def test_zero_is_mid_gray_in_color_and_the_largest_weight_is_full():
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
                             np.full(epochs, 0.05), "lenet5 on digits", best=epochs // 2 + 1)
    assert png(figure)
    words = [text.get_text() for text in texts(figure)]
    assert f"best epoch: {epochs // 2 + 1}, 95.00 %" in words
    loss, accuracy, rate = figure.axes
    assert [line.get_linestyle() for line in loss.lines[:2]] == ["-", "--"]
    assert accuracy.get_ylim()[1] <= 1.005 and rate.get_ylabel() == "learning rate"


def test_pyplot_is_never_imported():
    code = "import numbacnn.plot, sys; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
