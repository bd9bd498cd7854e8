"""Saliency maps as they are drawn: one number from 0 for each pixel, whatever the method."""
from dataclasses import dataclass

import numpy as np

from numbacnn.insight.saliency.grad_cam import cam_layer, grad_cam
from numbacnn.insight.saliency.gradient import gradient, gradient_x_input, smoothgrad
from numbacnn.insight.saliency.integrated import integrated_gradients
from numbacnn.insight.saliency.occlusion import occlusion
from numbacnn.insight.saliency.score import logits

#: key -> (function, name in words, what a large number means)
METHODS = {
    "gradient": (gradient, "gradient", "the score is sensitive to it"),
    "smoothgrad": (smoothgrad, "SmoothGrad", "the score is sensitive to it, on average over noise"),
    "gradient_x_input": (gradient_x_input, "gradient x input", "speaks for the class"),
    "integrated_gradients": (integrated_gradients, "integrated gradients", "speaks for the class"),
    "occlusion": (occlusion, "occlusion", "covering it lowers the score"),
    "grad_cam": (grad_cam, "Grad-CAM", "speaks for the class"),
}
SENSITIVITY = ("gradient", "smoothgrad")
WITH_BASELINE = ("gradient_x_input", "integrated_gradients", "occlusion")


@dataclass(frozen=True, eq=False)
class SaliencyMap:
    """Saliency maps of N examples by one method.

    Attributes
    ----------
    method : str
        A key of `METHODS`.
    target : ndarray of int64, shape (N,)
        The classes that are explained.
    values : ndarray
        What the method gives: shape of x, without the channels for occlusion, (N, h, w) for Grad-CAM.
    map : ndarray, shape (N, ...) without channels
        What is drawn, from 0. For gradient and SmoothGrad the largest magnitude over the channels; for the others the sum over
        the channels where it speaks for the class, and 0 elsewhere. Grad-CAM's is as small as its layer's maps.
    layer : str or None
        Of Grad-CAM.
    error : ndarray (N,) or None
        Completeness error of integrated gradients.
    """

    method: str
    target: np.ndarray
    values: np.ndarray
    map: np.ndarray
    layer: str | None = None
    error: np.ndarray | None = None

    @property
    def empty(self):
        """Whether the map of each example is 0 everywhere, for lack of positive evidence; ndarray of bool (N,)."""
        return ~self.map.reshape(len(self.map), -1).any(axis=1)


def saliency_map(model, x, method="gradient", target=None, **options):
    """Run a method, and make of its values the map that is drawn.

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
        Images (or series, or films) as the model is fed.
    method : str
        A key of `METHODS`.
    target : int or sequence of int (N,), optional
        The classes to explain; by default what the model takes each example for.
    **options
        Of the method: `samples` of SmoothGrad, `layer` of Grad-CAM, and so on.

    Returns
    -------
    SaliencyMap

    Raises
    ------
    TypeError, ValueError
        As the method does; and if there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"saliency_map: there is no method {method!r}; there are {', '.join(METHODS)}")
    x = np.asarray(x)
    target = predicted(model, x) if target is None else np.broadcast_to(np.asarray(target), len(x))
    layer = error = None
    if method == "grad_cam":
        layer = options["layer"] = options.get("layer") or cam_layer(model, x)
    values = METHODS[method][0](model, x, target, **options)
    if method == "integrated_gradients":
        values, error = values
    return SaliencyMap(method, target, values, _drawn(method, values), layer, error)


def predicted(model, x):
    """The class with the highest score for each example: ndarray of int64, shape (N,)."""
    return logits(model, x).argmax(axis=1)


def _drawn(method, values):
    """The map of a method's values."""
    if method in SENSITIVITY:
        return np.abs(values).max(axis=1)
    return np.maximum(values if method in ("occlusion", "grad_cam") else values.sum(axis=1), 0)


def enlarged(maps, sides):
    """Maps of another size, linear between the middles of the pixels, as Grad-CAM's are laid over an image.

    Parameters
    ----------
    maps : ndarray, shape (N, h, w) (or another number of sides)
    sides : tuple of int
        (H, W)

    Returns
    -------
    ndarray of float64, shape (N, H, W)
    """
    maps = np.asarray(maps, np.float64)
    for axis, side in enumerate(sides, start=1):
        small = maps.shape[axis]
        place = np.clip((np.arange(side) + 0.5) * small / side - 0.5, 0, small - 1)
        below = np.floor(place).astype(int)
        above = np.minimum(below + 1, small - 1)
        part = (place - below).reshape(-1, *(1,) * (maps.ndim - 1 - axis))
        maps = maps.take(below, axis=axis) * (1 - part) + maps.take(above, axis=axis) * part
    return maps
