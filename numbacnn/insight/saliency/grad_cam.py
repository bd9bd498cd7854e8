"""Grad-CAM: which places of a layer's maps speak for a class."""
import numpy as np

import numbacnn
from numbacnn import nn
from numbacnn.insight.evaluating import evaluating
from numbacnn.insight.saliency.score import batches, checked, gradients, watched

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


def grad_cam(model, x, target, layer=None):
    """The maps of a layer, each weighted by its mean gradient, added up; what is negative becomes 0.

    alpha[n, k] = mean over places of d score[n] / d A[n, k]; map[n] = max(0, sum_k alpha[n, k] A[n, k]).

    Parameters
    ----------
    model : numbacnn.nn.Module
        Gives scores (N, classes), before the softmax; runs in evaluation mode and is left as it was.
    x : array of float, shape (N, C, ...)
        Images (or series, or films) as the model is fed.
    target : int or sequence of int (N,)
        The class that is explained.
    layer : str, optional
        Name of the layer whose maps are used; by default `cam_layer(model, x)`.

    Returns
    -------
    ndarray, shape (N, h, w)
        As small as the layer's maps are. All zeros where nothing speaks for the class.

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If the layer does not exist, is not used, or makes no maps; if x, target or the model's answer has a shape that does
        not fit, or there is no such class.

    Notes
    -----
    Source: Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, "Grad-CAM: Visual Explanations from Deep Networks via
    Gradient-based Localization", ICCV 2017, section 3, equations 1 and 2.
    """
    x, target = checked("grad_cam", x, target)
    layers = dict(model.named_modules())
    layer = cam_layer(model, x) if layer is None else layer
    if layer not in layers or not layer:
        raise ValueError(f"grad_cam: the model has no layer {layer!r}; it has {', '.join(filter(None, layers))}")
    return np.concatenate([_maps(model, layers[layer], layer, x[part], target[part]) for part in batches(x)])


def cam_layer(model, x):
    """The layer that Grad-CAM looks at by default: the last whose maps are as large as those of the last convolution.

    So it is the ReLU behind that convolution, or the whole block that it is part of, but no pooling.

    Parameters
    ----------
    model : numbacnn.nn.Module
    x : array of float, shape (N, C, ...)

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If no convolution runs.
    """
    seen = []
    names = {id(module): name for name, module in model.named_modules() if name}
    handles = [module.register_forward_hook(lambda module, args, out: seen.append((module, out.shape)))
               for name, module in model.named_modules() if name]
    try:
        with evaluating(model), numbacnn.no_grad():
            model(numbacnn.tensor(np.asarray(x)[:1]))
    finally:
        for handle in handles:
            handle.remove()
    last = next((shape for module, shape in reversed(seen) if isinstance(module, CONVOLUTIONS)), None)
    if last is None:
        raise ValueError(f"grad_cam: {type(model).__name__} has no convolution, so there are no maps to look at")
    return next(names[id(module)] for module, shape in reversed(seen) if shape[2:] == last[2:] and len(shape) == len(last))


def _maps(model, module, name, x, target):
    """The maps of a batch."""
    out, inner, _ = watched(model, module, x)
    if inner is None:
        raise ValueError(f"grad_cam: the layer {name} is not used by the model's forward")
    maps = inner.detach().numpy()
    if maps.ndim < 3:
        raise ValueError(f"grad_cam: the layer {name} gives {maps.shape}, no maps (N, channels, height, width); choose a "
                         "convolution, or what follows one")
    alpha = gradients(out, inner, target).mean(axis=tuple(range(2, maps.ndim)), keepdims=True)
    return np.maximum((alpha * maps).sum(axis=1), 0)
