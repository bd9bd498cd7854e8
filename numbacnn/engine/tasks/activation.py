"""Tasks of the non-linearities, number by number in the order of the memory."""
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
def relu_forward():
    def task(table, k):
        x, out = lanes(table, 0, 2, L), lanes(table, 1, 2, L)
        n, own = stretch(k, x)
        activation.relu_forward(x[n, own], out[n, own])
    return task


@Task
def relu_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
        n, own = stretch(k, dx)
        activation.relu_backward(dout[n, own], out[n, own], dx[n, own])
    return task


@Task
def tanh_forward():
    def task(table, k):
        x, out = lanes(table, 0, 2, L), lanes(table, 1, 2, L)
        n, own = stretch(k, x)
        activation.tanh_forward(x[n, own], out[n, own])
    return task


@Task
def tanh_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
        n, own = stretch(k, dx)
        activation.tanh_backward(dout[n, own], out[n, own], dx[n, own])
    return task
