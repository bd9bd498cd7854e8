"""Normalization."""

from functools import lru_cache

import numpy as np

from numbacnn.engine import kind_for, storage_for, weights_for
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.pending import will_change
from numbacnn.tensors.tensor import Tensor


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
        If the dtypes differ or are no floats.

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

    kind = kind_for(input)
    x, eps = storage_for(kind, input), float(eps)
    measured = training and input.numel() > 0
    if measured:
        mean, var = kind.batch_norm_statistics(x)
        values = input.numel() // C
        for tensor, batch, add in ((running_mean, mean, momentum), (running_var, var, momentum * values / (values - 1))):
            if tensor is not None:
                kind.batch_norm_running_update(tensor._overwritten(), batch, 1 - momentum, add)
                will_change([tensor])
    elif training:  # a batch without images says nothing about mean and variance
        mean, var = np.zeros(C, x.dtype), np.ones(C, x.dtype)
    else:
        mean, var = running_mean._array, running_var._array
    scale = _constant(C, 1, x.dtype) if weight is None else weights_for(kind, weight)
    shift = _constant(C, 0, x.dtype) if bias is None else weights_for(kind, bias)
    out = kind.batch_norm_forward(x, mean, var, scale, shift, eps)

    others = (weight, bias) if training else (weight, bias, running_mean, running_var)
    parents = (input, *[tensor for tensor in others if tensor is not None])
    versions = [(tensor, tensor._version) for tensor in parents[1:] if tensor is not bias]

    def backward(dout):
        for tensor, version in versions:
            tensor._unchanged_since(version, "batch_norm")
        wanted = tuple(tensor is not None and tensor._requires_grad for tensor in (input, weight, bias))
        gradients = kind.batch_norm_backward(storage_for(kind, dout), x, mean, var, scale, eps, measured, wanted)
        known = dict(zip(("input", "weight", "bias"), gradients))
        return (known["input"], *[known.get(name) for name, tensor in zip(("weight", "bias", "mean", "var"), others)
                                  if tensor is not None])

    return Tensor._from_op(out, parents, backward, "batch_norm")


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
