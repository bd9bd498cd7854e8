"""Integrated gradients: the gradient averaged over the way from a baseline to the input, so that nothing is counted twice."""
from functools import partial
from typing import NamedTuple

import numpy as np

from numbacnn.insight.saliency.score import checked, class_score, in_rounds, score_gradient


class Integrated(NamedTuple):
    """Result of `integrated_gradients`.

    `attribution` has the shape of x. `error` (N,) is the completeness error of each example: the sum of its attributions less
    the difference of the scores of input and baseline. It would be 0 with infinitely many steps.
    """

    attribution: np.ndarray
    error: np.ndarray


def integrated_gradients(model, x, target, baseline=0.0, steps=64):
    """Contribution of each pixel to the score along the straight path from a baseline to the input.

    (x - b) times the mean gradient at b + (k + 1/2) / steps (x - b) for k = 0 .. steps - 1.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
        Images (or series, or films) as the model is fed.
    target : int or sequence of int (N,)
        The class that is explained.
    baseline : float or array that broadcasts to x
        The input that says nothing, such as a black image; 0 is the mean of normalized data.
    steps : int
        Points on the way.

    Returns
    -------
    Integrated

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If x, target or the model's answer has a shape that does not fit, there is no such class, or `steps` is below 1.

    Notes
    -----
    Source: Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", ICML 2017, section 3 (completeness: their
    proposition 1). They sum over the ends of the steps (section 5); the middles used here are nearer to the integral.
    """
    x, target = checked("integrated_gradients", x, target)
    if steps < 1:
        raise ValueError(f"integrated_gradients: steps is {steps}, expected at least 1")
    start = np.broadcast_to(np.asarray(baseline, x.dtype), x.shape)
    way, total = x - start, np.zeros(x.shape, np.float64)
    points = ((start + (k + 0.5) / steps * way).astype(x.dtype) for k in range(steps))
    for dx in in_rounds(points, x, partial(score_gradient, model), target):
        total += dx
    attribution = way * total / steps
    rise = class_score(model, x, target).astype(np.float64) - class_score(model, np.ascontiguousarray(start), target)
    error = attribution.reshape(len(x), -1).sum(axis=1) - rise
    return Integrated(attribution.astype(x.dtype), error)
