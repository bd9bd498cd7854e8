"""The twin, continued: adaptive pooling, batch normalization and dropout.

Like `reference`, it imports nothing of numbacnn and works in float64.
"""
import numpy as np

from reference import double


def adaptive_weights(extent, windows):
    """The share of each row in each window's average: (windows, extent)."""
    rows, k = np.arange(extent), np.arange(windows)[:, None]
    inside = (rows >= np.floor(k * extent / windows)) & (rows < np.ceil((k + 1) * extent / windows))
    return inside / inside.sum(axis=1, keepdims=True)


def adaptive_avg_pool2d_forward(x, size):
    rows, columns = (adaptive_weights(*pair) for pair in zip(x.shape[2:], size))
    return np.einsum("nchw,ih,jw->ncij", double(x), rows, columns)


def adaptive_avg_pool2d_backward(dout, x_shape):
    rows, columns = (adaptive_weights(*pair) for pair in zip(x_shape[2:], dout.shape[2:]))
    return np.einsum("ncij,ih,jw->nchw", double(dout), rows, columns)


def adaptive_max_pool2d_forward(x, size):
    """(out, place), for numbers that are not NaN."""
    rows, columns = (adaptive_weights(*pair) > 0 for pair in zip(x.shape[2:], size))
    inside = (rows[:, None, :, None] & columns[None, :, None, :]).reshape(*size, -1)
    pixels = np.where(inside, double(x).reshape(*x.shape[:2], 1, 1, -1), -np.inf)
    return pixels.max(axis=-1), pixels.argmax(axis=-1)


def adaptive_max_pool2d_backward(dout, place, x_shape):
    dx = np.zeros((*x_shape[:2], x_shape[2] * x_shape[3]))
    n, c, _, _ = np.indices(dout.shape)
    np.add.at(dx, (n, c, np.asarray(place, int)), double(dout))
    return dx.reshape(x_shape)


def adaptive_avg_pool3d(x, size, dout):
    """(out, dx)."""
    shares = [adaptive_weights(*axis) for axis in zip(x.shape[2:], size)]
    return (np.einsum("ncdhw,id,jh,kw->ncijk", double(x), *shares),
            np.einsum("ncijk,id,jh,kw->ncdhw", double(dout), *shares))


def adaptive_max_pool3d(x, size, dout):
    """(out, dx), for numbers that are not NaN; of equal pixels the first in reading order is the largest."""
    layers, rows, columns = (adaptive_weights(*axis) > 0 for axis in zip(x.shape[2:], size))
    inside = np.einsum("id,jh,kw->ijkdhw", layers, rows, columns).reshape(*size, -1)
    pixels = np.where(inside, double(x).reshape(*x.shape[:2], 1, 1, 1, -1), -np.inf)
    dx = np.zeros((*x.shape[:2], pixels.shape[-1]))
    n, c, *_ = np.indices(dout.shape)
    np.add.at(dx, (n, c, pixels.argmax(axis=-1)), double(dout))
    return pixels.max(axis=-1), dx.reshape(x.shape)


# ---------------------------------------------------------------- batch normalization
def channels_first(x):
    """(N, C, ...) as (C, all pixels)."""
    return np.moveaxis(double(x), 1, 0).reshape(x.shape[1], -1)


def by_channel(values, x):
    """Numbers (C,) so that they broadcast to x."""
    return double(values).reshape(1, -1, *(1,) * (x.ndim - 2))


def batch_norm_forward_statistics(x):
    """(count, mean, square) of each channel."""
    rows = channels_first(x)
    return np.full(len(rows), rows.shape[1]), rows.mean(axis=1), rows.shape[1] * rows.var(axis=1)


def batch_norm_forward_merge(counts, means, squares):
    """(mean, var) of blocks whose counts, means and squares are given, by the sums of numbers and of their squares."""
    M, sums = counts.sum(axis=0), (counts * means).sum(axis=0)
    return sums / M, ((squares + counts * double(means) ** 2).sum(axis=0) - sums ** 2 / M) / M


def batch_norm_running_update(running, batch, keep, add):
    return keep * double(running) + add * double(batch)


def batch_norm_forward(x, mean, var, weight, bias, eps):
    return (double(x) - by_channel(mean, x)) * by_channel(weight / np.sqrt(double(var) + eps), x) + by_channel(bias, x)


