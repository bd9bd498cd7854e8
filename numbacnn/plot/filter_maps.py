"""What filters make of an example: a map beside each filter, and the example itself."""
from dataclasses import dataclass

import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import BLUE, INK, LIGHT, QUIET


@dataclass(frozen=True, eq=False)
class ShownMaps:
    """Examples, and what a convolution makes of them.

    Attributes
    ----------
    examples : ndarray, shape (N, C, H, W), (N, C, length) or (N, C, frames, H, W)
        Pixels as they are, of uint8 or from 0 to 1; the values of series.
    labels : sequence of str
        A name for each example.
    maps : ndarray, shape (N, OC, h, w), (N, OC, length) or (N, OC, frames, h, w)
        Of films the frame in the middle is drawn.
    limit : float or None
        The number that is drawn in the darkest color, as larger ones are; None for the largest magnitude.
    """

    examples: np.ndarray
    labels: tuple
    maps: np.ndarray
    limit: float | None = None

    @property
    def end(self):
        """The number that is drawn in the darkest color."""
        return self.limit or float(np.abs(self.maps[np.isfinite(self.maps)]).max(initial=0)) or 1.0

    def label(self, n):
        """The name of an example; of a film which frame is drawn."""
        frames = self.examples.shape[2]
        return f"{self.labels[n]}, frame {frames // 2} of 0 to {frames - 1}" if self.examples.ndim == 5 else self.labels[n]


def draw_example(ax, example):
    """An image, the frame in the middle of a film, or the curves of a series; fills its axes."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(color=LIGHT, linewidth=0.8)
    if example.ndim == 2:
        ax.plot(example.T, linewidth=0.8, color=INK if len(example) == 1 else None)
        ax.margins(0.02, 0.1)
        return
    if example.ndim == 4:
        example = example[:, example.shape[1] // 2]
    ax.imshow(example.transpose(1, 2, 0) if len(example) == 3 else example.mean(axis=0), cmap="gray", interpolation="nearest")


def draw_maps(ax, sheet, maps, limit, dead, titles):
    """The maps of one example (OC, ...), each at the place of its filter; returns a picture that has the scale, or None."""
    drawn = None
    for oc in range(sheet.filters):
        left, top = sheet.map_corner(oc)
        right, bottom = left + sheet.map_width, top + sheet.map_height
        if maps.ndim == 2:
            _curve(ax, maps[oc], (left, top, right, bottom), limit)
        else:
            one = maps[oc] if maps.ndim == 3 else maps[oc, maps.shape[1] // 2]
            drawn = ax.imshow(one, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", extent=(left, right, bottom, top))
        ax.add_patch(Rectangle((left, top), sheet.map_width, sheet.map_height, fill=False, edgecolor=LIGHT, linewidth=0.8))
        if titles:
            ax.text(left, top - 0.03, f"filter {oc}", fontsize=6, color=QUIET, va="bottom")
        if dead is not None and dead[oc]:
            write_dead(ax, (left + right) / 2, (top + bottom) / 2)
    return drawn


def write_dead(ax, x, y):
    """The word on a picture."""
    ax.text(x, y, "dead", fontsize=7, weight="bold", color=INK, ha="center", va="center",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1})


def _curve(ax, values, place, limit):
    left, top, right, bottom = place
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    ax.plot([left, right], [middle, middle], color=LIGHT, linewidth=0.6)
    ax.plot(left + (np.arange(len(values)) + 0.5) * (right - left) / len(values),
            middle - np.clip(values / limit, -1, 1) * half, color=BLUE, linewidth=0.8)
