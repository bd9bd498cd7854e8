"""Loss and accuracy by epoch."""
from matplotlib.ticker import MaxNLocator, PercentFormatter

from numbacnn.plot.figure import QUIET, new_figure

TRAIN, VALIDATION, BEST = "#1f5fa8", "#d1601f", "#2b8a3e"
# colors that color-blind people can tell apart too (Okabe & Ito 2008), the yellow left out, which is too light for lines
SEVERAL = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#7f7f7f")


def training_curves(train_loss, val_loss, train_accuracy, val_accuracy, learning_rate, title="", best=None):
    """Draw how a training went: loss at the left, accuracy at the right, an epoch a point.

    Training is solid, validation dashed; the epoch with the best weights is marked, and the learning rate runs along
    on a second axis.

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
    best : int, optional
        The epoch to mark, counted from 1; by default the one with the lowest validation loss.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = new_figure(10, 4.2, layout="constrained")
    if title:
        figure.suptitle(title, fontsize=12)
    loss, accuracy = figure.subplots(1, 2)
    epochs = range(1, len(train_loss) + 1)
    best = min(epochs, key=lambda epoch: val_loss[epoch - 1]) if best is None else best
    _draw_pair(loss, epochs, train_loss, val_loss)
    _draw_pair(accuracy, epochs, train_accuracy, val_accuracy)
    rate = _draw_learning_rate(loss, epochs, learning_rate)
    _mark_best(loss, best, val_loss[best - 1], f"best epoch: {best}, {100 * val_accuracy[best - 1]:.2f} %")
    _mark_best(accuracy, best, val_accuracy[best - 1], None)
    loss.set_title("loss (cross-entropy)", fontsize=11)
    loss.set_ylim(bottom=0)
    accuracy.set_ylim(top=min(1.005, accuracy.get_ylim()[1]))
    accuracy.set_title("accuracy", fontsize=11)
    accuracy.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    handles, labels = loss.get_legend_handles_labels()
    figure.legend(handles + rate, labels + ["learning rate (at the right of the loss)"], frameon=False, fontsize=9,
                  loc="outside lower center", ncols=4)
    return figure


def compared_curves(names, train_loss, val_loss, train_accuracy, val_accuracy, best):
    """Draw the curves of several trainings over each other: loss at the left, accuracy at the right, a color for each training.

    Validation is a solid line, training a thin dotted one; a star marks the epoch with the best weights.

    Parameters
    ----------
    names : sequence of str, at most 8
        What the legend calls each training.
    train_loss, val_loss, train_accuracy, val_accuracy : sequence of sequence of float
        For each training one number per epoch; accuracies from 0 to 1.
    best : sequence of int or None
        For each training the epoch to mark, counted from 1.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are more trainings than colors.
    """
    if len(names) > len(SEVERAL):
        raise ValueError(f"compared_curves has {len(SEVERAL)} colors, not {len(names)}: compare fewer trainings at once")
    figure = new_figure(10, 4.2, layout="constrained")
    axes = figure.subplots(1, 2)
    for ax, title, train, validation in zip(axes, ("loss (cross-entropy)", "accuracy"), (train_loss, train_accuracy), (val_loss, val_accuracy)):
        _prepare(ax, max(map(len, train)))
        ax.set_title(title, fontsize=11)
        for name, color, trained, validated, epoch in zip(names, SEVERAL, train, validation, best):
            epochs = range(1, len(trained) + 1)
            ax.plot(epochs, validated, color=color, marker=".", label=name)
            ax.plot(epochs, trained, color=color, linewidth=0.9, linestyle=":")
            if epoch and epoch <= len(validated):
                ax.plot([epoch], [validated[epoch - 1]], color=color, marker="*", markersize=12, linestyle="none")
    axes[1].yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, frameon=False, fontsize=9, loc="outside lower center", ncols=min(4, len(names)),
                  title="solid: validation, dotted: training, star: best weights", title_fontsize=9)
    return figure


def _draw_pair(ax, epochs, train, validation):
    ax.plot(epochs, train, color=TRAIN, marker=".", label="training")
    ax.plot(epochs, validation, color=VALIDATION, marker=".", linestyle="--", label="validation")
    _prepare(ax, len(epochs))


def _prepare(ax, epochs):
    """An axis of so many epochs."""
    ax.set_xlabel("epoch")
    ax.set_xlim(0.5, epochs + 0.5)
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
