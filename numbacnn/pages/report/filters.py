"""The filters of each convolution: before training, after each epoch that was kept, and as they are now."""
from math import prod

import numpy as np

from numbacnn.insight import weight_scale
from numbacnn.pages.packing import packed

MOST_FILTERS, MOST_SLICES = 32, 32  # of a layer that are shown
ROOM = 3_000_000  # bytes for all filters of all epochs
FULL = 32_767  # the largest int16


def filters_of(weights):
    """The filters of every convolution, epoch by epoch.

    Parameters
    ----------
    weights : dict of int to (dict of str to ndarray)
        For each epoch, 0 being before training, the weights that are known, by name. The last epoch has all of them.

    Returns
    -------
    layers : list of dict
        For each convolution its `name`, its `shape`, how many of its filters and slices are `shown`, the `epochs`, and
        `values`, int16 (E, OC, IC, ...): part of the `limit`, the weight in the darkest color; `beyond` weights are larger.
    left_out : list of str
        Sentences about what had to be left out.
    """
    last = weights[max(weights)]
    names = [name for name, array in last.items() if name.endswith("weight") and array.ndim > 2]
    cut = {name: shown(last[name].shape) for name in names}
    epochs, left_out = thinned(sorted(weights), sum(2 * prod(sides) for sides in cut.values())), []
    if len(epochs) < len(weights):
        left_out.append(f"The slider of the filters stops at {len(epochs)} of {len(weights)} epochs, to keep the file small.")
    layers = [layer_of(name, [(epoch, weights[epoch][name]) for epoch in epochs if name in weights[epoch]], cut[name]) for name in names]
    short = [layer["name"] for layer in layers if tuple(layer["shape"]) != tuple(layer["shown"])]
    if short:
        left_out.append(f"Of {len(short)} convolutions the first {MOST_FILTERS} filters and {MOST_SLICES} slices of each are shown.")
    return layers, left_out


def shown(shape):
    """Sides of the part of a layer's weights that is shown."""
    OC, IC, *sides = shape
    depth = sides[0] if len(sides) == 3 else 1
    return min(OC, MOST_FILTERS), min(IC, max(1, MOST_SLICES // depth)), *sides


def thinned(epochs, nbytes):
    """As many epochs as there is room for, at equal distances, the first and the last among them."""
    most = max(2, ROOM // max(nbytes, 1))
    if len(epochs) <= most:
        return epochs
    return [epochs[k] for k in np.linspace(0, len(epochs) - 1, most).round().astype(int)]


def layer_of(name, course, sides):
    """One convolution for the page; `course` is its weights by epoch."""
    OC, IC = sides[:2]
    stack = np.stack([array[:OC, :IC] for _, array in course])
    scale = weight_scale(stack, stack - stack[:1])
    values = np.rint(np.clip(stack / scale.limit, -1, 1) * FULL).astype(np.int16)
    return {"name": name.removesuffix(".weight"), "shape": list(course[-1][1].shape), "shown": list(sides),
            "epochs": [epoch for epoch, _ in course], "limit": scale.limit, "beyond": scale.beyond, "values": packed(values),
            "norms": [[float(np.linalg.norm(array)), float(np.linalg.norm(array - course[0][1]))] for _, array in course]}
