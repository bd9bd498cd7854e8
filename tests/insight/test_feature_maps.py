"""Maps of every layer: beside PyTorch's, and on the sheets of `numbacnn feature-maps`."""
import json
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

import numbacnn as nc
from cli_runs import assert_refused, run
from numbacnn.insight import feature_maps
from numbacnn.plot import feature_map_sheet
from test_plot import png, texts
from test_insight_saliency import network
from tolerances import assert_close


def test_maps_are_pytorchs(rng, torch):
    nc.manual_seed(4)
    model, theirs, kept = network(), network(torch, torch.nn), {}
    theirs.load_state_dict({name: torch.tensor(tensor.numpy()) for name, tensor in model.state_dict().items()})
    for name, layer in theirs.eval().named_children():
        layer.register_forward_hook(lambda layer, args, out, name=name: kept.update({name: out.detach().numpy()}))
    x = rng.standard_normal((2, 2, 8, 12)).astype(np.float32)
    theirs(torch.tensor(x))
    ours = feature_maps(model, x)
    assert [*ours] == ["input", *kept] and model.training
    np.testing.assert_array_equal(ours["input"], x)
    for name, expected in kept.items():
        assert_close(ours[name], expected, terms=54, roundings=4, size=1)


def test_an_addition_has_maps_too():
    from numbacnn.models import build_model

    maps = feature_maps(build_model("resnet20", in_channels=1, height=8, width=8, classes=3), np.ones((1, 1, 8, 8), np.float32))
    assert any("add" in name for name in maps) and [*maps.values()][-1].shape == (1, 3)


# --- sheets

@pytest.fixture
def sheet(rng):
    def draw(*shape, image=(1, 9, 12), **more):
        maps = np.maximum(rng.standard_normal(shape), 0)
        return maps, feature_map_sheet(rng.integers(0, 256, (len(maps), *image)).astype(np.uint8), maps, "relu1", "a title", **more)
    return draw


@pytest.mark.parametrize("shape, image", [((2, 6, 9, 12), (1, 9, 12)), ((1, 80, 4, 4), (3, 32, 20)), ((3, 10), (4, 8, 8)),
                                          ((1, 1, 1, 1), (1, 40, 8))], ids=["maps", "many", "bars", "one"])
def test_words_stay_inside_and_do_not_overlap(shape, image, sheet):
    label = "a-picture-with-a-very-long-name-of-its-own.png: read as automobile, truly a bird of prey"
    figure = sheet(*shape, image=image, labels=[label] * shape[0], classes=["automobile", "a bird of prey, in the snow"] * 5)[1]
    png(figure)
    unseen = {id(text) for ax in figure.axes if not ax.axison for text in (*ax.get_xticklabels(), *ax.get_yticklabels())}
    found = {(text.get_text(), text.get_window_extent().bounds): text for text in texts(figure) if id(text) not in unseen}
    boxes = [(words, text.get_window_extent()) for (words, _), text in found.items()]
    for words, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1, words
    for (words, box), (others, other) in combinations(boxes, 2):
        assert not box.overlaps(other), (words, others)


def test_one_scale_and_dead_channels_are_named(rng):
    maps = rng.random((2, 4, 3, 3))
    maps[:, 2] = 0
    maps[0, 1] = 0
    figure = feature_map_sheet(np.zeros((2, 1, 6, 6), np.uint8), maps, "relu1")
    assert {image.get_clim() for image in figure.axes[0].images if image.get_cmap().name == "viridis"} == {(0, maps.max())}
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words.count("dead") == 2 and words.count("0") == 1 + 1  # a map, and the number of the first channel
    assert any("relu1 · 4x3x3 · 1 dead: zero everywhere in all images shown" in text for text in words)


def test_negative_numbers_are_blue_on_a_symmetric_scale(rng):
    maps = rng.standard_normal((1, 3, 4, 4))
    figure = feature_map_sheet(np.zeros((1, 3, 4, 4), np.uint8), maps, "conv1")
    largest = np.abs(maps).max()
    ranges = {(image.get_cmap().name, image.get_clim()) for image in figure.axes[0].images[1:]}
    assert ranges == {("RdBu_r", (-largest, largest))}


def test_nothing_is_divided_by_zero():
    png(feature_map_sheet(np.zeros((1, 1, 4, 4), np.uint8), np.zeros((1, 3, 4, 4)), "relu1"))
    png(feature_map_sheet(np.zeros((1, 1, 4, 4), np.uint8), np.zeros((1, 3)), "fc1"))


def test_names_are_whole_and_no_bar_ends_on_the_frame(rng):
    scores, label = rng.standard_normal((2, 10)), "validation-3: read as automobile, truly truck"
    figure = feature_map_sheet(np.zeros((2, 1, 6, 6), np.uint8), scores, "fc3", labels=[label] * 2, classes=["automobile"] * 10, meaning="scores")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said.count("validation-3: read\nas automobile, truly\ntruck") == 2
    assert "fc3 · 10 · scores · one scale for all images" in said
    for ax in figure.axes[1:]:
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["automobile"] * 10
        assert ax.get_ylim()[1] == -ax.get_ylim()[0] > 1.05 * np.abs(scores).max()


# --- the command

def test_a_sheet_for_each_layer(elsewhere, trained, data_file):
    Image.fromarray(np.load(data_file)["x_test"][0]).save("digit.png")
    done = run("feature-maps", trained[0], "digit.png", "--out", "maps", "--json", "--no-invert")
    assert done.exit_code == 0, done.output
    layers = json.loads(done.stdout)["layers"]
    assert [layer["layer"] for layer in layers][:4] == ["conv1", "relu1", "pool1", "conv2"] and layers[3]["shape"] == [16, 10, 10]
    assert sorted(path.name for path in (elsewhere / "maps").iterdir())[:2] == ["maps-01-conv1.png", "maps-02-relu1.png"]
    assert len(layers) == len([*(elsewhere / "maps").iterdir()]) == 12


def test_one_layer_of_validation_images(elsewhere, trained):
    done = run("feature-maps", trained[0], "--layer", "pool2", "--out", ".")
    assert done.exit_code == 0 and done.stdout.startswith("wrote maps-06-pool2.png  16x5x5")
    assert "no image is given, so" in done.stderr
    assert_refused(run("feature-maps", trained[0], "--layer", "pool9", "--json"), 2, "the layers of lenet5 are conv1, relu1")
