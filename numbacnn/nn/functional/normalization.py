"""Normalization."""

from functools import lru_cache
from math import prod

import numpy as np

from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import overwritten
from numbacnn.tensors.pending import will_change


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05):
    """weight * (input - mean) / sqrt(var + eps) + bias, channel by channel.

    Parameters
    ----------
    input : Tensor (N, C), (N, C, W), (N, C, H, W) or (N, C, D, H, W)
        Float.
    running_mean, running_var : Tensor (C,) or None
        Moved towards those of the batch in training (by `momentum`; the variance is the unbiased one), used instead
        of them otherwise.
    weight, bias : Tensor (C,), optional
        1 and 0 where there are none.
    training : bool
        Whether mean and (biased) variance are those of the batch.
    momentum, eps : float

    Returns
    -------
    Tensor of the shape of input

    Raises
    ------
    ValueError
        If the shapes do not match, or in training a channel has one value only.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The sums are taken block by block of images and merged in order: same bits whatever the number of threads.
    The loops and their sources: `numbacnn.kernels.batch_norm`.
    """
    check_types("batch_norm", input, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    running = {"running_mean": running_mean, "running_var": running_var}
    _check_channels(input, {**running, "weight": weight, "bias": bias})
    C = input.shape[1]
    if training:
        if input.numel() == C:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size "
                             f"{tuple(input.shape)}; use larger batches (a DataLoader with drop_last=True leaves out a "
                             "last batch of one), or model.eval() outside training")
    elif running_mean is None or running_var is None:
        raise ValueError("batch_norm: without training=True it needs running_mean and running_var")

    eps, measured = float(eps), training and input.numel() > 0

    def forward(kind, x, scale, shift, mean, var):
        if measured:
            mean, var = kind.batch_norm_statistics(x)
            values = x.shape[0] * prod(x.shape[2:])
            _move(kind, running_mean, mean, momentum, momentum)
            _move(kind, running_var, var, momentum, momentum * values / (values - 1))
        elif training:  # a batch without images says nothing about mean and variance
            mean, var = np.zeros(C, x.dtype), np.ones(C, x.dtype)
        scale = _constant(C, 1, x.dtype) if scale is None else scale
        shift = _constant(C, 0, x.dtype) if shift is None else shift
        return kind.batch_norm_forward(x, mean, var, scale, shift, eps), (mean, var, scale)

    def backward(kind, dout, wanted, saved):
        mean, var, scale = saved["kept"]
        gradients = kind.batch_norm_backward(dout, saved["input"], mean, var, scale, eps, measured, wanted[:3])
        return *gradients, None, None

    known = {} if training else running
    return apply("batch_norm", forward, backward, ("input", "weight", "mean", "var"), input=input, weight=weight, bias=bias,
                 mean=known.get("running_mean"), var=known.get("running_var"),
                 settings={"training": bool(training), "eps": eps})


def _move(kind, running, batch, momentum, share):
    """(1 - momentum) * running + share * batch, in place, if there is such a running statistic."""
    if running is not None:
        kind.batch_norm_running_update(overwritten(running), batch, 1 - momentum, share)
        will_change([running])


def _check_channels(input, given):
    if not 2 <= input.ndim <= 5:
        raise ValueError(f"batch_norm: expected input (N, C) with up to three more dimensions, got {tuple(input.shape)}")
    for name, tensor in given.items():
        if tensor is not None and tuple(tensor.shape) != (input.shape[1],):
            raise ValueError(f"batch_norm: {name} has shape {tuple(tensor.shape)}, expected ({input.shape[1]},): one "
                             f"number for each of the {input.shape[1]} channels of the input {tuple(input.shape)}; set "
                             f"num_features={input.shape[1]}")


@lru_cache(maxsize=64)
def _constant(C, value, dtype):
    constant = np.full(C, value, dtype)
    constant.flags.writeable = False
    return constant
