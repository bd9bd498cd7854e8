"""Adaptive pooling on floats."""
import numpy as np

from ...kernels import adaptive_pooling
from .loop import call


def adaptive_avg_pool2d_forward(x, size):
    """The averages of (OH, OW) windows."""
    out = np.empty((*x.shape[:2], *size), x.dtype)
    call(adaptive_pooling.adaptive_avg_pool2d_forward, x, out)
    return out


def adaptive_avg_pool2d_backward(dout, x_shape):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    call(adaptive_pooling.adaptive_avg_pool2d_backward, dout, dx)
    return dx


def adaptive_max_pool2d_forward(x, size):
    """(out, place): the largest pixels of (OH, OW) windows and where in the image each was."""
    out, place = np.empty((2, *x.shape[:2], *size), x.dtype)
    call(adaptive_pooling.adaptive_max_pool2d_forward, x, out, place)
    return out, place


def adaptive_max_pool2d_backward(dout, place, x_shape):
    """dx of the shape of x."""
    dx = np.empty(x_shape, dout.dtype)
    call(adaptive_pooling.adaptive_max_pool2d_backward, dout, place, dx)
    return dx
