"""The receptive field of a layer: what the sizes of the windows promise, and what the gradient measures."""
from typing import NamedTuple

import numpy as np

import numbacnn
from numbacnn.insight.saliency.score import watched
from numbacnn.models.layer_table import layer_table


class ReceptiveField(NamedTuple):
    """Result of `receptive_field`.

    `position` is the output that was looked at, along the axes of the layer's maps; `promised` a slice of the input along each
    of its axes but the channels, outside of which the output cannot depend on it, or None for a model whose windows are not
    worked out; `measured` the mean size of the gradient, ndarray (H, W) for images.
    """

    position: tuple
    promised: tuple | None
    measured: np.ndarray


def receptive_field(model, x, layer, position=None):
    """On which pixels one output of a layer depends, promised and measured.

    The output's gradient, summed over the layer's channels, reaches the pixels; its magnitude is averaged over the examples and
    the input's channels. Most of it lies near the middle: the effective receptive field is smaller than the promise. Outside
    the promise it is exactly 0.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Runs in evaluation mode and is left as it was.
    x : ndarray of float, shape (N, C, ...)
        Examples as the model is fed; the more, the smoother.
    layer : str
        Name of the layer.
    position : tuple of int, optional
        Which output of its maps; by default the one in the middle.

    Returns
    -------
    ReceptiveField

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If there is no such layer, it does not run, or the position is outside of its maps.

    Notes
    -----
    Source: Luo, Li, Urtasun and Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural Networks",
    NIPS 2016, section 3; the promise follows from `numbacnn.models.layer_table.layer_table`.
    """
    x, layers = np.asarray(x), dict(model.named_modules())
    if x.dtype.kind != "f":
        raise TypeError(f"receptive_field: x holds {x.dtype}, expected floats, normalized as the model is fed; a token has no "
                        "gradient")
    if layer not in layers or not layer:
        raise ValueError(f"receptive_field: the model has no layer {layer!r}; it has {', '.join(filter(None, layers))}")
    _, inner, leaf = watched(model, layers[layer], x)
    if inner is None:
        raise ValueError(f"receptive_field: the layer {layer} is not used by the model's forward")
    sides = tuple(inner.shape[2:])
    position = tuple(side // 2 for side in sides) if position is None else tuple(position)
    if len(position) != len(sides) or any(not 0 <= place < side for place, side in zip(position, sides)):
        raise ValueError(f"receptive_field: position {position} is outside of the maps of {layer}, which are {sides}")
    seed = np.zeros(inner.shape, x.dtype)
    seed[(slice(None), slice(None), *position)] = 1
    dx = numbacnn.autograd.grad(inner, leaf, numbacnn.tensor(seed), materialize_grads=True)[0].numpy()
    return ReceptiveField(position, _promised(model, x, layer, position), np.abs(dx, dtype=np.float64).mean(axis=(0, 1)))


def _promised(model, x, layer, position):
    """The window of the layer's row in the layer table."""
    try:
        rows = [row for blocks in (True, False) for row in layer_table(model, *x.shape[1:], blocks=blocks) if row.name == layer]
    except TypeError:  # no rule for a layer
        return None
    return rows[-1].window(position, x.shape[2:]) if rows else None
