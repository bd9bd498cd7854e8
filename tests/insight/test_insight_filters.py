"""Words for filters, dead filters and the scale of their weights: beside shapes made by hand, noise and the maps themselves."""
import numpy as np
import pytest
from numba.core import config

import numbacnn
from numbacnn import nn
from numbacnn.insight import dead_filters, filter_shapes, trace, weight_scale
from numbacnn.insight.filter_shapes import LEVEL, chance
from numbacnn.insight.wiring import reads_the_input
from numbacnn.models import build_model
from reference import conv2d_forward

ONES, RAMP = np.ones(5), np.arange(5.0) - 2
HILL = 2 - RAMP ** 2
MADE = {  # rows x columns
    "bright areas": np.outer(ONES, ONES), "dark areas": -np.outer(ONES, ONES),
    "brighter at the right": np.outer(ONES, RAMP), "brighter at the left": np.outer(ONES, -RAMP),
    "brighter at the bottom": np.outer(RAMP, ONES), "brighter at the upper right": np.add.outer(-RAMP, RAMP),
    "a bright vertical line": np.outer(ONES, HILL), "a dark horizontal line": np.outer(-HILL, ONES),
    "a bright spot": np.add.outer(HILL, HILL), "a bright falling diagonal line": 4 - np.add.outer(-RAMP, RAMP) ** 2,
    "a bright rising diagonal line": 4 - np.add.outer(RAMP, RAMP) ** 2}


def words(weight, kind="images"):
    return [shape and shape.words for shape in filter_shapes(np.asarray(weight, np.float32), kind)]


def test_shapes_made_by_hand_have_their_words():
    assert words(np.stack([*MADE.values()])[:, None]) == [*MADE]
    gray = np.stack([*MADE.values()])[:, None].repeat(3, axis=1)
    assert words(gray) == [*MADE]


@pytest.mark.parametrize("name, color", [("red", (1, 0, 0)), ("green", (0, 1, 0)), ("blue", (0, 0, 1)), ("yellow", (1, 1, 0)),
                                         ("cyan", (0, 1, 1)), ("magenta", (1, 0, 1))])
def test_colors_have_their_names(name, color):
    color = np.array(color) - np.mean(color)  # else it is first of all bright
    assert words(np.multiply.outer(color, np.ones((3, 3)))[None]) == [f"{name} areas"]


def test_series_and_films_have_words_of_their_own():
    ramp = np.arange(7.0) - 3
    assert words(np.stack([ramp, -ramp, 5 - ramp ** 2, ramp ** 2 - 5, ramp ** 0])[:, None], "series") == [
        "a rise", "a fall", "a peak", "a dip", "high values"]
    t, y, x = np.meshgrid(*(np.arange(3.0) - 1,) * 3, indexing="ij")
    assert words(np.stack([x - t, y + t, t, -t, x, t ** 0])[:, None], "video") == [
        "brighter at the right, moving to the right", "brighter at the bottom, moving to the top", "getting brighter",
        "getting darker", "brighter at the right", "bright areas"]


def test_a_moving_film_is_answered_by_the_filter_that_names_its_motion():
    """An edge runs to the right; the filter for it answers more than that for the other direction."""
    t, _, x = np.meshgrid(*(np.arange(3.0) - 1,) * 3, indexing="ij")
    film = np.tanh(2 * (x - t))
    right, left = words(np.stack([x - t, x + t])[:, None], "video")
    assert right.endswith("moving to the right") and left.endswith("moving to the left")
    assert ((x - t) * film).sum() > 2 * abs(((x + t) * film).sum())


@pytest.mark.parametrize("sides, data", [
    pytest.param(sides, data, id="x".join(map(str, sides))) for sides, data in [
        ((1, 3, 3), "images"), ((1, 5, 5), "images"), ((3, 3, 3), "images"), ((1, 7), "series"), ((1, 3, 3, 3), "video")]])
@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_noise_has_no_words_but_for_one_in_a_hundred(sides, data, draw, rng):
    noise = rng.normal(size=(4000, *sides)) if draw == "normal" else rng.uniform(-1, 1, (4000, *sides))
    assert sum(shape is not None for shape in words(noise, data)) <= 0.01 * 4000


def test_the_chance_of_noise_is_that_of_many_draws(rng):
    assert chance(0.4, 2, 25) == pytest.approx(0.6 ** 11.5, rel=1e-4)  # of two dimensions in closed form
    noise = rng.normal(size=(100_000, 9)) ** 2
    for d in (1, 3, 5):
        share = noise[:, :d].sum(axis=1) / noise.sum(axis=1)
        for bound in (0.3, 0.6):
            assert chance(bound, d, 9) == pytest.approx((share >= bound).mean(), abs=0.006)
    assert chance(1.0, 2, 9) == 0 and chance(0.5, 3, 3) == 1 and LEVEL == 0.005


