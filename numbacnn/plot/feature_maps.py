"""What a layer makes of images: a row of maps for each image, the image at the left, all on one scale."""
from textwrap import wrap

import numpy as np

from numbacnn.plot.figure import BLUE, INK, QUIET, new_figure

ACROSS, MOST = 16, 64  # maps side by side, and channels of a layer, that are drawn at most
CELL, GAP, BARS = 0.62, 0.06, 8.0  # inches: the longer side of a map, between maps, and all bars side by side
MARGIN, HEAD, LABEL = 0.3, 0.83, 1.2  # inches: at the left, above the first label, and the width of a label
LINE, LETTERS, LETTER = 0.115, 20, 0.055  # inches of a line of a label, its letters, and inches of a letter below a bar


def feature_map_sheet(images, maps, name, title="", labels=None, classes=None, meaning=""):
    """Draw the maps of one layer.

    All have one scale: from 0 to the largest number where none is negative, else symmetric, red above 0 and blue below. `dead`
    is written on a channel that is zero everywhere in all images, `0` on a map that is zero in this image. What a dense layer
    gives is drawn as bars.

    Parameters
    ----------
    images : ndarray, shape (N, C, H, W)
        Pixels as they are, of uint8 or from 0 to 1.
    maps : ndarray, shape (N, channels, h, w), or (N, features)
    name : str
        Of the layer.
    title : str
        Above it all.
    labels : sequence of str, optional
        Of the images.
    classes : sequence of str, optional
        Names of the features.
    meaning : str
        What the numbers are, in a few words.

    Returns
    -------
    matplotlib.figure.Figure
    """
    labels = [wrap(label, LETTERS) for label in labels or [""] * len(images)]
    below = _wrapped(classes, maps.shape)
    sheet, words = _Sheet(images.shape, maps.shape, max(map(len, labels)), max(map(len, below))), _headline(maps, name, meaning)
    width = max(sheet.begin + sheet.across + 1.1, 0.6 + 0.083 * len(title), 0.6 + 0.066 * len(words))
    height = sheet.head + len(images) * sheet.pitch
    figure = new_figure(width, height)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.text(MARGIN, 0.27, title, fontsize=11, color=INK, va="center")
    ax.text(MARGIN, 0.52, words, fontsize=8.5, color=QUIET, va="center")
    limits, dead = _range(maps), ~maps.any(axis=tuple({0, *range(2, maps.ndim)}))
    for n, image in enumerate(images):
        top = sheet.head + n * sheet.pitch
        picture = image.transpose(1, 2, 0) if len(image) == 3 else image.mean(axis=0)
        ax.imshow(picture, cmap="gray", interpolation="nearest",
                  extent=(MARGIN, MARGIN + sheet.image[0], top + sheet.image[1], top))
        ax.text(MARGIN, top - 0.04, "\n".join(labels[n]), fontsize=7, color=INK, va="bottom", linespacing=1.05)
        if sheet.bars:
            _draw_bars(figure, maps[n].ravel(), (sheet.begin, top, sheet.across, sheet.tall), limits, below)
        else:
            drawn = _draw_maps(ax, sheet, maps[n], dead, top, limits)
    if not sheet.bars and sheet.lines == 1:
        for c in range(sheet.shown):
            ax.text(sheet.corner(c)[0] + sheet.cell[0] / 2, sheet.head - 0.04, c, fontsize=6, color=QUIET, ha="center", va="bottom")
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="auto")
    if not sheet.bars:
        _draw_scale(figure, drawn, (width, height))
    return figure


