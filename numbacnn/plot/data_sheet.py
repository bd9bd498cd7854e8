"""A sheet of what a data set holds: one row per class, as a network sees it."""
import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import INK, QUIET, new_figure

CELL = 0.82  # inches: the longer side of a picture
GAP, WIDE_GAP = 0.06, 0.28  # between pictures, and between groups of them
MARK = "#ff6a00"  # what a mask covers
LETTER = 0.085  # inches that a letter of a label needs


def image_sheet(rows, labels, headings, title, subtitle="", group=0, masks=None):
    """Draw normalized images, one row per class, all on one scale.

    Images of one channel are gray with a color bar; of three channels in color, the mean of a channel being
    mid-gray.

    Parameters
    ----------
    rows : sequence of float arrays, each of shape (k, C, H, W)
        What the network is fed: deviations from the mean, in standard deviations; C is 1 or 3.
    labels : sequence of str
        One a row.
    headings : sequence of str
        Above the columns; as many as there are columns.
    title, subtitle : str
        Above it all.
    group : int
        So many columns at the left stand apart.
    masks : sequence of arrays of shape (k, H, W), optional
        Where not 0, a picture is painted over.

    Returns
    -------
    matplotlib.figure.Figure
    """
    C, H, W = rows[0].shape[1:]
    width, height = CELL * W / max(H, W), CELL * H / max(H, W)
    figure, ax, left_of, top_of = _sheet(labels, headings, (title, subtitle), width, height, group, bar=C == 1)
    values = np.concatenate([row.ravel() for row in rows])
    low, high, limit = values.min(), values.max(), max(float(np.abs(values).max()), 1e-6)
    for r, row in enumerate(rows):
        for k, image in enumerate(row):
            left, top = left_of(k), top_of(r)
            extent = (left, left + width, top + height, top)
            picture = image[0] if C == 1 else (image.transpose(1, 2, 0) / limit + 1) / 2
            ax.imshow(picture, cmap="gray", vmin=low, vmax=max(high, low + 1e-6), interpolation="nearest", extent=extent)
            if masks is not None and masks[r][k].any():
                paint = np.where(masks[r][k][..., None] > 0, _rgba(MARK), 0.0)
                ax.imshow(paint, interpolation="nearest", extent=extent)
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor="#cccccc", linewidth=0.5))
    _fix_limits(figure, ax)
    if C == 1:
        _color_bar(figure, ax.images[0])
    else:
        figure.text(0.99, 0.01, f"mid-gray is the mean of a channel, black and full color are ∓{limit:.1f} standard "
                    "deviations", fontsize=7, color=QUIET, ha="right", va="bottom")
    return figure


def series_sheet(rows, labels, title):
    """Draw normalized time series, one row per class, one line per channel, all on one scale.

    Parameters
    ----------
    rows : sequence of float arrays, each of shape (k, C, length)
    labels : sequence of str
        One a row.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    width, height = 1.9 * CELL, 0.8 * CELL
    figure, ax, left_of, top_of = _sheet(labels, [""] * max(map(len, rows)), (title, ""), width, height)
    limit = max(float(np.abs(row).max()) for row in rows)
    for r, row in enumerate(rows):
        for k, series in enumerate(row):
            left, top = left_of(k), top_of(r)
            x = left + np.linspace(0, width, series.shape[-1])
            ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor="#cccccc", linewidth=0.5))
            ax.plot((left, left + width), (top + height / 2,) * 2, color="#dddddd", linewidth=0.5)
            for channel in series:
                ax.plot(x, top + height / 2 * (1 - channel / limit), color="#1f5fa8", linewidth=0.7)
    _fix_limits(figure, ax)
    figure.text(0.99, 0.01, f"a frame is {limit:.1f} standard deviations high to either side", fontsize=7, color=QUIET,
                ha="right", va="bottom")
    return figure


def token_sheet(rows, labels, title):
    """Write token sequences, one block per class.

    Parameters
    ----------
    rows : sequence of sequence of str
        A phrase a string.
    labels : sequence of str
        One a row.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    longest = max(len(phrase) for phrases in rows for phrase in phrases)
    lines = max(len(phrases) for phrases in rows)
    figure, ax, left_of, top_of = _sheet(labels, [""], (title, ""), max(LETTER * longest, 3.0), 0.2 * lines + 0.1)
    for r, phrases in enumerate(rows):
        for k, phrase in enumerate(phrases):
            ax.text(left_of(0), top_of(r) + 0.2 * k + 0.1, phrase, fontsize=8, family="monospace", color=INK, va="center")
    _fix_limits(figure, ax)
    return figure


def _sheet(labels, headings, titles, width, height, group=0, bar=False):
    """An empty sheet in inches with its words; and where the cells of a column and of a row begin."""
    title, subtitle = titles
    margin, head = 0.25, (0.78 if any(headings) else 0.55) + (0.2 if subtitle else 0)
    begin = margin + max(LETTER * max(map(len, labels)), 0.3) + 0.15

    def left_of(k):
        return begin + k * (width + GAP) + (WIDE_GAP if group and k >= group else 0)

    def top_of(r):
        return head + r * (height + GAP)

    right = max(left_of(len(headings) - 1) + width + 0.15, margin + LETTER * len(title), margin + 0.07 * len(subtitle))
    whole = (right + (0.85 if bar else 0.1), top_of(len(labels)) + 0.25)
    figure = new_figure(*whole)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.text(margin, 0.27, title, fontsize=11, color=INK, va="center")
    ax.text(margin, 0.5, subtitle, fontsize=8.5, color=QUIET, va="center")
    for k, heading in enumerate(headings):
        ax.text(left_of(k) + width / 2, head - 0.12, heading, fontsize=7.5, color=QUIET, ha="center", va="center")
    for r, label in enumerate(labels):
        ax.text(begin - 0.12, top_of(r) + height / 2, label, fontsize=9, color=INK, ha="right", va="center")
    return figure, ax, left_of, top_of


def _fix_limits(figure, ax):
    """One unit is one inch, y downwards; whatever was drawn has moved the limits."""
    width, height = figure.get_size_inches()
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="auto")


def _color_bar(figure, image):
    width, height = figure.get_size_inches()
    tall = min(height - 1.1, 3.0)
    ax = figure.add_axes(((width - 0.8) / width, 1 - (0.75 + tall) / height, 0.12 / width, tall / height))
    bar = figure.colorbar(image, cax=ax)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, labelcolor=QUIET, color=QUIET)
    bar.set_label("standard deviations from the mean", fontsize=7, color=QUIET)


def _rgba(color):
    """A color such as `#ff6a00` as four numbers from 0 to 1, nearly opaque."""
    return np.array([int(color[k:k + 2], 16) / 255 for k in (1, 3, 5)] + [0.85])
