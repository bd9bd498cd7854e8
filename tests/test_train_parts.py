"""The parts of training, each by itself: settings, schedules, batches, confusions and the verdict."""
import re

import numpy as np
import pytest
from numba.core import config

from numbacnn import engine, nn
from numbacnn.train import Normalise, Settings, class_accuracy, confusion_matrix, judge, most_confused
from numbacnn.train.batches import epoch_order
from numbacnn.train.evaluation import BATCH, SMALL_BATCH, predict_logits
from numbacnn.train.pace import EVERY, TRIAL, Pace
from numbacnn.train.records import Diverged, EpochDone
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


def test_normalise_is_the_formula():
    images = np.arange(2 * 3 * 4 * 4, dtype=np.uint8).reshape(2, 3, 4, 4)
    mean, std = np.array([0.1, 0.2, 0.3]), np.array([0.5, 0.4, 0.0])
    x = Normalise(mean, std)(images)
    expected = (images / 255 - mean[:, None, None]) / np.array([0.5, 0.4, 1.0])[:, None, None]
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, expected, atol=1e-6)


def test_every_epoch_sees_every_image_in_a_new_order():
    orders = [epoch_order(50, epoch, seed) for epoch, seed in ((1, 0), (2, 0), (1, 1), (1, 0))]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert (orders[0] != orders[1]).any() and (orders[0] != orders[2]).any() and (orders[0] == orders[3]).all()


# --- confusions

def test_confusions_are_counted():
    y, predictions = np.array([0, 0, 0, 1, 1, 3]), np.array([0, 1, 1, 1, 0, 3])
    matrix = confusion_matrix(y, predictions, 4)
    assert matrix.tolist() == [[1, 2, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    pairs = most_confused(matrix)
    assert [(pair.actual, pair.predicted, pair.count) for pair in pairs] == [(0, 1, 2), (1, 0, 1)]
    assert pairs[0].part == pytest.approx(2 / 3)
    np.testing.assert_allclose(class_accuracy(matrix), [1 / 3, 1 / 2, np.nan, 1])


# --- the verdict

def rows(*numbers):
    """EpochDone for each (train_loss, train_accuracy, val_loss, val_accuracy)."""
    return [EpochDone(epoch + 1, *values, 0.02, 1000.0, 1.0, True) for epoch, values in enumerate(numbers)]


@pytest.mark.parametrize("numbers, judgement, words, change", [
    ([(2.31, 0.1, 2.31, 0.1), (2.30, 0.1, 2.30, 0.1)], "chance", r"that of guessing.*ln 10 = 2.303", "learning_rate"),
    ([(350.0, 0.1, 400.0, 0.1)], "chance", "worse than guessing", "learning_rate"),
    ([(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.6, 0.86)], "over-fit", r"gap of 14.0 points", "weight_decay"),
    ([(1.5, 0.5, 1.2, 0.6), (0.9, 0.7, 0.7, 0.75)], "under-fit", "still falling", "epochs"),
    ([(1.0, 0.69, 0.9, 0.7), (0.9, 0.7, 0.89, 0.7)], "under-fit", "not even learned", "learning_rate"),
    ([(0.3, 0.9, 0.2, 0.94), (0.1, 0.97, 0.1, 0.97)], "good", "97.00 %", None),
], ids=["chance", "worse", "over-fit", "under-fit", "stuck", "good"])
def test_the_verdict_says_why(numbers, judgement, words, change):
    verdict = judge(rows(*numbers), Settings(learning_rate=0.5, weight_decay=0.0), 10)
    assert verdict.kind == judgement
    assert verdict.text.startswith("at chance level" if judgement == "chance" else judgement)
    assert re.search(words, verdict.text)
    assert list(verdict.change) == ([change] if change else [])
    Settings(**verdict.change)


def test_the_verdict_on_nan_is_a_smaller_learning_rate():
    verdict = judge([], Settings(optimizer="sgd", learning_rate=10.0), 10, Diverged(1, 12, float("nan"), 10.0, None))
    assert verdict.kind == "diverged" and "nan in epoch 1, batch 12" in verdict.text
    assert verdict.change == {"learning_rate": 0.03}  # a tenth of an absurd rate would be absurd too
    verdict = judge([], Settings(learning_rate=0.03), 10, Diverged(1, 12, float("nan"), 0.03, None))
    assert verdict.change == {"learning_rate": 0.003}


def test_a_single_step_is_said_in_the_singular():
    rows = [EpochDone(1, 2.31, 0.1, 2.31, 0.1, 0.01, None, 1.0, True)]
    assert "after only 1 step;" in judge(rows, Settings(epochs=1), 10, images=20).text


def test_worse_than_chance_after_a_few_steps_asks_for_smaller_ones():
    verdict = judge(rows((60.3, 0.1, 50.0, 0.1)), Settings(epochs=1, batch_size=64), classes=10, images=130)
    assert "worse than guessing" in verdict.text and "too large" in verdict.text
    assert verdict.change["learning_rate"] < Settings().learning_rate


def test_over_fit_in_the_last_epoch_does_not_ask_for_the_same_again():
    verdict = judge(rows((1.0, 0.8, 1.2, 0.5), (0.2, 0.99, 1.0, 0.6)), Settings(epochs=2, weight_decay=0.1), classes=10)
    assert verdict.kind == "over-fit" and verdict.change == {}


def test_chance_level_after_a_few_steps_asks_for_more_epochs():
    settings = Settings(epochs=1, batch_size=64)
    verdict = judge(rows((2.3, 2.3, 0.1, 0.1)), settings, 10, images=640)
    assert verdict.kind == "chance" and verdict.change == {"epochs": 30} and "10 steps" in verdict.text


@pytest.mark.parametrize("numbers, change", [
    ([(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.6, 0.85)], "weight_decay"),
    ([(1.5, 0.5, 1.2, 0.66), (0.9, 0.7, 0.7, 0.66)], "patience"), ([(0.3, 0.9, 0.2, 0.94), (0.1, 0.97, 0.1, 0.94)], None)])
def test_the_verdict_says_that_it_stopped_early(numbers, change):
    verdict = judge(rows(*numbers), Settings(epochs=9, patience=1, weight_decay=0.0), 10)
    assert verdict.text.endswith("Stopped early, after epoch 2 of 9: an epoch without a better validation accuracy.")
    assert list(verdict.change) == ([change] if change else [])
    Settings(**verdict.change)
    assert "Stopped" not in judge(rows(*numbers), Settings(epochs=2, patience=1), 10).text


def test_fewer_epochs_still_leave_room_for_the_warm_up():
    numbers = [(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.6, 0.85), (0.01, 1.0, 0.6, 0.85)]
    verdict = judge(rows(*numbers), Settings(epochs=4, warmup_epochs=2, schedule="cosine", weight_decay=0.1), 10)
    assert verdict.change == {"epochs": 3}


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
    scores = predict_logits(Mean(), x, Normalise([0.0], [1.0]), lambda *progress: told.append(progress))
    assert seen == passes
    assert told == [(0, images), (passes[0], images), (images, images)]
    np.testing.assert_allclose(scores[:, 0], x[:, 0, 0, 0] / 255, rtol=1e-4)
