"""Tasks of the non-linearities, number by number in the order of the memory."""
import numpy as np
from numba import njit

from ...kernels import activation
from ...simd.choice import L
from ...simd.views import lanes
from ..task import Task

CHUNK = 256  # numbers a slice works on


def slices_of(numbers):
    """Slices of a block of so many numbers."""
    return -(-numbers // CHUNK)


@njit(inline="always")
def stretch(k, array):
    """Slice k as (block, numbers of the block)."""
    chunks = -(-array.shape[1] // CHUNK)
    chunk = k % chunks
    return k // chunks, slice(chunk * CHUNK, (chunk + 1) * CHUNK)


@Task
def forward(name, *settings, used=L):
    """Any loop `name_forward(x, out)`, or `name_forward(x, setting, out)` for one setting."""
    loop = getattr(activation, f"{name}_forward")
    if not settings:
        def task(table, k):
            x, out = lanes(table, 0, 2, used), lanes(table, 1, 2, used)
            n, own = stretch(k, x)
            loop(x[n, own], out[n, own])
        return task
    setting = np.float32(settings[0])

    def task_with_setting(table, k):
        x, out = lanes(table, 0, 2, used), lanes(table, 1, 2, used)
        n, own = stretch(k, x)
        loop(x[n, own], setting, out[n, own])
    return task_with_setting


@Task
def backward(name, *settings):
    """Any loop `name_backward(dout, saved, dx)`, or `name_backward(dout, saved, setting, dx)`."""
    loop = getattr(activation, f"{name}_backward")
    if not settings:
        def task(table, k):
            dout, saved, dx = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
            n, own = stretch(k, dx)
            loop(dout[n, own], saved[n, own], dx[n, own])
        return task
    setting = np.float32(settings[0])

    def task_with_setting(table, k):
        dout, saved, dx = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
        n, own = stretch(k, dx)
        loop(dout[n, own], saved[n, own], setting, dx[n, own])
    return task_with_setting
