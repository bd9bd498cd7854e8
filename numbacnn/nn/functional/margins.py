"""Losses with a margin: alike things shall be near, others apart, right scores above wrong ones. Composed of Tensors."""

import numpy as np

from numbacnn.nn.functional.activation import logsigmoid, relu
from numbacnn.nn.functional.checks import check_reduction, check_types, reduction_of
from numbacnn.nn.functional.similarity import pairwise_distance
from numbacnn.tensors.internals import array_of, detached
from numbacnn.tensors.selection import where


def _reduced(name, losses, size_average, reduce, reduction):
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction(name, reduction)
    return losses if reduction == "none" else getattr(losses, reduction)()


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """input where the target is 1, max(0, margin - input) where it is -1.

    Parameters
    ----------
    input : Tensor
        Distances, float.
    target : Tensor of the same shape
        1 for alike, -1 for different.
    margin : float
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    check_types("hinge_embedding_loss", input)
    apart = where(target == 1, 0.0, relu(margin - input))
    near = where(target == -1, 0.0, input)
    return _reduced("hinge_embedding_loss", apart + near, size_average, reduce, reduction)


def cosine_embedding_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """1 - cos(input1, input2) where the target is 1, max(0, cos - margin) where it is -1.

    Parameters
    ----------
    input1, input2 : Tensor (N, D) or (D,)
        Float.
    target : Tensor (N,) or ()
        1 for alike, -1 for different.
    margin : float
        From -1 to 1.
    size_average, reduce, reduction
        As for `mse_loss`.

    Raises
    ------
    ValueError
        If the shapes do not match.
    """
    name = "cosine_embedding_loss"
    check_types(name, input1, input2=input2)
    if input1.ndim not in (1, 2) or input2.ndim != input1.ndim or target.ndim != input1.ndim - 1:
        raise ValueError(f"{name}: expected inputs (N, D) with target (N,), or (D,) with target (), got "
                         f"{tuple(input1.shape)}, {tuple(input2.shape)} and {tuple(target.shape)}")
    eps = 1e-12
    product = (input1 * input2).sum(-1)
    cosine = product / (((input1 * input1).sum(-1) + eps) * ((input2 * input2).sum(-1) + eps)).sqrt()
    losses = where(target == 1, 1 - cosine, where(target == -1, relu(cosine - margin), cosine * 0.0))
    return _reduced(name, losses, size_average, reduce, reduction)


def margin_ranking_loss(input1, input2, target, margin=0.0, size_average=None, reduce=None, reduction="mean"):
    """max(0, margin - target * (input1 - input2)): with target 1 the first shall be larger, with -1 the second.

    Parameters
    ----------
    input1, input2, target : Tensor
        Floats of one shape.
    margin : float
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    name = "margin_ranking_loss"
    check_types(name, input1, input2=input2)
    if not input1.ndim == input2.ndim == target.ndim:
        raise RuntimeError(f"{name} : All input tensors should have same dimension but got sizes: input1: "
                           f"{tuple(input1.shape)}, input2: {tuple(input2.shape)}, target: {tuple(target.shape)}")
    return _reduced(name, (margin - target * (input1 - input2)).clamp_min(0), size_average, reduce, reduction)


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None, reduce=None,
                        reduction="mean"):
    """max(0, margin + distance(anchor, positive) - distance(anchor, negative)).

    Source: Balntas et al. 2016, "Learning local feature descriptors with triplets and shallow convolutional neural
    networks", section 2.2; swap: its section 2.3.

    Parameters
    ----------
    anchor, positive, negative : Tensor (N, D) or (D,)
        Floats.
    margin, eps : float
    p : float
        Of the distance, the p-norm.
    swap : bool
        Whether the positive takes the anchor's part where it is nearer to the negative.
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    return _triplet("triplet_margin_loss", lambda a, b: pairwise_distance(a, b, p, eps), anchor, positive, negative, margin,
                    swap, size_average, reduce, reduction)


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    """`triplet_margin_loss` with a distance of your own, a function of two Tensors."""
    return _triplet("triplet_margin_with_distance_loss", distance_function or pairwise_distance, anchor, positive, negative,
                    margin, swap, None, None, reduction)


def _triplet(name, distance, anchor, positive, negative, margin, swap, size_average, reduce, reduction):
    check_types(name, anchor, positive=positive, negative=negative)
    if margin <= 0:
        raise ValueError(f"{name}: margin must be greater than 0, got {margin}")
    if not anchor.ndim == positive.ndim == negative.ndim:
        raise RuntimeError(f"{name}: The anchor, positive, and negative tensors are expected to have the same number of "
                           f"dimensions, but got: anchor {anchor.ndim}D, positive {positive.ndim}D, and negative "
                           f"{negative.ndim}D inputs")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return _reduced(name, (margin + near - far).clamp_min(0), size_average, reduce, reduction)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-target * input)), with targets 1 and -1; parameters as for `hinge_embedding_loss`."""
    check_types("soft_margin_loss", input)
    return _reduced("soft_margin_loss", -logsigmoid(input * target), size_average, reduce, reduction)


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """The binary cross-entropy with logits, averaged over the classes, the last dimension.

    Parameters
    ----------
    input : Tensor (N, C) or (C,)
        Scores, float.
    target : Tensor of the same shape
        1 for each class that is right, else 0.
    weight : Tensor (C,), optional
        How much a class counts.
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    check_types("multilabel_soft_margin_loss", input)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    losses = losses if weight is None else losses * weight
    return _reduced("multilabel_soft_margin_loss", losses.mean(-1), size_average, reduce, reduction)


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    """sum over the wrong classes c of max(0, margin - input[target] + input[c])**p, divided by the number of classes.

    Parameters
    ----------
    input : Tensor (N, C) or (C,)
        Scores, float.
    target : Tensor (N,) or () of int64
        Classes.
    p : int
        1 or 2.
    margin : float
    weight : Tensor (C,), optional
        How much a class counts, as a target.
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    name = "multi_margin_loss"
    check_types(name, input, weight=weight)
    if p not in (1, 2):
        raise ValueError(f"{name}: only p == 1 and p == 2 supported, got {p}")
    if input.ndim == 1:
        losses = multi_margin_loss(input.unsqueeze(0), target.reshape(1), p, margin, weight, reduction="none").reshape(())
        return _reduced(name, losses, size_average, reduce, reduction)
    if input.ndim != 2 or tuple(target.shape) != tuple(input.shape[:1]):
        raise ValueError(f"{name}: expected input (N, C) and target (N,), got {tuple(input.shape)} and {tuple(target.shape)}")
    N, C = input.shape
    classes = array_of(target)
    if classes.size and not 0 <= classes.min() <= classes.max() < C:
        raise ValueError(f"{name}: a target is out of range: the scores {tuple(input.shape)} have classes 0 to {C - 1}")
    wrong = detached((np.arange(C) != classes[:, None]).astype(input.dtype))
    costs = (margin - input[np.arange(N), classes].unsqueeze(1) + input).clamp_min(0)
    costs = costs * costs if p == 2 else costs
    costs = costs if weight is None else costs * weight[classes].unsqueeze(1)
    return _reduced(name, (costs * wrong).sum(1) / C, size_average, reduce, reduction)


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """sum over the targets t and the other classes c of max(0, 1 - input[t] + input[c]), divided by the number of classes.

    Parameters
    ----------
    input : Tensor (N, C) or (C,)
        Scores, float.
    target : Tensor of the shape of input, int64
        In each row the classes that are meant, up to the first -1.
    size_average, reduce, reduction
        As for `mse_loss`.

    Returns
    -------
    Tensor
        Of the dtype of `input`: a number, or with reduction "none" one for each row.

    Raises
    ------
    ValueError
        If the shapes differ, or a class is out of range.
    TypeError
        If `input` is not float, or `target` not whole numbers.
    """
    name = "multilabel_margin_loss"
    check_types(name, input)
    if target.dtype.kind not in "iu":
        raise TypeError(f"{name}: target must be int64, got {target.dtype}; take target.long()")
    if tuple(target.shape) != tuple(input.shape) or input.ndim > 2:
        raise ValueError(f"{name}: expected input (N, C) and a target of the same shape, got {tuple(input.shape)} and "
                         f"{tuple(target.shape)}")
    C = input.shape[-1] if input.ndim else 1
    scores, classes = input.reshape(-1, C), array_of(target).reshape(-1, C)
    meant = np.logical_and.accumulate(classes >= 0, 1)
    if classes.size and not -1 <= classes.min() <= classes.max() < C:
        raise ValueError(f"{name}: a target is out of range: the scores {tuple(input.shape)} have classes 0 to {C - 1}")
    classes = np.where(meant, classes, 0)
    others = np.ones(classes.shape, bool)
    others[np.nonzero(meant)[0], classes[meant]] = False
    pairs = detached((meant[:, :, None] & others[:, None, :]).astype(input.dtype))
    right = scores.gather(1, detached(classes))
    costs = (1 - right.unsqueeze(2) + scores.unsqueeze(1)).clamp_min(0) * pairs
    return _reduced(name, (costs.sum((1, 2)) / C).reshape(input.shape[:-1]), size_average, reduce, reduction)
