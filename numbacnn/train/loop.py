"""The training loop, as a generator: it yields what happened, and goes on when the next record is asked for. It never prints."""
from math import isfinite
from time import perf_counter

import numpy as np

from numbacnn import nn, optim
from numbacnn.engine import compile_seconds
from numbacnn.train.batches import Normalise, epoch_order, training_images
from numbacnn.train.checkpoint import load_checkpoint, save_checkpoint
from numbacnn.train.evaluation import example_losses
from numbacnn.train.freezing import Freezing
from numbacnn.train.pace import Pace
from numbacnn.train.progress import Progress
from numbacnn.train.records import (BatchDone, Compiled, Compiling, Diverged, EpochDone, Finished, Interrupted,
                                    Started)
from numbacnn.train.schedules import rate_factor
from numbacnn.train.steps import TrainingSteps

BETWEEN_REPORTS = 0.1  # seconds; a bar that moves ten times a second is smooth and costs nothing
TURN = 0.04  # seconds that steps which are replayed may take together, before `stop` and the reports have their turn
LONGEST_TURN = 64  # steps


def fit(model, data, settings, run=None, resume=False, stop=None):
    """Train a model and report.

    For each epoch: take the training images in a new order, batch by batch; forward, loss, backward, step.
    Then measure the validation images; with `settings.patience`, end after so many epochs without a lower loss.
    The same seed gives the same bits, in one go or resumed.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Trained in place.
    data : numbacnn.data.ImageData
        Its training and validation images; the test images are not looked at.
    settings : Settings
    run : RunFolder, optional
        Where weights (`initial`, `best` by validation loss as `EpochDone.best` says, `last`), log, checkpoint and a snapshot an
        epoch (see `numbacnn.train.snapshots`) are kept.
    resume : bool
        Whether to go on from the checkpoint in `run` instead of starting.
    stop : callable, optional
        Asked after a batch or, where many take only milliseconds, after a few; if it returns True, the training saves itself
        and ends.

    Yields
    ------
    Started, Compiling, Compiled, BatchDone, EpochDone, and last one of Finished, Diverged, Interrupted
        As defined in `numbacnn.train.records`.

    Raises
    ------
    RunError
        If there is no usable checkpoint to resume from.
    ValueError
        If there are no validation images, or `settings.freeze` names no layers of the model.
    """
    if not len(data.x_val):
        raise ValueError("fit: there is nothing to validate with, so the best weights cannot be told; hold some back")
    training = _Training(model, data, settings, run)
    if resume:
        training.progress = load_checkpoint(run.checkpoint, model, training.optimizer)
        run.write_log(training.progress.rows)
    else:
        training.save_start()
    yield Started(training.progress.epochs_done + 1, settings.epochs, training.batches, tuple(training.progress.rows))
    try:
        while not training.ended:
            for record in training.epoch(stop or _never):
                yield record
                if isinstance(record, (Diverged, Interrupted)):
                    return
        yield Finished(training.progress.images_per_second)
    finally:
        training.pace.restore()
        training.freezing.end()


def _never():
    return False


def clock():
    """Seconds on a clock that stands still while kernels are compiled."""
    return perf_counter() - compile_seconds()


