"""The twin, continued: convolution, also in groups, and pooling in three dimensions.

Like `reference`, it imports nothing of numbacnn and works in float64.
"""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reference import double


def framed3d(x, padding):
    return np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))


def taps3d(x, kernel, stride, dilation=(1, 1, 1)):
    """Every window of every channel: (N, C, OD, OH, OW, KD, KH, KW)."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    steps = tuple(slice(None, None, step) for step in (*stride, *dilation))
    return sliding_window_view(x, reach, axis=(2, 3, 4))[(slice(None), slice(None), *steps)]


def scatter3d(parts, x_shape, stride, padding, dilation=(1, 1, 1)):
    """Add parts (N, C, OD, OH, OW, KD, KH, KW) to the pixels they belong to."""
    canvas = framed3d(np.zeros(x_shape), padding)
    for tap in np.ndindex(parts.shape[5:]):
        places = tuple(slice(k * d, k * d + (o - 1) * s + 1, s)
                       for k, d, o, s in zip(tap, dilation, parts.shape[2:5], stride))
        canvas[(slice(None), slice(None), *places)] += parts[(..., *tap)]
    return canvas[(..., *(slice(p, p + extent) for p, extent in zip(padding, x_shape[2:])))]


def conv3d_forward(x, weight, bias, stride, padding, dilation):
    taps = taps3d(framed3d(double(x), padding), weight.shape[2:], stride, dilation)
    out = np.einsum("ncdijefg,ocefg->nodij", taps, double(weight), optimize=True)
    return out if bias is None else out + double(bias)[:, None, None, None]


def conv3d_backward_input(dout, weight, stride, padding, dilation, x_shape):
    parts = np.einsum("nodij,ocefg->ncdijefg", double(dout), double(weight), optimize=True)
    return scatter3d(parts, x_shape, stride, padding, dilation)


def conv3d_backward_weight(dout, x, stride, padding, dilation, weight_shape):
    taps = taps3d(framed3d(double(x), padding), weight_shape[2:], stride, dilation)
    return np.einsum("nodij,ncdijefg->ocefg", double(dout), taps, optimize=True)


def grouped_conv3d(x, weight, bias, dout, settings, groups):
    """(out, dx, dweight, dbias), one group of channels after the other."""
    parts = []
    for x_part, w, b, d in zip(np.split(x, groups, 1), np.split(weight, groups), np.split(bias, groups), np.split(dout, groups, 1)):
        parts.append((conv3d_forward(x_part, w, b, *settings), conv3d_backward_input(d, w, *settings, x_part.shape),
                      conv3d_backward_weight(d, x_part, *settings, w.shape), double(d).sum(axis=(0, 2, 3, 4))))
    return [np.concatenate(part, axis) for part, axis in zip(zip(*parts), (1, 1, 0, 0))]


def max_pool3d_forward(x, kernel, stride, padding, dilation):
    """(out, tap), taps counted from 1, for numbers that are not NaN and windows that see at least one pixel."""
    x = np.pad(double(x), ((0, 0), (0, 0), *((p, p) for p in padding)), constant_values=-np.inf)
    taps = taps3d(x, kernel, stride, dilation)
    taps = taps.reshape(*taps.shape[:5], -1)
    return taps.max(axis=-1), 1 + taps.argmax(axis=-1)


def max_pool3d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    won = np.asarray(tap)[..., None] == 1 + np.arange(np.prod(kernel))
    return scatter3d((won * double(dout)[..., None]).reshape(*dout.shape, *kernel), x_shape, stride, padding, dilation)


def pixels3d(x_shape, kernel, stride, padding, count_include_pad):
    counts = taps3d(framed3d(np.ones((1, 1, *x_shape[2:])), padding), kernel, stride).sum(axis=(5, 6, 7))
    return np.full(counts.shape, np.prod(kernel)) if count_include_pad else counts


def avg_pool3d_forward(x, kernel, stride, padding, count_include_pad):
    sums = taps3d(framed3d(double(x), padding), kernel, stride).sum(axis=(5, 6, 7))
    return sums / pixels3d(x.shape, kernel, stride, padding, count_include_pad)


def avg_pool3d_backward(dout, x_shape, kernel, stride, padding, count_include_pad):
    part = double(dout) / pixels3d(x_shape, kernel, stride, padding, count_include_pad)
    return scatter3d(np.broadcast_to(part[..., None, None, None], (*dout.shape, *kernel)), x_shape, stride, padding)
