"""Schedules of the learning rate against PyTorch: the same rates at every step."""

import math

import numpy as np
import pytest

import numbacnn as nc
from numbacnn import optim
from numbacnn.optim import lr_scheduler as schedules


def leaf():
    return nc.ones(2, requires_grad=True)


def sgd():
    return optim.SGD([leaf()], lr=0.2)


@pytest.mark.parametrize("attempt, error, words", [
    (lambda: schedules.StepLR(1, 2), TypeError, "Optimizer"),
    (lambda: schedules.StepLR(optim.SGD([leaf()]), 0), ValueError, "step_size"),
    (lambda: schedules.StepLR(optim.SGD([leaf()]), 2, last_epoch=3), KeyError, "initial_lr"),
    (lambda: schedules.LambdaLR(optim.SGD([leaf()]), [min, max]), ValueError, "Expected 1"),
    (lambda: schedules.CosineAnnealingLR(optim.SGD([leaf()]), 0), ValueError, "T_max"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), 1.0), ValueError, "total_steps"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), 1.0, 0), ValueError, "total_steps"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, pct_start=2), ValueError, "pct_start"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, anneal_strategy="x"), ValueError, "anneal"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), [1.0, 2.0], 9), ValueError, "max_lr"),
    (lambda: schedules.OneCycleLR(optim.SGD([leaf()]), 1.0, 9, three_phase=True),
     NotImplementedError, "three_phase"),
    (lambda: schedules.CosineAnnealingWarmRestarts(sgd(), 0), ValueError, "positive integer T_0"),
    (lambda: schedules.CosineAnnealingWarmRestarts(sgd(), 2, 0), ValueError, "integer T_mult"),
    (lambda: schedules.CyclicLR(sgd(), 0.1, 0.2, mode="round"), ValueError, "mode must be 'triangular'"),
    (lambda: schedules.CyclicLR(optim.Adagrad([leaf()]), 0.1, 0.2), ValueError, "momentum or beta1"),
    (lambda: schedules.ConstantLR(sgd(), factor=0), ValueError, "factor must be above 0"),
    (lambda: schedules.LinearLR(sgd(), start_factor=0), ValueError, "start_factor must be above 0"),
    (lambda: schedules.LinearLR(sgd(), end_factor=2), ValueError, "end_factor must be in"),
    (lambda: schedules.ReduceLROnPlateau(1), TypeError, "int is not an Optimizer"),
    (lambda: schedules.ReduceLROnPlateau(sgd(), factor=1), ValueError, "factor must be below 1"),
    (lambda: schedules.ReduceLROnPlateau(sgd(), mode="best"), ValueError, "mode must be 'min' or 'max', got 'best'"),
    (lambda: schedules.ReduceLROnPlateau(sgd(), threshold_mode="x"), ValueError, "threshold_mode must be"),
    (lambda: schedules.ReduceLROnPlateau(sgd(), min_lr=[1, 2]), ValueError, "expected 1 min_lr"),
    (lambda: schedules.SequentialLR(sgd(), [], []), ValueError, "at least one"),
    (lambda: schedules.ChainedScheduler([]), ValueError, "at least one"),
    (lambda: schedules.ChainedScheduler([1]), TypeError, "not an Optimizer"),
    (lambda: schedules.SequentialLR(sgd(), [1], []), TypeError, r"schedulers\[0\] is not a scheduler but int"),
    (lambda: schedules.SequentialLR(sgd(), [schedules.ConstantLR(sgd())], []), ValueError, "another optimizer"),
    (lambda: one_for(schedules.SequentialLR, milestones=[1, 2]), ValueError, "1 schedulers need 0 milestones"),
    (lambda: plateau_in(schedules.ChainedScheduler), ValueError, "step it by itself"),
])
def test_mistakes_are_named(attempt, error, words):
    with pytest.raises(error, match=words):
        attempt()


def one_for(composition, **options):
    optimizer = sgd()
    return composition(optimizer, [schedules.ConstantLR(optimizer)], **options)


def plateau_in(composition):
    return composition([schedules.ReduceLROnPlateau(sgd())])


