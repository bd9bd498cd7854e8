"""Where a network errs on one part of the data: for the page, and as rows of a table."""
import numpy as np

from numbacnn.insight import class_scores, confusion_matrix, least_certain, most_confused, reliability, worst
from numbacnn.pages.report.examples import bytes_of_one, pack_examples
from numbacnn.train.evaluation import log_softmax
from numbacnn.train.standard_error import accuracy_error

MOST_WORST, MOST_UNCERTAIN = 60, 60
MOST_A_CELL = 24  # examples behind a cell of the confusion matrix; of errors all, if there is room
ROOM = 3_000_000  # bytes for all examples that the page shows
MOST_PROBABILITIES = 10  # classes of an example whose probabilities are shown
COLUMNS = ("part", "index", "file", "true", "predicted", "probability", "probability_of_true", "loss")


class Answers:
    """Predictions of a network for labeled examples.

    Parameters
    ----------
    logits : ndarray, shape (N, C)
    y : ndarray of int, shape (N,)
        True classes.

    Attributes
    ----------
    probabilities : ndarray of float64, shape (N, C)
    losses : ndarray of float64, shape (N,)
        Cross-entropy of each example.
    predictions : ndarray of int, shape (N,)
    """

    def __init__(self, logits, y):
        log_probabilities = log_softmax(logits)
        self.y, self.probabilities, self.predictions = y, np.exp(log_probabilities), logits.argmax(axis=1)
        self.losses = -log_probabilities[np.arange(len(y)), y]

    @property
    def finite(self):
        """Whether all are numbers; those of a training that went wrong may not be."""
        return bool(np.isfinite(self.losses).all())

    @property
    def wrong(self):
        """Indices of the examples that are classified wrong, worst loss first."""
        order = worst(self.losses)
        return order[self.predictions[order] != self.y[order]]


def mistakes(answers, x, kind, classes, vocabulary=None, names=None):
    """All that the page says about errors.

    Parameters
    ----------
    answers : Answers
        Finite ones.
    x : ndarray, shape (N, ...)
    kind : str
    classes : sequence of str
    vocabulary, names : sequence of str, optional
        The words of tokens; the file of each example.

    Returns
    -------
    dict
        Ready for the page.
    """
    y, predictions = answers.y, answers.predictions
    matrix = confusion_matrix(y, predictions, len(classes))
    scores = class_scores(matrix)
    bins = reliability(answers.probabilities, y)
    chosen = choose(answers, matrix, ROOM // bytes_of_one(x.shape[1:], kind))
    place = {int(n): k for k, n in enumerate(chosen)}
    uncertain = least_certain(answers.probabilities, y, MOST_UNCERTAIN)
    accuracy = float((predictions == y).mean())
    return {
        "count": len(y), "errors": int((predictions != y).sum()), "loss": float(answers.losses.mean()), "accuracy": accuracy,
        "accuracy_error": accuracy_error(accuracy, len(y)), "classes": list(classes), "matrix": matrix.tolist(),
        "examples": {**pack_examples(x[chosen], kind, vocabulary), "rows": [row_of(answers, n, names) for n in chosen]},
        "worst": [place[n] for n in worst(answers.losses, MOST_WORST).tolist() if n in place],
        "uncertain": [place[n] for n in uncertain.tolist() if n in place],
        "scores": [{"name": name, **{key: number(values[k]) for key, values in scores._asdict().items()}}
                   for k, name in enumerate(classes)],
        "confused": [{"actual": pair.actual, "predicted": pair.predicted, "count": pair.count, "part": pair.part}
                     for pair in most_confused(matrix, 8)],
        "reliability": {"edges": bins.edges.tolist(), "count": bins.count.tolist(), "ece": bins.ece,
                        "confidence": [number(value) for value in bins.confidence],
                        "accuracy": [number(value) for value in bins.accuracy]}}


def choose(answers, matrix, room):
    """Choose the examples of the page: the worst, the least certain, all errors, and some right ones of each class, as there is room.

    Parameters
    ----------
    answers : Answers
    matrix : ndarray of int, shape (C, C)
        Their confusion matrix.
    room : int
        How many at most; a few are chosen in any case.

    Returns
    -------
    ndarray of int, shape (K,)
        Their indices, in their order.
    """
    y, predictions = answers.y, answers.predictions
    chosen = dict.fromkeys([*worst(answers.losses, MOST_WORST).tolist(), *least_certain(answers.probabilities, y, MOST_UNCERTAIN).tolist()])
    cells = {}
    for n in worst(answers.losses).tolist():
        cells.setdefault((y[n], predictions[n]), []).append(n)
    errors = [members for (actual, predicted), members in cells.items() if actual != predicted]
    right = [members[::-1] for (actual, predicted), members in cells.items() if actual == predicted]  # those it is surest of
    for group in (errors, right):
        for rank in range(MOST_A_CELL):
            chosen.update(dict.fromkeys(members[rank] for members in group if rank < len(members)))
    return np.sort(np.array([*chosen][:max(room, 8)], np.int64))


def row_of(answers, n, names=None):
    """Facts about one example for the page: where it is, its classes, its probabilities, most probable first."""
    probabilities, actual = answers.probabilities[n], int(answers.y[n])
    order = np.argsort(-probabilities, kind="stable")[:MOST_PROBABILITIES].tolist()
    order += [] if actual in order else [actual]
    return {"index": int(n), "file": names[n] if names else None, "y": actual, "p": int(answers.predictions[n]),
            "loss": round(float(answers.losses[n]), 5), "probabilities": [[k, round(float(probabilities[k]), 5)] for k in order]}


def misclassified(answers, part, classes, names=None):
    """One row for each example that is classified wrong, worst loss first, below `COLUMNS`."""
    for n in answers.wrong.tolist():
        actual, predicted = int(answers.y[n]), int(answers.predictions[n])
        yield (part, n, names[n] if names else "", classes[actual], classes[predicted],
               f"{answers.probabilities[n, predicted]:.6f}", f"{answers.probabilities[n, actual]:.6f}", f"{answers.losses[n]:.6f}")


def number(value):
    """A float or int for JSON, None for NaN."""
    value = value.item()
    return None if value != value else value
