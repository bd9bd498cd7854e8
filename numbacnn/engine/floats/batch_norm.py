"""Batch normalization on floats: all images are one block."""
import numpy as np

from ...kernels import batch_norm
from .loop import call


def batch_norm_statistics(x):
    """(mean, var) of each channel over all pixels of all images."""
    x = _rows(x)
    present, (count, mean, square) = np.ones(len(x), x.dtype), np.empty((3, 1, x.shape[1]), x.dtype)
    call(batch_norm.batch_norm_forward_statistics, x, present, count[0], mean[0], square[0])
    merged, var = np.empty((2, x.shape[1]), x.dtype)
    call(batch_norm.batch_norm_forward_merge, count, mean, square, merged, var)
    return merged, var


def batch_norm_running_update(running, batch, keep, add):
    """running = keep * running + add * batch, in place."""
    call(batch_norm.batch_norm_running_update, running, batch, *running.dtype.type([keep, add]))


def batch_norm_forward(x, mean, var, weight, bias, eps):
    """x normalized with these (C,) and then scaled and shifted."""
    out = np.empty(x.shape, x.dtype)
    call(batch_norm.batch_norm_forward, _rows(x), *_dense(mean, var, weight, bias), x.dtype.type(eps), _rows(out))
    return out


def batch_norm_backward(dout, x, mean, var, weight, eps, training, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools.

    In `training` mean and var are those of x itself, so they pass a gradient on.
    """
    mean, var, weight = _dense(mean, var, weight)
    eps, dx, (dweight, dbias) = x.dtype.type(eps), np.empty(x.shape, x.dtype), np.empty((2, x.shape[1]), x.dtype)
    pixels = _rows(x)
    call(batch_norm.batch_norm_backward_weight, _rows(dout), pixels, mean, var, eps, dweight, dbias)
    if wanted[0] and training:
        present, share = np.ones(len(x), x.dtype), x.dtype.type(x.shape[1] / x.size)
        call(batch_norm.batch_norm_backward_input, _rows(dout), pixels, present, mean, var, weight, eps, dweight, dbias,
             share, _rows(dx))
    elif wanted[0]:
        call(batch_norm.batch_norm_backward_input_fixed, _rows(dout), var, weight, eps, _rows(dx))
    return tuple(gradient if want else None for want, gradient in zip(wanted, (dx, dweight, dbias)))


def _rows(x):
    """(N, C, ...) as (N, C, 1, all pixels), a view."""
    return x.reshape(*x.shape[:2], 1, -1) if x.size else x.reshape(*x.shape[:2], 1, 0)


def _dense(*arrays):
    return [np.ascontiguousarray(array) for array in arrays]
