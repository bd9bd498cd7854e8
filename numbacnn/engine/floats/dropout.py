"""Dropout on floats."""
import numpy as np

from ...kernels import dropout
from .loop import call


def dropout_forward(x, p, scale, seed):
    """scale * x, but 0 where the lot of a number falls below p."""
    return _dropped(dropout.dropout_forward, x, p, scale, seed)


def dropout2d_forward(x, p, scale, seed):
    """The same with one lot for each channel of each image."""
    return _dropped(dropout.dropout2d_forward, x, p, scale, seed)


def _dropped(kernel, x, p, scale, seed):
    out, f = np.empty(x.shape, x.dtype), x.dtype.type
    if x.size:
        N, C = x.shape[:2] if x.ndim > 1 else (1, x.size)
        call(kernel, x.reshape(N, C, 1, -1), np.arange(N, dtype=x.dtype), np.int64(seed), f(p), f(scale),
             out.reshape(N, C, 1, -1))
    return out