class _Training:
    """The state of a training that `fit` drives."""

    def __init__(self, model, data, settings, run):
        self.model, self.data, self.settings, self.run = model, data, settings, run
        self.normalise = Normalise(data.mean, data.std)
        self.freezing = Freezing(model, settings)
        self.optimizer = build_optimizer(model, settings)
        self.progress = Progress()
        self.pace = Pace()
        self.compiled, self.compile_seconds_before = False, compile_seconds()
        self.steps = TrainingSteps(model, nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing), self.optimizer,
                                   self.normalise.tensor, settings.clip_norm)
        self.together = 1  # steps of the next turn
        self.latest = None  # (losses, scores, true classes) of the batches under way
        self.loss, self.counted = 0.0, 0  # of the batch that was counted last, and its number in the epoch
        self.batches = -(-len(data.x_train) // settings.batch_size)  # the last one may be smaller

    def epoch(self, stop):
        """Run the rest of the current epoch; yields its records."""
        progress, number = self.progress, self.progress.epochs_done + 1
        order = epoch_order(len(self.data.x_train), number, self.settings.seed)
        self.model.train()
        self.freezing.begin_epoch(number)
        start = reported = clock()
        images_before, seconds_before = progress.timed_images, progress.timed_seconds
        while progress.batches_done < self.batches:
            if not self.compiled:
                yield Compiling()
            trial = self.compiled and self.pace.choose()
            begun, images, batches = clock(), progress.images, progress.batches_done
            self.turn(order, 1 if trial else self.together)
            stopped = stop()
            if stopped or not self.compiled or progress.batches_done == self.batches:
                self.count()  # with the next turn otherwise
            now = clock()
            if self.compiled:  # batches under way are of the next turn's time
                progress.add_time(progress.images - images, now - begun)
                self.pace.took(now - begun, progress.batches_done - batches)
                self.together = self.steps_together((now - begun) / (progress.batches_done - batches))
            if not isfinite(self.loss):
                rate = self.learning_rate(progress.epochs_done * self.batches + self.counted - 1)
                yield Diverged(number, self.counted, self.loss, rate, progress.images_per_second)
                return
            if not self.compiled:
                self.compiled = True
                yield Compiled(compile_seconds() - self.compile_seconds_before)
            if stopped:
                self.save_checkpoint()
                yield Interrupted(number, progress.batches_done, progress.images_per_second)
                return
            if progress.images and now - reported >= BETWEEN_REPORTS:
                reported = now
                yield self.batch_done(number, progress.timed_images - images_before,
                                      progress.timed_seconds - seconds_before)
        timed = progress.timed_seconds - seconds_before
        rate = (progress.timed_images - images_before) / timed if timed else None
        yield self.finish_epoch(number, rate, start)

    def turn(self, order, most):
        """Train on the next batches, `most` of them if there are so many of full size.

        Other threads may still be at it when this returns: meanwhile the batches before are counted, and the next ones made.
        """
        size, first = self.settings.batch_size, self.progress.batches_done * self.settings.batch_size
        K = min(most, (len(order) - first) // size) or 1  # of the last batch, if it is smaller, there is one
        indices = order[first:first + K * size]
        x = training_images(self.data.x_train, indices, self.progress.epochs_done + 1, self.settings)
        y = self.data.y_train[indices].reshape(K, -1)
        rates = [self.learning_rate(self.steps_done + k) for k in range(K)]
        losses, scores = self.steps(x.reshape(K, -1, *x.shape[1:]), y, rates)
        self.count()
        self.progress.batches_done += K
        self.latest = losses, scores, y

    def steps_together(self, seconds):
        """How many steps to take before the next look, if one takes so long."""
        return max(1, min(LONGEST_TURN, int(TURN / seconds))) if self.steps.replayed else 1

    def count(self):
        """Add up what became of the latest batches; if a loss is no number, the weights are lost."""
        if self.latest is None or not isfinite(self.loss):
            return
        losses, scores, y = (getattr(part, "_array", part) for part in self.latest)  # `numpy()` would wait for steps under way
        self.counted, self.latest = self.progress.batches_done - len(y), None
        plain = unsmoothed(losses.astype(np.float64), scores, y, self.settings.label_smoothing)
        hits = (scores.argmax(2) == y).sum(1)
        for k, loss in enumerate(losses.tolist()):
            self.loss, self.counted = loss, self.counted + 1
            if not isfinite(loss):
                return
            self.progress.add_batch(float(plain[k]), int(hits[k]), y.shape[1])

    @property
    def ended(self):
        """Whether all epochs are done, or enough of them without a lower validation loss."""
        progress, settings = self.progress, self.settings
        return progress.epochs_done >= settings.epochs or progress.out_of_patience(settings.patience)

    @property
    def steps_done(self):
        """Steps of the optimizer so far."""
        return self.progress.epochs_done * self.batches + self.progress.batches_done

    def learning_rate(self, step):
        """Rate of a step, counted from 0: the settings' highest rate times the schedule's factor."""
        settings = self.settings
        return settings.learning_rate * rate_factor(settings.schedule, step, settings.epochs * self.batches,
                                                    settings.warmup_epochs * self.batches)

    def batch_done(self, number, images, seconds):
        """The report in the middle of an epoch, from the timed images and seconds of this epoch."""
        progress = self.progress
        rate = images / seconds if images else None
        left = len(self.data.x_train) * (self.settings.epochs - progress.epochs_done) - progress.images
        return BatchDone(number, self.settings.epochs, self.counted, self.batches,
                         progress.loss_sum / progress.images, rate, left / rate if rate else None)

    def finish_epoch(self, number, rate, start):
        """Measure the validation images, keep the weights, and give the epoch's row (or say that it diverged)."""
        progress, last_rate = self.progress, self.learning_rate(self.steps_done - 1)
        losses, predictions = example_losses(self.model, self.data.x_val, self.data.y_val, self.normalise)
        loss, accuracy = float(losses.mean()), float((predictions == self.data.y_val).mean())
        if not isfinite(loss):
            return Diverged(number, self.batches, loss, last_rate, progress.images_per_second)
        row = EpochDone(number, progress.loss_sum / progress.images, progress.correct / progress.images, loss, accuracy,
                        last_rate, rate, clock() - start, val_classes=len(np.unique(predictions)), **progress.compare(losses))
        progress.finish_epoch(row, losses, middle=number == -(-self.settings.epochs // 2))
        if self.run:
            self.run.save_weights("last", self.model)
            if row.best:
                self.run.save_weights("best", self.model)
            self.run.save_snapshot(self.model, number, self.settings.epochs)
            self.save_checkpoint()
            self.run.append_log(row)
        return row

    def save_start(self):
        """Keep the weights before training; until an epoch is done they are the best and the last there are."""
        if self.run:
            for name in ("initial", "best", "last"):
                self.run.save_weights(name, self.model)
            self.save_checkpoint()

    def save_checkpoint(self):
        """Keep all that is needed to go on from here."""
        if self.run:
            save_checkpoint(self.run.checkpoint, self.model, self.optimizer, self.progress)


def unsmoothed(losses, scores, y, smoothing):
    """The cross-entropy of batches with the true classes, from that with smoothed labels.

    Of an image with scores z the smoothed loss is `log sum_k exp(z_k) - (1 - s) z_y - s mean_k z_k`, the plain one
    `log sum_k exp(z_k) - z_y`: they differ by `s (z_y - mean_k z_k)`.

    Parameters
    ----------
    losses : ndarray (K,)
        Each the mean over a batch.
    scores : ndarray (K, N, C)
    y : ndarray of int64 (K, N)
        True classes.
    smoothing : float
        s, the part of each label that is spread over all classes.

    Returns
    -------
    ndarray (K,)
    """
    if not smoothing:
        return losses
    right = np.take_along_axis(scores, y[..., None], 2)
    with np.errstate(invalid="ignore"):  # the scores of a training that has diverged
        return losses - smoothing * (right.reshape(len(y), -1).mean(1) - scores.reshape(len(y), -1).mean(1))


def build_optimizer(model, settings):
    """The optimizer that the settings name, over all parameters of the model.

    Parameters
    ----------
    model : numbacnn.nn.Module
    settings : Settings

    Returns
    -------
    numbacnn.optim.Optimizer
    """
    parameters = model.parameters()
    common = {"lr": settings.learning_rate, "weight_decay": settings.weight_decay}
    if settings.optimizer == "sgd":
        return optim.SGD(parameters, momentum=settings.momentum, **common)
    if settings.optimizer == "rmsprop":
        return optim.RMSprop(parameters, **common)
    build = {"adam": optim.Adam, "adamw": optim.AdamW}[settings.optimizer]
    return build(parameters, betas=(settings.beta1, settings.beta2), **common)
