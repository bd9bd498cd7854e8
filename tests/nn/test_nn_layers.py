"""Layers: what they take, what they start with and what they answer; and the initial values of `nn.init`."""

import math

import pytest

import numbacnn as nc
from numbacnn import nn

SEED = 20240229


@pytest.fixture(autouse=True)
def seeded():
    nc.manual_seed(SEED)


# ---- layers

def test_lazy_linear_takes_its_size_from_the_first_input_and_then_is_a_linear():
    layer = nn.LazyLinear(3)
    params = [*layer.parameters()]
    assert layer(nc.ones(2, 5)).shape == (2, 3)
    assert type(layer) is nn.Linear and repr(layer) == "Linear(in_features=5, out_features=3, bias=True)"
    assert [*layer.parameters()][0] is params[0] and type(params[0]) is nn.Parameter
    assert params[0].shape == (3, 5) and params[0].abs().max() > 0
    loaded = nn.LazyLinear(3)
    loaded.load_state_dict(layer.state_dict())
    assert nc.equal(loaded(nc.ones(2, 5)).detach(), layer(nc.ones(2, 5)).detach()) and loaded.in_features == 5


@pytest.mark.parametrize("make, fan_in", [(lambda: nn.Conv2d(4, 50, 5), 100), (lambda: nn.Linear(100, 50), 100)])
def test_layers_start_as_in_pytorch(make, fan_in):
    layer = make()
    bound = 1 / math.sqrt(fan_in)
    for param in (layer.weight, layer.bias):
        assert param.abs().max() <= bound
        assert param.abs().max() > 0.9 * bound
    assert abs(layer.weight.var().item() / (bound ** 2 / 3) - 1) < 0.1
    nc.manual_seed(SEED)
    assert nc.equal(make().weight, make().weight) is False


