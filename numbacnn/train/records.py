"""What a training reports while it runs: `fit` yields these, and its caller draws bars and tables from them."""
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Started:
    """Training begins, or goes on: `epoch` (from 1) is the first to be run, of `epochs`, with `batches` each.

    `rows` are the EpochDone of the epochs before, if the training is resumed.
    """

    epoch: int
    epochs: int
    batches: int
    rows: tuple


@dataclass(frozen=True)
class Compiling:
    """The first batch of this process is about to run: kernels that are not in the cache are compiled now."""


@dataclass(frozen=True)
class Compiled:
    """The first batch is done; `seconds` went into compiling kernels or loading them from the cache."""

    seconds: float


@dataclass(frozen=True)
class BatchDone:
    """A batch is done; sent a few times a second at most. `loss` is the mean of the epoch so far.

    `images_per_second` is None until a batch has been timed, and so is `seconds_left`, for the whole training.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    images_per_second: float | None
    seconds_left: float | None


@dataclass(frozen=True)
class EpochDone:
    """A row of the table.

    Attributes
    ----------
    epoch : int
        Counted from 1.
    train_loss, train_accuracy : float
        Mean over the images as they were trained on: the weights changed meanwhile. The loss is that of the true
        classes even where the labels were smoothed, so it compares with `val_loss`.
    val_loss, val_accuracy : float
        Mean over the validation images with the weights after the epoch.
    learning_rate : float
        That of the last step.
    images_per_second : float or None
        Training images by training seconds; compiling and evaluation do not count. None if nothing could be timed.
    seconds : float
        Wall time of the epoch with evaluation, without compiling.
    best : bool
        Whether the weights after this epoch are the best so far: the validation loss is the lowest yet, or above the
        lowest by no more than the standard error of that difference.
    val_loss_error : float or None
        Standard error of `val_loss`; this and the other errors are None where the validation images are too few to
        tell (see `numbacnn.train.standard_error`).
    val_rise, val_rise_error : float or None
        By how much `val_loss` is above the lowest so far, image by image, and the standard error of that.
    val_fall, val_fall_error : float or None
        By how much it is below that of the epoch in the middle of the training, and the standard error of that;
        None until then.
    val_classes : int or None
        Number of different classes that are predicted for the validation images.

    The last six are None in runs of versions that did not measure them.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    images_per_second: float | None
    seconds: float
    best: bool
    val_loss_error: float | None = None
    val_rise: float | None = None
    val_rise_error: float | None = None
    val_fall: float | None = None
    val_fall_error: float | None = None
    val_classes: int | None = None

    def to_dict(self):
        """The row as plain values, for log.jsonl and `--json`."""
        return asdict(self)


@dataclass(frozen=True)
class Diverged:
    """The loss is no longer a number; the step of this batch has been made, so the weights in memory are lost.

    `images_per_second` is over all epochs, here and below.
    """

    epoch: int
    batch: int
    loss: float
    learning_rate: float
    images_per_second: float | None


@dataclass(frozen=True)
class Interrupted:
    """The caller asked to stop; `batch` batches of `epoch` are done and, with a run folder, saved."""

    epoch: int
    batch: int
    images_per_second: float | None


@dataclass(frozen=True)
class Finished:
    """All epochs are done, or the validation loss has not become lower for as long as `patience` allows."""

    images_per_second: float | None
