"""Where a training stands: all that a checkpoint has to know besides weights and optimizer state."""
from dataclasses import asdict, dataclass, field

from numbacnn.train.records import EpochDone


@dataclass
class Progress:
    """How far a training is.

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
    best_accuracy : float
        Highest validation accuracy of all epochs, -1 before the first.
    best_epoch : int
        The epoch that had it, 0 before the first: the weights before training.
    timed_images : int
        Images of all epochs whose training was timed (those of a compiling batch are not).
    timed_seconds : float
        The time they took, without evaluation.
    rows : list of EpochDone
        A row a finished epoch.
    """

    epochs_done: int = 0
    batches_done: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    images: int = 0
    best_accuracy: float = -1.0
    best_epoch: int = 0
    timed_images: int = 0
    timed_seconds: float = 0.0
    rows: list = field(default_factory=list)

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

    def finish_epoch(self, row):
        """Take the row of the epoch that is complete and turn to the next."""
        self.rows.append(row)
        if row.best:
            self.best_accuracy, self.best_epoch = row.val_accuracy, row.epoch
        self.epochs_done += 1
        self.batches_done = self.correct = self.images = 0
        self.loss_sum = 0.0

    def out_of_patience(self, patience):
        """Whether the last `patience` epochs were no better than the best; never for None."""
        return patience is not None and self.epochs_done - self.best_epoch >= patience

    def to_dict(self):
        """Plain values, for the checkpoint; floats survive JSON bit for bit."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values):
        """The progress that `to_dict` described."""
        return cls(**{**values, "rows": [EpochDone(**row) for row in values["rows"]]})
