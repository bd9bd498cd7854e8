"""The checks of saliency maps: a method that does not look at the weights is found out."""
import runpy
from pathlib import Path

import numpy as np
import pytest

from numbacnn import nn
from numbacnn.insight import saliency
from numbacnn.train import Normalize, open_run

# --- comparisons

def test_rank_correlation_of_known_orders():
    a = np.array([[1.0, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], [5, 5, 5, 5], [5, 5, 5, 5]])
    b = np.array([[10.0, 20, 21, 90], [4, 3, 2, 1], [1, 2, 2, 3], [1, 2, 3, 4], [7, 7, 7, 7]])
    np.testing.assert_allclose(saliency.rank_correlation(a, b), [1, -1, 4.5 / np.sqrt(5 * 4.5), 0, 1])
    with pytest.raises(ValueError, match=r"maps of shapes \(5, 4\) and \(2, 4\)"):
        saliency.rank_correlation(a, b[:2])


def test_rank_correlation_is_scipys(rng):
    stats = pytest.importorskip("scipy.stats")
    a, b = np.maximum(rng.standard_normal((2, 4, 6, 7)), 0)
    expected = [stats.spearmanr(one.ravel(), other.ravel()).statistic for one, other in zip(a, b)]
    np.testing.assert_allclose(saliency.rank_correlation(a, b), expected)


def test_edges_are_where_the_image_changes():
    x = np.zeros((1, 2, 6, 6), np.float32)
    x[0, 1, :, 3:] = 4
    expected = np.zeros((6, 6))
    expected[:, 2:4] = 2
    np.testing.assert_array_equal(saliency.edge_map(x)[0], expected)


def test_a_small_map_is_enlarged_as_pytorch_does(rng, torch):
    maps = rng.random((2, 3, 5))
    expected = torch.nn.functional.interpolate(torch.tensor(maps)[None], (14, 9), mode="bilinear", align_corners=False)[0]
    np.testing.assert_allclose(saliency.enlarged(maps, (14, 9)), expected.numpy())


# --- deletion

