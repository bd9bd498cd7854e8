"""Batch normalization on floats: all images are one block."""
import numpy as np

from ...kernels import batch_norm
from .loop import as_images, call


def batch_norm_statistics(x):
    """(mean, var) of each channel over all pixels of all images."""
    x = as_images(x)
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
    call(batch_norm.batch_norm_forward, as_images(x), *_dense(mean, var, weight, bias), x.dtype.type(eps), as_images(out))
    return out


def batch_norm_backward(dout, x, mean, var, weight, eps, training, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools.

    In `training` mean and var are those of x itself, so they pass a gradient on.
    """
    mean, var, weight = _dense(mean, var, weight)
    eps, dx, (dweight, dbias) = x.dtype.type(eps), np.empty(x.shape, x.dtype), np.empty((2, x.shape[1]), x.dtype)
    pixels = as_images(x)
    call(batch_norm.batch_norm_backward_weight, as_images(dout), pixels, mean, var, eps, dweight, dbias)
    if wanted[0] and training:
        present, share = np.ones(len(x), x.dtype), x.dtype.type(x.shape[1] / x.size)
        call(batch_norm.batch_norm_backward_input, as_images(dout), pixels, present, mean, var, weight, eps, dweight, dbias,
             share, as_images(dx))
    elif wanted[0]:
        call(batch_norm.batch_norm_backward_input_fixed, as_images(dout), var, weight, eps, as_images(dx))
    return tuple(gradient if want else None for want, gradient in zip(wanted, (dx, dweight, dbias)))


def _dense(*arrays):
    return [np.ascontiguousarray(array) for array in arrays]
