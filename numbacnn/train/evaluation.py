"""How good a model is: loss, accuracy, and where it errs."""
from dataclasses import dataclass
from math import prod

import numpy as np

import numbacnn

BATCH, SMALL_BATCH = 512, 32  # images in one forward pass, at most and at least; any number gives the same bits
PIXELS = 1 << 20  # in one forward pass: the maps of a deep network are many times as large as its images


def _silently(done, total):
    """The progress of those who do not ask for it."""


def predict_logits(model, images, normalise, progress=_silently):
    """Scores before the softmax, with the model in evaluation mode and no gradients.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Left in the mode it was in.
    images : ndarray of uint8, shape (N, C, H, W)
    normalise : Normalise
        With mean and std of the images the model was trained on.
    progress : callable, optional
        Called as `progress(done, total)`, before the first image and after each forward pass.

    Returns
    -------
    ndarray of float32, shape (N, classes)
    """
    was_training = model.training
    size = BATCH
    while size > SMALL_BATCH and size * prod(images.shape[2:]) > PIXELS:
        size //= 2
    scores = []
    model.eval()
    try:
        progress(0, len(images))
        with numbacnn.no_grad():
            for start in range(0, len(images), size):
                out = model(normalise.tensor(images[start:start + size]))
                kept = out._storage  # for as long as it is read: the last few images are no case to compile anew for
                scores.append(out.numpy())
                del kept
                progress(min(start + size, len(images)), len(images))
        return np.concatenate(scores)
    finally:
        model.train(was_training)


def log_softmax(logits):
    """log(exp(z_k) / sum_j exp(z_j)) for each row, in float64 and without overflow."""
    with np.errstate(invalid="ignore"):  # the scores of a diverged model may be infinite: its loss is NaN
        shifted = logits - logits.max(axis=1, keepdims=True).astype(np.float64)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def evaluate(model, x, y, normalise, progress=_silently):
    """Loss and accuracy of a model on labelled images.

    Parameters
    ----------
    model : numbacnn.nn.Module
    x : ndarray of uint8, shape (N, C, H, W)
    y : ndarray of int64, shape (N,)
        True classes.
    normalise : Normalise
        With mean and std of the images the model was trained on.
    progress : callable, optional
        As for `predict_logits`.

    Returns
    -------
    loss : float
        Mean cross-entropy in nats; guessing among C classes gives ln C.
    accuracy : float
        Part of the images that are classified right.
    predictions : ndarray of int64, shape (N,)
    """
    logits = predict_logits(model, x, normalise, progress)
    predictions = logits.argmax(axis=1)
    loss = -log_softmax(logits)[np.arange(len(y)), y].mean()
    return float(loss), float((predictions == y).mean()), predictions


def confusion_matrix(y, predictions, classes):
    """Count how often each true class (row) was taken for each class (column).

    Parameters
    ----------
    y, predictions : ndarray of int64, shape (N,)
    classes : int

    Returns
    -------
    ndarray of int64, shape (classes, classes)
    """
    return np.bincount(y * classes + predictions, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True)
class Confusion:
    """`count` images of class `actual` were taken for `predicted`; `part` of all of that class."""

    actual: int
    predicted: int
    count: int
    part: float


def most_confused(matrix, most=5):
    """The pairs of classes with the most errors.

    Parameters
    ----------
    matrix : ndarray of int, shape (C, C)
        Actual down, predicted across.
    most : int
        How many pairs at most.

    Returns
    -------
    list of Confusion
        Most errors first; pairs without any are left out.
    """
    errors = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-errors, axis=None, kind="stable")[:most]
    pairs = [np.unravel_index(flat, errors.shape) for flat in order]
    return [Confusion(int(a), int(p), int(errors[a, p]), float(errors[a, p] / matrix[a].sum()))
            for a, p in pairs if errors[a, p]]


def class_accuracy(matrix):
    """Part of each class that is classified right: an array of C numbers, NaN for a class without images."""
    images = matrix.sum(axis=1)
    return np.where(images > 0, np.diag(matrix) / np.maximum(images, 1), np.nan)
