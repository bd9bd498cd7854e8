"""Optimizers that need the loss anew, or move in NumPy; and settings of PyTorch that change nothing, or are refused."""

import numpy as np
import pytest

import numbacnn as nc
from both_loops import Both, batches, compiled
from numbacnn import optim

START = np.array([-1.2, 1.0], np.float64)


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


def descent(library, tensor, steps, **settings):
    """The losses that `step` returns, and where it ends."""
    x = tensor(START)
    x.requires_grad_(True)
    optimizer = library.LBFGS([x], **settings)

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(x)
        loss.backward()
        return loss

    return [optimizer.step(closure).item() for _ in range(steps)], x.detach().numpy()


LBFGS = [{"lr": 0.1}, {"lr": 0.3, "history_size": 3}, {"lr": 0.1, "max_iter": 5, "max_eval": 4},
         {"lr": 0.2, "tolerance_change": 1e-2}]


@pytest.mark.parametrize("settings", LBFGS, ids=str)
def test_lbfgs_equals_pytorch(settings, torch):
    mine, ours = descent(optim, nc.tensor, 3, **settings)
    expected, theirs = descent(torch.optim, torch.tensor, 3, **settings)
    np.testing.assert_allclose(mine, expected, rtol=1e-8)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_lbfgs_finds_the_minimum_and_goes_on_from_its_state():
    losses, x = descent(optim, nc.tensor, 30, lr=0.5)
    np.testing.assert_allclose(x, [1, 1], atol=1e-3)
    p = nc.tensor([1.0, 2.0], requires_grad=True)
    first = optim.LBFGS([p])

    def closure():
        first.zero_grad()
        loss = (p * p * p * p).sum()
        loss.backward()
        return loss

    first.step(closure)
    other = optim.LBFGS([p])
    other.load_state_dict(first.state_dict())
    assert other.state[p]["n_iter"] == first.state[p]["n_iter"] > 1


@pytest.mark.parametrize("attempt, error, words", [
    (lambda p: optim.LBFGS(p, line_search_fn="strong_wolfe"), NotImplementedError, "line_search_fn='strong_wolfe'"),
    (lambda p: optim.LBFGS([{"params": p}, {"params": [nc.ones(1)]}]), ValueError, "per-parameter options"),
    (lambda p: optim.Adam(p, capturable=True), NotImplementedError, "Adam: capturable=True is not offered"),
    (lambda p: optim.SGD(p, differentiable=True), NotImplementedError, "SGD: differentiable=True is not offered"),
    (lambda p: optim.AdamW(p, fused=True, foreach=True), RuntimeError, "cannot be `True` together"),
    (lambda p: optim.Adadelta(p, rho=1.5), ValueError, "Invalid rho value: 1.5"),
    (lambda p: optim.Adagrad(p, lr_decay=-1), ValueError, "Invalid lr_decay value: -1")], ids=range(7))
def test_refusals(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt([nc.ones(2, requires_grad=True)])


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam",
                                  "ASGD", "Rprop"])
def test_hints_change_nothing(name):
    results = []
    for hints in ({}, {"foreach": True}, {"foreach": False}):
        p = nc.ones(3, requires_grad=True)
        optimizer = getattr(optim, name)([p], lr=0.1, **hints)
        for _ in range(3):
            p.grad = nc.tensor([1.0, -2.0, 0.5])
            optimizer.step()
        results.append(p.detach().numpy().copy())
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)


@compiled
@pytest.mark.parametrize("name, replayed", [("Adagrad", True), ("Adadelta", True), ("NAdam", False), ("Rprop", False)])
def test_training_steps_take_them(name, replayed):
    """What the engine moves is run again without Python; what NumPy moves goes through the plain loop."""
    both = Both(optimizer=lambda params: getattr(optim, name)(params, lr=0.1))
    both.agree(*batches(), replayed=replayed)


@compiled
def test_training_steps_take_amsgrad():
    Both(optimizer=lambda params: optim.Adam(params, lr=0.01, amsgrad=True)).agree(*batches())
