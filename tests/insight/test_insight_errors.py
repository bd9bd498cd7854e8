"""Where a classifier errs: beside loops over the examples, and the examples that others publish."""
import numpy as np
import pytest

from numbacnn.insight import (class_accuracy, class_scores, confusion_matrix, least_certain, most_confused, reliability, worst)


def drawn(rng, N=200, C=5):
    """Probabilities of N examples, and labels that they often get right; class 3 has no examples."""
    logits = 2 * rng.standard_normal((N, C))
    y = np.where(rng.random(N) < 0.6, logits.argmax(1), rng.integers(0, C, N))
    y[y == 3] = 0
    probabilities = np.exp(logits)
    return probabilities / probabilities.sum(1, keepdims=True), y


# --- confusion

def test_confusions_are_counted():
    y, predictions = np.array([0, 0, 0, 1, 1, 3]), np.array([0, 1, 1, 1, 0, 3])
    matrix = confusion_matrix(y, predictions, 4)
    assert matrix.tolist() == [[1, 2, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    pairs = most_confused(matrix)
    assert [(pair.actual, pair.predicted, pair.count) for pair in pairs] == [(0, 1, 2), (1, 0, 1)]
    assert pairs[0].part == pytest.approx(2 / 3)
    np.testing.assert_allclose(class_accuracy(matrix), [1 / 3, 1 / 2, np.nan, 1])


# --- precision, recall, F1

def test_scores_of_classes_are_those_of_a_published_example():
    """The example of scikit-learn's `classification_report`; it writes 0 where nothing is right, as we do."""
    scores = class_scores(confusion_matrix(np.array([0, 1, 2, 2, 2]), np.array([0, 0, 2, 2, 1]), 3))
    np.testing.assert_allclose(scores.precision, [0.5, 0, 1])
    np.testing.assert_allclose(scores.recall, [1, 0, 0.67], atol=0.005)
    np.testing.assert_allclose(scores.f1, [0.67, 0, 0.8], atol=0.005)
    assert scores.count.tolist() == [1, 1, 3]


def test_scores_of_classes_are_those_of_a_loop(rng):
    probabilities, y = drawn(rng)
    predictions = probabilities.argmax(1)
    scores = class_scores(confusion_matrix(y, predictions, 5))
    for k in range(5):
        hits = sum(1 for a, p in zip(y, predictions) if a == p == k)
        false_alarms = sum(1 for a, p in zip(y, predictions) if p == k != a)
        misses = sum(1 for a, p in zip(y, predictions) if a == k != p)
        assert scores.count[k] == hits + misses and scores.predicted[k] == hits + false_alarms
        precision = hits / (hits + false_alarms)
        assert scores.precision[k] == pytest.approx(precision)
        if hits:
            recall = hits / (hits + misses)
            assert scores.recall[k] == pytest.approx(recall)
            assert scores.f1[k] == pytest.approx(2 * precision * recall / (precision + recall))
    assert np.isnan(scores.recall[3]) and scores.f1[3] == 0


def test_a_class_that_is_nowhere_has_no_scores():
    scores = class_scores(confusion_matrix(np.array([0, 0]), np.array([0, 0]), 2))
    assert scores.f1[0] == 1 and np.isnan([scores.precision[1], scores.recall[1], scores.f1[1]]).all()


# --- calibration

def test_calibration_error_is_that_of_a_published_example():
    """The example of torchmetrics' `MulticlassCalibrationError(num_classes=3, n_bins=3, norm='l1')`: 0.2000."""
    probabilities = np.array([[0.25, 0.20, 0.55], [0.55, 0.05, 0.40], [0.10, 0.30, 0.60], [0.90, 0.05, 0.05]])
    found = reliability(probabilities, np.array([0, 1, 2, 0]), bins=3)
    assert found.ece == pytest.approx(0.2)
    assert found.count.tolist() == [0, 3, 1]
    np.testing.assert_allclose(found.confidence, [np.nan, 1.7 / 3, 0.9])
    np.testing.assert_allclose(found.accuracy, [np.nan, 1 / 3, 1])


@pytest.mark.parametrize("bins", [1, 4, 15])
def test_calibration_error_is_that_of_a_loop(rng, bins):
    probabilities, y = drawn(rng)
    probabilities[:4] = np.eye(5)[:4]  # certain: the last bin holds a probability of 1
    probabilities[4] = 0.25, 0.25, 0.25, 0.25, 0  # a border of four bins belongs to the bin below
    expected, members = 0.0, []
    for m in range(bins):
        inside = [n for n in range(len(y)) if m / bins < probabilities[n].max() <= (m + 1) / bins]
        members.append(len(inside))
        if inside:
            accuracy = np.mean([probabilities[n].argmax() == y[n] for n in inside])
            expected += len(inside) / len(y) * abs(accuracy - np.mean([probabilities[n].max() for n in inside]))
    found = reliability(probabilities, y, bins)
    assert found.ece == pytest.approx(expected) and found.count.tolist() == members
    assert len(found.edges) == bins + 1 and (found.edges[0], found.edges[-1]) == (0, 1)


@pytest.mark.parametrize("probabilities, y, bins, words", [
    (np.zeros((0, 3)), np.zeros(0, int), 15, r"\(0, 3\) and y \(0,\)"), (np.ones((2, 3)), np.zeros(3, int), 15, r"\(2, 3\)"),
    (np.array([[2.0, -1.0]]), np.zeros(1, int), 15, "after the softmax"), (np.ones((1, 1)), np.zeros(1, int), 0, "bins is 0"),
    (np.array([[np.nan, 1.0]]), np.zeros(1, int), 15, "from 0 to 1")])
def test_what_is_no_probability_is_refused(probabilities, y, bins, words):
    with pytest.raises(ValueError, match=words):
        reliability(probabilities, y, bins)


# --- single examples

def test_worst_losses_come_first():
    assert worst(np.array([0.1, 3.0, np.nan, 3.0, 0.2])).tolist() == [2, 1, 3, 4, 0]
    assert worst(np.array([0.1, 3.0, 0.2]), most=2).tolist() == [1, 2]


def test_least_certain_are_right(rng):
    probabilities, y = drawn(rng)
    order = least_certain(probabilities, y)
    expected = sorted((n for n in range(len(y)) if probabilities[n].argmax() == y[n]), key=lambda n: probabilities[n, y[n]])
    assert order.tolist() == expected
    assert least_certain(probabilities, y, most=3).tolist() == expected[:3]
