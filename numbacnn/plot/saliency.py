"""A saliency map beside what shows its worth: the map of random weights, an edge detector, noise, and the deletion curve."""
from textwrap import wrap

import numpy as np
from matplotlib.ticker import MaxNLocator

from numbacnn.plot.figure import INK, QUIET, axes_or_new, new_figure

OWN, EDGES, CHANCE = "#1f5fa8", "#d1601f", "#777777"
COLUMNS = 8  # maps of random weights in a row; there are no more stages
LONG = 20  # letters of a layer's name; a longer one would reach the next
LETTERS = 150  # of the sentences below, on a line


def saliency_overlay(image, values, ax=None, title="", size=8):
    """Draw a map over the gray image: inferno, half transparent, from 0 to the largest number of the map.

    Parameters
    ----------
    image : ndarray, shape (C, H, W)
        Pixels as they are, of uint8 or from 0 to 1; the mean over the channels is drawn.
    values : ndarray, shape (h, w)
        From 0; a map of another size than the image is laid over all of it, linear between its pixels.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure, `ax.figure`.
    title : str
    size : float
        Of the title's letters, in points.

    Returns
    -------
    matplotlib.axes.Axes
    """
    H, W = image.shape[1:]
    ax = axes_or_new(ax, 3, 3)
    ax.set_axis_off()
    ax.imshow(image.mean(axis=0), cmap="gray", interpolation="nearest", extent=(0, W, H, 0))
    ax.imshow(values, cmap="inferno", alpha=0.5, vmin=0, vmax=float(values.max()) or 1.0, extent=(0, W, H, 0),
              interpolation="nearest" if values.shape == (H, W) else "bilinear")
    ax.set_title(title, fontsize=size, color=INK)
    return ax


def saliency_sheet(image, values, checks, n=0, title="", subtitle="", verdict="", map_title="map"):
    """Draw a map, and beside it all that says what it is worth.

    Parameters
    ----------
    image : ndarray, shape (C, H, W)
        Pixels as they are, of uint8 or from 0 to 1.
    values : ndarray, shape (h, w)
        The map, from 0.
    checks : numbacnn.insight.saliency.Checks
        Of several images, or anything with its arrays.
    n : int
        Which of these images it is.
    title, subtitle : str
        Above it all.
    verdict : str
        Below it all.
    map_title : str
        Above the map.

    Returns
    -------
    matplotlib.figure.Figure
    """
    words = wrap(verdict, LETTERS)
    tall = 5.7 + 0.19 * len(words)
    figure = new_figure(11, tall)
    figure.text(0.02, 1 - 0.28 / tall, title, fontsize=12, color=INK, va="center")
    figure.text(0.02, 1 - 0.53 / tall, subtitle, fontsize=8.5, color=QUIET, va="center")
    above = figure.add_gridspec(1, 6, left=0.02, right=0.98, top=1 - 1.05 / tall, bottom=1 - 2.75 / tall,
                                width_ratios=(1, 1, 1, 1, 0.12, 1.8), wspace=0.12)
    _draw_image(image, figure.add_subplot(above[0]))
    size = "" if values.any() else "no positive evidence"
    if values.any() and values.shape != image.shape[1:]:
        size = f"{'x'.join(map(str, values.shape))}, enlarged"
    saliency_overlay(image, values, figure.add_subplot(above[1]), f"{map_title}\n{size or _largest(values)}")
    saliency_overlay(image, checks.edges[n], figure.add_subplot(above[2]),
                     f"edge detector, no network\nrank correlation {checks.edge_correlation[n]:.2f}")
    saliency_overlay(image, checks.noise[n], figure.add_subplot(above[3]),
                     f"random numbers\nrank correlation {checks.noise_correlation[n]:.2f}")
    _draw_deletion(checks, n, figure.add_subplot(above[5]))
    figure.text(0.02, 1 - 3.25 / tall, "The same map with random weights, from the top layer down to the one that is named;",
                fontsize=9, color=INK, va="center")
    figure.text(0.02, 1 - 3.42 / tall, "one draw is shown, the rank correlation with the map above is the mean of several",
                fontsize=7.5, color=QUIET, va="center")
    below = figure.add_gridspec(1, COLUMNS, left=0.02, right=0.98, top=1 - 3.95 / tall, bottom=1 - 5.15 / tall, wspace=0.12)
    for k, name in enumerate(checks.stages):
        name = name if len(name) <= LONG else "…" + name[1 - LONG:]
        empty = "" if checks.random_maps[k][n].any() else "\nno positive evidence"
        saliency_overlay(image, checks.random_maps[k][n], figure.add_subplot(below[k]),
                         f"{name}\nrank correlation {checks.correlation[k][n]:.2f}{empty}", size=6.5)
    figure.text(0.02, 1 - 5.35 / tall, "Each map from 0, black, to its own largest number, yellow: only the places are compared.",
                fontsize=7.5, color=QUIET, va="center")
    figure.text(0.02, 0.12 / tall, "\n".join(words), fontsize=9, color=INK, va="bottom", linespacing=1.3)
    return figure


def _draw_image(image, ax):
    ax.set_axis_off()
    channels = len(image)
    picture = image.transpose(1, 2, 0) if channels == 3 else image.mean(axis=0)
    ax.imshow(picture, cmap="gray", interpolation="nearest")
    ax.set_title("image" if channels in (1, 3) else f"image, mean of {channels} channels", fontsize=8, color=INK)


def _draw_deletion(checks, n, ax):
    """Probability against the part of the pixels that is removed; of the random orders the mean and one standard deviation."""
    mean, spread = checks.random_deletion[:, n].mean(axis=0), checks.random_deletion[:, n].std(axis=0)
    removed = 100 * checks.removed
    ax.fill_between(removed, mean - spread, mean + spread, color=CHANCE, alpha=0.25, linewidth=0)
    ax.plot(removed, mean, color=CHANCE, linestyle=":", label=f"{len(checks.random_deletion)} random orders")
    ax.plot(removed, checks.edge_deletion[n], color=EDGES, linestyle="--", label="edge detector")
    ax.plot(removed, checks.deletion[n], color=OWN, label="map")
    highest = max(line.get_ydata().max() for line in ax.lines)
    ticks = MaxNLocator(5, steps=(1, 2, 2.5, 5, 10)).tick_values(0, highest)
    ticks = ticks[:np.searchsorted(ticks, highest) + 1]  # the last one is the first that is not below the curves
    ax.set(xlim=(0, 100), ylim=(-0.03 * ticks[-1], 1.03 * ticks[-1]), yticks=ticks)
    ax.set_title("probability of the class when pixels are removed,\nthe brightest of the map first", fontsize=8, color=INK)
    ax.set_xlabel("% of the pixels removed", fontsize=7.5, color=QUIET, labelpad=1)
    ax.tick_params(labelsize=7, labelcolor=QUIET, color=QUIET)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=7, loc="upper center", bbox_to_anchor=(0.45, -0.17), ncols=3, columnspacing=1)


def _largest(values):
    return f"largest {np.format_float_positional(float(values.max()), precision=3, fractional=False, trim='-')}"
