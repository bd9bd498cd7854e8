"""Optimizers against PyTorch."""

import math
import subprocess
import sys

import numpy as np
import pytest
from numba.core import config

import numbacnn as nc
from numbacnn import optim

SEED = 20240229
SHAPES = [(4, 3, 2, 2), (5,), (3, 4)]
STEPS = 12


def parameters():
    rng = np.random.default_rng(SEED)
    return [nc.tensor(rng.standard_normal(shape).astype(np.float32), requires_grad=True) for shape in SHAPES]


def gradients():
    rng = np.random.default_rng(SEED + 1)
    return [[rng.standard_normal(shape).astype(np.float32) for shape in SHAPES] for _ in range(STEPS)]


def run(optimizer, params, steps, make):
    for grads in steps:
        for param, grad in zip(params, grads):
            param.grad = make(grad)
        optimizer.step()


SETTINGS = [
    ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}), ("SGD", {"lr": 0.1, "momentum": 0.5, "maximize": True}),
    ("SGD", {}), ("Adam", {}), ("Adam", {"lr": 0.1}), ("Adam", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.1}), ("Adam", {"lr": 0.01, "maximize": True}),
    ("AdamW", {}), ("AdamW", {"lr": 0.1, "weight_decay": 0.5}), ("AdamW", {"lr": 0.01, "weight_decay": 0}),
    ("AdamW", {"lr": 0.01, "betas": (0.5, 0.9), "eps": 1e-3, "maximize": True}),
    ("RMSprop", {}), ("RMSprop", {"lr": 0.1, "momentum": 0.9}), ("RMSprop", {"alpha": 0.5, "eps": 1e-3}),
    ("RMSprop", {"centered": True}), ("RMSprop", {"centered": True, "momentum": 0.5, "weight_decay": 0.1}),
    ("RMSprop", {"weight_decay": 0.1, "maximize": True}), ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "maximize": True}),
    ("Adagrad", {}), ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5, "weight_decay": 0.1}),
    ("Adadelta", {}), ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}),
]
COMPOSED = [
    ("Adamax", {}), ("Adamax", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}), ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}), ("RAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": (0.5, 0.8), "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("ASGD", {}), ("ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 4, "weight_decay": 0.1, "maximize": True}),
    ("Rprop", {}), ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.05, 0.3), "maximize": True}),
]
SETTING_IDS = ["-".join([name, *(f"{key}={value}" for key, value in kwargs.items())]) for name, kwargs in SETTINGS]


@pytest.mark.parametrize("name, kwargs", SETTINGS + COMPOSED, ids=str)
def test_steps_equal_pytorch(name, kwargs, torch):
    params = parameters()
    theirs = [torch.tensor(p.detach().numpy().copy(), requires_grad=True) for p in params]
    mine = getattr(optim, name)(params, **kwargs)
    other = getattr(torch.optim, name)(theirs, foreach=False, **kwargs)
    run(mine, params, gradients(), nc.tensor)
    run(other, theirs, gradients(), torch.tensor)
    for param, expected in zip(params, theirs):
        assert param.dtype == nc.float32
        np.testing.assert_allclose(param.detach().numpy(), expected.detach().numpy(), rtol=2e-6, atol=2e-7)
    saved, expected = mine.state_dict(), other.state_dict()
    assert list(saved["state"]) == list(expected["state"])
    for key, memory in saved["state"].items():
        for what, value in memory.items():
            other = np.asarray(expected["state"][key][what])
            np.testing.assert_allclose(np.asarray(value), other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name, kwargs", SETTINGS + COMPOSED, ids=str)
def test_a_resumed_run_has_the_same_bits(name, kwargs):
    straight, resumed = parameters(), parameters()
    run(getattr(optim, name)(straight, **kwargs), straight, gradients(), nc.tensor)
    first = getattr(optim, name)(resumed, **kwargs)
    run(first, resumed, gradients()[:5], nc.tensor)
    second = getattr(optim, name)(resumed, lr=123.0)
    second.load_state_dict(first.state_dict())
    run(second, resumed, gradients()[5:], nc.tensor)
    for a, b in zip(straight, resumed):
        assert nc.equal(a.detach(), b.detach())


@pytest.mark.parametrize("name, kwargs", SETTINGS, ids=SETTING_IDS)
def test_steps_after_the_first_allocate_no_array(name, kwargs):
    import tracemalloc

    param = nc.zeros(250_000, requires_grad=True)
    param.grad = nc.ones(250_000)
    optimizer = getattr(optim, name)([param], **kwargs)
    optimizer.step()
    optimizer.step()
    tracemalloc.start()
    optimizer.step()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100_000


def test_parameters_move_in_place_and_those_without_gradient_stay():
    moved, still = nc.ones(2, requires_grad=True), nc.ones(2, requires_grad=True)
    array = moved.detach().numpy()
    moved.grad = nc.ones(2)
    optimizer = optim.SGD([moved, still], lr=0.5)
    assert optimizer.step(lambda: 7) == 7
    assert array.tolist() == [0.5, 0.5] and still.tolist() == [1.0, 1.0]
    grad = moved.grad.numpy()
    optimizer.zero_grad(set_to_none=False)
    assert grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert moved.grad is None


def test_groups_have_settings_of_their_own():
    a, b, c = (nc.ones(1, requires_grad=True) for _ in range(3))
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.1}], lr=1.0)
    optimizer.add_param_group({"params": [("name", c)], "lr": 0.01})
    for param in (a, b, c):
        param.grad = nc.ones(1)
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item(), c.item()], [0.0, 0.9, 0.99], rtol=1e-6)
    assert "lr: 0.1" in repr(optimizer) and repr(optimizer).startswith("SGD (\nParameter Group 0\n")


