"""The verdict: what it says, and that it says nothing of which the validation images cannot be sure."""
import re
from dataclasses import replace
from math import log
from types import SimpleNamespace

import numpy as np
import pytest

from numbacnn.train import Settings, judge
from numbacnn.train.evidence import CHANCE, FALLING, GAP
from numbacnn.train.records import Diverged, EpochDone

KINDS = ("diverged", "chance", "over-fit", "few-examples", "under-fit", "good")


def data_of(train=(100,) * 10, val=(400,) * 10, kind="images", side=28):
    """Labels with so many of each class, and images of one size."""
    return SimpleNamespace(y_train=np.repeat(np.arange(len(train)), train), y_val=np.repeat(np.arange(len(val)), val), kind=kind,
                           classes=[f"c{k}" for k in range(len(train))], x_train=np.empty((1, 1, side, side), np.uint8))


def rows_of(*numbers, error=0.02, val_classes=10):
    """An EpochDone for each (train_loss, train_accuracy, val_loss, val_accuracy), compared as the training compares."""
    losses, rows = [values[2] for values in numbers], []
    middle = -(-len(numbers) // 2)
    for epoch, values in enumerate(numbers, 1):
        rise = values[2] - min(losses[:epoch])
        fall = losses[middle - 1] - values[2] if epoch > middle else None
        rows.append(EpochDone(epoch, *values, 0.02, 1000.0, 1.0, error is None or rise <= error, error, rise, error, fall,
                              error if epoch > middle else None, val_classes))
    return rows


def verdict_of(*numbers, settings=None, data=None, **more):
    settings = settings or Settings(epochs=len(numbers), optimizer="sgd", learning_rate=0.03)
    verdict = judge(rows_of(*numbers, **more), settings, data or data_of())
    assert verdict.kind in KINDS and verdict.text.endswith(".") and "nan" not in verdict.text
    replace(settings, **verdict.change)
    return verdict


@pytest.mark.parametrize("numbers, judgement, words, change", [
    ([(2.31, 0.1, 2.31, 0.1), (2.30, 0.1, 2.30, 0.1)], "chance", r"that of guessing among 10 classes \(ln 10 = 2.303\)", "epochs"),
    ([(22.0, 0.1, 25.0, 0.1)], "chance", "worse than guessing.*too large", "learning_rate"),
    ([(350.0, 0.1, 400.0, 0.1)], "diverged", "training loss is 350, far above that of guessing among 10 .*too large", "learning_rate"),
    ([(1e30, 0.5, 1e30, 0.6)], "diverged", r"training loss is 1e\+30.*the steps are too large", "learning_rate"),
    ([(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.6, 0.86)], "over-fit",
     r"rose from 0.500 in epoch 1 to 0.600, by 0.1 ± 0.02. The weights of epoch 1 are kept", "augment"),
    ([(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.5, 0.86)], "few-examples", "gap of 14 points; the validation loss shows no clear rise", "augment"),
    ([(1.5, 0.5, 1.2, 0.6), (0.9, 0.7, 0.7, 0.75)], "under-fit", "still falling", "epochs"),
    ([(1.5, 0.5, 1.2, 0.6)], "under-fit", "after a single epoch", "epochs"),
    ([(0.3, 0.9, 0.2, 0.94), (0.1, 0.97, 0.1, 0.97)], "good", r"97.00 % ± 0.27, best weights of epoch 2; the loss fell", None),
], ids=["chance", "worse", "far worse", "half right", "over-fit", "few-examples", "falling", "single", "good"])
def test_the_verdict_says_why(numbers, judgement, words, change):
    verdict = verdict_of(*numbers)
    assert verdict.kind == judgement
    assert verdict.text.startswith({"chance": "at chance level", "few-examples": "few examples"}.get(judgement, judgement))
    assert re.search(words, verdict.text), verdict.text
    assert list(verdict.change) == ([change] if change else [])


# --- what few images cannot say

@pytest.mark.parametrize("rise, judgement", [(0.0399, "few-examples"), (0.0401, "over-fit")])
def test_over_fit_only_where_the_loss_rose_by_more_than_two_errors(rise, judgement):
    assert verdict_of((0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.5 + rise, 0.86)).kind == judgement


@pytest.mark.parametrize("gap, judgement", [(GAP - 0.001, "good"), (GAP + 0.001, "over-fit")])
def test_a_small_gap_is_no_over_fitting(gap, judgement):
    assert verdict_of((0.5, 0.8, 0.1, 0.85), (0.01, 1.0, 0.2, 1 - gap), data=data_of(val=(4000,) * 10)).kind == judgement


def test_41_images_after_3_epochs_are_not_over_fit():
    """13 right ones are 32 % +- 7 points."""
    epochs = (2.2, 0.2, 2.1, 0.2), (1.9, 0.33, 1.9, 0.27), (1.75, 0.4, 1.85, 13 / 41)
    verdict = verdict_of(*epochs, data=data_of(train=(46,) * 10, val=(4,) * 9 + (5,)), error=0.1)
    assert verdict.kind == "under-fit" and list(verdict.change) == ["epochs"]
    assert "only 41 validation images: ±7 points" in verdict.text


@pytest.mark.parametrize("val_accuracy, judgement", [(0.5, "good"), (0.0, "few-examples")])
def test_two_images_say_next_to_nothing(val_accuracy, judgement):
    """One of two right is what a perfect training may have as well; both wrong is not."""
    verdict = verdict_of((0.5, 0.8, 0.1, 0.5), (0.01, 1.0, 9.9, val_accuracy), data=data_of(val=(1, 1)), error=None)
    assert verdict.kind == judgement and "only 2 validation images: ±" in verdict.text and "too few to judge by" in verdict.text
    assert "No validation example is of class c2, c3, c4 and 5 more." in verdict.text


def test_one_image():
    verdict = verdict_of((0.01, 1.0, 0.1, 1.0), data=data_of(val=(1,)), error=None, val_classes=1)
    assert verdict.kind == "good" and "only 1 validation example: ±27 points, too few" in verdict.text


def test_no_miss_is_not_beyond_doubt():
    verdict = verdict_of((0.5, 0.8, 0.1, 0.9), (0.01, 1.0, 0.01, 1.0), data=data_of(val=(4,) * 10))
    assert verdict.kind == "good" and "validation 100.00 % (only 40 validation images: ±2 points)" in verdict.text


def test_equal_losses():
    verdict = verdict_of((2.302, 0.1, 2.302, 0.1), (2.302, 0.1, 2.302, 0.1), error=0.0)
    assert verdict.kind == "chance"
    assert verdict_of((0.01, 1.0, 0.3, 0.9), (0.01, 1.0, 0.3, 0.9), error=0.0).kind == "few-examples"


# --- chance level

@pytest.mark.parametrize("val, judgement", [((2.25, 0.1), "under-fit"), ((2.30, 0.16), "under-fit"), ((2.29, 0.109), "chance")])
def test_at_chance_only_if_the_validation_says_so(val, judgement):
    """The training loss is a mean over the epoch, whose first steps were at chance level in any case."""
    verdict = verdict_of((2.29, 0.1, *val), error=0.001)
    assert verdict.kind == judgement and list(verdict.change) == ["epochs"]


def test_with_few_images_the_training_decides_about_chance():
    assert verdict_of((2.31, 0.1, 2.0, 0.5), data=data_of(val=(1, 1)), error=None).kind == "chance"


@pytest.mark.parametrize("loss, judgement", [(0.3251, "chance"), (0.28, "good")])
def test_the_chance_level_of_unequal_classes_is_that_of_their_frequency(loss, judgement):
    """90 : 10 have an entropy of 0.325, and always answering the larger class is right for 90 %."""
    data = data_of(train=(900, 100), val=(360, 40))
    verdict = verdict_of((loss, 0.995, loss, 0.9 if judgement == "chance" else 0.995), data=data, val_classes=2)
    assert verdict.kind == judgement
    assert ("0.325, as 90.00 % of the training images are c0" if judgement == "chance" else
            "where always answering c0 would give 90.00 %") in verdict.text


def test_a_network_that_gives_one_answer_is_found_out():
    data = data_of(train=(900, 100), val=(360, 40))
    verdict = verdict_of((0.31, 0.9, 0.31, 0.9), (0.3, 0.9, 0.3, 0.9), data=data, val_classes=1,
                         settings=Settings(epochs=40, batch_size=64))
    assert verdict.kind == "chance" and verdict.change == {"epochs": 80}
    assert "All 400 validation images are given the same class, which is right for 90.00 % of them" in verdict.text
    assert "as many examples of every class" in verdict.text


def test_90_percent_of_unequal_classes_is_not_good():
    """A training accuracy no higher than that of always giving one answer has learned nothing of the classes."""
    data = data_of(train=(900, 100), val=(360, 40))
    verdict = verdict_of((0.31, 0.9, 0.31, 0.9), (0.25, 0.91, 0.25, 0.9), data=data, val_classes=2)
    assert verdict.kind == "under-fit" and "always answering c0 would give 90.00 %" in verdict.text
    assert "still falling" in verdict.text and verdict.change == {"epochs": 4}


def test_all_images_of_one_class():
    verdict = verdict_of((0.0, 1.0, 0.0, 1.0), data=data_of(train=(50,), val=(5,)), error=None, val_classes=1)
    assert verdict.kind == "good"


def test_learned_by_heart_and_nothing_carried_over():
    verdict = verdict_of((1.0, 0.6, 2.5, 0.1), (0.01, 1.0, 4.0, 0.102))
    assert verdict.kind == "over-fit" and "may still be guessing (10.00 %)" in verdict.text


@pytest.mark.parametrize("epochs, images, change", [(1, 640, {"epochs": 30}), (1, 20, {"epochs": 300})])
def test_chance_level_after_a_few_steps_asks_for_more_epochs(epochs, images, change):
    settings, data = Settings(epochs=epochs, batch_size=64), data_of(train=(images // 10,) * 10)
    verdict = verdict_of((2.31, 0.1, 2.31, 0.1), settings=settings, data=data)
    assert verdict.kind == "chance" and verdict.change == change
    assert f"after only {-(-images // 64)} step" in verdict.text and ("1 step;" in verdict.text) == (images == 20)


def test_chance_level_after_many_steps_asks_for_another_rate():
    settings = Settings(epochs=2, batch_size=1, learning_rate=0.5)
    verdict = verdict_of((2.31, 0.1, 2.31, 0.1), (2.305, 0.1, 2.305, 0.1), settings=settings)
    assert verdict.change == {"learning_rate": 0.004} and "with learning rate 0.5" in verdict.text


def test_worse_than_chance_after_a_few_steps_asks_for_smaller_ones():
    verdict = verdict_of((20.3, 0.1, 20.0, 0.1), settings=Settings(epochs=1, batch_size=64))
    assert "worse than guessing" in verdict.text and "too large" in verdict.text
    assert verdict.change["learning_rate"] < Settings().learning_rate


def test_a_start_slightly_worse_than_chance_at_the_usual_rate_asks_for_more_steps():
    verdict = verdict_of((2.6, 0.1, 2.6, 0.1), settings=Settings(epochs=1, batch_size=64))
    assert "after only 16 steps" in verdict.text and [*verdict.change] == ["epochs"]
    large = verdict_of((2.6, 0.1, 2.6, 0.1), settings=Settings(epochs=1, batch_size=64, learning_rate=0.5))
    assert "too large" in large.text and large.change["learning_rate"] < 0.5


@pytest.mark.parametrize("batch_size", [1, 64])
def test_a_rate_far_below_the_usual_is_named_at_once(batch_size):
    usual = Settings().learning_rate
    verdict = verdict_of((2.31, 0.1, 2.31, 0.1), settings=Settings(epochs=1, batch_size=batch_size, learning_rate=usual / 10.1))
    assert "too small" in verdict.text and verdict.change == {"learning_rate": usual}
    assert "too small" not in verdict_of((2.31, 0.1, 2.31, 0.1), settings=Settings(epochs=1, batch_size=batch_size,
                                                                                  learning_rate=usual / 9.9)).text


def test_advice_goes_down_where_steps_are_too_large():
    for rate in (0.004, 0.001):
        verdict = verdict_of((20.0, 0.1, 20.0, 0.1), settings=Settings(epochs=1, batch_size=1, learning_rate=rate))
        assert "too large" in verdict.text and verdict.change["learning_rate"] < rate


# --- falling, stuck, stopped

@pytest.mark.parametrize("fall, error, judgement", [
    (FALLING * 0.7 + 0.001, 0.01, "falling"), (FALLING * 0.7 - 0.001, 0.01, "stuck"), (0.02, 0.03, "stuck")])
def test_more_epochs_only_where_the_fall_exceeds_its_error(fall, error, judgement):
    data, settings = data_of(train=(1000,) * 10), Settings(epochs=3, learning_rate=0.004)
    verdict = verdict_of((1.5, 0.5, 1.2, 0.6), (0.9, 0.7, 0.7 + fall, 0.7), (0.8, 0.7, 0.7, 0.7), settings=settings, data=data, error=error)
    assert verdict.kind == "under-fit" and ("still falling" in verdict.text) == (judgement == "falling")
    assert verdict.change == ({"epochs": 6} if judgement == "falling" else {})


def test_the_end_of_a_schedule_does_not_hide_that_the_loss_falls():
    """With a rate of almost zero the last epoch hardly moves."""
    epochs = (2.2, 0.2, 2.1, 0.2), (1.9, 0.3, 1.8, 0.3), (1.7, 0.4, 1.7, 0.38), (1.65, 0.42, 1.699, 0.38)
    assert "still falling" in verdict_of(*epochs, data=data_of(train=(1000,) * 10)).text


@pytest.mark.parametrize("rate, change", [(0.001, {"learning_rate": 0.004}), (0.004, {}), (0.1, {})])
def test_stuck(rate, change):
    data = data_of(train=(10_000,) * 10)
    verdict = verdict_of((0.91, 0.69, 0.9, 0.7), (0.9, 0.7, 0.89, 0.7), settings=Settings(epochs=2, learning_rate=rate), data=data)
    assert verdict.kind == "under-fit" and "not even learned" in verdict.text and verdict.change == change


def test_a_single_epoch_of_many_steps_is_worth_another():
    verdict = verdict_of((1.5, 0.5, 1.2, 0.6), data=data_of(train=(10_000,) * 10))
    assert verdict.kind == "under-fit" and verdict.change == {"epochs": 2}


def test_few_images_leave_it_to_the_training_loss():
    epochs = (2.0, 0.3, 9.0, 0.5), (1.5, 0.5, 9.0, 0.5), (1.2, 0.6, 9.0, 0.5)
    assert "still falling" in verdict_of(*epochs, data=data_of(train=(1000,) * 10, val=(1, 1)), error=None).text


@pytest.mark.parametrize("numbers, change", [
    ([(0.5, 0.8, 0.5, 0.85), (0.01, 1.0, 0.6, 0.85)], "augment"), ([(0.9, 0.7, 0.7, 0.66), (0.9, 0.7, 0.7, 0.66)], "patience"),
    ([(0.3, 0.9, 0.2, 0.94), (0.1, 0.97, 0.2, 0.97)], None)])
def test_the_verdict_says_that_it_stopped_early(numbers, change):
    verdict = verdict_of(*numbers, settings=Settings(epochs=9, patience=1, weight_decay=0.0))
    assert verdict.text.endswith("Stopped early, after epoch 2 of 9: an epoch without a lower validation loss.")
    assert list(verdict.change) == ([change] if change else [])
    assert "Stopped" not in verdict_of(*numbers, settings=Settings(epochs=2, patience=1)).text


def test_the_verdict_on_nan_is_a_smaller_learning_rate():
    verdict = judge([], Settings(optimizer="sgd", learning_rate=10.0), data_of(), Diverged(1, 12, float("nan"), 10.0, None))
    assert verdict.kind == "diverged" and "nan in epoch 1, batch 12" in verdict.text
    assert verdict.change == {"learning_rate": 0.03}  # a tenth of an absurd rate would be absurd too
    verdict = judge([], Settings(learning_rate=0.03), data_of(), Diverged(1, 12, float("nan"), 0.03, None))
    assert verdict.change == {"learning_rate": 0.003}


# --- what closes the gap

@pytest.mark.parametrize("settings, data, change", [
    ({}, {"side": 28}, {"augment": "shift=2"}), ({}, {"side": 8}, {"augment": "shift=1"}), ({"augment": "shift=2"}, {}, {}),
    ({"augment": "flip", "weight_decay": 0.0}, {}, {"weight_decay": 0.001}), ({}, {"kind": "series"}, {}),
    ({"weight_decay": 0.0}, {"kind": "tokens"}, {"weight_decay": 0.001})])
@pytest.mark.parametrize("loss", [0.5, 0.7])
def test_what_is_advised_against_learning_by_heart(loss, settings, data, change):
    verdict = verdict_of((0.5, 0.8, 0.5, 0.85), (0.01, 1.0, loss, 0.85), settings=Settings(epochs=2, **settings), data=data_of(**data))
    assert verdict.kind == ("few-examples" if loss == 0.5 else "over-fit") and verdict.change == change


def test_chance_is_told_from_learning_at_its_edge():
    for loss, judgement in ((CHANCE * log(10) + 0.001, "chance"), (CHANCE * log(10) - 0.001, "under-fit")):
        assert verdict_of((loss, 0.1, loss, 0.1)).kind == judgement


@pytest.mark.parametrize("sort, words", [("images", "only 41 validation images"), ("series", "only 41 validation time series"),
                                         ("tokens", "only 41 validation token sequences"), ("video", "only 41 validation films")])
def test_examples_have_their_name(words, sort):
    data = data_of(val=(4,) * 9 + (5,), kind=sort)
    assert words in verdict_of((0.1, 0.9, 0.1, 0.9), data=data).text


def test_rows_of_a_version_before_are_judged_by_what_they_know():
    rows = [EpochDone(epoch, 1.0 / epoch, 0.99, 0.5 + epoch / 10, 0.5, 0.02, None, 1.0, epoch == 1) for epoch in (1, 2, 3)]
    verdict = judge(rows, Settings(epochs=3), data_of())
    assert verdict.kind == "few-examples" and "best" not in verdict.text
