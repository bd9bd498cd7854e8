"""Saliency maps: beside Captum on the same weights, central differences, and networks whose answer is known."""
import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.insight import saliency
from tolerances import assert_close

METHODS = [*saliency.METHODS]


def network(lib=nc, layers=nn):
    """Two convolutions, of which one has a stride, two poolings, a batch normalization; not square."""
    return layers.Sequential(
        layers.Conv2d(2, 4, 3, padding=1), layers.BatchNorm2d(4), layers.ReLU(), layers.MaxPool2d(2),
        layers.Conv2d(4, 6, 3, padding=1), layers.Tanh(), layers.AvgPool2d(2), layers.Flatten(), layers.Linear(6 * 2 * 3, 5))


@pytest.fixture
def model():
    nc.manual_seed(4)
    model = network()
    model[1].running_mean.copy_(nc.tensor([0.1, -0.2, 0.3, 0.0]))
    model[1].running_var.copy_(nc.tensor([0.5, 1.5, 0.7, 2.0]))
    return model


@pytest.fixture
def x(rng):
    return rng.standard_normal((3, 2, 8, 12)).astype(np.float32)


TARGET = [1, 4, 0]


@pytest.fixture
def judge(model, torch):
    """PyTorch's network with the weights of `model`, and Captum."""
    attr = pytest.importorskip("captum.attr")
    theirs = network(torch, torch.nn)
    theirs.load_state_dict({name: torch.tensor(tensor.numpy()) for name, tensor in model.state_dict().items()})
    return theirs.eval(), attr


# --- beside Captum

def test_gradient_is_captums(model, x, judge, torch):
    theirs, attr = judge
    expected = attr.Saliency(theirs).attribute(torch.tensor(x, requires_grad=True), target=TARGET, abs=False)
    assert_close(saliency.gradient(model, x, TARGET), expected.numpy(), terms=6 * 9, roundings=4)


def test_gradient_x_input_is_captums(model, x, judge, torch):
    theirs, attr = judge
    expected = attr.InputXGradient(theirs).attribute(torch.tensor(x, requires_grad=True), target=TARGET)
    assert_close(saliency.gradient_x_input(model, x, TARGET), expected.detach().numpy(), terms=6 * 9, roundings=4)


@pytest.mark.parametrize("baseline", [0.0, -0.4])
def test_integrated_gradients_are_captums(model, x, judge, torch, baseline):
    theirs, attr = judge
    expected, delta = attr.IntegratedGradients(theirs).attribute(
        torch.tensor(x), baselines=baseline, target=TARGET, n_steps=17, method="riemann_middle", return_convergence_delta=True)
    ours = saliency.integrated_gradients(model, x, TARGET, baseline=baseline, steps=17)
    assert_close(ours.attribution, expected.numpy(), terms=6 * 9, roundings=4)
    np.testing.assert_allclose(ours.error, delta.numpy(), atol=1e-5)


@pytest.mark.parametrize("window, stride", [(3, 2), ((2, 5), (1, 3)), ((8, 4), (8, 4))])
def test_occlusion_is_captums(model, x, judge, torch, window, stride):
    theirs, attr = judge
    shapes = [(2, *(each if isinstance(each, tuple) else (each,) * 2)) for each in (window, stride)]
    expected = attr.Occlusion(theirs).attribute(torch.tensor(x), sliding_window_shapes=shapes[0], strides=shapes[1],
                                                baselines=-0.3, target=TARGET)
    ours = saliency.occlusion(model, x, TARGET, window, stride, baseline=-0.3)
    assert ours.shape == (3, 8, 12)
    assert_close(ours, expected[:, 0].numpy(), terms=36, roundings=8, size=1)


@pytest.mark.parametrize("layer", ["0", "2", "4", "5", "6"])
def test_grad_cam_is_captums(model, x, judge, torch, layer):
    theirs, attr = judge
    expected = attr.LayerGradCam(theirs, theirs[int(layer)]).attribute(torch.tensor(x), target=TARGET, relu_attributions=True)
    ours = saliency.grad_cam(model, x, TARGET, layer)
    assert_close(ours, expected[:, 0].detach().numpy(), terms=6 * 9, roundings=4, size=0.1)