@pytest.fixture
def one_pixel():
    """Class 1 where the pixel in row 1, column 2 is lit; nothing else matters."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, bias=False))
    model[1].weight.data.fill_(0)
    model[1].weight.data[1, 1 * 4 + 2] = 5
    return model, np.ones((1, 1, 4, 4), np.float32)


def test_the_curve_falls_when_the_pixel_that_matters_goes(one_pixel):
    model, x = one_pixel
    high, low = 1 / (1 + np.exp(-5)), 0.5
    maps = saliency.saliency_map(model, x, "gradient", target=1).map
    curve = saliency.deletion_curve(model, x, 1, maps, steps=16)
    np.testing.assert_allclose(curve, [[high, *[low] * 16]], rtol=1e-6)
    np.testing.assert_allclose(saliency.area(curve), (high + 31 * low) / 32, rtol=1e-6)
    late = saliency.deletion_curve(model, x, 1, -maps, steps=16)
    np.testing.assert_allclose(late, [[*[high] * 16, low]], rtol=1e-6)
    with pytest.raises(ValueError, match=r"maps have shape \(2, 4, 4\), expected one for each example"):
        saliency.deletion_curve(model, x, 1, np.zeros((2, 4, 4)))


# --- checks

@pytest.fixture(scope="module")
def lenet(trained, data_file):
    """A trained LeNet, and ten digits as it is fed."""
    run = open_run(trained[0])
    known = run.info["data"]
    return run.load_model(), Normalize(known["mean"], known["std"])(np.load(data_file)["x_test"][:10, None])


#: as the table of the checks has it
guided_backprop = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "saliency_checks.py"))["guided_backprop"]


def edges(model, x, target):
    return saliency.edge_map(x)


@pytest.mark.parametrize("method", [guided_backprop, edges], ids=lambda method: method.__name__)
def test_a_method_that_draws_edges_is_found_out(method, lenet):
    checks = saliency.check(*lenet, method)
    assert checks.depends_on_weights is False and checks.sameness >= 0.6
    assert f"{method.__name__}: with random weights the map stays the same (rank correlation" in checks.verdict
    assert "it is of no use here" in checks.verdict
    assert checks.correlation[0].mean() > 0.8  # although a random top layer makes the network guess


def test_a_method_that_looks_at_the_weights_passes(lenet):
    checks = saliency.check(*lenet, "grad_cam")
    assert checks.stages == ("fc3", "fc2", "fc1", "conv2", "conv1") and checks.correlation.shape == (5, 10)
    assert checks.depends_on_weights and "the map is another one (rank correlation" in checks.verdict
    guided = saliency.check(*lenet, guided_backprop)
    assert saliency.check(*lenet, "gradient").sameness < guided.sameness - 0.2


def test_numbers_of_the_checks(lenet):
    model, x = lenet
    before = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    one, two = (saliency.check(model, x[:2], "gradient", seeds=(5,), orders=3, steps=4, stages=2) for _ in range(2))
    assert one.stages == ("fc1", "conv1")
    assert one.random_maps.shape == (2, 2, 28, 28) and one.random_deletion.shape == (3, 2, 5)
    np.testing.assert_array_equal(one.removed, [0, 0.25, 0.5, 0.75, 1])
    for name in ("correlation", "random_maps", "noise", "deletion", "edge_deletion", "random_deletion"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    assert np.abs(one.noise_correlation).max() < 0.15
    np.testing.assert_allclose(one.deletion[:, -1], one.edge_deletion[:, -1])  # nothing is left of the image
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])


def test_random_weights_are_the_trained_ones_in_another_order(lenet):
    from numbacnn.insight.saliency.checks import _randomized

    model, top_only = lenet[0], next(iter(_randomized(lenet[0], [["fc3"], ["fc2"]], 0)))
    before, after = (dict(each.named_parameters()) for each in (model, top_only))
    assert not np.array_equal(before["fc3.weight"].detach().numpy(), after["fc3.weight"].detach().numpy())
    for name, parameter in after.items():
        ours, theirs = parameter.detach().numpy(), before[name].detach().numpy()
        np.testing.assert_array_equal(np.sort(ours, axis=None), np.sort(theirs, axis=None))
        assert name.startswith("fc3") or np.array_equal(ours, theirs)


def test_what_is_known_of_one_pixel(one_pixel):
    """The only pixel that matters is found, and random weights move it to another place."""
    checks = saliency.check(*one_pixel, "gradient", target=1, seeds=range(20), steps=16)
    own, _, by_chance, spread = checks.areas
    assert own == pytest.approx(0.5 + (1 / (1 + np.exp(-5)) - 0.5) / 32) and by_chance > own + 2 * spread / 2
    assert checks.sameness < 0.3


def curves(start, own, edges, chance, spread=0.001, classes=10):
    """Checks of two images whose curves are level after the first part, so that the areas are as given."""
    def curve(area):
        return np.tile([start, *[(area - start / 40) / (1 - 1 / 40)] * 20], (2, 1))

    maps = np.ones((2, 3, 3))
    return saliency.Checks("a map", ("fc",), np.zeros((1, 2)), maps[None], maps, maps, np.zeros(2), np.zeros(2), np.linspace(0, 1, 21),
                           curve(own), curve(edges), np.stack([curve(chance + d * spread) for d in (-1, 0, 1)]), np.zeros(2, bool), classes)


@pytest.mark.parametrize("numbers, matters, words", [
    ((0.9, 0.2, 0.3, 0.5), True, "falls sooner (area under the curve 0.200; an edge detector's 0.300, random order 0.500 ± 0.001)"),
    ((0.9, 0.28, 0.26, 0.5), True, "falls sooner, but no sooner than in the order of an edge detector"),
    ((0.9, 0.6, 0.3, 0.5), False, "matter less than others: without them the probability falls later"),
    ((0.9, 0.2, 0.3, 0.5, 0.2), None, "no more than others (area"),
    ((0.40, 0.30, 0.32, 0.31), None, "the difference is 2.5 % of the 0.40 that can fall, and less than 5 % counts as none"),
    ((0.40, 0.332, 0.32, 0.31), False, "falls later"),
    ((0.13, 0.116, 0.118, 0.123), None, "has a probability of 13.0 % here, near the chance level of 10 % for 10 classes"),
    ((0.13, 0.03, 0.04, 0.1, 0.001, 1000), True, "falls sooner"),
    ((0.52, 0.4, 0.5, 0.51, 0.001, 2), None, "near the chance level of 50 % for 2 classes"),
    ((0.56, 0.4, 0.5, 0.51, 0.001, 2), True, "falls sooner"),
    ((0.001, 0.0001, 0.0005, 0.0005), None, "has a probability of 0.1 % here, near the chance level of 10 %")],
    ids=["sooner", "edges-do-it-too", "later", "spread", "small", "not-small", "chance", "many-classes", "two-at-chance", "two", "below"])
def test_what_the_deletion_curve_is_said_to_show(numbers, matters, words):
    checks = curves(*numbers)
    np.testing.assert_allclose(checks.areas, (*numbers[1:4], numbers[4] if len(numbers) > 4 else 0.001), rtol=1e-6)
    assert checks.marks_what_matters is matters and words in checks.verdict


def test_no_evidence_is_said(lenet):
    checks = saliency.check(*lenet, lambda model, x, target: np.zeros((len(x), 28, 28)))
    assert np.isnan(checks.sameness) and checks.depends_on_weights is None
    assert "no positive evidence for the class" in checks.verdict


def test_a_model_without_weights_is_refused(lenet):
    with pytest.raises(ValueError, match="Sequential has no weights that could be made random"):
        saliency.check(nn.Sequential(nn.Flatten()), lenet[1])
