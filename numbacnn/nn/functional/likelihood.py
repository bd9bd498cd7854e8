"""Losses of probabilities: divergence, Gaussian and Poisson likelihood; and the Huber loss. Composed of Tensors."""

import math
import warnings

from numbacnn.nn.functional.checks import check_reduction, check_types, reduction_of
from numbacnn.nn.functional.distance import _checked, _reduced, _weighted
from numbacnn.tensors.internals import array_of
from numbacnn.tensors.selection import where
from numbacnn.tensors.tensor import Tensor


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """target * (log(target) - input), with input a logarithm: how far the target is from what is predicted.

    Parameters
    ----------
    input : Tensor
        Logarithms of probabilities, as `log_softmax` gives them.
    target : Tensor
        Probabilities, or their logarithms with `log_target`.
    reduction : {"mean", "batchmean", "sum", "none"}
        "batchmean" divides the sum by the first extent, which is what the mathematics asks for; "mean" divides by the number
        of elements, and PyTorch warns of that.
    log_target : bool
    size_average, reduce
        As for `mse_loss`.

    Raises
    ------
    ValueError
        If the reduction is unknown.
    TypeError
        If the dtypes differ or are not float types.
    """
    check_types("kl_div", input, target=target)
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction == "mean":
        warnings.warn("reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' "
                      "divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed to "
                      "behave the same as 'batchmean' in the next major release.", stacklevel=2)
    if reduction != "batchmean":
        check_reduction("kl_div", reduction)
    if log_target:
        losses = target.exp() * (target - input)
    else:
        losses = where(target == 0, target * 0.0, target * where(target == 0, 1.0, target).log()) - target * input
    if reduction == "batchmean":
        return losses.sum() / input.shape[0] if input.ndim else losses
    return _reduced(losses, reduction)


def huber_loss(input, target, reduction="mean", delta=1.0, weight=None):
    """d**2 / 2 where the distance d is at most delta, else delta * (d - delta / 2).

    Source: Huber 1964, "Robust estimation of a location parameter", section 1.

    Parameters
    ----------
    input, target : Tensor
        Floats of one shape.
    reduction, weight
        As for `mse_loss`.
    delta : float
        Above 0.

    Raises
    ------
    ValueError
        If delta is not above 0, the shapes differ, or the reduction is unknown.
    """
    reduction = _checked("huber_loss", input, target, None, None, reduction, weight=weight)
    if not delta > 0:
        raise ValueError(f"huber_loss: delta must be above 0, got {delta!r}")
    distance = (input - target).abs()
    near = distance.clamp(max=delta)
    return _weighted("huber_loss", near * near / 2 + delta * (distance - near), weight, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log(var) + (input - target)**2 / var) / 2: minus the logarithm of a normal density.

    Source: Nix & Weigend 1994, "Estimating the mean and variance of the target probability distribution", equation 3.

    Parameters
    ----------
    input : Tensor
        Predicted means, float.
    target : Tensor
        Of the same shape.
    var : Tensor or float
        Predicted variances: of the shape of input, or with 1 for one dimension, or without the last one.
    full : bool
        Whether the constant log(2 * pi) / 2 is added.
    eps : float
        What a variance is at least; no gradient passes below it to the variance.
    reduction : {"mean", "sum", "none"}

    Raises
    ------
    ValueError
        If a variance is negative, the shapes do not fit, or the reduction is unknown.
    """
    name = "gaussian_nll_loss"
    check_types(name, input, target=target)
    if not isinstance(var, Tensor):
        var = input.detach() * 0.0 + var
    if tuple(var.shape) == tuple(input.shape[:-1]) and var.shape != input.shape:
        var = var.unsqueeze(-1)
    elif var.ndim != input.ndim or [v for v, extent in zip(var.shape, input.shape) if v != extent] not in ([], [1]):
        raise ValueError(f"{name}: var is of incorrect size: {tuple(var.shape)} for an input {tuple(input.shape)}")
    check_reduction(name, reduction)
    if (array_of(var) < 0).any():
        raise ValueError(f"{name}: var has negative entry/entries, the least is {array_of(var).min():g}")
    floor = var + (var.detach().clamp_min(eps) - var.detach())  # the gradient passes as if nothing was limited, as in PyTorch
    losses = (floor.log() + (input - target) ** 2 / floor) / 2
    return _reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)


def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None, reduction="mean"):
    """exp(input) - target * input: minus the logarithm of a Poisson probability, with input the logarithm of the rate.

    Parameters
    ----------
    input, target : Tensor
        Floats of one shape.
    log_input : bool
        Else input is the rate: input - target * log(input + eps).
    full : bool
        Whether Stirling's approximation of log(target!) is added where the target is above 1.
    eps : float
    size_average, reduce, reduction
        As for `mse_loss`.
    """
    check_types("poisson_nll_loss", input, target=target)
    reduction = reduction_of(size_average, reduce, reduction)
    check_reduction("poisson_nll_loss", reduction)
    losses = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        safe = where(target > 1, target, 1.0)
        stirling = safe * safe.log() - safe + (safe * (2 * math.pi)).log() / 2
        losses = losses + where(target > 1, stirling, 0.0)
    return _reduced(losses, reduction)
