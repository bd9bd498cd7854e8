"""Occlusion: how far the score falls when a part of the image is covered."""
from functools import partial
from itertools import product

import numpy as np

from numbacnn.insight.saliency.score import checked, class_score, in_rounds


def occlusion(model, x, target, window=None, stride=None, baseline=0.0):
    """The fall of the score when a window covers a pixel: the mean over all windows that do.

    The first window lies at the start of each axis; the last is cut off at its end.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
        Images (or series, or films) as the model is fed.
    target : int or sequence of int (N,)
        The class that is explained.
    window : int or tuple of int, optional
        Sides of what is covered, in all channels; by default a quarter of each side.
    stride : int or tuple of int, optional
        From one window to the next; by default a third of the window.
    baseline : float or array that broadcasts to x
        What covers it, such as black; 0 is the mean of normalized data.

    Returns
    -------
    ndarray, shape (N, ...) without the channels

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If x, target or the model's answer has a shape that does not fit, there is no such class, or a stride is larger than
        its window or below 1.

    Notes
    -----
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2; they draw the
    score itself at the place of a gray square.
    """
    x, target = checked("occlusion", x, target)
    sides = x.shape[2:]
    window = _each(sides, window, [max(1, side // 4) for side in sides])
    stride = _each(sides, stride, [max(1, extent // 3) for extent in window])
    if any(not 1 <= step <= extent for step, extent in zip(stride, window)):
        raise ValueError(f"occlusion: stride {stride} does not fit window {window}: each must be from 1 to its window, or "
                         "pixels would never be covered")
    covered = np.broadcast_to(np.asarray(baseline, x.dtype), x.shape)
    score = class_score(model, x, target).astype(np.float64)
    total, count = np.zeros((len(x), *sides)), np.zeros(sides)
    corners = [range(0, max(side - extent, 0) + step, step) for side, extent, step in zip(sides, window, stride)]
    places = [tuple(slice(first, first + extent) for first, extent in zip(corner, window)) for corner in product(*corners)]

    def variants():
        for place in places:
            changed = np.array(x)
            changed[(..., *place)] = covered[(..., *place)]
            yield changed

    for place, left in zip(places, in_rounds(variants(), x, partial(class_score, model), target)):
        total[(slice(None), *place)] += (score - left).reshape(-1, *(1,) * len(sides))
        count[place] += 1
    return (total / count).astype(x.dtype)


def _each(sides, given, usual):
    """One number for each side."""
    if given is None:
        return tuple(usual)
    numbers = (given,) * len(sides) if isinstance(given, int) else tuple(given)
    if len(numbers) != len(sides):
        raise ValueError(f"occlusion: {numbers} has {len(numbers)} numbers, expected one for each of {len(sides)} sides {sides}")
    return tuple(min(number, side) for number, side in zip(numbers, sides))
