"""Dropout."""

import numpy as np

from numbacnn.engine import kind_for
from numbacnn.nn.functional.apply import apply, in_place
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.creation import ones_like
from numbacnn.tensors.generator import default_generator
from numbacnn.tensors.internals import storage_of

LOWEST = -1.7580993408473766  # SELU of minus infinity: -1.0507 * 1.6733


def dropout(input, p=0.5, training=True, inplace=False):
    """Dropout: in training each number is 0 with probability p and otherwise input / (1 - p); else the input itself.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    p : float
        From 0 to 1.
    training : bool
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    ValueError
        If p is not a probability.
    TypeError
        If the dtype is not a float type.

    Notes
    -----
    The default generator gives a seed for each call; the random number of each element is then a function (splitmix64) of that seed
    and of its place in the input. So `manual_seed` settles them all, whatever the number of threads, but they are not
    those that PyTorch draws.
    """
    return _dropped("dropout", input, p, training, inplace)


def dropout_(input, p, train):
    """`dropout`, in place; it is `numbacnn.dropout_`, not in `numbacnn.nn.functional`, as in PyTorch."""
    return dropout(input, p, train, True)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """In training each channel of a row of pixels (N, C, W) is 0 with probability p, else divided by 1 - p; see `dropout`."""
    return _dropped("dropout1d", input, p, training, inplace)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """In training each channel of each image is 0 with probability p and otherwise divided by 1 - p.

    Parameters
    ----------
    input : Tensor (N, C, ...)
    p, training, inplace
        As for `dropout`.
    """
    return _dropped("dropout2d", input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    """In training each channel of a volume, (N, C, D, H, W) or (C, D, H, W), is 0 with probability p; see `dropout`."""
    check_types("dropout3d", input)
    if training and input.ndim == 4:
        out = _dropped("dropout3d", input.unsqueeze(0), p, training, inplace).squeeze(0)
        return input if inplace else out
    return _dropped("dropout3d", input, p, training, inplace)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """In training each number takes SELU's lower limit with probability p; then all are scaled to keep mean and variance.

    Source: Klambauer et al. 2017, "Self-normalizing neural networks", section 2, "New dropout technique".

    Parameters
    ----------
    input, p, training, inplace
        As for `dropout`.
    """
    return _alpha("alpha_dropout", dropout, input, p, training, inplace)


def feature_alpha_dropout(input, p=0.5, training=False, inplace=False):
    """`alpha_dropout` with one random number for each channel of each image (N, C, ...)."""
    return _alpha("feature_alpha_dropout", dropout2d, input, p, training, inplace)


def _alpha(name, drop, input, p, training, inplace):
    check_probability(name, p)
    if inplace and training:
        return in_place(f"{name}_", input, lambda before: _alpha(name, drop, before, p, training, False))
    check_types(name, input)
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0.0
    kept = (drop(ones_like(input), p) > 0).to(input.dtype)
    scale = ((1 - p) * (1 + p * LOWEST ** 2)) ** -0.5
    return (input * kept + (1 - kept) * LOWEST) * scale - scale * LOWEST * p


def _dropped(name, input, p, training, inplace):
    check_probability(name, p)
    if inplace and training:
        return in_place(f"{name}_", input, lambda before: _dropped(name, before, p, training, False))
    check_types(name, input)
    if name != "dropout" and input.ndim < 2:
        raise ValueError(f"{name}: expected input (N, C, ...), got {tuple(input.shape)}; use dropout")
    if not training or p == 0:
        return input
    seed = int(default_generator.numpy.integers(1 << 63))
    # all kinds of number compare with the same float32, so they draw the same numbers
    p, scale = float(np.float32(p)), 0.0 if p == 1 else 1 / (1 - p)
    loop = "dropout_forward" if name == "dropout" else "dropout2d_forward"

    def forward(kind, x):
        return getattr(kind, loop)(x, p, scale, seed)

    def backward(kind, dout, wanted, saved):
        return (getattr(kind, loop)(dout, p, scale, seed),)

    kind = kind_for(storage_of(input), packed=type(storage_of(input)) is not np.ndarray)
    return apply(name, forward, backward, kind=kind, settings={"p": p, "scale": scale, "seed": seed}, input=input)


def check_probability(name, p):
    """p must lie between 0 and 1."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: dropout probability has to be between 0 and 1, but got {p}")
