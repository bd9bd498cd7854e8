"""Dead ReLUs: beside a look at the maps themselves."""
import numpy as np
import pytest

import numbacnn
from numbacnn import nn
from numbacnn.insight import dead_units
from numbacnn.models import build_model
from reference import conv2d_forward


def two_layers():
    """A convolution whose second filter never gets above zero, and a dense layer whose first two numbers do not."""
    numbacnn.manual_seed(3)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 5), nn.ReLU(), nn.Linear(5, 2))
    with numbacnn.no_grad():
        model[0].bias[1] = -100.0
        model[3].bias[:2] = -1000.0
    return model


def test_dead_channels_are_those_that_the_twin_finds(rng):
    model, x = two_layers(), rng.standard_normal((10, 1, 8, 8)).astype(np.float32)
    (first, dead), (second, dense) = dead_units(model, [x[:4], x[4:]])
    assert (first, second) == ("1", "4")
    maps = conv2d_forward(x, model[0].weight.detach().numpy(), model[0].bias.detach().numpy(), (1, 1), (0, 0), (1, 1))
    np.testing.assert_array_equal(dead, (maps <= 0).all(axis=(0, 2, 3)))
    assert dead.tolist() == [False, True, False, False]
    before = np.maximum(maps, 0).reshape(10, -1) @ model[3].weight.detach().numpy().T + model[3].bias.detach().numpy()
    np.testing.assert_array_equal(dense, (before <= 0).all(axis=0))
    assert dense[:2].all() and not dense.all()


def test_what_one_example_wakes_is_alive():
    """Also if it is the last of many; and nothing more is read when all are alive."""
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    with numbacnn.no_grad():
        model[0].weight.copy_(numbacnn.tensor([[1.0, 0.0], [0.0, 1.0]]))
        model[0].bias.zero_()
    read = []

    def batches(*rows):
        for row in rows:
            read.append(row)
            yield np.array([row], np.float32)

    assert dead_units(model, batches((1, -1), (2, -3)))[0][1].tolist() == [False, True]
    read.clear()
    assert dead_units(model, batches((1, -1), (-1, 1), (5, 5)))[0][1].tolist() == [False, False]
    assert read == [(1, -1), (-1, 1)]


def test_a_layer_that_runs_twice_stands_there_twice():
    model = build_model("resnet20", 3, 32, 32, 10)
    model.train()
    model.layer1.eval()  # as a frozen layer may be
    found = dead_units(model, [np.zeros((1, 3, 32, 32), np.float32)])
    assert len(found) == 19 and len({name for name, _ in found}) == 10
    assert model.training and not model.layer1.training and model.layer2.training
    assert [len(dead) for _, dead in found] == [16] * 7 + [32] * 6 + [64] * 6


def test_a_network_without_relus_has_none_dead():
    assert dead_units(nn.Linear(2, 2), [np.ones((1, 2), np.float32)]) == []
    with pytest.raises(ValueError, match="no batch"):
        dead_units(nn.Linear(2, 2), [])
