"""Dropout."""

import numpy as np

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.tensor import Tensor


def dropout(input, p=0.5, training=True, inplace=False):
    """In training each number is 0 with probability p and otherwise input / (1 - p); else the input itself.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    p : float
        From 0 to 1.
    training : bool
    inplace : bool
        Only False is offered.

    Raises
    ------
    ValueError
        If p is no probability.
    TypeError
        If the dtype is no float.

    Notes
    -----
    The default generator gives a seed for each call; the lot of a number is then a function (splitmix64) of that seed
    and of its place in the input. So `manual_seed` settles all lots, whatever the number of threads, but they are not
    those that PyTorch draws.
    """
    return _dropped("dropout", input, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """The same as `dropout2d`, for rows of pixels (N, C, W)."""
    return _dropped("dropout1d", input, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """The same as `dropout` with one lot for each channel of each image.

    Parameters
    ----------
    input : Tensor (N, C, ...)
    p, training, inplace
        As for `dropout`.
    """
    return _dropped("dropout2d", input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    """The same as `dropout2d`, for volumes (N, C, D, H, W) or (C, D, H, W)."""
    check_types("dropout3d", input)
    if training and input.ndim == 4:
        return _dropped("dropout3d", input.unsqueeze(0), p, training, inplace).squeeze(0)
    return _dropped("dropout3d", input, p, training, inplace)


def _dropped(name, input, p, training, inplace):
    check_probability(name, p)
    if inplace:
        not_offered(name, inplace=(inplace, False))
    check_types(name, input)
    if name != "dropout" and input.ndim < 2:
        raise ValueError(f"{name}: expected input (N, C, ...), got {tuple(input.shape)}; use dropout")
    if not training or p == 0:
        return input
    seed = int(default_generator.numpy.integers(1 << 63))
    # all kinds of number compare with the same float32, so they draw the same lots
    p, scale = float(np.float32(p)), 0.0 if p == 1 else 1 / (1 - p)
    kind = kind_for(input, packed=type(input._storage) is not np.ndarray)
    forward = kind.dropout_forward if name == "dropout" else kind.dropout2d_forward

    def backward(dout):
        return (forward(storage_for(kind, dout), p, scale, seed),)

    return Tensor._from_op(forward(storage_for(kind, input), p, scale, seed), (input,), backward, name)


def check_probability(name, p):
    """p must lie between 0 and 1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: dropout probability has to be between 0 and 1, but got {p}")
