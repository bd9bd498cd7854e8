"""How a textbook loop is called on plain arrays."""
from functools import lru_cache
from math import prod

import numpy as np
from numba.core import config

from . import cache


@lru_cache(maxsize=None)
def loop(kernel):
    """The kernel, ready to be called from Python: compiled once for each float type."""
    return kernel if config.DISABLE_JIT else cache.keep(kernel)


def call(kernel, *args):
    """Run the kernel on plain arrays."""
    with np.errstate(all="ignore"):  # overflow to infinity is meant, also where NumPy runs the loop without a compiler
        loop(kernel)(*args)


def wanted_of(wanted, *gradients):
    """The gradients that are wanted, and None for the others."""
    return tuple(gradient if want else None for want, gradient in zip(wanted, gradients))


def as_images(x):
    """(N, C, ...) as (N, C, H, W), a view: features are one pixel, a signal is one row, a volume D*H rows."""
    H, W = (prod(x.shape[2:-1]), x.shape[-1]) if x.ndim > 2 else (1, 1)
    return x.reshape(*x.shape[:2], H, W)


def made(kernel, shape, *args):
    """What the kernel writes into an array of that shape, its last argument; the first one says of which float type."""
    out = np.empty(shape, args[0].dtype)
    call(kernel, *args, out)
    return out


def dense(*arrays):
    """The arrays without gaps."""
    return [np.ascontiguousarray(array) for array in arrays]
