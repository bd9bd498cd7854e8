"""The filters of a convolution as pictures: red weighs for, blue against, and one scale for the whole layer."""
import textwrap
from math import prod

import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import INK, LIGHT, QUIET, axes_or_new, new_figure
from numbacnn.plot.filter_layout import MARK, Sheet
from numbacnn.plot.filter_maps import draw_example, draw_maps, write_dead

LONG = 8  # letters of a layer's name; a longer one does not fit beside "filter 24"
MARGIN, HEADING, BAR = 0.3, 0.45, 1.1  # inches: around it all, above each block, and for the scales at the right
EXAMPLE = 1.1  # inches: an example beside its maps


def filter_grid(weight, ax=None, name="", limit=None, marks=None, dead=None):
    """Draw the filters of one layer, no filter scaled alone.

    A filter of one channel is one picture, eight a line; of three channels it is a picture in color, zero being
    mid-gray; any other filter is a line of its own with one picture per channel. A filter over rows (IC, KW) is one
    picture, one row per channel; one over volumes a line of slices, KD for each channel.

    Parameters
    ----------
    weight : ndarray, shape (OC, IC, KW), (OC, IC, KH, KW) or (OC, IC, KD, KH, KW)
        Filters.
    ax : matplotlib.axes.Axes, optional
        Where to draw, one unit being one inch in `filter_change`; by default the axes of a new figure, `ax.figure`.
    name : str
        Name of the layer, for the title of each filter.
    limit : float, optional
        The weight that is drawn in the darkest color, as larger ones are; by default the largest magnitude in `weight`.
    marks : sequence of (str or None), optional
        Words under each filter.
    dead : sequence of bool, optional
        Which filters are marked as dead.

    Returns
    -------
    matplotlib.axes.Axes
    """
    limit = _largest(weight) if limit is None else limit
    return _draw_grid(axes_or_new(ax, 8, 4), weight, Sheet.of(weight.shape, _any(marks)), name, limit, marks, dead)


