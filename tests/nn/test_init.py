"""Initial values that keep something: identities, orthogonal matrices, cut-off normal numbers."""

import math

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn
from numbacnn.nn import functional as F

init = nn.init


@pytest.mark.parametrize("shape", [(3, 3), (3, 5), (5, 3), (1, 1)])
def test_eye_equals_pytorch(shape, torch):
    weight = nc.ones(*shape)
    assert init.eye_(weight) is weight
    np.testing.assert_array_equal(weight.numpy(), torch.nn.init.eye_(torch.ones(shape)).numpy())


@pytest.mark.parametrize("shape, groups", [
    ((3, 3, 3, 3), 1), ((2, 5, 4, 3), 1), ((5, 2, 1, 1), 1), ((6, 2, 3, 3), 3), ((4, 3, 5), 2), ((2, 2, 3, 3, 3), 1)])
def test_dirac_equals_pytorch(shape, groups, torch):
    weight = init.dirac_(nc.ones(*shape), groups)
    np.testing.assert_array_equal(weight.numpy(), torch.nn.init.dirac_(torch.ones(shape), groups).numpy())


def test_dirac_lets_the_image_through(rng):
    x = nc.tensor(rng.standard_normal((2, 3, 5, 6)).astype(np.float32))
    out = F.conv2d(x, init.dirac_(nc.empty(3, 3, 3, 3)), padding=1)
    np.testing.assert_array_equal(out.numpy(), x.numpy())


@pytest.mark.parametrize("shape", [(7, 7), (4, 9), (9, 4), (6, 2, 3, 3), (40, 2, 3, 3), (1, 5), (0, 3)])
def test_rows_or_columns_are_orthogonal(shape):
    nc.manual_seed(0)
    weight = init.orthogonal_(nc.empty(*shape), gain=3).numpy()
    matrix = weight.reshape(shape[0], -1).astype(np.float64) if weight.size else np.zeros((0, 0))
    small = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(small, 9 * np.eye(len(small)), atol=1e-5)


def test_orthogonal_matrices_are_drawn_evenly():
    """Every entry has mean 0 and mean square 1 / n, and a seed always gives the same matrix."""
    nc.manual_seed(1)
    drawn = np.stack([init.orthogonal_(nc.empty(4, 4)).numpy() for _ in range(600)])
    assert np.abs(drawn.mean(axis=0)).max() < 5 * 0.5 / math.sqrt(600)
    np.testing.assert_allclose((drawn ** 2).mean(axis=0), 0.25, atol=0.06)
    nc.manual_seed(1)
    np.testing.assert_array_equal(init.orthogonal_(nc.empty(4, 4)).numpy(), drawn[0])


@pytest.mark.parametrize("mean, std, a, b", [(0, 1, -2, 2), (0.5, 2, -0.3, 0.9), (0, 1, 2, 3), (0, 0.02, -2, 2), (1, 1, -9, -2)])
def test_cut_off_normal_numbers(mean, std, a, b):
    """Within the bounds, with the mean and the spread that integrating the density gives."""
    nc.manual_seed(2)
    drawn = init.trunc_normal_(nc.empty(40, 500), mean, std, a, b).numpy()
    assert drawn.min() >= np.float32(a) and drawn.max() <= np.float32(b)
    x = np.linspace(max(a, mean - 12 * std), min(b, mean + 12 * std), 20001)
    density = np.exp(-0.5 * ((x - mean) / std) ** 2)
    density /= density.sum()
    expected = (x * density).sum()
    spread = math.sqrt(((x - expected) ** 2 * density).sum())
    assert abs(drawn.mean() - expected) < 5 * spread / math.sqrt(drawn.size)
    assert drawn.std() == pytest.approx(spread, rel=0.05)


def test_weights_that_are_parameters_may_be_written():
    layer = nn.Linear(4, 3)
    for function in (init.eye_, init.orthogonal_, init.trunc_normal_):
        assert function(layer.weight) is layer.weight and layer.weight.requires_grad


@pytest.mark.parametrize("attempt, words", [
    (lambda: init.eye_(nc.zeros(2, 2, 2)), "2 dimensions, got shape"),
    (lambda: init.dirac_(nc.zeros(2, 2)), "3, 4 or 5 dimensions"),
    (lambda: init.dirac_(nc.zeros(3, 2, 1, 1), 2), "3 output channels cannot be divided into 2 groups"),
    (lambda: init.orthogonal_(nc.zeros(2)), "2 or more dimensions"),
    (lambda: init.trunc_normal_(nc.zeros(2), a=1, b=1), "a < b"),
    (lambda: init.trunc_normal_(nc.zeros(2), std=0), "std > 0"),
])
def test_mistakes_are_named(attempt, words):
    with pytest.raises(ValueError, match=words):
        attempt()


def test_the_names_of_old_programs_warn():
    weight = nc.zeros(4, 3)
    with pytest.warns(FutureWarning, match="kaiming_normal` is now deprecated in favor of `nn.init.kaiming_normal_`"):
        assert init.kaiming_normal(weight) is weight
    assert weight.numpy().any()
    with pytest.raises(AttributeError, match="init.glorot is not part of numbacnn"):
        init.glorot
