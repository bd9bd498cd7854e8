"""The parts of training, each by itself: settings, schedules, batches, confusions and the pace."""

import numpy as np
import pytest
from numba.core import config

from numbacnn import engine, nn
from numbacnn.train import Normalize, Settings
from numbacnn.train.batches import epoch_order
from numbacnn.train.evaluation import BATCH, SMALL_BATCH, predict_logits
from numbacnn.train.pace import EVERY, TRIAL, Pace
from numbacnn.train.schedules import FACTORS, rate_factor
from numbacnn.train.settings import OPTIMIZERS


# --- settings, schedules, batches

@pytest.mark.parametrize("wrong, words", [
    ({"epochs": 0}, "epochs must be a whole number, at least 1, not 0"),
    ({"epochs": 1.5}, "epochs"), ({"epochs": True}, "epochs"),
    ({"batch_size": 0}, "batch size must be a whole number, at least 1, not 0"),
    ({"learning_rate": float("nan")}, "learning rate must be a finite number above 0, not nan"),
    ({"learning_rate": float("inf")}, "learning rate"), ({"learning_rate": 0.0}, "learning rate"),
    ({"learning_rate": -0.1}, "learning rate"), ({"momentum": 1.0}, "momentum"),
    ({"momentum": float("nan")}, "momentum"),
    ({"beta1": 1.0}, "beta1 must be at least 0 and below 1, not 1.0"), ({"beta2": -0.1}, "beta2"),
    ({"weight_decay": -1.0}, "weight decay"), ({"seed": -1}, "seed"),
    ({"optimizer": "lion"}, "optimizer must be one of sgd, adam, adamw, rmsprop, not 'lion'"),
    ({"warmup_epochs": -1}, "warmup epochs"), ({"warmup_epochs": 10}, "fewer than the epochs, 10, not 10"),
    ({"warmup_epochs": 1, "schedule": "one-cycle"}, "one-cycle has a rise of its own"),
    ({"warmup_epochs": 1, "schedule": "slanted-triangle"}, "slanted-triangle has a rise of its own"),
    ({"label_smoothing": 1.0}, "label smoothing"), ({"label_smoothing": float("nan")}, "label smoothing"),
    ({"clip_norm": 0.0}, "clip norm"), ({"patience": 0}, "patience"), ({"patience": 1.5}, "patience"),
    ({"schedule": "step"}, "schedule must be one of constant, cosine, one-cycle, slanted-triangle, not 'step'"),
], ids=lambda value: "-".join(map(str, value)) + str(next(iter(value.values()))) if isinstance(value, dict) else "")
def test_wrong_settings_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Settings(**wrong)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 101])
def test_the_rate_is_never_above_the_highest_nor_zero(steps):
    for factor in FACTORS.values():
        factors = [factor(step, steps) for step in range(steps)]
        assert 0 < min(factors) and max(factors) <= 1


