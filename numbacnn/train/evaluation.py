"""How good a model is: loss and accuracy."""
from math import prod

import numpy as np

import numbacnn
from numbacnn.insight.evaluating import evaluating
from numbacnn.tensors.internals import storage_of

BATCH, SMALL_BATCH = 512, 32  # images in one forward pass, at most and at least; any number gives the same bits
PIXELS = 1 << 20  # in one forward pass: the maps of a deep network are many times as large as its images


def _silently(done, total):
    """Report no progress: the default."""


def predict_logits(model, images, normalize, progress=_silently):
    """Scores before the softmax, with the model in evaluation mode and no gradients.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Each layer is left in the mode it was in.
    images : ndarray of uint8, shape (N, C, H, W)
    normalize : Normalize
        With mean and std of the images the model was trained on.
    progress : callable, optional
        Called as `progress(done, total)`, before the first image and after each forward pass.

    Returns
    -------
    ndarray of float32, shape (N, classes)
    """
    size = BATCH
    while size > SMALL_BATCH and size * prod(images.shape[2:]) > PIXELS:
        size //= 2
    scores = []
    with evaluating(model), numbacnn.no_grad():
        progress(0, len(images))
        for start in range(0, len(images), size):
            out = model(normalize.tensor(images[start:start + size]))
            kept = storage_of(out)  # for as long as it is read: the last few images are not worth compiling for
            scores.append(out.numpy())
            del kept
            progress(min(start + size, len(images)), len(images))
    return np.concatenate(scores)


def log_softmax(logits):
    """log(exp(z_k) / sum_j exp(z_j)) for each row, in float64 and without overflow."""
    with np.errstate(invalid="ignore"):  # the scores of a diverged model may be infinite: its loss is NaN
        shifted = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def example_losses(model, x, y, normalize, progress=_silently):
    """The loss of a model on each of some labeled examples.

    Parameters
    ----------
    model : numbacnn.nn.Module
    x : ndarray of uint8, shape (N, C, H, W)
    y : ndarray of int64, shape (N,)
        True classes.
    normalize : Normalize
        With mean and std of the images the model was trained on.
    progress : callable, optional
        As for `predict_logits`.

    Returns
    -------
    losses : ndarray of float64, shape (N,)
        Cross-entropy of each example in nats.
    predictions : ndarray of int64, shape (N,)
    """
    logits = predict_logits(model, x, normalize, progress)
    return -log_softmax(logits)[np.arange(len(y)), y], logits.argmax(axis=1)


def evaluate(model, x, y, normalize, progress=_silently):
    """Loss and accuracy of a model on labeled images.

    Parameters
    ----------
    model, x, y, normalize, progress
        As for `example_losses`.

    Returns
    -------
    loss : float
        Mean cross-entropy in nats; guessing among C classes gives ln C.
    accuracy : float
        Part of the images that are classified right.
    predictions : ndarray of int64, shape (N,)
    """
    losses, predictions = example_losses(model, x, y, normalize, progress)
    return float(losses.mean()), float((predictions == y).mean()), predictions