class _Sheet:
    """Places of the images and the maps, in inches."""

    def __init__(self, images, maps, label_lines, bar_lines):
        H, W = images[2:]
        self.bars = len(maps) != 4
        self.shown = min(maps[1], MOST)
        self.lines = 1 if self.bars else -(-self.shown // ACROSS)
        self.image = (1.3 * CELL * W / max(H, W), 1.3 * CELL * H / max(H, W))
        self.begin = MARGIN + max(self.image[0], LABEL) + 0.3
        h, w = (1, 1) if self.bars else maps[2:]
        self.cell = (CELL * w / max(h, w), CELL * h / max(h, w))
        self.across = BARS if self.bars else min(self.shown, ACROSS) * (self.cell[0] + GAP)
        self.tall = max(0.9 if self.bars else self.lines * (self.cell[1] + GAP), self.image[1])
        self.head = HEAD + max(1, label_lines) * LINE
        self.pitch = self.tall + max(0.34, 0.15 + max(1, label_lines) * LINE, 0.15 + bar_lines * 0.1)

    def corner(self, c):
        """Left and top of the map of a channel, from the top of its image's row."""
        line, column = divmod(c, ACROSS)
        return self.begin + column * (self.cell[0] + GAP), line * (self.cell[1] + GAP)


def _draw_maps(ax, sheet, maps, dead, top, limits):
    """The maps of one image; returns the last picture."""
    low, high = limits
    for c in range(sheet.shown):
        left, upper = sheet.corner(c)
        upper += top
        drawn = ax.imshow(maps[c], cmap="RdBu_r" if low < 0 else "viridis", vmin=low, vmax=high, interpolation="nearest",
                          extent=(left, left + sheet.cell[0], upper + sheet.cell[1], upper))
        if not maps[c].any():
            ax.text(left + sheet.cell[0] / 2, upper + sheet.cell[1] / 2, "dead" if dead[c] else "0", fontsize=7, ha="center",
                    va="center", color=INK if low < 0 else "white")
    return drawn


def _wrapped(classes, shape):
    """The lines of each name below the bars, one of nothing where there are none."""
    if classes is None or len(shape) == 4 or len(classes) != shape[1] or len(classes) > 20:
        return [[]]
    return [wrap(name, max(4, int(BARS / len(classes) / LETTER))) for name in classes]


def _headline(maps, name, meaning):
    shown = min(maps.shape[1], MOST)
    shape = "x".join(map(str, maps.shape[1:]))
    words = f"{name} · {shape}"
    words += f" · {meaning}" if meaning else ""
    if maps.ndim != 4:
        return f"{words} · one scale for all images"
    words += f" · the first {shown} of {maps.shape[1]} channels" if shown < maps.shape[1] else ""
    dead = int((~maps.any(axis=(0, 2, 3))).sum())
    words += f" · {dead} dead: zero everywhere in {'all images shown' if len(maps) > 1 else 'this image'}" if dead else ""
    return f"{words} · one scale for all maps"


def _range(maps):
    finite = maps[np.isfinite(maps)]
    low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    return (low and -max(-low, high), max(-low, high) or 1.0)


def _draw_bars(figure, values, place, limits, names):
    """A bar for each number; zero is a line. The names are lines of words."""
    left, top, across, tall = place
    width, height = figure.get_size_inches()
    ax = figure.add_axes((left / width, 1 - (top + tall) / height, across / width, tall / height))
    ax.bar(np.arange(len(values)), values, color=BLUE, width=0.8 if len(values) < 200 else 1)
    ax.axhline(0, color=QUIET, linewidth=0.5)
    ax.set(xlim=(-0.5, len(values) - 0.5), ylim=[1.08 * limit for limit in limits])  # no bar ends on the frame
    ax.set_yticks([tick for tick in ax.get_yticks() if limits[0] <= tick <= limits[1]])
    ax.tick_params(labelsize=6, labelcolor=QUIET, color=QUIET, pad=1)
    ax.spines[["top", "right"]].set_visible(False)
    if len(names) == len(values) and any(names):
        ax.set_xticks(np.arange(len(values)), ["\n".join(lines) for lines in names])


def _draw_scale(figure, drawn, size):
    width, height = size
    tall = min(height - 1.2, 3.0)
    ax = figure.add_axes(((width - 0.75) / width, 1 - (0.95 + tall) / height, 0.12 / width, tall / height))
    bar = figure.colorbar(drawn, cax=ax)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7, labelcolor=QUIET, color=QUIET)