@pytest.mark.parametrize("name, kwargs", [("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}), ("Adam", {"lr": 0.1}),
                                          ("AdamW", {"lr": 0.1})])
def test_parameters_of_different_age_equal_pytorch(name, kwargs, torch):
    """One moves at every step, one from the third on, one at every second."""
    moved = {}
    for library in (nc, torch):
        params = [library.ones(3, requires_grad=True) for _ in range(3)]
        optimizer = getattr(optim if library is nc else torch.optim, name)(params, **kwargs)
        for step in range(6):
            for param, moves in zip(params, (True, step >= 2, step % 2)):
                param.grad = library.tensor([1.0, -2.0 - step, 0.5]) if moves else None
            optimizer.step()
        moved[library] = [param.detach().numpy() for param in params]
    np.testing.assert_allclose(moved[nc], moved[torch], rtol=1e-6)


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_a_rate_that_is_no_number_moves_nothing(momentum):
    param = leaf()
    param.grad = nc.ones(2)
    optimizer = optim.SGD([param], lr=0.1, momentum=momentum)
    optimizer.param_groups[0]["lr"] = None
    with pytest.raises(TypeError, match="NoneType"):
        optimizer.step()
    assert param.tolist() == [1, 1]


@pytest.mark.skipif(config.DISABLE_JIT, reason="only compiled steps return before they are over")
def test_who_reads_waits_where_there_are_no_layers():
    """In a process that imports nothing but the optimizers, helpers may be at it when a step returns."""
    script = ("import numbacnn as nc\nfrom numbacnn import optim\nparam = nc.ones(300_000, requires_grad=True)\n"
              "optimizer = optim.SGD([param], lr=1)\nparam.grad = nc.ones(300_000)\n"
              "for step in range(1, 60):\n"
              "    optimizer.step()\n"
              "    assert set(param.detach().numpy()[::999].tolist()) == {1.0 - step}, step\n")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def leaf():
    return nc.ones(2, requires_grad=True)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: optim.SGD([], lr=1), ValueError, "empty parameter list"),
    (lambda: optim.SGD(nc.nn.Linear(1, 1), lr=1), TypeError, "got the Linear itself; pass its parameters"),
    (lambda: optim.SGD(leaf()), TypeError, "iterable"),
    (lambda: optim.SGD([1]), TypeError, "int"),
    (lambda: optim.SGD([leaf() * 2]), ValueError, "non-leaf"),
    (lambda: optim.SGD([leaf()] * 2), ValueError, "more than one"),
    (lambda: optim.SGD([{"params": [leaf()], "speed": 1}]), ValueError, "speed"),
    (lambda: optim.SGD([leaf()], lr=-0.5), ValueError, "learning rate: -0.5"),
    (lambda: optim.SGD([leaf()], lr=math.nan), ValueError, "learning rate: nan"),
    (lambda: optim.SGD([leaf()], momentum=-1), ValueError, "momentum value: -1"),
    (lambda: optim.SGD([leaf()], weight_decay=-1), ValueError, "weight_decay value: -1"),
    (lambda: optim.SGD([leaf()], nesterov=True), ValueError, "Nesterov"),
    (lambda: optim.Adam([leaf()], lr=-1), ValueError, "learning rate: -1"),
    (lambda: optim.Rprop([leaf()], step_sizes=(5, 1)), ValueError, "step sizes: 5, 1"),
    (lambda: optim.ASGD([leaf()], lambd=math.nan), ValueError, "lambd value: nan"),
    (lambda: optim.ASGD([leaf()], alpha=-1), ValueError, "alpha value: -1"),
    (lambda: optim.Adam([leaf()], eps=-1), ValueError, "epsilon value: -1"),
    (lambda: optim.Adam([leaf()], betas=(1.0, 0.9)), ValueError, "index 0: 1.0"),
    (lambda: optim.Adam([leaf()], betas=(0.9, -1)), ValueError, "index 1: -1"),
    (lambda: optim.AdamW([leaf()], weight_decay=-1), ValueError, "weight_decay value: -1"),
    (lambda: optim.RMSprop([leaf()], lr=-1), ValueError, "learning rate: -1"),
    (lambda: optim.RMSprop([leaf()], alpha=-1), ValueError, "alpha value: -1"),
    (lambda: optim.RMSprop([leaf()], eps=-1), ValueError, "epsilon value: -1"),
    (lambda: optim.RMSprop([leaf()], momentum=-1), ValueError, "momentum value: -1"),
    (lambda: optim.RMSprop([leaf()], weight_decay=-1), ValueError, "weight_decay value: -1"),
    (lambda: optim.SGD([leaf()]).add_param_group([leaf()]), TypeError, "dict"),
    (lambda: optim.SGD([leaf()]).load_state_dict(optim.SGD([leaf(), leaf()]).state_dict()),
     ValueError, r"\[2\] saved"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


def test_a_gradient_of_another_shape_is_refused():
    param = nc.nn.Parameter(nc.zeros(4, 3))
    param.grad = nc.zeros(2)
    with pytest.raises(ValueError, match=r"shape \(4, 3\) has a gradient of shape \(2,\)"):
        optim.SGD([param], lr=0.1).step()


def test_state_of_another_shape_is_refused():
    def optimizer(*shape):
        param = nc.nn.Parameter(nc.zeros(*shape))
        param.grad = nc.ones(*shape)
        made = optim.SGD([param], lr=0.1, momentum=0.9)
        made.step()
        return made

    with pytest.raises(ValueError, match="momentum_buffer of shape"):
        optimizer(4, 3).load_state_dict(optimizer(2, 3).state_dict())


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_a_strided_parameter_moves(momentum):
    param = nc.nn.Parameter(nc.ones(3, 4).T)
    param.grad = nc.ones(4, 3)
    optim.SGD([param], lr=0.5, momentum=momentum).step()
    np.testing.assert_array_equal(param.detach().numpy(), np.full((4, 3), 0.5))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adam_takes_small_gradients_as_they_are(dtype):
    param = nc.nn.Parameter(nc.ones(3, dtype=getattr(nc, dtype)))
    param.grad = nc.full((3,), 1e-14, dtype=getattr(nc, dtype))
    optim.Adam([param], lr=0.1, eps=1e-18).step()
    np.testing.assert_allclose(param.detach().numpy(), 0.9, rtol=1e-3)


def test_only_weights_decay():
    model = nc.nn.Sequential(nc.nn.Conv2d(1, 2, 3), nc.nn.ReLU(), nc.nn.Flatten(), nc.nn.Linear(8, 3))
    groups = optim.decay_weights_only(model, 0.5)
    assert [[tuple(param.shape) for param in group["params"]] for group in groups] == [[(2, 1, 3, 3), (3, 8)], [(2,), (3,)]]
    before = [param.detach().numpy().copy() for param in model.parameters()]
    for param in model.parameters():
        param.grad = nc.zeros(*param.shape)
    optim.SGD(groups, lr=0.5).step()
    for param, old in zip(model.parameters(), before):
        np.testing.assert_allclose(param.detach().numpy(), old * (0.75 if old.ndim > 1 else 1), rtol=1e-6)


def test_a_network_without_biases_has_one_group():
    groups = optim.decay_weights_only(nc.nn.Linear(3, 2, bias=False), 0.1)
    assert [group["weight_decay"] for group in groups] == [0.1]


def test_a_lazy_layer_must_be_built_before_its_parameters_are_told_apart():
    with pytest.raises(ValueError, match="1.weight has no numbers yet"):
        optim.decay_weights_only(nc.nn.Sequential(nc.nn.Flatten(), nc.nn.LazyLinear(3)), 0.1)