SCHEDULES = [
    ("StepLR", {"step_size": 3, "gamma": 0.5}), ("CosineAnnealingLR", {"T_max": 10}),
    ("CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}), ("LambdaLR", {"lr_lambda": lambda k: 0.9 ** k}),
    ("LambdaLR", {"lr_lambda": [lambda k: 1 / (k + 1), lambda k: 2.0 ** -k]}),
    ("CosineAnnealingLR", {"T_max": 1}), ("MultiStepLR", {"milestones": [3, 7, 7, 20], "gamma": 0.5}),
    ("MultiStepLR", {"milestones": []}), ("ExponentialLR", {"gamma": 0.9}), ("ConstantLR", {}),
    ("ConstantLR", {"factor": 0.1, "total_iters": 11}), ("LinearLR", {}), ("LinearLR", {"start_factor": 0.01, "total_iters": 9}),
    ("LinearLR", {"start_factor": 1.0, "end_factor": 0.0, "total_iters": 12}), ("LambdaLR", {"lr_lambda": lambda k: 0.5}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30}),
    ("OneCycleLR", {"max_lr": [0.5, 0.1], "epochs": 5, "steps_per_epoch": 6, "pct_start": 0.25}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30, "anneal_strategy": "linear", "div_factor": 10.0}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 30, "cycle_momentum": False, "final_div_factor": 10.0}),
    ("CosineAnnealingWarmRestarts", {"T_0": 4}), ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}),
    ("PolynomialLR", {}), ("PolynomialLR", {"total_iters": 12, "power": 2.0}),
    ("MultiplicativeLR", {"lr_lambda": lambda step: 0.9 + 0.01 * step}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 4}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": [0.1, 0.2], "step_size_up": 4, "step_size_down": 7, "mode": "triangular2"}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 5, "mode": "exp_range", "gamma": 0.9,
                  "cycle_momentum": False}),
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

    (_, straight), (saved, first), (optimizer, second) = make(), make(), make()
    for _ in range(7):
        straight.step()
        first.step()
    second.load_state_dict(first.state_dict())
    optimizer.load_state_dict(saved.state_dict())
    assert second.get_last_lr() == straight.get_last_lr()
    second.step()
    straight.step()
    assert [group["lr"] for group in optimizer.param_groups] == straight.get_last_lr()


def test_restarts_between_whole_steps_equal_pytorch(torch):
    seen = []
    for library, make in ((optim, leaf), (torch.optim, lambda: torch.ones(2, requires_grad=True))):
        optimizer = library.SGD([make()], lr=0.2)
        schedule = library.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 3, 2)
        optimizer.step()
        seen.append([])
        for batch in range(70):
            schedule.step(batch / 5)
            seen[-1].append(optimizer.param_groups[0]["lr"])
    np.testing.assert_allclose(*seen, rtol=1e-12, atol=1e-14)


def test_a_step_to_an_epoch_is_taken_with_pytorchs_warning():
    optimizer = sgd()
    schedule = schedules.StepLR(optimizer, 2, gamma=0.5)
    with pytest.warns(UserWarning, match="epoch parameter"):
        schedule.step(5)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.2 * 0.25)


def test_a_scale_of_ones_own_is_not_kept():
    schedule = schedules.CyclicLR(sgd(), 0.01, 0.1, 4, scale_fn=lambda cycle: 0.5, cycle_momentum=False)
    with pytest.warns(UserWarning, match="scale_fn"):
        assert "_scale_fn" not in schedule.state_dict()
    for _ in range(4):
        schedule.step()
    assert schedule.get_last_lr() == [pytest.approx(0.055)]


def test_one_cycle_ends():
    scheduler = optim.lr_scheduler.OneCycleLR(optim.SGD([leaf()], momentum=0.9), 1.0, 5)
    for _ in range(5):
        scheduler.step()
    with pytest.raises(ValueError, match="Tried to step 6 times"):
        scheduler.step()


COMPOSITIONS = {
    "warm-up": lambda s, o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=5), s.CosineAnnealingLR(o, 25)], [5]),
    "three": lambda s, o: s.SequentialLR(o, [s.ConstantLR(o, 0.1), s.ExponentialLR(o, 0.9), s.StepLR(o, 3)], [4, 13]),
    "milestones": lambda s, o: s.SequentialLR(o, [s.LinearLR(o), s.MultiStepLR(o, [2, 6])], [7]),
    "lambda": lambda s, o: s.SequentialLR(o, [s.LambdaLR(o, lambda k: 1 / (k + 1)), s.LinearLR(o)], [6]),
    "one-cycle": lambda s, o: s.SequentialLR(o, [s.ConstantLR(o), s.OneCycleLR(o, 0.5, 26)], [4]),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 4), s.ExponentialLR(o, 0.9)]),
    "chained-cosine": lambda s, o: s.ChainedScheduler([s.LinearLR(o, 0.1), s.CosineAnnealingLR(o, 12), s.StepLR(o, 5)]),
    "chained-sequence": lambda s, o: s.ChainedScheduler([
        s.SequentialLR(o, [s.LinearLR(o), s.ExponentialLR(o, 0.9)], [5]), s.MultiStepLR(o, [8])]),
    "polynomial": lambda s, o: s.SequentialLR(o, [s.LinearLR(o), s.PolynomialLR(o, 9, 2.0)], [5]),
    "restarts": lambda s, o: s.SequentialLR(o, [s.LinearLR(o), s.CosineAnnealingWarmRestarts(o, 3, 2)], [5]),
    "sequence-of-chains": lambda s, o: s.SequentialLR(
        o, [s.ChainedScheduler([s.LinearLR(o), s.StepLR(o, 2)]), s.ExponentialLR(o, 0.9)], [5]),
}


