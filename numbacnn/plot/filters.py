"""The filters of a convolution as pictures: red weighs for, blue against, and one scale for the whole layer."""
from dataclasses import dataclass
from math import prod

import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import INK, QUIET, new_figure

ACROSS = 8  # filters side by side before a new line begins
MOST = 32  # filters, and channels, that are drawn at most
LONG = 8  # letters of a layer's name; a longer one does not fit beside "filter 24/24"
HEADING = 3.7  # inches that the words above a sheet need
LIGHT = "#cccccc"  # frames, and the gaps between channels


def filter_grid(weight, ax, name="", limit=None):
    """Draw the filters of one layer, no filter scaled alone.

    A filter of one channel is one picture, eight a line; of three channels it is a picture in colour, zero being
    mid-grey; any other filter is a line of its own with a picture a channel. A filter over rows (IC, KW) is one
    picture, a row a channel; one over volumes a line of slices, KD for each channel.

    Parameters
    ----------
    weight : ndarray, shape (OC, IC, KW), (OC, IC, KH, KW) or (OC, IC, KD, KH, KW)
    ax : matplotlib.axes.Axes
        Its axes are switched off; one unit is one inch in `filter_change`.
    name : str
        Name of the layer, for the title of each filter.
    limit : float, optional
        The weight that is drawn in the darkest colour; by default the largest magnitude in `weight`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    sheet = _Sheet.of(weight.shape)
    limit = _largest(weight) if limit is None else limit
    ax.set_axis_off()
    ax.set(xlim=(0, sheet.width), ylim=(sheet.height, 0), aspect="equal")
    for oc in range(sheet.filters):
        left, top = sheet.corner(oc)
        ax.imshow(_picture(weight[oc], sheet, limit), cmap="RdBu_r", vmin=-limit, vmax=limit,
                  interpolation="nearest", extent=(left, left + sheet.picture_width, top + sheet.picture_height, top))
        place = {"xy": (left, top), "width": sheet.picture_width, "height": sheet.picture_height}
        ax.add_patch(Rectangle(**place, color=LIGHT, zorder=-1))  # shows through the gaps between channels
        ax.add_patch(Rectangle(**place, fill=False, edgecolor=LIGHT, linewidth=0.8))  # zero is as white as the paper
        sheet.write_title(ax, left, top, _titles(weight, oc, name))
    if sheet.in_lines:
        _number_channels(ax, sheet, weight.shape)
    ax.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))  # imshow moved them
    return ax


def filter_change(before, after, name):
    """Draw the filters of a layer before training, after it, and the difference, all on one scale.

    Parameters
    ----------
    before, after : ndarray, shape (OC, IC, KW), (OC, IC, KH, KW) or (OC, IC, KD, KH, KW)
        Weights of the layer.
    name : str
        Name of the layer, for the titles.

    Returns
    -------
    matplotlib.figure.Figure
    """
    sheet = _Sheet.of(after.shape)
    limit = _largest(before, after, after - before)
    across, down = (3, 1) if sheet.in_lines else (1, 3)
    margin, head, heading, bar = 0.3, 0.55, 0.45, 1.1
    width = across * (sheet.width + margin) + margin + bar
    height = head + down * (sheet.height + heading) + margin
    figure = new_figure(width, height)
    figure.text(margin / width, 1 - 0.3 / height, _headline(after.shape, name, sheet), fontsize=12, color=INK,
                va="center")
    for place, (words, weight) in enumerate({"before training": before, "after training": after,
                                             "difference: after - before": after - before}.items()):
        left = margin + (place * (sheet.width + margin) if sheet.in_lines else 0)
        top = head + heading + (0 if sheet.in_lines else place * (sheet.height + heading))
        ax = figure.add_axes((left / width, 1 - (top + sheet.height) / height,
                              sheet.width / width, sheet.height / height))
        filter_grid(weight, ax, name, limit)
        figure.text(left / width, 1 - (top - 0.2) / height, f"{words} · norm {np.linalg.norm(weight):.2f}",
                    fontsize=10.5, weight="bold", color=INK, va="center")
    _colour_bar(figure, ax.images[0], limit, (width - bar) / width, height, sheet.in_colour)
    return figure


@dataclass(frozen=True)
class _Sheet:
    """Where each filter goes, in inches: in a grid with its title above, or in lines with its title at the left."""

    filters: int
    slices: int  # pictures side by side in a line
    columns: int
    picture_width: float
    picture_height: float
    in_lines: bool
    in_colour: bool = False

    @classmethod
    def of(cls, shape):
        """The sheet for weights of a shape."""
        filters = min(shape[0], MOST)
        if len(shape) == 3:  # channels x steps; these pixels need not be square
            return cls(filters, 1, min(filters, ACROSS), 1.1, min(1.1, 0.16 * shape[1]), False)
        _, *channels, KH, KW = shape
        if channels == [3] or prod(channels) == 1:
            return cls(filters, 1, min(filters, ACROSS), 1.1, 1.1 * KH / KW, False, channels == [3])
        depth = prod(channels[1:])
        slices, cell = min(channels[0], max(1, MOST // depth)) * depth, 0.4
        return cls(filters, slices, 1, slices * cell, cell * KH / KW, True)

    @property
    def title_width(self):
        return 1.15 if self.in_lines else 0.0

    @property
    def pitch(self):
        """Width and height from one filter to the next."""
        gap = 0.08 if self.in_lines else 0.35
        return self.title_width + self.picture_width + 0.25, self.picture_height + gap

    @property
    def above(self):
        """Room above the first line, for channel numbers or titles."""
        return 0.2 if self.in_lines else 0.3

    @property
    def width(self):
        return max(HEADING, self.columns * self.pitch[0])

    @property
    def height(self):
        return self.above + -(-self.filters // self.columns) * self.pitch[1]

    def corner(self, oc):
        """Left and top of a filter's picture."""
        row, column = divmod(oc, self.columns)
        return column * self.pitch[0] + self.title_width, self.above + row * self.pitch[1]

    def write_title(self, ax, left, top, lines):
        """Two short lines that never reach the next picture."""
        if self.in_lines:
            ax.text(0, top + self.picture_height / 2, "\n".join(lines), fontsize=6.5, color=INK, va="center")
        else:
            ax.text(left, top - 0.04, "\n".join(lines), fontsize=6.5, color=INK, va="bottom", linespacing=1.05)


