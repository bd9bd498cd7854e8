"""The training loop, as a generator: it yields what happened, and goes on when the next record is asked for. It never prints."""
from numbacnn import nn
from numbacnn.train.batches import Normalize
from numbacnn.train.checkpoint import Saving
from numbacnn.train.evaluation import example_losses
from numbacnn.train.freezing import Freezing
from numbacnn.train.optimizers import build_optimizer
from numbacnn.train.records import Compiling, Diverged, EpochDone, Finished, Interrupted, Started
from numbacnn.train.steps import TrainingSteps
from numbacnn.train.turns import Turns


def fit(model, data, settings, run=None, resume=False, stop=None):
    """Train a model and report.

    For each epoch: take the training images in a new order, batch by batch; zero_grad, forward, loss, backward, step.
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
        Where weights (`initial`, `best` by validation loss as `EpochDone.best` says, `last`), log, checkpoint and a snapshot per
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
    normalize, freezing = Normalize(data.mean, data.std), Freezing(model, settings)
    criterion, optimizer = nn.CrossEntropyLoss(label_smoothing=settings.label_smoothing), build_optimizer(model, settings)
    steps = TrainingSteps(model, criterion, optimizer, normalize.tensor, settings.clip_norm)
    saving = Saving(run, model, optimizer)
    progress = saving.resume() if resume else saving.start()
    turns = Turns(data, settings, progress, stop)
    yield Started(progress.epochs_done + 1, settings.epochs, turns.batches, tuple(progress.rows))
    try:
        for epoch in progress.epochs_left(settings):
            model.train()
            freezing.begin_epoch(epoch)
            for x, y, rates in turns.of_epoch(epoch):  # a few batches at a time
                if not turns.compiled:
                    yield Compiling()
                losses, scores = steps(x, y, rates)  # for each batch: zero_grad, forward, loss, backward, step
                for record in turns.finish(losses, scores, y, steps.replayed):
                    if isinstance(record, Interrupted):
                        saving.save_checkpoint(progress)
                    yield record
                    if isinstance(record, (Diverged, Interrupted)):
                        return
            record = turns.finish_epoch(*example_losses(model, data.x_val, data.y_val, normalize))
            if isinstance(record, EpochDone):
                saving.save_epoch(progress, settings.epochs)
            yield record
            if isinstance(record, Diverged):
                return
        yield Finished(progress.images_per_second)
    finally:
        turns.end()
        freezing.end()
