"""Optimisers and schedules against PyTorch."""

import math

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import optim

SEED = 20240229
SHAPES = [(4, 3, 2, 2), (5,), (3, 4)]
STEPS = 12


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


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
]
SETTING_IDS = ["-".join([name, *(f"{key}={value}" for key, value in kwargs.items())]) for name, kwargs in SETTINGS]


@pytest.mark.parametrize("name, kwargs", SETTINGS, ids=SETTING_IDS)
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


@pytest.mark.parametrize("name, kwargs", SETTINGS, ids=SETTING_IDS)
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


def leaf():
    return nc.ones(2, requires_grad=True)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: optim.SGD([], lr=1), ValueError, "empty parameter list"),
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
    (lambda: optim.Adam([leaf()], eps=-1), ValueError, "epsilon value: -1"),
    (lambda: optim.Adam([leaf()], betas=(1.0, 0.9)), ValueError, "index 0: 1.0"),
    (lambda: optim.Adam([leaf()], betas=(0.9, -1)), ValueError, "index 1: -1"),
    (lambda: optim.Adam([leaf()], amsgrad=True), NotImplementedError, "amsgrad"),
    (lambda: optim.SGD([leaf()]).add_param_group([leaf()]), TypeError, "dict"),
    (lambda: optim.SGD([leaf()]).load_state_dict(optim.SGD([leaf(), leaf()]).state_dict()),
     ValueError, r"\[2\] saved"),
    (lambda: optim.LBFGS, AttributeError, "LBFGS"),
    (lambda: optim.lr_scheduler.StepLR(1, 2), TypeError, "Optimizer"),
    (lambda: optim.lr_scheduler.StepLR(optim.SGD([leaf()]), 0), ValueError, "step_size"),
    (lambda: optim.lr_scheduler.StepLR(optim.SGD([leaf()]), 2, last_epoch=3), KeyError, "initial_lr"),
    (lambda: optim.lr_scheduler.LambdaLR(optim.SGD([leaf()]), [min, max]), ValueError, "Expected 1"),
    (lambda: optim.lr_scheduler.CosineAnnealingLR(optim.SGD([leaf()]), 0), ValueError, "T_max"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), 1.0), ValueError, "total_steps"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), 1.0, 0), ValueError, "total_steps"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, pct_start=2), ValueError, "pct_start"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, anneal_strategy="x"), ValueError, "anneal"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), [1.0, 2.0], 9), ValueError, "max_lr"),
    (lambda: optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, three_phase=True),
     NotImplementedError, "three_phase"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


SCHEDULES = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}), ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}), ("LambdaLR", {"lr_lambda": lambda k: 0.9 ** k}),
    ("LambdaLR", {"lr_lambda": [lambda k: 1 / (k + 1), lambda k: 2.0 ** -k]}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30}),
    ("OneCycleLR", {"max_lr": [0.5, 0.1], "epochs": 5, "steps_per_epoch": 6, "pct_start": 0.25}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30, "anneal_strategy": "linear", "div_factor": 10.0}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30, "cycle_momentum": False, "final_div_factor": 10.0}),
]
SCHEDULE_IDS = [f"{name}-{k}" for k, (name, _) in enumerate(SCHEDULES)]


def settings_seen(library, make, name, kwargs, optimizer_name, steps=30):
    options = {"momentum": 0.9} if optimizer_name == "SGD" else {}
    groups = [{"params": [make()]}, {"params": [make()], "lr": 0.3}]
    optimizer = getattr(library, optimizer_name)(groups, lr=0.2, **options)
    scheduler = getattr(library.lr_scheduler, name)(optimizer, **kwargs)
    seen = []
    for step in range(steps):
        groups = optimizer.param_groups
        seen.append([group["lr"] for group in groups] + scheduler.get_last_lr()
                    + [group["momentum"] if "momentum" in group else group["betas"][0] for group in groups])
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return seen


@pytest.mark.parametrize("optimizer_name", ["SGD", "Adam"])
@pytest.mark.parametrize("name, kwargs", SCHEDULES, ids=SCHEDULE_IDS)
def test_schedule_equals_pytorch(name, kwargs, optimizer_name, torch):
    ours = settings_seen(optim, leaf, name, kwargs, optimizer_name)
    theirs = settings_seen(torch.optim, lambda: torch.ones(2, requires_grad=True), name, kwargs, optimizer_name)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name, kwargs", SCHEDULES, ids=SCHEDULE_IDS)
def test_a_resumed_schedule_goes_on(name, kwargs):
    def make():
        optimizer = optim.SGD([{"params": [leaf()]}, {"params": [leaf()]}], lr=0.2, momentum=0.9)
        return optimizer, getattr(optim.lr_scheduler, name)(optimizer, **kwargs)

    (_, straight), (_, first), (optimizer, second) = make(), make(), make()
    for _ in range(7):
        straight.step()
        first.step()
    second.load_state_dict(first.state_dict())
    assert second.get_last_lr() == straight.get_last_lr()
    second.step()
    straight.step()
    assert [group["lr"] for group in optimizer.param_groups] == straight.get_last_lr()


def test_one_cycle_ends():
    scheduler = optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()], momentum=0.9), 1.0, 5)
    for _ in range(5):
        scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 6 times"):
        scheduler.step()


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
