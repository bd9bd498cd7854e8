"""Where a classifier errs, as pictures: the confusion matrix and the reliability diagram."""
import numpy as np

from numbacnn.plot.figure import INK, QUIET, axes_or_new

RIGHT, WRONG, GAP = "#1f5fa8", "#d1601f", "#e9b08f"
MOST_NUMBERS = 20  # classes whose counts still fit into the cells


def confusion_table(matrix, classes=None, ax=None):
    """Draw a confusion matrix: true classes down, predictions across, each cell colored by its share of the row.

    Parameters
    ----------
    matrix : ndarray of int, shape (C, C)
        Counts, as `numbacnn.insight.confusion_matrix` returns them.
    classes : sequence of str, optional
        Names of the classes; by default their numbers.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure, `ax.figure`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    C = len(matrix)
    names = [str(c) for c in range(C)] if classes is None else list(classes)
    ax = axes_or_new(ax, 1.5 + 0.38 * min(C, 30), 1.2 + 0.38 * min(C, 30))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    if C <= MOST_NUMBERS:
        for actual, predicted in np.argwhere(matrix):
            ax.text(predicted, actual, f"{matrix[actual, predicted]:,}", ha="center", va="center", fontsize=7,
                    color="white" if share[actual, predicted] > 0.55 else INK)
    ax.set_xticks(range(C), names, rotation=90 if max(map(len, names)) > 2 else 0, fontsize=8)
    ax.set_yticks(range(C), names, fontsize=8)
    ax.set_xlabel("taken for", fontsize=9)
    ax.set_ylabel("true class", fontsize=9)
    return ax


def reliability_diagram(found, ax=None):
    """Draw how often a classifier is right against how certain it is; on the diagonal its probabilities can be believed.

    Parameters
    ----------
    found : numbacnn.insight.Reliability
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure, `ax.figure`.

    Returns
    -------
    matplotlib.axes.Axes

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, figure 1.
    """
    ax = axes_or_new(ax, 4, 3.6)
    some = found.count > 0
    left, width = found.edges[:-1][some], np.diff(found.edges)[some]
    accuracy, confidence = found.accuracy[some], found.confidence[some]
    ax.bar(left, accuracy, width, align="edge", color=RIGHT, edgecolor="white", label="accuracy")
    ax.bar(left, confidence - accuracy, width, bottom=accuracy, align="edge", color=GAP, edgecolor=WRONG, label="distance to the confidence")
    ax.plot([0, 1], [0, 1], color=QUIET, linestyle="--", linewidth=1)
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy")
    ax.set_title(f"expected calibration error {100 * found.ece:.2f} %", fontsize=10)
    ax.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    return ax
