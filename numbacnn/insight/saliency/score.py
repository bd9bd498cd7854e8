"""The score that a saliency map explains, the output of one class before the softmax, and its gradient."""
from itertools import islice
from math import prod

import numpy as np

import numbacnn
from numbacnn.insight.evaluating import evaluating

BATCH, PIXELS = 128, 1 << 18  # examples and numbers in one pass, at most; any number gives the same bits


def checked(name, x, target):
    """The arguments that all methods share.

    Parameters
    ----------
    name : str
        Of the method, for errors.
    x : array of float, shape (N, C, ...)
    target : int or sequence of int (N,)

    Returns
    -------
    x : ndarray of float32 or float64
    target : ndarray of int64, shape (N,)

    Raises
    ------
    TypeError
        If x holds whole numbers, as sentences do.
    ValueError
        If x has no batch axis, or there is not one target for each example.
    """
    x, target = np.asarray(x), np.asarray(target)
    if x.dtype.kind != "f":
        raise TypeError(f"{name}: x holds {x.dtype}, expected floats, normalized as the model is fed; a token cannot change a "
                        "little, so a sentence has no such map")
    if x.ndim < 3 or not len(x):
        raise ValueError(f"{name}: x has shape {x.shape}, expected (N, C, ...) with at least one example; write x[None] for one")
    if target.dtype.kind not in "iu" or target.shape not in ((), (len(x),)):
        raise ValueError(f"{name}: target is {target.dtype} of shape {target.shape}, expected one class, or one for each of "
                         f"{len(x)} examples")
    return x, np.broadcast_to(target, len(x)).astype(np.int64)


def batches(x):
    """Slices of x that are small enough for one pass."""
    size = max(1, min(BATCH, PIXELS // prod(x.shape[1:])))
    return [slice(start, start + size) for start in range(0, len(x), size)]


def in_rounds(variants, x, function, target):
    """Evaluate a function of (examples, targets) on variants of x, many in one pass, for lanes that are empty cost as much.

    Parameters
    ----------
    variants : iterable of ndarray, shape of x
    x : ndarray, shape (N, C, ...)
    function : callable
        Of arrays (M, C, ...) and (M,), such as a `score_gradient` of a model; gives an array (M, ...).
    target : ndarray of int64, shape (N,)

    Yields
    ------
    ndarray, shape (N, ...)
        What the function gives for each variant, in their order.
    """
    variants, room = iter(variants), max(1, min(BATCH, PIXELS // prod(x.shape[1:])) // len(x))
    while some := list(islice(variants, room)):
        yield from np.split(function(np.concatenate(some), np.tile(target, len(some))), len(some))


def logits(model, x):
    """The model's scores in evaluation mode: ndarray (N, classes)."""
    with evaluating(model), numbacnn.no_grad():
        return np.concatenate([_answer(model, numbacnn.tensor(x[part])).numpy() for part in batches(x)])


def probabilities(model, x):
    """The softmax of `logits`, in float64."""
    scores = logits(model, x).astype(np.float64)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def class_score(model, x, target):
    """The score of class target[n] for example n: ndarray (N,)."""
    scores = logits(model, x)
    _one_hot(scores, target)
    return scores[np.arange(len(x)), target]


def score_gradient(model, x, target):
    """The gradient of each example's score with respect to the example: an array like x."""
    parts = []
    with evaluating(model), numbacnn.enable_grad():
        for part in batches(x):
            leaf = numbacnn.tensor(x[part], requires_grad=True)
            parts.append(gradients(_answer(model, leaf), leaf, target[part]))
    return np.concatenate(parts)


def gradients(out, inner, target):
    """The gradient of the scores in `out` (N, classes) with respect to a Tensor they were computed from: an ndarray like it."""
    seed = numbacnn.tensor(_one_hot(out.detach().numpy(), target))
    return numbacnn.autograd.grad(out, inner, seed, materialize_grads=True)[0].numpy()


def watched(model, layer, x):
    """Run the model in evaluation mode, with a tape; the answer, and what the layer gave last (None if it did not run).

    Parameters
    ----------
    model, layer : numbacnn.nn.Module
        The layer is part of the model.
    x : ndarray

    Returns
    -------
    out, inner, leaf : Tensor
        The last is the input; gradients lead from `out` to `inner`, and from that to `leaf`.
    """
    kept = []

    def keep(layer, args, out):
        kept.append(out)
        return out.clone()  # the model may change it in place

    handle = layer.register_forward_hook(keep)
    leaf = numbacnn.tensor(x, requires_grad=True)  # so that there is a gradient where all weights are frozen
    try:
        with evaluating(model), numbacnn.enable_grad():
            return model(leaf), kept[-1] if kept else None, leaf
    finally:
        handle.remove()


def _answer(model, x):
    out = model(x)
    if out.ndim != 2:
        raise ValueError(f"saliency: the model answers {tuple(out.shape)}, expected (N, classes)")
    return out


def _one_hot(scores, target):
    classes = scores.shape[1]
    if target.min() < 0 or target.max() >= classes:
        raise ValueError(f"saliency: target {target.min() if target.min() < 0 else target.max()} is not a class of the model, which "
                         f"has {classes}: 0 to {classes - 1}")
    seed = np.zeros_like(scores)
    seed[np.arange(len(target)), target] = 1
    return seed