def rates_seen(library, make, compose, steps=30):
    optimizer = library.SGD([{"params": [make()]}, {"params": [make()], "lr": 0.3}], lr=0.2, momentum=0.9)
    scheduler = compose(library.lr_scheduler, optimizer)
    seen = []
    for step in range(steps):
        seen.append([group["lr"] for group in optimizer.param_groups] + scheduler.get_last_lr())
        optimizer.step()
        if step < steps - 1:
            scheduler.step()
    return seen


@pytest.mark.filterwarnings("ignore:Detected call of .lr_scheduler.step:UserWarning")  # PyTorch of its own steps
@pytest.mark.parametrize("compose", COMPOSITIONS.values(), ids=COMPOSITIONS)
def test_composition_equals_pytorch(compose, torch):
    expected = rates_seen(torch.optim, lambda: torch.ones(2, requires_grad=True), compose)
    np.testing.assert_allclose(rates_seen(optim, leaf, compose), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("compose", COMPOSITIONS.values(), ids=COMPOSITIONS)
def test_a_resumed_composition_goes_on(compose):
    def make():
        optimizer = optim.SGD([leaf()], lr=0.2, momentum=0.9)
        return optimizer, compose(schedules, optimizer)

    (before, first), (after, second) = make(), make()
    for _ in range(9):
        first.step()
    second.load_state_dict(first.state_dict())
    after.load_state_dict(before.state_dict())
    for _ in range(9):
        first.step()
        second.step()
        assert after.param_groups[0]["lr"] == before.param_groups[0]["lr"]


PLATEAUS = [
    {}, {"patience": 0}, {"mode": "max", "patience": 2}, {"patience": 1, "cooldown": 3, "factor": 0.5},
    {"patience": 1, "threshold": 0.2, "threshold_mode": "abs"}, {"patience": 1, "threshold": 0.3},
    {"mode": "max", "patience": 1, "threshold": 0.3}, {"mode": "max", "patience": 0, "threshold": 0.3, "threshold_mode": "abs"},
    {"patience": 0, "min_lr": [0.05, 0.002]}, {"patience": 0, "eps": 0.01, "factor": 0.3},
]


def plateau_rates(library, make, kwargs):
    optimizer = library.SGD([{"params": [make()]}, {"params": [make()], "lr": 0.3}], lr=0.2)
    scheduler = library.lr_scheduler.ReduceLROnPlateau(optimizer, **kwargs)
    losses = [math.exp(-k / 5) + 0.3 * math.cos(1.7 * k) for k in range(30)] + [math.nan, 5, 5, 5, math.inf, -7, -6, -5]
    seen = []
    for loss in losses:
        scheduler.step(loss)
        seen.append([group["lr"] for group in optimizer.param_groups] + scheduler.get_last_lr())
    return seen


@pytest.mark.parametrize("kwargs", PLATEAUS, ids=str)
def test_a_plateau_equals_pytorch(kwargs, torch):
    expected = plateau_rates(torch.optim, lambda: torch.ones(2, requires_grad=True), kwargs)
    np.testing.assert_allclose(plateau_rates(optim, leaf, kwargs), expected, rtol=1e-12)


def test_a_plateau_takes_a_tensor_and_goes_on():
    optimizer = sgd()
    scheduler = schedules.ReduceLROnPlateau(optimizer, patience=0)
    scheduler.step(nc.tensor(1.0))
    saved = scheduler.state_dict()
    other = schedules.ReduceLROnPlateau(optimizer, patience=5)
    other.load_state_dict(saved)
    other.step(nc.tensor(2.0))
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.02)
