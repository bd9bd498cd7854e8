"""What the epochs of a training say for sure: figures beside their standard errors, and beside those of guessing."""
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from numbacnn.data.record import KINDS
from numbacnn.train.standard_error import accuracy_error

CHANCE = 0.98  # a loss above this part of that of guessing has learned next to nothing
GAP = 0.05  # training accuracy that far above validation accuracy is learning by heart
FALLING = 0.02  # a loss that fell by this part in the second half of the training would go on falling
UNCERTAIN = 0.01  # an accuracy with a larger error is from few images
SURE = 2  # standard errors: by more than so many, a figure differs from another that was known before


@dataclass(frozen=True, eq=False)
class Evidence:
    """The finished epochs of a training, at least one, and the data it had.

    Parameters
    ----------
    rows : sequence of EpochDone
    settings : Settings
    data : numbacnn.data.ImageData
        Its labels and classes are looked at, and the shape of an example.
    """

    rows: tuple
    settings: object
    data: object

    @property
    def last(self):
        """The row of the last epoch."""
        return self.rows[-1]

    @property
    def best(self):
        """The row of the epoch whose weights are kept as the best."""
        return [row for row in self.rows if row.best][-1]

    @property
    def lowest(self):
        """The row of the epoch with the lowest validation loss."""
        return min(self.rows, key=lambda row: row.val_loss)

    @property
    def validated(self):
        """Number of validation images."""
        return len(self.data.y_val)

    @property
    def examples(self):
        """Word for the data, such as "images"."""
        return KINDS[self.data.kind][0]

    @cached_property
    def accuracy_error(self):
        """Standard error of the last validation accuracy."""
        return accuracy_error(self.last.val_accuracy, self.validated)

    @property
    def gap(self):
        """Training accuracy minus validation accuracy."""
        return self.last.train_accuracy - self.last.val_accuracy

    @property
    def memorized(self):
        """Whether that gap is large, and no accident of a few validation images."""
        return self.gap > max(GAP, SURE * self.accuracy_error)

    @property
    def risen(self):
        """Whether the validation loss has surely risen from its lowest value, which is the lowest of many partly by chance."""
        return self.last.val_rise_error is not None and self.last.val_rise > SURE * self.last.val_rise_error

    @property
    def falling(self):
        """Whether more epochs would lower the loss further.

        The loss of the last epochs alone does not tell: most schedules end with a learning rate of almost zero. So this
        looks back to the middle of the training. Where the validation images are too few, the training loss has to do.
        """
        if len(self.rows) == 1:
            return self.settings.epochs == 1
        if len(self.rows) < self.settings.epochs:  # out of patience: it has ceased to fall
            return False
        if self.last.val_fall_error is None:
            middle = self.rows[-(-self.settings.epochs // 2) - 1]
            return middle.train_loss - self.last.train_loss > FALLING * middle.train_loss
        return self.last.val_fall > max(self.last.val_fall_error, FALLING * self.last.val_loss)

    @cached_property
    def _shares(self):
        """Share of each class in the training images."""
        return np.bincount(self.data.y_train, minlength=self.classes) / len(self.data.y_train)

    @property
    def largest_share(self):
        """Share of the most frequent class in the training images: the training accuracy of always answering it."""
        return float(self._shares.max())

    @property
    def learned(self):
        """Training accuracy as a part of what guessing leaves: 0 for always answering the most frequent class, 1 for no error."""
        left = 1 - self.largest_share
        return (self.last.train_accuracy - self.largest_share) / left if left else 1.0

    @property
    def classes(self):
        """C, the number of classes."""
        return len(self.data.classes)

    @cached_property
    def guess_loss(self):
        """Loss of guessing: the entropy of the classes as they are frequent in the training images, ln C at most."""
        shares = self._shares[self._shares > 0]
        return float(-(shares * np.log(shares)).sum())

    @cached_property
    def guess_accuracy(self):
        """Accuracy on the validation images of always answering the most frequent class."""
        return float((self.data.y_val == self._shares.argmax()).mean())

    @property
    def most_frequent(self):
        """Name of the class with the most training images."""
        return self.data.classes[self._shares.argmax()]

    @property
    def is_balanced(self):
        """Whether all classes are about equally frequent, so that guessing gives a loss of ln C."""
        return self.guess_loss > CHANCE * np.log(self.classes)

    @property
    def one_answer(self):
        """Whether all validation images, of several classes, are given the same class."""
        return self.last.val_classes == 1 and self.last.val_accuracy < 1

    @property
    def train_at_chance(self):
        """Whether the training loss is no better than that of guessing."""
        return self.guess_loss > 0 and self.last.train_loss > CHANCE * self.guess_loss

    @property
    def val_beats_guessing(self):
        """Whether the validation images say for sure that something was learned."""
        last = self.last
        if last.val_loss_error is not None and last.val_loss + last.val_loss_error < CHANCE * self.guess_loss:
            return True
        return last.val_accuracy - SURE * self.accuracy_error > max(self.guess_accuracy, self.largest_share)

    @property
    def steps(self):
        """Steps of the optimizer that all epochs take."""
        return self.settings.epochs * -(-len(self.data.y_train) // self.settings.batch_size)

    @cached_property
    def unvalidated(self):
        """Names of the classes that are trained but have no validation image."""
        seen = np.bincount(self.data.y_val, minlength=self.classes)
        return [name for name, share, count in zip(self.data.classes, self._shares, seen) if share and not count]