# --- central differences

def test_gradient_is_what_a_small_change_does(rng):
    nc.manual_seed(4)
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(27, 4)).double()
    x, step = rng.standard_normal((2, 1, 6, 6)), 1e-5
    ours = saliency.gradient(model, x, [2, 0])
    assert ours.dtype == np.float64
    for place in np.ndindex(x.shape):
        nearby = np.stack([x, x])
        nearby[0][place] += step
        nearby[1][place] -= step
        up, down = (model(nc.tensor(each)).detach().numpy()[place[0], [2, 0][place[0]]] for each in nearby)
        assert ours[place] == pytest.approx((up - down) / (2 * step), abs=1e-8)


# --- networks whose answer is known

@pytest.fixture
def plane(rng):
    """A network that is a plane: score = w . x + b."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(2 * 4 * 6, 3))
    return model, model[1].weight.detach().numpy()[1].reshape(2, 4, 6), rng.standard_normal((2, 2, 4, 6)).astype(np.float32)


def test_a_plane_is_explained_by_its_weights(plane):
    model, weight, x = plane
    assert_close(saliency.gradient(model, x, 1), np.broadcast_to(weight, x.shape))
    assert_close(saliency.smoothgrad(model, x, 1, samples=3), np.broadcast_to(weight, x.shape))
    assert_close(saliency.gradient_x_input(model, x, 1, baseline=0.5), weight * (x - 0.5))
    ours = saliency.integrated_gradients(model, x, 1, baseline=0.5, steps=5)
    assert_close(ours.attribution, weight * (x - 0.5), roundings=2)
    np.testing.assert_allclose(ours.error, 0, atol=1e-5)
    covered = (weight * (x - 0.5)).reshape(2, 2, 2, 2, 3, 2).sum((1, 3, 5)).repeat(2, axis=1).repeat(2, axis=2)
    assert_close(saliency.occlusion(model, x, 1, window=2, stride=2, baseline=0.5), covered, terms=48, size=2)


def test_grad_cam_finds_the_place_that_was_lit():
    """A filter of one pixel and the mean over all places: the map is the image, where it speaks for the class."""
    model = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(1, 2, bias=False))
    model[0].weight.data.fill_(1)
    model[3].weight.data.copy_(nc.tensor([[16.0], [-16.0]]))
    x = np.zeros((1, 1, 4, 4), np.float32)
    x[0, 0, 1, 2] = 3
    maps = saliency.saliency_map(model, x, "grad_cam", target=0)
    np.testing.assert_allclose(maps.map, x[:, 0])
    assert maps.layer == "0" and not maps.empty[0]
    against = saliency.saliency_map(model, x, "grad_cam", target=1)
    assert against.empty[0] and not against.map.any()


def test_integrated_gradients_add_up_to_the_score(model, x):
    errors = [np.abs(saliency.integrated_gradients(model, 8 * x, TARGET, steps=steps).error).max() for steps in (2, 16, 128)]
    assert errors[2] < 0.01 < errors[0] and errors[2] < errors[1] < errors[0]


def test_smoothgrad_is_the_mean_gradient_of_noisy_copies(model, x):
    draw = np.random.default_rng(9)
    sigma = 0.2 * (x.max((1, 2, 3), keepdims=True) - x.min((1, 2, 3), keepdims=True))
    copies = [(x + sigma * draw.standard_normal(x.shape)).astype(np.float32) for _ in range(4)]
    expected = np.mean([saliency.gradient(model, copy, TARGET) for copy in copies], axis=0)
    assert_close(saliency.smoothgrad(model, x, TARGET, noise=0.2, samples=4, seed=9), expected, roundings=2)


def test_cam_layer_is_the_last_with_maps_of_that_size(model, x):
    assert saliency.cam_layer(model, x) == "5"
    deep = nn.Sequential(nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU()), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(2))
    assert saliency.cam_layer(deep, x) == "0"


# --- what holds for all

@pytest.mark.parametrize("method", METHODS)
def test_an_example_has_the_same_bits_alone_and_twice(method, model, x):
    together = saliency.saliency_map(model, x, method, TARGET)
    alone = saliency.saliency_map(model, x[1:2], method, TARGET[1])
    if method != "smoothgrad":  # its noise belongs to the batch
        np.testing.assert_array_equal(alone.values, together.values[1:2])
    np.testing.assert_array_equal(saliency.saliency_map(model, x, method, TARGET).values, together.values)


@pytest.mark.parametrize("method", METHODS)
def test_the_model_is_left_as_it_was(method, model, x):
    model[0].eval()
    modes = [layer.training for layer in model.modules()]
    before = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    with nc.no_grad():
        maps = saliency.saliency_map(model, x, method, TARGET)
    assert [layer.training for layer in model.modules()] == modes
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(layer._forward_hooks for layer in model.modules())
    for name, tensor in model.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), before[name])
    assert maps.map.ndim == 3 and (maps.map >= 0).all() and maps.target.tolist() == TARGET


@pytest.mark.parametrize("method", METHODS)
def test_frozen_weights_make_no_difference(method, model, x):
    expected = saliency.saliency_map(model, x, method).map
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    np.testing.assert_array_equal(saliency.saliency_map(model, x, method).map, expected)


@pytest.mark.parametrize("method", METHODS)
def test_a_series_has_a_map_too(method, rng):
    model = nn.Sequential(nn.Conv1d(2, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(30, 2))
    maps = saliency.saliency_map(model, rng.standard_normal((2, 2, 10)).astype(np.float32), method)
    assert maps.map.shape == (2, 10)


# --- refusals

@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_explained_is_refused(method, model, x):
    function = saliency.METHODS[method][0]
    with pytest.raises(TypeError, match=f"{method}: x holds int64, expected floats.*a sentence has no such map"):
        function(model, np.zeros((1, 7, 3), np.int64), 0)
    with pytest.raises(ValueError, match=rf"{method}: x has shape \(8, 12\), expected \(N, C, ...\)"):
        function(model, x[0, 0], 0)
    with pytest.raises(ValueError, match=rf"{method}: target is int64 of shape \(2,\), expected one class, or one for each of 3"):
        function(model, x, [1, 2])
    with pytest.raises(ValueError, match="target 5 is not a class of the model, which has 5: 0 to 4"):
        function(model, x, 5)
    with pytest.raises(ValueError, match="target -1 is not a class"):
        function(model, x, -1)


def test_wrong_settings_are_refused(model, x):
    with pytest.raises(ValueError, match="there is no method 'lime'; there are gradient, smoothgrad"):
        saliency.saliency_map(model, x, "lime")
    with pytest.raises(ValueError, match="noise is -1 and samples 50"):
        saliency.smoothgrad(model, x, 0, noise=-1)
    with pytest.raises(ValueError, match="steps is 0"):
        saliency.integrated_gradients(model, x, 0, steps=0)
    with pytest.raises(ValueError, match=r"stride \(4, 4\) does not fit window \(3, 3\)"):
        saliency.occlusion(model, x, 0, window=3, stride=4)
    with pytest.raises(ValueError, match=r"occlusion: \(3, 3, 3\) has 3 numbers, expected one for each of 2 sides \(8, 12\)"):
        saliency.occlusion(model, x, 0, window=(3, 3, 3))
    with pytest.raises(ValueError, match="no layer 'conv9'; it has 0, 1, 2"):
        saliency.grad_cam(model, x, 0, "conv9")
    with pytest.raises(ValueError, match=r"the layer 8 gives \(3, 5\), no maps"):
        saliency.grad_cam(model, x, 0, "8")
    with pytest.raises(ValueError, match="Sequential has no convolution"):
        saliency.grad_cam(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), x, 0)
    with pytest.raises(ValueError, match=r"the model answers \(3, 4, 8, 12\), expected \(N, classes\)"):
        saliency.gradient(model[0], x, 0)
