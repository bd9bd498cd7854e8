"""Gradients held within limits, against PyTorch."""

import math

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import nn

SHAPES = [(3, 4), (5,), (2, 1, 3, 3)]


@pytest.fixture
def params(rng):
    made = [nc.zeros(*shape, requires_grad=True) for shape in SHAPES]
    for param in made:
        param.grad = nc.tensor(rng.standard_normal(param.shape).astype(np.float32))
    return [*made, nc.zeros(2, requires_grad=True)]


def twins(torch, params):
    made = [torch.zeros(tuple(param.shape), requires_grad=True) for param in params]
    for twin, param in zip(made, params):
        twin.grad = None if param.grad is None else torch.tensor(param.grad.numpy().copy())
    return made


def compare(params, theirs):
    for param, expected in zip(params, theirs):
        assert (param.grad is None) == (expected.grad is None)
        if param.grad is not None:
            np.testing.assert_allclose(param.grad.numpy(), expected.grad.numpy(), rtol=2e-6)


@pytest.mark.parametrize("norm_type", [2, 1, 3.5, math.inf, "inf"])
@pytest.mark.parametrize("max_norm", [0.5, 100, 0])
def test_the_norm_equals_pytorch(max_norm, norm_type, params, torch):
    theirs = twins(torch, params)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    norm = nn.utils.clip_grad_norm_((param for param in params), max_norm, norm_type)
    assert norm.dtype == nc.float32 and norm.item() == pytest.approx(expected.item(), rel=2e-6)
    compare(params, theirs)


@pytest.mark.parametrize("part, expected", [(0.8, 0.8), (0.99, 0.99), (1.01, 1), (1.5, 1)])
def test_gradients_just_above_the_longest_norm_are_clipped(params, part, expected):
    """And those just below it are left as they are."""
    before = [param.grad.numpy().copy() for param in params[:-1]]
    norm = math.sqrt(sum(float((array.astype(np.float64) ** 2).sum()) for array in before))
    nn.utils.clip_grad_norm_(params, part * norm)
    for param, array in zip(params, before):
        np.testing.assert_allclose(param.grad.numpy(), expected * array, rtol=0 if expected == 1 else 2e-6)


@pytest.mark.parametrize("limit", [0.3, 100])
def test_the_value_equals_pytorch(limit, params, torch):
    theirs = twins(torch, params)
    torch.nn.utils.clip_grad_value_(theirs, limit)
    assert nn.utils.clip_grad_value_(params, limit) is None
    compare(params, theirs)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("norm_type", [2, math.inf])
def test_a_gradient_that_is_no_number(wrong, norm_type, params, torch):
    params[1].grad[2] = wrong
    with pytest.raises(RuntimeError, match="norm of the gradients is"):
        nn.utils.clip_grad_norm_(params, 1.0, norm_type, error_if_nonfinite=True)
    theirs = twins(torch, params)
    expected = torch.nn.utils.clip_grad_norm_(theirs, 1.0, norm_type)
    np.testing.assert_equal(nn.utils.clip_grad_norm_(params, 1.0, norm_type).item(), expected.item())
    compare(params, theirs)


def test_gradients_of_a_network_in_lanes_are_clipped(rng):
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(27, 2))
    x = nc.tensor(rng.standard_normal((4, 1, 5, 5)).astype(np.float32))
    (model(x) ** 2).sum().backward()
    before = nn.utils.clip_grad_norm_(model.parameters(), 0.25).item()
    after = nn.utils.clip_grad_norm_(model.parameters(), 0.25).item()
    assert before > 0.25 and after == pytest.approx(0.25, rel=1e-4)


def test_one_parameter_and_none(params):
    single = params[0]
    nn.utils.clip_grad_norm_(single, 1.0)
    assert math.sqrt((single.grad.numpy() ** 2).sum()) == pytest.approx(1.0, rel=1e-5)
    assert nn.utils.clip_grad_norm_([], 1.0).item() == 0


def test_a_generator_that_is_used_up_is_told(params):
    used = (param for param in params)
    list(used)
    with pytest.warns(UserWarning, match="used up"):
        nn.utils.clip_grad_norm_(used, 1.0)


@pytest.mark.parametrize("norm_type", [0, -1, math.nan])
def test_a_norm_that_is_none_is_refused(norm_type, params):
    with pytest.raises(ValueError, match="norm_type must be above 0"):
        nn.utils.clip_grad_norm_(params, 1.0, norm_type)
