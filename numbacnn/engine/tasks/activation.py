"""Tasks of the non-linearities, number by number in the order of the memory."""
import numpy as np

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


@Task
def forward(name, *settings):
    """Any loop `name_forward(x, out)`, or `name_forward(x, setting, out)` for one setting."""
    loop = getattr(activation, f"{name}_forward")
    if not settings:
        def task(table, k):
            x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
            own = slice(k * CHUNK, (k + 1) * CHUNK)
            loop(x[own], out[own])
        return task
    setting = np.float32(settings[0])

    def task_with_setting(table, k):
        x, out = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        loop(x[own], setting, out[own])
    return task_with_setting


@Task
def backward(name, *settings):
    """Any loop `name_backward(dout, saved, dx)`, or `name_backward(dout, saved, setting, dx)`."""
    loop = getattr(activation, f"{name}_backward")
    if not settings:
        def task(table, k):
            dout, saved, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
            own = slice(k * CHUNK, (k + 1) * CHUNK)
            loop(dout[own], saved[own], dx[own])
        return task
    setting = np.float32(settings[0])

    def task_with_setting(table, k):
        dout, saved, dx = lanes(table, 0, 1, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        own = slice(k * CHUNK, (k + 1) * CHUNK)
        loop(dout[own], saved[own], setting, dx[own])
    return task_with_setting
