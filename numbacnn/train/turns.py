"""The turns of a training: how many batches to train on at a time, how long they take, and what is reported of them.

One call of `TrainingSteps` trains on the K batches of a turn. While other threads may still be at the last of them, the batches
of the turn before are counted and the next ones put together. K is as large as it can be without keeping `stop` and the reports
waiting.
"""
from math import isfinite
from time import perf_counter

import numpy as np

from numbacnn.engine import compile_seconds
from numbacnn.train.batches import epoch_order, training_images
from numbacnn.train.counting import Counting
from numbacnn.train.pace import Pace
from numbacnn.train.records import BatchDone, Compiled, Diverged, EpochDone, Interrupted
from numbacnn.train.schedules import learning_rate

BETWEEN_REPORTS = 0.1  # seconds; a bar that moves ten times a second is smooth and costs nothing
TURN = 0.04  # seconds that replayed steps may take together, before `stop` is asked and reports are made
LONGEST_TURN = 64  # steps


def clock():
    """Seconds on a clock that stands still while kernels are compiled."""
    return perf_counter() - compile_seconds()


class Turns:
    """The turns of a training, epoch by epoch.

    Parameters
    ----------
    data : numbacnn.data.ImageData
    settings : Settings
    progress : Progress
        Where the training stands; kept up to date here.
    stop : callable or None
        Asked after each turn whether to end the training.

    Attributes
    ----------
    batches : int
        Batches in an epoch; the last one may be smaller.
    compiled : bool
        Whether a turn is done, so that the kernels are there. The first one is a single step.
    """

    def __init__(self, data, settings, progress, stop):
        self.data, self.settings, self.progress, self.stop = data, settings, progress, stop
        self.batches = -(-len(data.x_train) // settings.batch_size)
        self.compiled, self._compile_seconds_before = False, compile_seconds()
        self._counting, self._pace = Counting(progress, settings.label_smoothing), Pace()
        self._together = 1  # steps of the next turn

    def of_epoch(self, epoch):
        """Yield the turns of the rest of an epoch: K batches (K, N, ...), their classes (K, N) and the K learning rates.

        When the K steps have been made, and before the next turn is asked for, call `finish`.
        """
        size, progress, images = self.settings.batch_size, self.progress, len(self.data.x_train)
        order = epoch_order(images, epoch, self.settings.seed)
        self._epoch_start = self._reported = clock()
        self._timed_before = progress.timed_images, progress.timed_seconds
        while progress.batches_done < self.batches:
            most = 1 if self.compiled and self._pace.choose() else self._together
            self._turn_start = clock()
            first = progress.batches_done * size
            K = min(most, (images - first) // size) or 1  # of the last batch, if it is smaller, there is one
            indices = order[first:first + K * size]
            x = training_images(self.data.x_train, indices, epoch, self.settings)
            done = (epoch - 1) * self.batches + progress.batches_done
            yield (x.reshape(K, -1, *x.shape[1:]), self.data.y_train[indices].reshape(K, -1),
                   [self.learning_rate(done + k) for k in range(K)])

    def learning_rate(self, step):
        """The learning rate of a step, counted from 0."""
        return learning_rate(self.settings, step, self.batches)

    def finish(self, losses, scores, y, replayed):
        """Count the batches before these, look at the clock, and ask whether to stop.

        Parameters
        ----------
        losses : Tensor (K,)
        scores : Tensor (K, N, classes)
        y : ndarray of int64 (K, N)
            True classes.
        replayed : bool
            Whether the steps were replayed, as `TrainingSteps.replayed` says: only then is it worth it to take many.

        Yields
        ------
        Compiled, BatchDone, Diverged, Interrupted
            The training ends after one of the last two.
        """
        progress, counting, K = self.progress, self._counting, len(y)
        epoch, images = progress.epochs_done + 1, progress.images
        counting.count()
        counting.take(losses, scores, y)
        progress.batches_done += K
        stopped = self.stop is not None and self.stop()
        if stopped or not self.compiled or progress.batches_done == self.batches:
            counting.count()  # with the next turn otherwise
        now = clock()
        if self.compiled:  # batches under way are of the next turn's time
            seconds = now - self._turn_start
            progress.add_time(progress.images - images, seconds)
            self._pace.took(seconds, K)
            self._together = max(1, min(LONGEST_TURN, int(TURN / (seconds / K)))) if replayed else 1
        if not isfinite(counting.loss):
            rate = self.learning_rate(progress.epochs_done * self.batches + counting.batch - 1)
            yield Diverged(epoch, counting.batch, counting.loss, rate, progress.images_per_second)
            return
        if not self.compiled:
            self.compiled = True
            yield Compiled(compile_seconds() - self._compile_seconds_before)
        if stopped:
            yield Interrupted(epoch, progress.batches_done, progress.images_per_second)
        elif progress.images and now - self._reported >= BETWEEN_REPORTS:
            self._reported = now
            yield self._batch_done(epoch)

    def _batch_done(self, epoch):
        """The report in the middle of an epoch."""
        progress, settings, rate = self.progress, self.settings, self._images_per_second()
        left = len(self.data.x_train) * (settings.epochs - progress.epochs_done) - progress.images
        return BatchDone(epoch, settings.epochs, self._counting.batch, self.batches, progress.loss_sum / progress.images, rate,
                         left / rate if rate else None)

    def _images_per_second(self):
        """Training images of this epoch by training seconds; None if nothing was timed."""
        images_before, seconds_before = self._timed_before
        images, seconds = self.progress.timed_images - images_before, self.progress.timed_seconds - seconds_before
        return images / seconds if images else None

    def finish_epoch(self, losses, predictions):
        """Make the row of an epoch, or Diverged, from what `example_losses` says of the validation images."""
        progress, epoch = self.progress, self.progress.epochs_done + 1
        loss, last_rate = float(losses.mean()), self.learning_rate(epoch * self.batches - 1)
        if not isfinite(loss):
            return Diverged(epoch, self.batches, loss, last_rate, progress.images_per_second)
        row = EpochDone(epoch, progress.loss_sum / progress.images, progress.correct / progress.images, loss,
                        float((predictions == self.data.y_val).mean()), last_rate, self._images_per_second(),
                        clock() - self._epoch_start, val_classes=len(np.unique(predictions)), **progress.compare(losses))
        progress.finish_epoch(row, losses, middle=epoch == -(-self.settings.epochs // 2))
        return row

    def end(self):
        """Leave the number of threads as it was."""
        self._pace.restore()
