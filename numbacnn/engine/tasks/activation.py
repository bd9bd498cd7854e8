"""Tasks of the non-linearities, number by number in the order of the memory."""
from ...kernels import activation
from ...simd.choice import L
from ...simd.views import lanes
from ..task import Task

CHUNK = 256  # numbers a slice works on


@Task
def relu_forward():
    def task(table, k):
        x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.relu_forward(x[own], out[own])
    return task


@Task
def relu_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.relu_backward(dout[own], out[own], dx[own])
    return task


@Task
def tanh_forward():
    def task(table, k):
        x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.tanh_forward(x[own], out[own])
    return task


@Task
def tanh_backward():
    def task(table, k):
        dout, out, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        activation.tanh_backward(dout[own], out[own], dx[own])
    return task
