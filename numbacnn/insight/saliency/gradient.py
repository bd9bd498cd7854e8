"""Gradient, SmoothGrad, and gradient x input: how the score of a class changes with each pixel."""
from functools import partial

import numpy as np

from numbacnn.insight.saliency.score import checked, in_rounds, score_gradient


def gradient(model, x, target):
    """The gradient of the class's score with respect to the input: which pixels the score is sensitive to.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
        Images (or series, or films) as the model is fed.
    target : int or sequence of int (N,)
        The class that is explained.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If x, target or the model's answer has a shape that does not fit, or there is no such class.

    Notes
    -----
    Source: Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks: Visualising Image Classification Models and
    Saliency Maps", ICLR workshop 2014, section 3. Their map is the largest magnitude over the channels.
    """
    return score_gradient(model, *checked("gradient", x, target))


def smoothgrad(model, x, target, noise=0.15, samples=50, seed=0):
    """The mean gradient over copies of the input with noise added.

    Parameters
    ----------
    model, x, target
        As for `gradient`.
    noise : float
        Standard deviation of the noise, as a part of the range (largest less smallest number) of each example.
    samples : int
        How many copies.
    seed : int
        Of the noise: same seed, same bits.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As for `gradient`; and if `noise` is negative or `samples` is below 1.

    Notes
    -----
    Source: Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad: removing noise by adding noise", arXiv:1706.03825, 2017,
    section 3; there noise of 10 to 20 % and 50 samples work best.
    """
    x, target = checked("smoothgrad", x, target)
    if noise < 0 or samples < 1:
        raise ValueError(f"smoothgrad: noise is {noise} and samples {samples}, expected at least 0 and at least 1")
    axes = tuple(range(1, x.ndim))
    sigma = noise * (x.max(axis=axes, keepdims=True) - x.min(axis=axes, keepdims=True))
    draw, total = np.random.default_rng(seed), np.zeros(x.shape, np.float64)
    noisy = ((x + sigma * draw.standard_normal(x.shape)).astype(x.dtype) for _ in range(samples))
    for dx in in_rounds(noisy, x, partial(score_gradient, model), target):
        total += dx
    return (total / samples).astype(x.dtype)


def gradient_x_input(model, x, target, baseline=0.0):
    """The gradient times how far the input is from a baseline: what each pixel adds to the score, if the model were linear.

    Parameters
    ----------
    model, x, target
        As for `gradient`.
    baseline : float or array that broadcasts to x
        The input that says nothing, such as a black image; 0 is the mean of normalized data.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As for `gradient`.

    Notes
    -----
    Source: Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black Box: Learning Important Features Through
    Propagating Activation Differences", arXiv:1605.01713, 2016; there the baseline is 0.
    """
    x, target = checked("gradient_x_input", x, target)
    return ((x - baseline) * score_gradient(model, x, target)).astype(x.dtype)