def test_losses_and_pools_run():
    loss = nn.CrossEntropyLoss()(nc.zeros(2, 4), nc.tensor([1, 3]))
    assert math.isclose(loss.item(), math.log(4), rel_tol=1e-6)
    image = nc.arange(16, dtype=nc.float32).view(1, 1, 4, 4)
    assert nn.MaxPool2d(2)(image).tolist() == [[[[5.0, 7.0], [13.0, 15.0]]]]
    assert nn.AvgPool2d(2)(image).tolist() == [[[[2.5, 4.5], [10.5, 12.5]]]]
    assert nn.Flatten()(image).shape == (1, 16) and nn.ReLU()(-image).max().item() == 0


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: nn.Conv2d(0, 1, 3), ValueError, "in_channels must be at least 1, got 0"),
    (lambda: nn.Conv2d(1, 1.5, 3), TypeError, "out_channels must be an int, got 1.5"),
    (lambda: nn.Conv2d(1, 1, (3, 3, 3)), ValueError, "kernel_size.*pair"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), ValueError, "stride must be at least 1"),
    (lambda: nn.Conv2d(1, 1, 3, padding=-1), ValueError, "padding must be at least 0"),
    (lambda: nn.Conv2d(1, 1, 3, padding="full"), ValueError, "padding must be .*'same' or 'valid', got 'full'"),
    (lambda: nn.Conv2d(1, 1, 3, stride=2, padding="same"), ValueError, "strided"),
    (lambda: nn.Conv2d(4, 6, 3, groups=3), ValueError, "in_channels must be divisible by groups"),
    (lambda: nn.Conv2d(2, 2, 3, padding_mode="mirror"), ValueError, "padding_mode must be 'zeros', 'reflect'"),
    (lambda: nn.MaxPool2d(0), ValueError, "kernel_size must be at least 1"),
    (lambda: nn.MaxPool2d(2, padding=2), ValueError, "half of kernel_size"),
    (lambda: nn.AvgPool2d(2, divisor_override=0), ValueError, "divisor_override must be at least 1"),
    (lambda: nn.Linear(3, 0), ValueError, "out_features must be at least 1"),
    (lambda: nn.Linear(3, 2)(nc.ones(2, 5)), ValueError,
     r"\(2, 3\) takes 3 .* \(2, 5\) has 5; set in_features=5, or use LazyLinear"),
    (lambda: nn.Linear(3, 2)(nc.ones(2, 4, 5, 5)), ValueError, r"put a Flatten\(\) before the layer and set in_features=100, or"),
    (lambda: nn.CrossEntropyLoss(label_smoothing=1.1), ValueError, "between 0 and 1, got 1.1"),
    (lambda: nn.CrossEntropyLoss(reduction="max"), ValueError, "'max'"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


# ---- initial values

@pytest.mark.parametrize("nonlinearity, param", [
    ("linear", None), ("conv2d", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("leaky_relu", None),
    ("leaky_relu", 0.2), ("selu", None),
])
def test_gain_equals_pytorch(nonlinearity, param, torch):
    assert nn.init.calculate_gain(nonlinearity, param) == torch.nn.init.calculate_gain(nonlinearity, param)


@pytest.mark.parametrize("fill, variance", [
    (lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"), 2 / 450),
    (lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), 2 / 360),
    (lambda w: nn.init.kaiming_normal_(w, a=1), 1 / 450),
    (lambda w: nn.init.xavier_uniform_(w), 2 / (450 + 360)),
    (lambda w: nn.init.xavier_normal_(w, gain=3), 18 / (450 + 360)),
    (lambda w: nn.init.uniform_(w, -1, 1), 1 / 3),
    (lambda w: nn.init.normal_(w, 0, 2), 4),
], ids=["kaiming_uniform_", "kaiming_normal_-fan_out", "kaiming_normal_-a", "xavier_uniform_", "xavier_normal_",
        "uniform_", "normal_"])
def test_initial_values_have_the_variance_of_the_formula(fill, variance):
    weight = nn.Parameter(nc.zeros(40, 50, 3, 3))
    assert fill(weight) is weight and weight.requires_grad and weight.is_leaf
    assert abs(weight.var().item() / variance - 1) < 0.05 and abs(weight.mean().item()) < 0.05 * math.sqrt(variance)


def test_constants_and_refusals():
    weight = nn.Parameter(nc.zeros(2, 2))
    assert nn.init.ones_(weight).tolist() == [[1.0, 1.0]] * 2
    assert nn.init.constant_(weight, 0.5).sum().item() == 2.0
    assert nn.init.zeros_(weight).sum().item() == 0.0
    for attempt, words in ((lambda: nn.init.calculate_gain("cubic"), "cubic"),
                           (lambda: nn.init.calculate_gain("leaky_relu", "a"), "not a valid number"),
                           (lambda: nn.init.kaiming_normal_(weight, mode="fan"), "fan_in"),
                           (lambda: nn.init.xavier_normal_(nc.zeros(2)), "fewer than 2")):
        with pytest.raises(ValueError, match=words):
            attempt()


@pytest.mark.parametrize("layer, shape", [(nc.nn.Linear(5, 3), (2, 5)), (nc.nn.Conv2d(2, 3, 3), (2, 2, 5, 5))])
def test_weights_changed_before_backward_are_noticed(layer, shape):
    out = layer(nc.ones(*shape, requires_grad=True)).sum()
    with nc.no_grad():
        layer.weight.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.backward()


def test_views_and_detached_tensors_share_what_a_layer_put_out():
    for change in (lambda y: y[0].zero_(), lambda y: y.view(-1).zero_(), lambda y: y.detach().mul_(0)):
        with nc.no_grad():
            y = nc.nn.Conv2d(1, 1, 3)(nc.ones(1, 1, 4, 4))
            change(y)
            assert y.abs().sum().item() == 0
            assert nc.nn.functional.avg_pool2d(y, 2).abs().sum().item() == 0
