"""Losses are read a batch late: none is passed over, and images and seconds that are told belong together."""
from dataclasses import replace

import pytest

from few_digits import few_digits
from numbacnn.models import build_model
from numbacnn.train import Settings, TrainingSteps, fit, turns
from numbacnn.train.progress import Progress
from numbacnn.train.records import Diverged
from numbacnn.train.schedules import FACTORS

SETTINGS = Settings(epochs=3, batch_size=32, optimizer="sgd", learning_rate=0.02, schedule="cosine")


@pytest.fixture(scope="module")
def data():
    """Four batches, the last of four images."""
    return few_digits(100, 10)


def lenet5():
    return build_model("lenet5", 1, 28, 28, 10)


@pytest.mark.parametrize("together", [1, turns.LONGEST_TURN])
@pytest.mark.parametrize("batch", [1, 2, 3, 4])
def test_the_batch_whose_loss_is_no_number_is_named(data, monkeypatch, batch, together):
    train, done = TrainingSteps.__call__, []

    def wrong_once(steps, x, y, rates):
        losses, scores = train(steps, x, y, rates)
        done.extend(losses.tolist())
        if len(done) - len(losses) < batch <= len(done):
            losses[batch - len(done) - 1] = float("nan")
        return losses, scores

    monkeypatch.setattr(TrainingSteps, "__call__", wrong_once)
    monkeypatch.setattr(turns, "LONGEST_TURN", together)
    *_, last = fit(lenet5(), data, SETTINGS)
    rate = SETTINGS.learning_rate * FACTORS["cosine"](batch - 1, 3 * 4)
    assert isinstance(last, Diverged) and (last.epoch, last.batch, last.learning_rate) == (1, batch, rate)


def test_images_and_seconds_that_are_timed_belong_together(data, monkeypatch):
    """A batch counts with the step that waits for it: the last of an epoch with its own, the others with the next."""
    timed, add_time = [], Progress.add_time

    def noted(progress, images, seconds):
        timed.append(images)
        add_time(progress, images, seconds)

    monkeypatch.setattr(Progress, "add_time", noted)
    list(fit(lenet5(), data, replace(SETTINGS, epochs=2)))
    assert timed == [0, 32, 32 + 4, 0, 32, 32, 32 + 4]  # the first batch compiles
