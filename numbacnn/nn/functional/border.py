"""Padding that continues the images: mirrored, repeated or wrapped around; done in NumPy, without a loop."""

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.functional.apply import apply

#: PyTorch's name of a mode -> NumPy's
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def continued(input, pairs, mode):
    """`input` continued by pairs (before, behind) for its last dimensions, the first of these first.

    Raises
    ------
    NotImplementedError
        If there is no such mode, or it is not for so many dimensions.
    RuntimeError
        If more would be mirrored or wrapped around than there is.
    """
    shape = tuple(input.shape)
    if mode not in MODES:
        raise NotImplementedError(f"pad: Unrecognised padding mode {mode}; there are 'constant', 'reflect', 'replicate' and "
                                  "'circular'")
    if not 1 <= len(pairs) <= 3 or len(shape) not in (len(pairs) + 1, len(pairs) + 2):
        raise NotImplementedError(f"pad: mode={mode!r} pads the last dimension of (C, W) or (N, C, W), the last two of "
                                  f"(C, H, W) or (N, C, H, W), the last three of (C, D, H, W) or (N, C, D, H, W), got "
                                  f"{2 * len(pairs)} numbers for an input {shape}")
    axes = range(len(shape) - len(pairs), len(shape))
    for axis, pair in zip(axes, pairs):
        most = {"reflect": shape[axis] - 1, "circular": shape[axis], "replicate": max(pair)}[mode]
        if max(pair) > most or shape[axis] == 0 or shape[axis] + sum(pair) < 1:
            raise RuntimeError(f"pad: Padding size should be less than the corresponding input dimension, but got padding "
                               f"{pair} at dimension {axis} of input {shape} in mode {mode!r}")
    places = [(axis, _places(shape[axis], pair, mode)) for axis, pair in zip(axes, pairs) if pair != (0, 0)]

    def forward(kind, x):
        for axis, place in places:
            x = x.take(place, axis)
        return x

    def backward(kind, dout, wanted, saved):
        for axis, place in reversed(places):
            dout = _collected(dout, place, axis, shape[axis])
        return (dout,)

    return apply("pad", forward, backward, kind=floats, input=input)


def _places(extent, pair, mode):
    """Index of the input for each place of the output, along one axis."""
    places = np.pad(np.arange(extent), [max(side, 0) for side in pair], mode=MODES[mode])
    return places[max(-pair[0], 0):len(places) - max(-pair[1], 0)]


def _collected(dout, places, axis, extent):
    """The gradient of the numbers from that of the places they stand at."""
    dout = np.moveaxis(dout, axis, 0)
    dx = np.zeros((extent, *dout.shape[1:]), dout.dtype)
    for place, part in zip(places, dout):
        dx[place] += part
    return np.moveaxis(dx, 0, axis)
