"""Normalization of each image by itself: group, layer and instance normalization are one loop with other groups."""

from math import prod

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.checks import check_types
from numbacnn.nn.functional.normalization import batch_norm
from numbacnn.tensors.internals import array_of, detached, dtype_of
from numbacnn.tensors.tape import no_grad


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-05):
    """weight * (input - mean) / sqrt(var + eps) + bias, with mean and variance of a group of channels of one image.

    Parameters
    ----------
    input : Tensor (N, C), (N, C, W), (N, C, H, W) or (N, C, D, H, W)
        Float.
    num_groups : int
        C is a multiple of it.
    weight, bias : Tensor (C,), optional
        1 and 0 where there are none.
    eps : float

    Returns
    -------
    Tensor of the shape of input

    Raises
    ------
    ValueError
        If the shapes do not match, or a group has one value only.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.group_norm`.
    """
    check_types("group_norm", input, weight=weight, bias=bias)
    shape = tuple(input.shape)
    if not 2 <= len(shape) <= 5:
        raise ValueError(f"group_norm: expected input (N, C) with up to three more dimensions, got {shape}")
    if num_groups < 1 or shape[1] % num_groups:
        raise ValueError(f"group_norm: the {shape[1]} channels of the input {shape} cannot be parted into {num_groups} "
                         "groups; num_channels must be a multiple of num_groups")
    if prod(shape) == shape[0] * num_groups and shape[0]:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {shape}: a group of one "
                         "value has no variance; use fewer groups or larger images")
    _check_each("group_norm", shape, (shape[1],), weight=weight, bias=bias)
    return _normalized("group_norm", input, num_groups, weight, bias, eps)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05):
    """weight * (input - mean) / sqrt(var + eps) + bias, with mean and variance over the last dimensions.

    Parameters
    ----------
    input : Tensor (..., *normalized_shape)
        Float.
    normalized_shape : int or sequence of int
        Extents of the last dimensions, over which the mean is taken.
    weight, bias : Tensor of shape normalized_shape, optional
        1 and 0 where there are none.
    eps : float

    Returns
    -------
    Tensor of the shape of input

    Raises
    ------
    ValueError
        If the shapes do not match.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.group_norm`, with one group.
    """
    check_types("layer_norm", input, weight=weight, bias=bias)
    shape, last = tuple(input.shape), _extents(normalized_shape)
    if not last or shape[len(shape) - len(last):] != last:
        raise ValueError(f"layer_norm: normalized_shape {last} must be the last dimensions of the input {shape}")
    _check_each("layer_norm", shape, last, weight=weight, bias=bias)
    if 0 in shape:  # nothing to normalize, but a weight gets its gradient
        scaled = input * (1 if weight is None else weight)
        return scaled if bias is None else scaled + bias
    rows = input.reshape(prod(shape[:len(shape) - len(last)]), prod(last))
    flat = [None if each is None else each.reshape(-1) for each in (weight, bias)]
    return _normalized("layer_norm", rows, 1, *flat, eps).reshape(shape)


def rms_norm(input, normalized_shape, weight=None, eps=None):
    """weight * input / sqrt(mean of input**2 + eps), with the mean over the last dimensions.

    Source: Zhang & Sennrich 2019, "Root mean square layer normalization", equation 4.

    Parameters
    ----------
    input : Tensor (..., *normalized_shape)
        Float.
    normalized_shape : int or sequence of int
        Extents of the last dimensions, over which the mean is taken.
    weight : Tensor of shape normalized_shape, optional
        1 where there is none.
    eps : float, optional
        By default the distance from 1 to the next number of the dtype.

    Raises
    ------
    ValueError
        If the shapes do not match.
    TypeError
        If the dtypes differ or are not float types.
    """
    check_types("rms_norm", input, weight=weight)
    shape, last = tuple(input.shape), _extents(normalized_shape)
    if not last or shape[len(shape) - len(last):] != last:
        raise ValueError(f"rms_norm: normalized_shape {last} must be the last dimensions of the input {shape}")
    _check_each("rms_norm", shape, last, weight=weight)
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    square = (input * input).mean(tuple(range(len(shape) - len(last), len(shape))), keepdim=True)
    unit = input * (square + eps).rsqrt()
    return unit if weight is None else unit * weight


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1,
                  eps=1e-05):
    """weight * (input - mean) / sqrt(var + eps) + bias, with mean and variance of each channel of each image.

    Parameters
    ----------
    input : Tensor (N, C, W), (N, C, H, W) or (N, C, D, H, W)
        Float.
    running_mean, running_var : Tensor (C,), optional
        Moved towards the mean over the images of those statistics (by `momentum`; the variance is the unbiased one), or
        used instead of them.
    weight, bias : Tensor (C,), optional
        1 and 0 where there are none.
    use_input_stats : bool
        Whether mean and variance are those of the images; else the running ones.
    momentum, eps : float

    Returns
    -------
    Tensor of the shape of input

    Raises
    ------
    ValueError
        If the shapes do not match, or a channel of an image has one value only.
    TypeError
        If the dtypes differ or are not float types.

    Notes
    -----
    The loops and their sources: `numbacnn.kernels.group_norm`, with one group for each channel.
    """
    check_types("instance_norm", input, weight=weight, bias=bias, running_mean=running_mean, running_var=running_var)
    shape = tuple(input.shape)
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, 0.0, eps)
    if not 3 <= len(shape) <= 5:
        raise ValueError(f"instance_norm: expected input (N, C, W), (N, C, H, W) or (N, C, D, H, W), got {shape}")
    if prod(shape[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {shape}: a channel of one "
                         "pixel has no variance")
    _check_each("instance_norm", shape, shape[1:2], weight=weight, bias=bias, running_mean=running_mean,
                running_var=running_var)
    if running_mean is not None or running_var is not None:
        _move(input, running_mean, running_var, momentum)
    return _normalized("instance_norm", input, shape[1], weight, bias, eps)


@no_grad()
def _move(input, running_mean, running_var, momentum):
    """Move the running statistics towards those of the images, averaged."""
    pixels = array_of(input).reshape(*input.shape[:2], -1)
    for running, new in ((running_mean, pixels.mean(axis=2)), (running_var, pixels.var(axis=2, ddof=1))):
        if running is not None and len(pixels):
            running.mul_(1 - momentum).add_(detached(new.mean(axis=0).astype(running.dtype) * running.dtype.type(momentum)))


def _normalized(name, input, G, weight, bias, eps):
    """The loop on (N, C, ...); the shapes are right."""
    C, eps = input.shape[1], float(eps)
    kind = None if np.float32(eps) > 0 else floats  # lanes without an image would divide by 0
    dtype = dtype_of(input)

    def scale_of(weight):
        return np.ones(C, dtype) if weight is None else weight

    def forward(kind, x, weight, bias):
        out, mean, var = kind.group_norm_forward(x, scale_of(weight), np.zeros(C, dtype) if bias is None else bias, G, eps)
        return out, (mean, var)

    def backward(kind, dout, wanted, saved):
        mean, var = saved["kept"]
        return kind.group_norm_backward(dout, saved["input"], mean, var, scale_of(saved.get("weight")), eps, wanted)

    return apply(name, forward, backward, ("input", "weight"), kind, settings={"groups": G, "eps": eps}, input=input,
                 weight=weight, bias=bias)


def _extents(normalized_shape):
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)


def _check_each(op, shape, expected, **given):
    for name, tensor in given.items():
        if tensor is not None and tuple(tensor.shape) != expected:
            raise ValueError(f"{op}: {name} has shape {tuple(tensor.shape)}, expected {expected} for the input {shape}")
