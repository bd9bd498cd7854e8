"""Loss and accuracy by epoch."""
from matplotlib.ticker import MaxNLocator, PercentFormatter

from numbacnn.plot.figure import QUIET, new_figure

TRAIN, VALIDATION, BEST = "#1f5fa8", "#d1601f", "#2b8a3e"


def training_curves(train_loss, val_loss, train_accuracy, val_accuracy, learning_rate, title=""):
    """Draw how a training went: loss at the left, accuracy at the right, an epoch a point.

    Training is solid, validation dashed; the epoch with the highest validation accuracy is marked, and the learning
    rate runs along on a second axis.

    Parameters
    ----------
    train_loss, val_loss : sequence of float
        Mean cross-entropy of each epoch.
    train_accuracy, val_accuracy : sequence of float
        Accuracy of each epoch, from 0 to 1.
    learning_rate : sequence of float
        Rate at the end of each epoch.
    title : str
        Above both.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = new_figure(10, 4.2, layout="constrained")
    if title:
        figure.suptitle(title, fontsize=12)
    loss, accuracy = figure.subplots(1, 2)
    epochs = range(1, len(train_loss) + 1)
    best = max(range(len(val_accuracy)), key=lambda index: val_accuracy[index])
    _draw_pair(loss, epochs, train_loss, val_loss)
    _draw_pair(accuracy, epochs, train_accuracy, val_accuracy)
    rate = _draw_learning_rate(loss, epochs, learning_rate)
    _mark_best(loss, best + 1, val_loss[best], f"best epoch: {best + 1}, {100 * val_accuracy[best]:.2f} %")
    _mark_best(accuracy, best + 1, val_accuracy[best], None)
    loss.set_title("loss (cross-entropy)", fontsize=11)
    loss.set_ylim(bottom=0)
    accuracy.set_ylim(top=min(1.005, accuracy.get_ylim()[1]))
    accuracy.set_title("accuracy", fontsize=11)
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    handles, labels = loss.get_legend_handles_labels()
    figure.legend(handles + rate, labels + ["learning rate (at the right of the loss)"], frameon=False, fontsize=9,
                  loc="outside lower center", ncols=4)
    return figure


def _draw_pair(ax, epochs, train, validation):
    ax.plot(epochs, train, color=TRAIN, marker=".", label="training")
    ax.plot(epochs, validation, color=VALIDATION, marker=".", linestyle="--", label="validation")
    ax.set_xlabel("epoch")
    ax.set_xlim(0.5, len(epochs) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color="#dddddd", linewidth=0.6)
    ax.margins(y=0.15)


def _mark_best(ax, epoch, value, label):
    ax.axvline(epoch, color=BEST, linewidth=0.8, linestyle=":", zorder=0)
    ax.plot([epoch], [value], color=BEST, marker="*", markersize=13, linestyle="none", label=label)


def _draw_learning_rate(ax, epochs, learning_rate):
    """On a twin axis at the right; returns the line for the legend."""
    twin = ax.twinx()
    twin.spines["top"].set_visible(False)
    twin.set_ylim(0, 1.15 * max(learning_rate))
    twin.tick_params(axis="y", labelsize=8, labelcolor=QUIET)
    twin.set_ylabel("learning rate", fontsize=9, color=QUIET)
    return twin.plot(epochs, learning_rate, color=QUIET, linewidth=1, linestyle="-.")
