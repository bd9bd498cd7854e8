"""Pixels in another order: shuffled between channels and places, and the windows of a convolution as columns."""

from math import prod

import numpy as np

from numbacnn.engine import floats
from numbacnn.nn.arguments import pair, whole
from numbacnn.nn.functional.apply import apply, batched
from numbacnn.nn.functional.checks import check_fit, check_types


def pixel_shuffle(input, upscale_factor):
    """(..., C * r * r, H, W) as (..., C, H * r, W * r): the channels of a pixel become a square of r x r pixels.

    Source: Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional
    neural network", section 3.2, equation 4.

    Parameters
    ----------
    input : Tensor
        Of at least three dimensions.
    upscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If the channels are not a multiple of r * r, or there are fewer dimensions.
    """
    r = whole("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    *outer, C, H, W = _at_least_three("pixel_shuffle", input)
    if C % (r * r):
        raise RuntimeError(f"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                           f"upscale_factor, but input.size(-3)={C} is not divisible by {r * r}")
    n = len(outer)
    parted = input.reshape(*outer, C // (r * r), r, r, H, W)
    return parted.permute(*range(n), n, n + 3, n + 1, n + 4, n + 2).reshape(*outer, C // (r * r), H * r, W * r)


def pixel_unshuffle(input, downscale_factor):
    """(..., C, H * r, W * r) as (..., C * r * r, H, W): the reverse of `pixel_shuffle`.

    Parameters
    ----------
    input : Tensor
        Of at least three dimensions.
    downscale_factor : int
        r.

    Raises
    ------
    RuntimeError
        If rows or columns are not a multiple of r, or there are fewer dimensions.
    """
    r = whole("pixel_unshuffle", "downscale_factor", downscale_factor, 1)
    *outer, C, H, W = _at_least_three("pixel_unshuffle", input)
    if H % r or W % r:
        raise RuntimeError(f"pixel_unshuffle expects height and width to be divisible by downscale_factor, but {H} x {W} is "
                           f"not divisible by {r}")
    n = len(outer)
    parted = input.reshape(*outer, C, H // r, r, W // r, r)
    return parted.permute(*range(n), n, n + 2, n + 4, n + 1, n + 3).reshape(*outer, C * r * r, H // r, W // r)


def channel_shuffle(input, groups):
    """The channels of (N, C, ...) dealt out: the first of each group, then the second of each group, and so on.

    Source: Zhang et al. 2018, "ShuffleNet", section 3.1.

    Parameters
    ----------
    input : Tensor
        Of at least three dimensions.
    groups : int
        C is a multiple of it.

    Raises
    ------
    RuntimeError
        If it is not, or there are fewer dimensions.
    """
    groups = whole("channel_shuffle", "groups", groups, 1)
    N, C, *pixels = _at_least_three("channel_shuffle", input)
    if C % groups:
        raise RuntimeError(f"channel_shuffle: number of channels must be divisible by groups. Got {C} channels and {groups} "
                           "groups.")
    return input.reshape(N, groups, C // groups, *pixels).transpose(1, 2).reshape(N, C, *pixels)


def _at_least_three(op, input):
    if input.ndim < 3:
        raise RuntimeError(f"{op} expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)")
    return tuple(input.shape)


@batched(3)
def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Every window of every image as a column: a convolution becomes the product `weight.flatten(1) @ columns` (im2col).

    Source: Chellapilla, Puri & Simard 2006, "High performance convolutional neural networks for document processing",
    section 2.1.

    Parameters
    ----------
    input : Tensor (N, C, H, W) or (C, H, W)
        Float.
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as for `conv2d`.

    Returns
    -------
    Tensor (N, C * KH * KW, windows)
        Windows in reading order.

    Raises
    ------
    ValueError
        If the window does not fit the image.
    TypeError
        If the dtype is not a float type.
    """
    check_types("unfold", input)
    settings = _windows("unfold", kernel_size, dilation, padding, stride)
    shape = tuple(input.shape)
    if len(shape) != 4:
        raise ValueError(f"unfold: expected input (N, C, H, W) or (C, H, W), got {shape}")
    check_fit("unfold", shape, settings[0], settings[3], settings[2], settings[1])
    return apply("unfold", lambda kind, x: _columns_of(x, *settings),
                 lambda kind, dout, wanted, saved: (_images_of(dout, shape, *settings),), kind=floats, input=input)


@batched(2)
def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns as `unfold` makes them, added up to images where their windows overlap.

    Parameters
    ----------
    input : Tensor (N, C * KH * KW, windows) or (C * KH * KW, windows)
        Float.
    output_size : int or (int, int)
        Rows and columns of the images.
    kernel_size, dilation, padding, stride : int or (int, int)
        The windows, as for `conv2d`.

    Returns
    -------
    Tensor (N, C, H, W)

    Raises
    ------
    RuntimeError
        If there are not as many rows or windows as these numbers ask for.
    TypeError
        If the dtype is not a float type.
    """
    check_types("fold", input)
    size = pair("fold", "output_size", output_size, 1)
    settings = kernel, dilation, padding, stride = _windows("fold", kernel_size, dilation, padding, stride)
    if input.ndim != 3 or input.shape[1] % prod(kernel):
        raise RuntimeError(f"fold: expected input (N, C * {prod(kernel)}, windows), got {tuple(input.shape)}: its second "
                           f"extent must be a multiple of the {prod(kernel)} taps of a window")
    shape = (input.shape[0], input.shape[1] // prod(kernel), *size)
    check_fit("fold", shape, kernel, stride, padding, dilation)
    windows = prod(_extents(size, *settings))
    if input.shape[2] != windows:
        raise RuntimeError(f"fold: an output of {size} has {windows} windows of {kernel}, but the input "
                           f"{tuple(input.shape)} has {input.shape[2]}")
    return apply("fold", lambda kind, x: _images_of(x, shape, *settings),
                 lambda kind, dout, wanted, saved: (_columns_of(dout, *settings),), kind=floats, input=input)


def _windows(op, kernel_size, dilation, padding, stride):
    return (pair(op, "kernel_size", kernel_size, 1), pair(op, "dilation", dilation, 1), pair(op, "padding", padding, 0),
            pair(op, "stride", stride, 1))


def _extents(size, kernel, dilation, padding, stride):
    """Number of windows: rows and columns."""
    return tuple((extent + 2 * p - d * (k - 1) - 1) // s + 1
                 for extent, k, d, p, s in zip(size, kernel, dilation, padding, stride))


def _taps(size, kernel, dilation, padding, stride):
    """Row and column of each tap of a window, and the pixels of a padded image that it sees."""
    OH, OW = _extents(size, kernel, dilation, padding, stride)
    for kh in range(kernel[0]):
        for kw in range(kernel[1]):
            top, left = kh * dilation[0], kw * dilation[1]
            yield kh, kw, (..., slice(top, top + OH * stride[0], stride[0]), slice(left, left + OW * stride[1], stride[1]))


def _columns_of(x, *settings):
    """(N, C, H, W) as (N, C * KH * KW, windows)."""
    kernel, _, (rows, columns), _ = settings
    (N, C), size = x.shape[:2], x.shape[2:]
    padded = np.pad(x, [(0, 0), (0, 0), (rows, rows), (columns, columns)])
    out = np.empty((N, C, *kernel, *_extents(size, *settings)), x.dtype)
    for kh, kw, seen in _taps(size, *settings):
        out[:, :, kh, kw] = padded[seen]
    return out.reshape(N, C * prod(kernel), prod(out.shape[4:]))


def _images_of(columns, shape, *settings):
    """(N, C * KH * KW, windows) added up to (N, C, H, W)."""
    (kernel, _, (by_row, by_column), _), (N, C, H, W) = settings, shape
    columns = columns.reshape(N, C, *kernel, *_extents((H, W), *settings))
    padded = np.zeros((N, C, H + 2 * by_row, W + 2 * by_column), columns.dtype)
    for kh, kw, seen in _taps((H, W), *settings):
        padded[seen] += columns[:, :, kh, kw]
    return np.ascontiguousarray(padded[:, :, by_row:by_row + H, by_column:by_column + W])