def _picture(filter_weight, sheet, limit):
    """One filter as an image: grey to be coloured, or RGB; slices side by side with a gap of NaN."""
    if filter_weight.ndim == 2:
        return filter_weight
    if sheet.in_colour:
        return np.clip(0.5 + filter_weight.transpose(1, 2, 0) / (2 * limit), 0, 1)
    KH, KW = filter_weight.shape[-2:]
    slices = filter_weight.reshape(-1, KH, KW)
    if len(slices) == 1:
        return slices[0]
    fine = 8  # pixels a weight, so that the gap is an eighth of one
    strip = np.full((KH * fine, sheet.slices * (KW * fine + fine // 2)), np.nan)
    for k in range(sheet.slices):
        start = k * (KW * fine + fine // 2)
        strip[:, start:start + KW * fine] = slices[k].repeat(fine, axis=0).repeat(fine, axis=1)
    return strip[:, :-(fine // 2)]


def _titles(weight, oc, name):
    first = f"filter {oc + 1}/{len(weight)}"
    if name:
        layer = name.rpartition(".")[2] if len(name) > LONG else name  # the headline has all of it
        first = f"{layer} · {first}"
    return first, f"{_sides(weight.shape[1:])} · norm {np.linalg.norm(weight[oc]):.2f}"


def _number_channels(ax, sheet, shape):
    """Above each slice its channel, and where a filter spans several slices of a channel which one: 2.1 is the first."""
    left, top = sheet.corner(0)
    depth = prod(shape[2:-2])
    for k in range(sheet.slices):
        words = f"{k // depth + 1}.{k % depth + 1}" if depth > 1 else f"{k + 1}"
        ax.text(left + (k + 0.5) * sheet.picture_width / sheet.slices, top - 0.06, words, fontsize=6,
                color=QUIET, ha="center", va="bottom")
    ax.text(left - 0.08, top - 0.06, "channel.slice" if depth > 1 else "input channel", fontsize=6, color=QUIET,
            ha="right", va="bottom")


def _headline(shape, name, sheet):
    words = f"{name} · {shape[0]} filter{'s' * (shape[0] > 1)} of {_sides(shape[1:])}"
    if sheet.filters < shape[0]:
        words += f" · the first {sheet.filters} filters"
    channels = sheet.slices // prod(shape[2:-2])
    return f"{words} · the first {channels} channels" if sheet.in_lines and channels < shape[1] else words


def _sides(shape):
    return "x".join(map(str, shape))


def _colour_bar(figure, image, limit, left, height, in_colour):
    """One scale for all pictures; filters in colour have none, so it says what grey means."""
    if in_colour:
        figure.text(left, 0.5, f"mid-grey: 0\nwhite: {limit:.2f}\nblack: {-limit:.2f}", fontsize=8, color=INK,
                    va="center")
        return
    tall = min(3.5, 0.7 * height) / height
    bar = figure.colorbar(image, cax=figure.add_axes((left, 0.5 - tall / 2, 0.16 / figure.get_figwidth(), tall)))
    bar.ax.tick_params(labelsize=8, labelcolor=INK)
    bar.set_label("weight", fontsize=8, color=INK)
    bar.outline.set_linewidth(0.5)


def _largest(*arrays):
    """Largest magnitude; 1 if all weights are zero or none is a number, so that nothing is divided by zero."""
    finite = [np.abs(array[np.isfinite(array)]).max(initial=0) for array in arrays]
    return float(max(finite)) or 1.0