@pytest.mark.parametrize("steps", [7, 100])
@pytest.mark.parametrize("name, theirs, settings", [
    ("cosine", "CosineAnnealingLR", lambda steps: {"T_max": steps}),
    ("one-cycle", "OneCycleLR", lambda steps: {"max_lr": 1.0, "total_steps": steps}),
    ("slanted-triangle", "OneCycleLR", lambda steps: {"max_lr": 1.0, "total_steps": steps, "pct_start": 0.1,
                                                      "anneal_strategy": "linear"}),
])
def test_schedules_are_pytorchs(name, theirs, settings, steps, torch):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    scheduler = getattr(torch.optim.lr_scheduler, theirs)(optimizer, **settings(steps))
    expected = []
    for _ in range(steps - 1):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    ours = [FACTORS[name](step, steps) for step in range(steps - 1)]
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["cosine", "constant"])
def test_warm_up_is_pytorchs_composition(name, torch):
    """SequentialLR of a LinearLR that reaches 1 with the last of 10 steps, and the schedule over the other 90."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    rates = torch.optim.lr_scheduler
    later = rates.CosineAnnealingLR(optimizer, T_max=90) if name == "cosine" else rates.ConstantLR(optimizer, 1.0)
    scheduler = rates.SequentialLR(optimizer, [rates.LinearLR(optimizer, 0.1, total_iters=9), later], [10])
    expected = []
    for _ in range(100):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose([rate_factor(name, step, 100, 10) for step in range(100)], expected, rtol=1e-9, atol=1e-12)


def test_defaults_belong_to_the_optimizer():
    chosen = {name: (Settings(optimizer=name).learning_rate, Settings(optimizer=name).weight_decay) for name in OPTIMIZERS}
    assert chosen == {"sgd": (0.03, 0), "adam": (0.001, 0), "adamw": (0.004, 0.3), "rmsprop": (0.001, 0)}
    assert Settings(optimizer="adamw", weight_decay=0).weight_decay == 0


def test_normalize_is_the_formula():
    images = np.arange(2 * 3 * 4 * 4, dtype=np.uint8).reshape(2, 3, 4, 4)
    mean, std = np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.4, 0.0])
    x = Normalize(mean, std)(images)
    expected = (images / 255 - mean[:, None, None]) / np.array([0.5, 0.4, 1.0])[:, None, None]
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, expected, atol=1e-6)


def test_every_epoch_sees_every_image_in_a_new_order():
    orders = [epoch_order(50, epoch, seed) for epoch, seed in ((1, 0), (2, 0), (1, 1), (1, 0))]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert (orders[0] != orders[1]).any() and (orders[0] != orders[2]).any() and (orders[0] == orders[3]).all()


# --- pace

@pytest.mark.skipif(config.NUMBA_NUM_THREADS < 2, reason="one core has no choice")
@pytest.mark.parametrize("seconds, threads", [({1: 0.001, 2: 0.01}, 1), ({1: 0.002, 2: 0.001}, 2)])
def test_the_pace_takes_the_faster_number_of_threads(seconds, threads):
    before = engine.get_num_threads()
    engine.set_num_threads(2)
    pace = Pace()
    try:
        used = []
        for _ in range(EVERY + 1):
            pace.choose()
            used.append(engine.get_num_threads())
            pace.took(seconds[used[-1]], 1)
        assert used == [2] * TRIAL + [1] * TRIAL + [threads] * (EVERY - 2 * TRIAL) + [2]
        pace.restore()
        assert engine.get_num_threads() == 2
    finally:
        engine.set_num_threads(before)


@pytest.mark.skipif(config.NUMBA_NUM_THREADS < 2, reason="one core has no choice")
@pytest.mark.parametrize("seconds, threads", [
    ({2: [0.1, 1.1, 1.1, 0.1], 1: [5.0, 1.0, 1.0, 9.0]}, 1), ({2: [5.0, 1.0, 1.0, 9.0], 1: [0.1, 1.1, 1.1, 0.1]}, 2),
    ({2: [1.0] * 4, 1: [1.0] * 4}, 2)], ids=["one", "two", "equal"])
def test_the_pace_goes_by_the_median_of_each_without_the_first(seconds, threads):
    """Times that differ by a tenth, an outlier among them, and a first turn that still waits for a program of those before."""
    before = engine.get_num_threads()
    engine.set_num_threads(2)
    pace = Pace()
    try:
        for number, second in [(2, second) for second in seconds[2]] + [(1, second) for second in seconds[1]]:
            assert pace.choose() and engine.get_num_threads() == number
            pace.took(second * 8, 8)
        assert not pace.choose() and engine.get_num_threads() == threads
    finally:
        engine.set_num_threads(before)


# --- evaluation

@pytest.mark.parametrize("side, images, passes", [(4, BATCH + 1, [BATCH, 1]), (64, 300, [256, 44]), (600, 40, [SMALL_BATCH, 8])])
def test_large_images_are_evaluated_a_few_at_a_time(side, images, passes):
    """Otherwise the maps of a deep network would not fit the memory."""
    seen = []

    class Mean(nn.Module):
        def forward(self, input):
            seen.append(input.shape[0])
            return input.mean(dim=(1, 2, 3)).reshape(-1, 1)

    x = np.broadcast_to(np.arange(images, dtype=np.uint8).reshape(-1, 1, 1, 1), (images, 1, side, side))
    told = []
    scores = predict_logits(Mean(), x, Normalize([0.0], [1.0]), lambda *progress: told.append(progress))
    assert seen == passes
    assert told == [(0, images), (passes[0], images), (images, images)]
    np.testing.assert_allclose(scores[:, 0], x[:, 0, 0, 0] / 255, rtol=1e-4)