def filter_change(before, after, name, title="", limit=None, marks=None, dead=None, shown=None, remarks=()):
    """Draw the filters of a layer before training, after it, and the difference, all on one scale.

    Parameters
    ----------
    before, after : ndarray, shape (OC, IC, KW), (OC, IC, KH, KW) or (OC, IC, KD, KH, KW)
        Weights of the layer.
    name : str
        Name of the layer, for the titles.
    title : str
        Above it all.
    limit : float, optional
        The weight that is drawn in the darkest color, as larger ones are; by default the largest magnitude.
    marks : sequence of (str or None), optional
        Words under each filter after training.
    dead : sequence of bool, optional
        Which filters are marked as dead.
    shown : ShownMaps, optional
        What the filters make of examples.
    remarks : sequence of str
        Sentences below it all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    limit = _largest(before, after, after - before) if limit is None else limit
    sheet = Sheet.of(after.shape, _any(marks), shown and shown.maps)
    blocks = {"before training": before, "after training": after, "difference: after - before": after - before}
    across = (_width_of_lines if sheet.in_lines else _width_of_grid)(sheet, shown)
    words = [title] * bool(title) + [_headline(after.shape, name, sheet)]
    width = max(across + BAR, MARGIN * 2 + 0.088 * max(map(len, words)))
    notes = [line for remark in remarks for line in textwrap.wrap(remark, int((width - 2 * MARGIN) / 0.064))]
    page = _Page(width, words, sheet, shown, notes)
    for place, (heading, weight) in enumerate(blocks.items()):
        left, top = page.block(place)
        ax = page.axes(left, top, sheet.width, sheet.height)
        _draw_grid(ax, weight, sheet, name, limit, *((marks, dead) if place == 1 else (None, None)))
        page.write(left, top - 0.25, f"{heading} · norm {np.linalg.norm(weight):.2f}", size=10.5, weight="bold")
    _color_bar(page, ax.images[0], limit, sheet.in_color)
    if shown:
        _draw_shown(page, sheet, shown, dead)
    return page.figure


class _Page:
    """A figure whose places are inches from the left and the top."""

    def __init__(self, width, words, sheet, shown, notes):
        self.sheet, self.shown = sheet, shown
        head = 0.25 + 0.25 * len(words)
        if sheet.in_lines:
            self.first = head + (EXAMPLE + 0.4 if shown else HEADING)
            self.end = self.first + max(sheet.height, 2.4 if shown else 0)
        else:
            self.first = head + HEADING
            self.end = self.first + 3 * (sheet.height + HEADING) - HEADING
            if shown:
                self.end += len(shown.maps) * (self.map_block + HEADING)
        self.width, self.height = width, self.end + 0.2 + 0.17 * len(notes) + 0.1
        self.figure = new_figure(self.width, self.height)
        for line, text in enumerate(words):
            self.write(MARGIN, 0.3 + 0.25 * line, text, size=12 if line == 0 else 10)
        for line, text in enumerate(notes):
            self.write(MARGIN, self.end + 0.25 + 0.17 * line, text, size=8)

    @property
    def begin(self):
        """Left side of the filters."""
        return MARGIN + (EXAMPLE + 0.35 if self.shown and not self.sheet.in_lines else 0)

    @property
    def map_block(self):
        """Height of the maps of one example in a grid."""
        return max(self.sheet.maps_height, EXAMPLE + 0.1)

    def block(self, place):
        """Left and top of the filters before, after, and of their difference."""
        if self.sheet.in_lines:
            return MARGIN + place * (self.sheet.width + MARGIN), self.first
        return self.begin, self.first + place * (self.sheet.height + HEADING)

    def map_place(self, n):
        """Left and top of the maps of an example."""
        if self.sheet.in_lines:
            return MARGIN + 3 * (self.sheet.width + MARGIN) + n * _column(self.sheet), self.first
        return self.begin, self.first + 3 * (self.sheet.height + HEADING) + n * (self.map_block + HEADING)

    def axes(self, left, top, width, height):
        return self.figure.add_axes((left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height))

    def write(self, left, top, text, size, **more):
        self.figure.text(left / self.width, 1 - top / self.height, text, fontsize=size, color=INK, va="center", **more)


def _column(sheet):
    """Width of an example and the maps below it, where filters are lines."""
    return max(sheet.map_width, EXAMPLE) + 0.25


def _width_of_lines(sheet, shown):
    return MARGIN + 3 * (sheet.width + MARGIN) + (len(shown.maps) * _column(sheet) if shown else 0)


def _width_of_grid(sheet, shown):
    return MARGIN + (EXAMPLE + 0.35 if shown else 0) + sheet.width + MARGIN


def _draw_shown(page, sheet, shown, dead):
    """The maps of each example, the example beside or above them."""
    for n, maps in enumerate(shown.maps):
        left, top = page.map_place(n)
        if sheet.in_lines:
            ax = page.axes(left, top, sheet.map_width, sheet.height)
            ax.set(xlim=(0, sheet.map_width), ylim=(sheet.height, 0))
            example = page.axes(left, top - EXAMPLE + 0.1, 0.9 * EXAMPLE, EXAMPLE - 0.2)
            page.write(left, top - EXAMPLE - 0.08, "\n".join(textwrap.wrap(shown.label(n), 20)[:3]), size=6.5)
        else:
            ax = page.axes(left, top, sheet.width, sheet.maps_height)
            ax.set(xlim=(0, sheet.width), ylim=(sheet.maps_height, 0))
            example = page.axes(MARGIN, top + 0.2, EXAMPLE, EXAMPLE * 0.9)
            page.write(MARGIN, top - 0.25, f"the maps of {shown.label(n)}", size=10.5, weight="bold")
        limits = ax.get_xlim(), ax.get_ylim()
        ax.set_axis_off()
        drawn = draw_maps(ax, sheet, maps, shown.end, dead, not sheet.in_lines)
        ax.set(xlim=limits[0], ylim=limits[1], aspect="auto")
        draw_example(example, shown.examples[n])
    if drawn is not None:
        _color_bar(page, drawn, shown.end, False, of_maps=True)


def _draw_grid(ax, weight, sheet, name, limit, marks, dead):
    """The filters of one block."""
    ax.set_axis_off()
    ax.set(xlim=(0, sheet.width), ylim=(sheet.height, 0), aspect="equal")
    for oc in range(sheet.filters):
        left, top = sheet.corner(oc)
        ax.imshow(_picture(weight[oc], sheet, limit), cmap="RdBu_r", vmin=-limit, vmax=limit,
                  interpolation="nearest", extent=(left, left + sheet.picture_width, top + sheet.picture_height, top))
        place = {"xy": (left, top), "width": sheet.picture_width, "height": sheet.picture_height}
        ax.add_patch(Rectangle(**place, color=LIGHT, zorder=-1))  # shows through the gaps between channels
        ax.add_patch(Rectangle(**place, fill=False, edgecolor=LIGHT, linewidth=0.8))  # zero is as white as the paper
        mark = textwrap.wrap(marks[oc], MARK) if marks is not None and marks[oc] else ()
        sheet.write_title(ax, left, top, _titles(weight, oc, name), mark)
        if dead is not None and dead[oc]:
            write_dead(ax, left + sheet.picture_width / 2, top + sheet.picture_height / 2)
    if sheet.in_lines:
        _number_channels(ax, sheet, weight.shape)
    ax.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))  # imshow moved them
    return ax


def _picture(filter_weight, sheet, limit):
    """One filter as an image: gray to be colored, or RGB; slices side by side with a gap of NaN."""
    if filter_weight.ndim == 2:
        return filter_weight
    if sheet.in_color:
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
    first = f"filter {oc}"
    if name:
        layer = name.rpartition(".")[2] if len(name) > LONG else name  # the headline has all of it
        first = f"{layer} · {first}"
    return first, f"{_sides(weight.shape[1:])} · norm {np.linalg.norm(weight[oc]):.2f}"


def _number_channels(ax, sheet, shape):
    """Above each slice its channel, and where a filter spans several slices of a channel which one: 1.0 is the first of channel 1."""
    left, top = sheet.corner(0)
    depth = prod(shape[2:-2])
    for k in range(sheet.slices):
        words = f"{k // depth}.{k % depth}" if depth > 1 else f"{k}"
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


def _color_bar(page, image, limit, in_color, of_maps=False):
    """One scale for all filters, and one for all maps; filters in color have none, so it says what gray means."""
    top, end = page.first, page.end
    if page.shown and page.sheet.in_lines:
        top, end = ((top + end) / 2, end) if of_maps else (top, (top + end) / 2)
    elif page.shown:
        border = page.map_place(0)[1] - HEADING
        top, end = (border + HEADING, end) if of_maps else (top, border)
    left, middle = page.width - BAR + 0.1, (top + end) / 2
    if in_color:
        page.write(left, middle, f"mid-gray: 0\nwhite: {limit:.2f}\nblack: {-limit:.2f}", size=8)
        return
    tall = min(3.5, 0.75 * (end - top))
    bar = page.figure.colorbar(image, cax=page.axes(left, middle - tall / 2, 0.16, tall))
    bar.ax.tick_params(labelsize=8, labelcolor=INK)
    bar.set_label("map" if of_maps else "weight", fontsize=8, color=INK)
    bar.outline.set_linewidth(0.5)


def _any(marks):
    return marks is not None and any(marks)


def _largest(*arrays):
    """Largest magnitude; 1 if all weights are zero or none is a number, so that nothing is divided by zero."""
    finite = [np.abs(array[np.isfinite(array)]).max(initial=0) for array in arrays]
    return float(max(finite)) or 1.0
