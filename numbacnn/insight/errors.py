"""Where a classifier errs: confusion, the scores of each class, calibration, the worst and the least certain examples.

Arrays in, arrays out. The labels and predictions come from `numbacnn.train.evaluate`, or from any other program.
"""
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

BINS = 15  # as in the tables of Guo et al.


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
    return _part(np.diag(matrix), matrix.sum(axis=1))


class ClassScores(NamedTuple):
    """Precision, recall and F1 of each of C classes; arrays of shape (C,).

    `count` examples are of the class and `predicted` were taken for it. `precision` is the part of the predicted that are
    right, `recall` the part of the class that was found, `f1` their harmonic mean. NaN stands where nothing was predicted
    (precision), where there is no example (recall), or neither (f1).
    """

    count: np.ndarray
    predicted: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def class_scores(matrix):
    """Precision, recall and F1 of each class.

    Parameters
    ----------
    matrix : ndarray of int, shape (C, C)
        Counts of a `confusion_matrix`: actual down, predicted across.

    Returns
    -------
    ClassScores
        Source: van Rijsbergen, "Information Retrieval", 2nd ed. 1979, chapter 7; F1 = 2 TP / (2 TP + FP + FN).
    """
    right, count, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    return ClassScores(count, predicted, _part(right, predicted), class_accuracy(matrix), _part(2 * right, count + predicted))


def _part(part, whole):
    """part / whole, NaN where the whole is 0."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


class Reliability(NamedTuple):
    """Reliability of a classifier's probabilities, in M bins of equal width.

    `edges` (M + 1,) are the borders of the bins; bin m holds the examples whose largest probability is above `edges[m]` and
    at most `edges[m + 1]`. `count` (M,) is how many there are, `confidence` (M,) their mean probability and `accuracy` (M,) the
    part that is right; both are NaN in an empty bin. `ece` is the expected calibration error, a float.
    """

    edges: np.ndarray
    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    ece: float


def reliability(probabilities, y, bins=BINS):
    """The reliability diagram of a classifier, and its expected calibration error.

    The error is the mean distance of accuracy and confidence over the bins, each weighted by its examples:
    ECE = sum_m n_m / N |accuracy_m - confidence_m|.

    Parameters
    ----------
    probabilities : ndarray of float, shape (N, C)
        Of each class; rows that add up to 1.
    y : ndarray of int, shape (N,)
        True classes.
    bins : int
        M, at least 1.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError
        If there is no example, `bins` is below 1, a probability is not from 0 to 1, or the lengths differ.

    Notes
    -----
    Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 2.
    """
    probabilities, y = np.asarray(probabilities, np.float64), np.asarray(y)
    if probabilities.ndim != 2 or y.shape != probabilities.shape[:1] or not len(y):
        raise ValueError(f"reliability: probabilities have shape {probabilities.shape} and y {y.shape}, expected (N, C) and (N,) "
                         "with N of at least 1")
    if bins < 1:
        raise ValueError(f"reliability: bins is {bins}, expected at least 1")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("reliability: probabilities must be from 0 to 1; give those after the softmax")
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence) - 1, 0, bins - 1)  # edges[m] < p <= edges[m + 1]
    count = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, weights, minlength=bins) for weights in (confidence, right)]
    confidence, accuracy = (_part(total, count) for total in sums)
    gap = np.abs(sums[1] - sums[0]).sum() / len(y)
    return Reliability(edges, count, confidence, accuracy, float(gap))


def worst(losses, most=None):
    """The examples with the largest losses.

    Parameters
    ----------
    losses : ndarray of float, shape (N,)
        Of each example, such as `numbacnn.train.evaluation.example_losses` gives; NaN counts as the largest.
    most : int, optional
        How many at most; by default all.

    Returns
    -------
    ndarray of int, shape (K,)
        Their indices, largest loss first; equal ones in their order.
    """
    losses = np.asarray(losses, np.float64)
    return np.argsort(-np.where(np.isnan(losses), np.inf, losses), kind="stable")[:most]


def least_certain(probabilities, y, most=None):
    """The examples that are classified right with the smallest probability: the next to be taken for something else.

    Parameters
    ----------
    probabilities : ndarray of float, shape (N, C)
    y : ndarray of int, shape (N,)
        True classes.
    most : int, optional
        How many at most; by default all that are right.

    Returns
    -------
    ndarray of int, shape (K,)
        Their indices, smallest probability first; equal ones in their order.
    """
    probabilities = np.asarray(probabilities)
    right = np.flatnonzero(probabilities.argmax(axis=1) == y)
    return right[np.argsort(probabilities[right].max(axis=1), kind="stable")][:most]
