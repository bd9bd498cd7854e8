"""Which epoch has the best weights, and how sure that is: standard errors, and what a training keeps of its losses."""
from math import sqrt

import numpy as np
import pytest

from numbacnn.train.progress import Progress
from numbacnn.train.records import EpochDone
from numbacnn.train.standard_error import FEWEST, accuracy_error, mean_difference, mean_error

# --- standard errors

def test_errors_equal_the_formula(rng):
    values, others = rng.standard_normal((2, 50))
    assert mean_error(values) == pytest.approx(sqrt(sum((values - sum(values) / 50) ** 2) / 49 / 50))
    difference, error = mean_difference(values, others)
    assert difference == pytest.approx(values.mean() - others.mean()) and error == pytest.approx(mean_error(values - others))
    assert mean_error(values[:FEWEST]) is not None and mean_error(values[:FEWEST - 1]) is None
    assert mean_difference(values[:2], others[:2])[1] is None


@pytest.mark.parametrize("right, of, points", [(13, 41, 7.1), (125, 250, 3.1), (0, 2, 21.7), (2, 2, 21.7), (10_000, 10_000, 0.01)])
def test_the_error_of_an_accuracy(right, of, points):
    assert 100 * accuracy_error(right / of, of) == pytest.approx(points, abs=0.05)


def test_the_error_of_an_accuracy_is_how_far_it_scatters(rng):
    accuracies = rng.binomial(250, 0.8, 4000) / 250
    assert np.mean([accuracy_error(accuracy, 250) for accuracy in accuracies]) == pytest.approx(accuracies.std(), rel=0.05)


# --- which epoch is the best

def finish(progress, losses, middle=False):
    number = progress.epochs_done + 1
    row = EpochDone(number, 1.0, 0.5, float(losses.mean()), 0.5, 0.1, None, 1.0, **progress.compare(losses))
    progress.finish_epoch(row, losses, middle)
    return row


def test_the_best_is_the_latest_within_an_error_of_the_lowest(rng):
    progress, epochs = Progress(), [1 + rng.standard_normal(20) for _ in range(12)]
    for k, losses in enumerate(epochs):
        row = finish(progress, losses, middle=k == 5)
        lowest = min(epochs[:k + 1], key=np.mean)
        apart = losses - lowest
        assert row.val_rise == pytest.approx(apart.mean())
        assert row.best == (apart.mean() <= apart.std(ddof=1) / sqrt(20))
        assert row.val_fall == (None if k <= 5 else pytest.approx((epochs[5] - losses).mean()))
    assert progress.best_epoch == [row.epoch for row in progress.rows if row.best][-1]
    assert progress.lowest_epoch == 1 + np.argmin([losses.mean() for losses in epochs])
    assert {row.best for row in progress.rows} == {True, False}


@pytest.mark.parametrize("images", [1, 2, FEWEST - 1])
def test_of_a_handful_of_images_the_latest_is_the_best(images):
    progress = Progress()
    assert [finish(progress, np.full(images, loss)).best for loss in (1.0, 9.0, 2.0)] == [True] * 3
    assert progress.out_of_patience(2) and not progress.out_of_patience(3)


def test_equal_losses_are_equally_good():
    progress = Progress()
    assert [finish(progress, np.ones(20)).best for _ in range(3)] == [True] * 3
    assert progress.lowest_epoch == 1 and progress.best_epoch == 3


def test_a_slow_rise_is_noticed():
    """Each epoch is compared with the lowest, not with the one before."""
    progress, first = Progress(), np.linspace(0, 1, 100)
    rises = [finish(progress, first + 0.02 * k * np.linspace(0, 2, 100)).best for k in range(4)]
    assert rises == [True, False, False, False]


def test_a_checkpoint_of_a_version_before_goes_on():
    """It knew accuracies alone; until a loss is lower than all, the error of a mean stands for that of a difference."""
    rows = [dict(epoch=k + 1, train_loss=1.0, train_accuracy=0.5, val_loss=loss, val_accuracy=0.5, learning_rate=0.1,
                 images_per_second=None, seconds=1.0, best=k == 0) for k, loss in enumerate((0.9, 0.8))]
    saved = {"epochs_done": 2, "batches_done": 0, "loss_sum": 0.0, "correct": 0, "images": 0, "best_accuracy": 0.5, "best_epoch": 1,
             "timed_images": 0, "timed_seconds": 0.0, "rows": rows}
    progress = Progress.from_dict(saved, {})
    assert (progress.lowest_epoch, progress.best_epoch, progress.lowest_losses) == (2, 1, None)
    losses = np.linspace(0.5, 1.5, 50)
    error = mean_error(losses)
    assert progress.compare(losses - 0.2 + 0.9 * error)["best"] and not progress.compare(losses - 0.2 + 1.1 * error)["best"]
    assert finish(progress, losses - 0.3).best and progress.lowest_losses is not None
