"""Adding up losses and right answers of the batches of an epoch."""
from math import isfinite

import numpy as np

from numbacnn.tensors.internals import array_of


class Counting:
    """Adds up what became of batches, one turn later: when the threads that compute the latest are likely done.

    Parameters
    ----------
    progress : Progress
        Takes the sums.
    smoothing : float
        Label smoothing of the loss; what is added up is the loss of the true classes.

    Attributes
    ----------
    loss : float
        Of the batch that was counted last, as it was trained on.
    batch : int
        The number of that batch in its epoch, from 1; 0 before the first.
    """

    def __init__(self, progress, smoothing):
        self.progress, self.smoothing = progress, smoothing
        self.loss, self.batch = 0.0, 0
        self._latest = None

    def take(self, losses, scores, y):
        """Keep what became of K batches until `count`: losses (K,), scores (K, N, classes), true classes (K, N)."""
        self._latest = losses, scores, y

    def count(self):
        """Add up the latest batches; not after a loss that is not a number, for then the weights are lost."""
        if self._latest is None or not isfinite(self.loss):
            return
        losses, scores, y = self._latest
        losses, scores = array_of(losses), array_of(scores)  # `numpy()` would wait for the steps under way
        self.batch, self._latest = self.progress.batches_done - len(y), None
        plain = unsmoothed(losses.astype(np.float64), scores, y, self.smoothing)
        hits = (scores.argmax(2) == y).sum(1)
        for k, loss in enumerate(losses.tolist()):
            self.loss, self.batch = loss, self.batch + 1
            if not isfinite(loss):
                return
            self.progress.add_batch(float(plain[k]), int(hits[k]), y.shape[1])


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