def test_what_is_no_simple_shape_has_no_words():
    checks = np.indices((5, 5)).sum(axis=0) % 2 * 2 - 1
    saddle = np.add.outer(RAMP ** 2, -RAMP ** 2)
    assert words(np.stack([checks, saddle, np.zeros((5, 5))])[:, None]) == [None] * 3
    assert words(np.ones((2, 1, 1, 1))) == [None] * 2  # of a single weight everything is a sum
    assert filter_shapes(np.ones((2, 6, 5, 5)), "images") is None and filter_shapes(np.ones((2, 3, 5)), "series") is None
    assert filter_shapes(np.ones((2, 1, 3)), "tokens") is None


# ---------------------------------------------------------------- dead
def test_dead_filters_are_those_whose_maps_are_never_above_zero(rng):
    numbacnn.manual_seed(1)
    model = build_model("lenet5", in_channels=1, height=28, width=28, classes=3)
    with numbacnn.no_grad():
        model.conv1.bias[2] = -100.0
        model.conv2.bias[5] = -1000.0
    x = rng.standard_normal((8, 1, 28, 28)).astype(np.float32)
    maps = conv2d_forward(x, model.conv1.weight.detach().numpy(), model.conv1.bias.detach().numpy(), (1, 1), (2, 2), (1, 1))
    found = dead_filters(model, "conv1", x[:1], [x[:3], x[3:]])
    np.testing.assert_array_equal(found, (maps <= 0).all(axis=(0, 2, 3)))
    assert np.flatnonzero(found).tolist() == [2]
    assert 5 in np.flatnonzero(dead_filters(model, "conv2", x[:1], [x]))


@pytest.mark.skipif(config.DISABLE_JIT, reason="a deep network in plain Python takes minutes")
def test_the_relu_may_stand_behind_a_batch_norm_but_not_behind_a_sum(rng):
    numbacnn.manual_seed(1)
    model = build_model("resnet20", in_channels=3, height=32, width=32, classes=2).eval()
    with numbacnn.no_grad():
        model.bn1.bias[4] = -1000.0
        model.layer1[0].bn1.bias[7] = -1000.0
    x = rng.standard_normal((2, 3, 32, 32)).astype(np.float32)
    assert np.flatnonzero(dead_filters(model, "conv1", x, [x])).tolist() == [4]
    assert np.flatnonzero(dead_filters(model, "layer1.0.conv1", x, [x])).tolist() == [7]
    assert dead_filters(model, "layer1.0.conv2", x, [x]) is None


def test_without_a_relu_no_filter_is_said_to_be_dead(rng):
    model = build_model("lenet5_1998", in_channels=1, height=28, width=28, classes=3).eval()
    x = rng.standard_normal((1, 1, 28, 28)).astype(np.float32)
    assert dead_filters(model, "conv1", x, [x]) is None


@pytest.mark.parametrize("name, extents, first, later", [
    ("lenet5", {"in_channels": 1, "height": 28, "width": 28}, "conv1", "conv2"),
    ("tcn", {"in_channels": 1, "length": 32}, "block1.body.conv1", "block1.body.conv2"),
    ("conv3d", {"in_channels": 1, "frames": 8, "height": 24, "width": 24}, "conv1", "conv2")])
def test_which_convolution_reads_the_input(name, extents, first, later):
    model = build_model(name, classes=2, **extents).eval()
    steps = trace(model, np.zeros((1, *extents.values()), np.float32))
    assert reads_the_input(steps, first) and not reads_the_input(steps, later) and not reads_the_input(steps, "nothing")


def test_a_filter_a_channel_of_a_later_layer_does_not_read_the_input():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3, groups=4)).eval()
    steps = trace(model, np.zeros((1, 1, 8, 8), np.float32))
    assert reads_the_input(steps, "0") and not reads_the_input(steps, "2")


# ---------------------------------------------------------------- scale
def test_the_scale_ends_at_the_largest_weight_unless_that_is_extreme(rng):
    weights = rng.normal(size=(6, 1, 5, 5))
    largest = np.abs(weights).max()
    assert weight_scale(weights) == weight_scale(weights, weights[:2]) and weight_scale(weights).limit == largest
    assert weight_scale(weights).beyond == 0
    extreme = weights.copy()
    extreme[0, 0, 0, 0], extreme[1, 0, 0, 0] = 90, np.nan
    scale = weight_scale(extreme)
    assert (scale.beyond, scale.largest) == (1, 90) and scale.limit <= largest
    assert weight_scale(weights, extreme, extreme - weights).beyond == 2  # also in the difference


def test_weights_of_zero_and_weights_alike_have_a_scale():
    assert weight_scale(np.zeros(5)).limit == 1 and weight_scale(np.full(5, np.nan)).limit == 1
    assert (weight_scale(np.full(5, -3.0)).limit, weight_scale(np.full(5, -3.0)).beyond) == (3, 0)
