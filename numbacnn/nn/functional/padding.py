"""Padding: a frame around the images."""

import numpy as np

from numbacnn.engine import floats, kind_for, tiles
from numbacnn.nn.arguments import whole
from numbacnn.nn.functional.apply import apply
from numbacnn.nn.functional.border import continued
from numbacnn.tensors.internals import shape_of, storage_of

LEAST = -(1 << 31)  # an extent may take away, and how much there is to take is checked later


def pad(input, pad, mode="constant", value=None):
    """Numbers added around a Tensor, or taken away where there are negative ones to add.

    Parameters
    ----------
    input : Tensor
    pad : sequence of int
        How many before and behind, for the last dimension first: (left, right) for rows of pixels,
        (left, right, top, bottom) for images, with (front, back) after it for volumes.
        A causal convolution pads (dilation * (kernel_size - 1), 0).
    mode : {"constant", "reflect", "replicate", "circular"}
        Whether all are one value, or the image goes on: mirrored at its border pixels, with these repeated, or from its
        other side.
    value : float, optional
        What they are; 0 if not given.

    Returns
    -------
    Tensor
        With as many dimensions.

    Raises
    ------
    TypeError
        If an extent is not a whole number.
    ValueError
        If `pad` is not a sequence of pairs, has too many, or takes away more than there is.
    NotImplementedError
        For another mode, or one that is not for so many dimensions.
    RuntimeError
        If more would be mirrored or wrapped around than there is.
    """
    pad, value, shape = tuple(whole("pad", "pad", extent, LEAST) for extent in pad), value or 0, tuple(input.shape)
    if len(pad) % 2 or len(pad) > 2 * len(shape):
        raise ValueError(f"pad: expected a pair (before, behind) for each of at most {len(shape)} dimensions, the last "
                         f"one first, got {pad}")
    if mode != "constant":
        if value:
            raise ValueError(f"pad: padding mode {mode!r} doesn't take in value argument, got {value}")
        return continued(input, [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)], mode)
    pairs = [(0, 0)] * (len(shape) - len(pad) // 2) + [(pad[i], pad[i + 1]) for i in range(len(pad) - 2, -1, -2)]
    if any(extent + sum(pair) < 1 for extent, pair in zip(shape, pairs) if pair != (0, 0)):
        raise ValueError(f"pad: {pad} leaves nothing of a dimension of the input {shape}")
    if kind_for(storage_of(input)) is tiles and value == 0 and len(shape) in (3, 4, 5) and len(pad) <= 2 * (len(shape) - 2):
        return _volume_in_lanes(input, *pairs[2:]) if len(shape) == 5 else _in_lanes(input, *[(0, 0), *pairs[2:]][-2:])
    back = [(-before, -behind) for before, behind in pairs]
    return apply("pad", lambda kind, x: _padded(x, pairs, value),
                 lambda kind, dout, wanted, saved: (_padded(dout, back, 0),), kind=floats, settings={"pairs": pairs, "value": value},
                 input=input)


def _in_lanes(input, rows, columns):
    back = [(-before, -behind) for before, behind in (rows, columns)]
    pairs = [(0, 0)] * (len(shape_of(input)) - 2) + [rows, columns]
    return apply("pad", lambda kind, x: kind.framed(x, rows, columns),
                 lambda kind, dout, wanted, saved: (kind.framed(dout, *back),), kind=tiles,
                 settings={"pairs": pairs, "value": 0}, input=input)


def _volume_in_lanes(input, layers, rows, columns):
    """A volume of D layers of H rows is an image of D*H rows, and one of D rows whose columns are H*W pixels."""
    N, C, D, H, W = input.shape
    width = W + sum(columns)
    out = _in_lanes(input.reshape(N, C, D * H, W), (0, 0), columns).reshape(N, C, D, H * width)
    out = _in_lanes(out, layers, tuple(extent * width for extent in rows))
    return out.reshape(N, C, D + sum(layers), H + sum(rows), width)


def _padded(array, pairs, value):
    more = [(max(before, 0), max(behind, 0)) for before, behind in pairs]
    less = tuple(slice(max(-before, 0), extent - max(-behind, 0)) for extent, (before, behind) in zip(array.shape, pairs))
    return np.pad(array[less], more, constant_values=value)