def batch_norm_backward_weight(dout, x, mean, var, eps):
    """(dweight, dbias)."""
    unit = batch_norm_forward(x, mean, var, np.ones(len(mean)), np.zeros(len(mean)), eps)
    return channels_first(double(dout) * unit).sum(axis=1), channels_first(dout).sum(axis=1)


def batch_norm_backward_input(dout, x, weight, eps):
    """The gradient on its way back through algorithm 1 of the paper, step by step, as its section 3 has it."""
    x, m = double(x), x.size // x.shape[1]
    mean, var = channels_first(x).mean(axis=1), channels_first(x).var(axis=1)
    dunit = double(dout) * by_channel(weight, x)
    away = x - by_channel(mean, x)
    dvar = -channels_first(dunit * away).sum(axis=1) / 2 * (var + eps) ** -1.5
    dmean = -channels_first(dunit).sum(axis=1) / np.sqrt(var + eps) - dvar * 2 * channels_first(away).mean(axis=1)
    return dunit / by_channel(np.sqrt(var + eps), x) + by_channel(dvar, x) * 2 * away / m + by_channel(dmean, x) / m


def batch_norm_backward_input_fixed(dout, var, weight, eps):
    return double(dout) * by_channel(weight / np.sqrt(double(var) + eps), dout)


# ---------------------------------------------------------------- dropout
def splitmix64(seed, count):
    """The first `count` numbers of the stream, as uint64: the state walks from one to the next."""
    state = np.uint64(seed) + np.cumsum(np.full(count, 0x9E3779B97F4A7C15, np.uint64))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ state >> np.uint64(shift)) * np.uint64(factor)
    return state ^ state >> np.uint64(31)


def uniforms(seed, shape):
    """Numbers in [0, 1), one for each place of an array in reading order."""
    return (splitmix64(seed, int(np.prod(shape))) >> np.uint64(40)).astype(float).reshape(shape) / 2 ** 24


def dropout_forward(x, p, scale, seed):
    return np.where(uniforms(seed, x.shape) < p, 0, double(x) * scale)


def dropout2d_forward(x, p, scale, seed):
    kept = uniforms(seed, x.shape[:2]).reshape(*x.shape[:2], *(1,) * (x.ndim - 2)) >= p
    return np.where(kept, double(x) * scale, 0)


# ---------------------------------------------------------------- enlarging
def shift_forward(x, bias):
    return double(x) + by_channel(bias, x)


def read_off(mode, extent, outputs, grid):
    """The share of each pixel in each output, as a matrix (outputs, extent); a grid says where the outputs lie."""
    step, start, unit = grid
    places = np.maximum(np.arange(outputs) * step + start, 0) / unit
    away = np.abs((np.floor(places + 1e-9) if mode == "nearest2d" else np.minimum(places, extent - 1))[:, None]
                  - np.arange(extent))
    return np.maximum(1 - away, 0)


def nearest2d_forward(x, size, rows, columns):
    return resized("nearest2d", x, size, rows, columns)


def nearest2d_backward(dout, x_shape, rows, columns):
    return collected("nearest2d", dout, x_shape, rows, columns)


def bilinear2d_forward(x, size, rows, columns):
    return resized("bilinear2d", x, size, rows, columns)


def bilinear2d_backward(dout, x_shape, rows, columns):
    return collected("bilinear2d", dout, x_shape, rows, columns)


def resized(mode, x, size, rows, columns):
    rows, columns = (read_off(mode, *axis) for axis in zip(x.shape[2:], size, (rows, columns)))
    return np.einsum("nchw,ih,jw->ncij", double(x), rows, columns)


def collected(mode, dout, x_shape, rows, columns):
    rows, columns = (read_off(mode, *axis) for axis in zip(x_shape[2:], dout.shape[2:], (rows, columns)))
    return np.einsum("ncij,ih,jw->nchw", double(dout), rows, columns)


def embedding_forward(numbers, weight):
    return double(weight)[numbers]


def embedding_backward(dout, numbers, rows):
    dweight = np.zeros((rows, dout.shape[-1]))
    np.add.at(dweight, numbers, double(dout))
    return dweight
