"""Receptive fields: nothing outside the promise, the promise is not too large, and what is known."""
import numpy as np
import pytest
from numba.core import config

from numbacnn import nn
from numbacnn.insight import receptive_field
from numbacnn.models import build_model
from test_summary import AXES, CHAINS


def chain_of(name):
    model = CHAINS[name]().double()
    for parameter in model.parameters():
        parameter.detach().fill_(0.1)  # nothing cancels
    return model, AXES.get(name, (44, 38))


@pytest.mark.skipif(config.DISABLE_JIT, reason="the loops are many")
@pytest.mark.parametrize("where", ["middle", "corner"])
@pytest.mark.parametrize("name", CHAINS)
def test_the_gradient_is_zero_outside_the_promise_and_reaches_its_borders(name, where, rng):
    model, axes = chain_of(name)
    x = rng.random((30, 1, *axes))  # max-pooling lets one pixel of four pass, each time another
    last = [child for child, _ in model.named_children()][-1]
    position = None if where == "middle" else (0,) * len(axes)
    found = receptive_field(model, x, last, position)
    outside = np.ones(axes, bool)
    outside[found.promised] = False
    assert not found.measured[outside].any()
    if where == "middle" and name != "steps pooled":  # there the windows are uneven, and all is promised
        reached = np.nonzero(found.measured)
        assert [(places.min(), places.max() + 1) for places in reached] == [(part.start, part.stop) for part in found.promised]


def test_two_convolutions_are_known(rng):
    model = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, stride=2, bias=False)).double()
    model[0].weight.data.fill_(1)
    model[1].weight.data.fill_(1)
    found = receptive_field(model, rng.standard_normal((2, 1, 11, 11)), "1", (1, 2))
    assert found.promised == (slice(2, 7), slice(4, 9))
    expected = np.zeros((11, 11))
    expected[2:7, 4:9] = np.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1])  # how often each pixel is seen
    np.testing.assert_allclose(found.measured, expected)


@pytest.mark.parametrize("layers", [
    lambda: [nn.Conv2d(1, 2, 3), nn.GroupNorm(1, 2)], lambda: [nn.Conv2d(1, 2, 3), nn.InstanceNorm2d(2), nn.Conv2d(2, 1, 3)],
    lambda: [nn.ConvTranspose2d(1, 1, 3, stride=2), nn.Conv2d(1, 1, 3)], lambda: [nn.Upsample(scale_factor=2), nn.Conv2d(1, 1, 3)],
    lambda: [nn.ReflectionPad2d(3), nn.Conv2d(1, 1, 3)], lambda: [nn.Conv2d(1, 1, 3), nn.AdaptiveAvgPool2d(4)]],
    ids=["group-norm", "instance-norm", "transposed", "upsampled", "mirrored", "uneven"])
def test_layers_that_see_further_promise_all(layers, rng):
    model = nn.Sequential(*layers()).double()
    found = receptive_field(model, rng.standard_normal((2, 1, 13, 12)), str(len(model) - 1), (0, 0))
    assert found.promised == (slice(0, 13), slice(0, 12)) and found.measured.any()


def test_resnet20_keeps_its_promise(rng):
    model = build_model("resnet20", in_channels=1, height=32, width=32, classes=3)
    for layer, extent in (("layer1.0", 7), ("layer1", None), ("layer2.0.conv1", 17)):
        found = receptive_field(model, rng.standard_normal((4, 1, 32, 32)).astype(np.float32), layer)
        if extent is None:
            assert found.promised is None
            continue
        assert [part.stop - part.start for part in found.promised] == [extent] * 2
        outside = np.ones((32, 32), bool)
        outside[found.promised] = False
        assert not found.measured[outside].any() and found.measured[found.promised].all()


def test_a_network_of_ones_own_is_measured_without_a_promise(rng):
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 3)

        def forward(self, x):
            return self.conv(x).mean((2, 3))

    found = receptive_field(Own(), rng.standard_normal((2, 1, 8, 8)).astype(np.float32), "conv")
    assert found.promised is None and found.position == (3, 3) and np.count_nonzero(found.measured) == 9


def test_refusals(rng):
    model, x = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten()), np.zeros((1, 1, 8, 8), np.float32)
    with pytest.raises(ValueError, match="no layer 'conv1'; it has 0, 1"):
        receptive_field(model, x, "conv1")
    with pytest.raises(ValueError, match=r"position \(9, 0\) is outside of the maps of 0, which are \(6, 6\)"):
        receptive_field(model, x, "0", (9, 0))
    with pytest.raises(TypeError, match="x holds int64, expected floats"):
        receptive_field(model, np.zeros((1, 1, 8, 8), np.int64), "0")
