"""The deletion curve: how the probability of the class falls when pixels are removed in the order of a map."""
from functools import partial

import numpy as np

from numbacnn.insight.saliency.maps import enlarged
from numbacnn.insight.saliency.score import checked, in_rounds, probabilities


def deletion_curve(model, x, target, maps, baseline=0.0, steps=20, seed=0):
    """The probability of the class as more and more pixels are removed, those with the largest numbers of a map first.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
    target : int or sequence of int (N,)
    maps : array, shape (N, ...) without channels
        Enlarged to the size of x if they are smaller.
    baseline : float or array that broadcasts to x
        What a removed pixel becomes, in all channels; 0 is the mean of normalized data.
    steps : int
        The pixels are removed in so many equal parts.
    seed : int
        Of the order in which pixels with equal numbers are removed.

    Returns
    -------
    ndarray of float64, shape (N, steps + 1)
        First with all pixels, last with none.

    Raises
    ------
    TypeError, ValueError
        As for `gradient`; and if there is not one map for each example.

    Notes
    -----
    Source: Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018, whose
    deletion metric is the area under this curve: the lower, the sooner the pixels that matter are gone.
    """
    x, target = checked("deletion_curve", x, target)
    maps = np.asarray(maps)
    if len(maps) != len(x) or maps.ndim != x.ndim - 1:
        raise ValueError(f"deletion_curve: maps have shape {maps.shape}, expected one for each example of x {x.shape}, without "
                         "channels")
    maps = (maps if maps.shape[1:] == x.shape[2:] else enlarged(maps, x.shape[2:])).reshape(len(x), -1)
    gone = np.broadcast_to(np.asarray(baseline, x.dtype), x.shape).reshape(*x.shape[:2], -1)
    pixels = maps.shape[1]
    mixed = np.random.default_rng([seed, 2]).permutation(pixels)
    order = mixed[np.argsort(-maps[:, mixed], axis=1, kind="stable")]
    rank = np.argsort(order, axis=1)  # how many pixels are removed before this one
    flat = x.reshape(*x.shape[:2], -1)
    images = (np.where(rank[:, None] < round(step * pixels / steps), gone, flat).reshape(x.shape) for step in range(steps + 1))
    return np.stack([*in_rounds(images, x, partial(_probability, model), target)], axis=1)


def _probability(model, x, target):
    return probabilities(model, x)[np.arange(len(x)), target]


def area(curve):
    """The area under deletion curves (..., steps + 1) over the part that is removed, from 0 to 1: trapezoids."""
    return (curve[..., :-1] + curve[..., 1:]).mean(axis=-1) / 2
