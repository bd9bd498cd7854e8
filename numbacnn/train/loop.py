"""The training loop, as a generator: it yields what happened, whoever reads on lets it go on. It never prints."""
from math import isfinite
from time import perf_counter

import numpy as np

import numbacnn
from numbacnn import optim
from numbacnn.engine import compile_seconds
from numbacnn.nn import functional as F
from numbacnn.nn.utils import clip_grad_norm_
from numbacnn.train.batches import Normalise, epoch_order, training_images
from numbacnn.train.checkpoint import load_checkpoint, save_checkpoint
from numbacnn.train.evaluation import evaluate
from numbacnn.train.freezing import Freezing
from numbacnn.train.pace import Pace
from numbacnn.train.progress import Progress
from numbacnn.train.records import (BatchDone, Compiled, Compiling, Diverged, EpochDone, Finished, Interrupted,
                                    Started)
from numbacnn.train.schedules import rate_factor

BETWEEN_REPORTS = 0.1  # seconds; a bar that moves ten times a second is smooth and costs nothing


def fit(model, data, settings, run=None, resume=False, stop=None):
    """Train a model and report.

    For each epoch: take the training images in a new order, batch by batch; forward, loss, backward, step.
    Then measure the validation images; with `settings.patience`, end after so many epochs without a better accuracy.
    The same seed gives the same bits, in one go or resumed.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Trained in place.
    data : numbacnn.data.ImageData
        Its training and validation images; the test images are not looked at.
    settings : Settings
    run : RunFolder, optional
        Where weights (`initial`, `best` by validation accuracy, `last`), log and checkpoint are kept.
    resume : bool
        Whether to go on from the checkpoint in `run` instead of starting.
    stop : callable, optional
        Asked after each batch; if it returns True, the training saves itself and ends.

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
        raise ValueError("fit: there are no validation images, so the best weights cannot be told; hold some back")
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
        self.latest = None  # (loss, scores, true classes) of the batch under way
        self.loss, self.counted = 0.0, 0  # of the batch before, and the number of that batch in its epoch
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
            else:
                self.pace.choose()
            begun, images = clock(), progress.images
            indices = order[progress.batches_done * self.settings.batch_size:][:self.settings.batch_size]
            self.step(indices)
            stopped = stop()
            if stopped or not self.compiled or progress.batches_done == self.batches:
                self.count()  # with the next step otherwise
            now = clock()
            if self.compiled:  # a batch under way is of the next step's time
                progress.add_time(progress.images - images, now - begun)
                self.pace.took(now - begun)
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

    def step(self, indices):
        """Train on one batch: forward, loss, backward, step.

        Other threads are still at it when this returns: meanwhile the batch before is counted, and the next one made.
        """
        y = self.data.y_train[indices]
        x = training_images(self.data.x_train, indices, self.progress.epochs_done + 1, self.settings)
        logits = self.model(self.normalise.tensor(x))
        loss = F.cross_entropy(logits, numbacnn.tensor(y), label_smoothing=self.settings.label_smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        if self.settings.clip_norm is not None:
            clip_grad_norm_(self.model.parameters(), self.settings.clip_norm)
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate(self.steps_done)
        scores = logits.detach()
        self.optimizer.step()
        self.count()
        self.progress.batches_done += 1
        self.latest = loss, scores, y

    def count(self):
        """Add up what became of the latest batch; if its loss is no number, the weights are lost."""
        if self.latest is None or not isfinite(self.loss):
            return
        loss, scores, y = self.latest
        self.loss, self.counted, self.latest = loss.item(), self.progress.batches_done, None
        if isfinite(self.loss):
            scores = scores._array  # `numpy()` would wait for the step under way
            plain = unsmoothed(self.loss, scores, y, self.settings.label_smoothing)
            self.progress.add_batch(plain, int((scores.argmax(1) == y).sum()), len(y))

    @property
    def ended(self):
        """Whether all epochs are done, or enough of them without a better validation accuracy."""
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
        loss, accuracy, _ = evaluate(self.model, self.data.x_val, self.data.y_val, self.normalise)
        if not isfinite(loss):
            return Diverged(number, self.batches, loss, last_rate, progress.images_per_second)
        row = EpochDone(number, progress.loss_sum / progress.images, progress.correct / progress.images, loss, accuracy,
                        last_rate, rate, clock() - start, accuracy > progress.best_accuracy)
        progress.finish_epoch(row)
        if self.run:
            self.run.save_weights("last", self.model)
            if row.best:
                self.run.save_weights("best", self.model)
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


def unsmoothed(loss, scores, y, smoothing):
    """The cross-entropy with the true classes, from that with smoothed labels.

    Of an image with scores z the smoothed loss is `log sum_k exp(z_k) - (1 - s) z_y - s mean_k z_k`, the plain one
    `log sum_k exp(z_k) - z_y`: they differ by `s (z_y - mean_k z_k)`.

    Parameters
    ----------
    loss : float
        Mean over the images.
    scores : ndarray (N, C)
    y : ndarray of int64 (N,)
        True classes.
    smoothing : float
        s, the part of each label that is spread over all classes.

    Returns
    -------
    float
    """
    if not smoothing:
        return loss
    return loss - smoothing * float(scores[np.arange(len(y)), y].mean() - scores.mean())


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
