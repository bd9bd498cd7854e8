"""Losses that compare numbers with numbers, element by element."""

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.functional.activation import logsigmoid
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_reduction, check_types, reduction_of
from numbacnn.tensors.internals import array_of
from numbacnn.tensors.tensor import Tensor
from numbacnn.tensors.types import kind_of

LEAST_LOG = -100.0  # a probability of 0 costs 100 and no more, as in PyTorch


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """(input - target)**2.

    Parameters
    ----------
    input, target : Tensor
        Floats, of one shape.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses.
    weight : Tensor, optional
        How much each element counts, of the same shape; a mean divides by the sum of the weights.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.

    Raises
    ------
    ValueError
        If the shapes differ, or the reduction is unknown.
    TypeError
        If the dtypes differ or are not float types.
    """
    reduction = _checked("mse_loss", input, target, size_average, reduce, reduction, weight=weight)
    return _weighted("mse_loss", (input - target) ** 2, weight, reduction)


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean", weight=None):
    """abs(input - target); parameters as for `mse_loss`."""
    reduction = _checked("l1_loss", input, target, size_average, reduce, reduction, weight=weight)
    return _weighted("l1_loss", (input - target).abs(), weight, reduction)


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """The distance d less beta / 2, and d**2 / (2 * beta) where d is below beta; other parameters as for `mse_loss`.

    Source: Girshick, Fast R-CNN, ICCV 2015, arXiv:1504.08083, section 2.3.

    Parameters
    ----------
    beta : float
        At least 0; with 0 it is `l1_loss`.
    """
    reduction = _checked("smooth_l1_loss", input, target, size_average, reduce, reduction)
    if not beta >= 0:
        raise ValueError(f"smooth_l1_loss: beta must be at least 0, got {beta!r}")
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    distance = (input - target).abs()
    near = distance.clamp(max=beta)
    return _reduced(near * near / (2 * beta) + (distance - near), reduction)


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """-(target * log(input) + (1 - target) * log(1 - input)), no logarithm below -100.

    Parameters
    ----------
    input : Tensor
        Probabilities, in [0, 1].
    target : Tensor
        Of the same shape: 1 for yes, 0 for no, or a probability.
    weight : Tensor, optional
        How much each element counts; must broadcast to the shape of `input`.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.

    Raises
    ------
    ValueError
        If the shapes differ, a number is not a probability, or the reduction is unknown.
    TypeError
        If the dtypes differ or are not float types.
    """
    name = "binary_cross_entropy"
    reduction = _checked(name, input, target, size_average, reduce, reduction, weight=weight)
    x = array_of(input)
    if x.size and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(f"{name}: the input must be probabilities between 0 and 1, got {x.min():g} to {x.max():g}; "
                         "binary_cross_entropy_with_logits takes scores as they are")
    one, smallest = x.dtype.type(1), x.dtype.type(1e-12)

    def forward(kind, x, y):
        with np.errstate(divide="ignore"):
            yes, no = np.maximum(np.log(x), LEAST_LOG), np.maximum(np.log(1 - x), LEAST_LOG)
        return np.asarray(-(y * yes + (one - y) * no)), no - yes

    def backward(kind, dout, wanted, saved):
        x, y = saved["input"], saved["target"]
        return dout * (x - y) / np.maximum(x * (one - x), smallest), dout * saved["kept"]

    losses = apply(name, forward, backward, ("input", "target"), floats, input=input, target=target)
    return _reduced(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean",
                                     pos_weight=None):
    """`binary_cross_entropy` of sigmoid(input), without the detour over numbers that round to 0 or 1.

    Parameters
    ----------
    input : Tensor
        Scores (logits).
    target : Tensor
        Of the same shape: 1 for yes, 0 for no, or a probability.
    weight : Tensor, optional
        How much each element counts; must broadcast to the shape of `input`.
    pos_weight : Tensor, optional
        How much a yes counts beside a no; must broadcast to the shape of `input`.
    reduction : {"mean", "sum", "none"}
        What becomes of the losses.
    size_average, reduce : bool, optional
        Deprecated in PyTorch, which warns and says what `reduction` to give instead.

    Raises
    ------
    ValueError
        If the shapes differ, or the reduction is unknown.
    TypeError
        If the dtypes differ or are not float types.
    """
    reduction = _checked("binary_cross_entropy_with_logits", input, target, size_average, reduce, reduction, weight=weight,
           pos_weight=pos_weight)
    # log sigmoid(-x) = log sigmoid(x) - x
    yes = logsigmoid(input)
    if pos_weight is None:
        losses = (1 - target) * input - yes
    else:
        losses = (1 - target) * input - (1 + (pos_weight - 1) * target) * yes
    return _reduced(losses if weight is None else losses * weight, reduction)


def _checked(name, input, target, size_average, reduce, reduction, **weights):
    """The reduction; the Tensors must fit together."""
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction(name, reduction)
    if not isinstance(target, Tensor):
        raise TypeError(f"{name}: expected a numbacnn Tensor as target, got {kind_of(target)}")
    check_types(name, input, target=target, **weights)
    if input.shape != target.shape:
        if input.numel() == target.numel():
            fix = "give them one shape, with squeeze, unsqueeze or reshape, or every number is compared with every other"
        elif target.ndim and input.shape[:1] != target.shape[:1]:
            fix = "take both from the same batch"
        else:
            fix = "the network must give as many numbers for an image as its target has"
        raise ValueError(f"{name}: input has shape {tuple(input.shape)} but target {tuple(target.shape)}; {fix}")
    return reduction


def _weighted(name, losses, weight, reduction):
    if weight is None:
        return _reduced(losses, reduction)
    if weight.shape != losses.shape:
        raise ValueError(f"{name}: weight has shape {tuple(weight.shape)} but the losses {tuple(losses.shape)}")
    losses = losses * weight
    return losses.sum() / weight.sum() if reduction == "mean" else _reduced(losses, reduction)


def _reduced(losses, reduction):
    return losses if reduction == "none" else getattr(losses, reduction)()
