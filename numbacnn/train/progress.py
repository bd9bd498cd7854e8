"""Where a training stands: all that a checkpoint has to know besides weights and optimizer state."""
from dataclasses import dataclass, field, fields

import numpy as np

from numbacnn.train.records import EpochDone
from numbacnn.train.standard_error import mean_difference, mean_error

ARRAYS = ("lowest_losses", "middle_losses")


@dataclass
class Progress:
    """State of a training.

    Attributes
    ----------
    epochs_done : int
        Whole epochs behind it.
    batches_done : int
        Batches of the running epoch behind it.
    loss_sum : float
        Sum of the loss over the images of the running epoch.
    correct : int
        How many of them were classified right.
    images : int
        How many there were; while a batch is under way, those of the batches before.
    lowest_epoch : int
        The epoch with the lowest validation loss, 0 before the first.
    best_epoch : int
        The epoch whose weights are the best: the latest one whose validation loss was not above the lowest of its time
        by more than the standard error. 0 before the first: the weights before training.
    timed_images : int
        Images of all epochs whose training was timed (those of a compiling batch are not).
    timed_seconds : float
        The time they took, without evaluation.
    rows : list of EpochDone
        One row per finished epoch.
    lowest_losses, middle_losses : ndarray of float64, shape (V,), or None
        Losses of the V validation images after the epoch with the lowest mean, and after the one in the middle.
    """

    epochs_done: int = 0
    batches_done: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    images: int = 0
    lowest_epoch: int = 0
    best_epoch: int = 0
    timed_images: int = 0
    timed_seconds: float = 0.0
    rows: list = field(default_factory=list)
    lowest_losses: np.ndarray | None = None
    middle_losses: np.ndarray | None = None

    def add_batch(self, loss, correct, images):
        """Count what became of a batch; `loss` is its mean."""
        self.loss_sum += loss * images
        self.correct += correct
        self.images += images

    def add_time(self, images, seconds):
        """Count the time of a batch that did not compile."""
        self.timed_images += images
        self.timed_seconds += seconds

    @property
    def images_per_second(self):
        """Training images by training seconds so far, None if nothing was timed."""
        return self.timed_images / self.timed_seconds if self.timed_images else None

    def compare(self, losses):
        """Compare the losses of the validation images, shape (V,), with those of earlier epochs.

        Returns
        -------
        dict
            Fields of EpochDone: `best`, and all that begin with `val_loss_error`, `val_rise` or `val_fall`.
        """
        rise, error = 0.0, mean_error(losses)
        if self.lowest_losses is not None:
            rise, error = mean_difference(losses, self.lowest_losses)
        elif self.rows:  # a checkpoint of a version that did not keep them: each mean has an error of its own
            rise = float(losses.mean()) - self.rows[self.lowest_epoch - 1].val_loss
        fall, fall_error = (None, None) if self.middle_losses is None else mean_difference(self.middle_losses, losses)
        return {"best": rise <= 0 or error is None or rise <= error, "val_loss_error": mean_error(losses),
                "val_rise": max(rise, 0.0), "val_rise_error": error, "val_fall": fall, "val_fall_error": fall_error}

    def finish_epoch(self, row, losses, middle=False):
        """Take the row of the epoch that is complete and turn to the next.

        Parameters
        ----------
        row : EpochDone
        losses : ndarray of float64, shape (V,)
            Of the validation images.
        middle : bool
            Whether later epochs are to be compared with this one.
        """
        if not self.rows or row.val_loss < self.rows[self.lowest_epoch - 1].val_loss:
            self.lowest_epoch, self.lowest_losses = row.epoch, losses
        if middle:
            self.middle_losses = losses
        self.rows.append(row)
        if row.best:
            self.best_epoch = row.epoch
        self.epochs_done += 1
        self.batches_done = self.correct = self.images = 0
        self.loss_sum = 0.0

    def epochs_left(self, settings):
        """Yield the number of the next epoch until all are done, or enough of them without a lower validation loss."""
        while self.epochs_done < settings.epochs and not self.out_of_patience(settings.patience):
            yield self.epochs_done + 1

    def out_of_patience(self, patience):
        """Whether the last `patience` epochs did not lower the validation loss; never for None."""
        return patience is not None and self.epochs_done - self.lowest_epoch >= patience

    def to_dict(self):
        """Plain values, for the checkpoint; floats survive JSON bit for bit."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in ARRAYS}
        return values | {"rows": [row.to_dict() for row in self.rows]}

    def arrays(self):
        """The arrays that `to_dict` leaves out, by name."""
        return {name: getattr(self, name) for name in ARRAYS if getattr(self, name) is not None}

    @classmethod
    def from_dict(cls, values, arrays):
        """The progress that `to_dict` and `arrays` described.

        Versions that chose the best weights by validation accuracy knew no `lowest_epoch` but a `best_accuracy`.
        """
        rows = [EpochDone(**row) for row in values["rows"]]
        lowest = min(rows, key=lambda row: row.val_loss).epoch if rows else 0
        known = {"lowest_epoch": lowest} | {name: value for name, value in values.items() if name != "best_accuracy"}
        return cls(**{**known, "rows": rows}, **arrays)
