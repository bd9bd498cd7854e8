"""Maps of one example, and what one output sees, as pictures."""
import numpy as np
from matplotlib.patches import Rectangle

from numbacnn.plot.figure import axes_or_new

A_LINE = 8  # maps side by side
PROMISE = "#d1601f"


def feature_map_grid(maps, ax=None):
    """Draw the maps of a layer side by side, eight on a line, all on one scale.

    Parameters
    ----------
    maps : ndarray, shape (C, H, W)
        Of one example, such as `numbacnn.insight.feature_maps(model, x)["conv1"][0]`. White is zero if some numbers are below
        it: red above, blue below; else black is the smallest number.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure, `ax.figure`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If `maps` has another number of dimensions.
    """
    if maps.ndim != 3:
        raise ValueError(f"feature_map_grid: expected maps (C, H, W) of one example, got shape {maps.shape}")
    C, H, W = maps.shape
    columns = min(C, A_LINE)
    rows = -(-C // columns)
    ax = axes_or_new(ax, 1.1 * columns, 1.1 * rows)
    sheet = np.full((rows * (H + 1) - 1, columns * (W + 1) - 1), np.nan)
    for c, one in enumerate(maps):
        top, left = c // columns * (H + 1), c % columns * (W + 1)
        sheet[top:top + H, left:left + W] = one
    most = float(np.abs(maps).max(initial=0)) or 1.0
    if maps.min(initial=0) < 0:
        ax.imshow(sheet, cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest")
    else:
        ax.imshow(sheet, cmap="viridis", vmin=0, vmax=most, interpolation="nearest")
    ax.set_axis_off()
    return ax


def receptive_field_map(field, ax=None):
    """Draw how much one output depends on each pixel, and a frame around the pixels that it can depend on at all.

    Parameters
    ----------
    field : numbacnn.insight.ReceptiveField
        Of images: `field.measured` is (H, W).
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default the axes of a new figure, `ax.figure`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the field is not that of images.

    References
    ----------
    Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks", NIPS 2016.
    """
    if field.measured.ndim != 2:
        raise ValueError(f"receptive_field_map: expected a field over an image (H, W), got shape {field.measured.shape}")
    ax = axes_or_new(ax, 3, 3)
    ax.imshow(field.measured, cmap="inferno", vmin=0, vmax=float(field.measured.max(initial=0)) or 1.0, interpolation="nearest")
    if field.promised is not None:
        rows, columns = (part.indices(extent) for part, extent in zip(field.promised, field.measured.shape))
        ax.add_patch(Rectangle((columns[0] - 0.5, rows[0] - 0.5), columns[1] - columns[0], rows[1] - rows[0], fill=False, color=PROMISE, linewidth=1.5))
    ax.set_axis_off()
    return ax
