"""Max-pooling that tells where the largest pixels were; done in NumPy, without a loop."""

from itertools import product
from math import prod

import numpy as np

from numbacnn.engine import floats
from numbacnn.kernels.conv import output_extent
from numbacnn.nn.functional.apply import apply
from numbacnn.tensors.internals import array_of, detached


def max_pool_with_indices(input, kernel, stride, padding, dilation, ceil_mode):
    """(out, indices) of a max-pooling of (N, C, ...); a tuple for each setting, all checked.

    An index counts the pixels of a channel in reading order; of equal pixels the first is the largest.
    """
    size = tuple(input.shape[2:])
    sizes = [output_extent(*axis, ceil_mode) for axis in zip(size, kernel, stride, padding, dilation)]
    x = array_of(input).reshape(*input.shape[:2], -1)
    places, inside = _places(size, sizes, kernel, stride, padding, dilation)
    windows = np.where(inside, x[:, :, np.where(inside, places, 0)], -np.inf)  # (N, C, taps, windows)
    tap = windows.argmax(axis=2)  # of NaN the first
    indices = np.take_along_axis(np.broadcast_to(places, windows.shape), tap[:, :, None], 2)[:, :, 0]
    shape = (*input.shape[:2], *sizes)

    def forward(kind, x):
        return np.take_along_axis(x.reshape(*x.shape[:2], -1), indices, 2).reshape(shape)

    def backward(kind, dout, wanted, saved):
        return (_scattered(dout, indices, size),)

    return (apply("max_pool", forward, backward, kind=floats, input=input), detached(indices.reshape(shape)))


def _places(size, sizes, kernel, stride, padding, dilation):
    """The pixel of each tap of each window, (taps, windows), and whether it lies in the image."""
    taps = np.array([*product(*map(range, kernel))])[:, None] * dilation
    corners = np.array([*product(*map(range, sizes))])[None] * stride - np.array(padding)
    at = taps + corners
    return at @ np.array([prod(size[axis + 1:]) for axis in range(len(size))]), ((at >= 0) & (at < size)).all(axis=2)


def _scattered(values, indices, size):
    """Values (N, C, ...) added up at their places of images of `size`."""
    values = values.reshape(*indices.shape)
    out = np.zeros((*indices.shape[:2], prod(size)), values.dtype)
    n, c, _ = np.ogrid[tuple(map(slice, indices.shape))]
    np.add.at(out, (n, c, indices), values)
    return out.reshape(*indices.shape[:2], *size)
