"""Tasks of the addition, number by number in the order of the memory."""
from ...kernels import addition
from ...simd.choice import L
from ...simd.views import cell, floats, lanes, only
from ..task import Task
from .activation import stretch


@Task
def add_forward(used=L):
    def task(table, k):
        x, y, out = lanes(table, 0, 2, used), lanes(table, 1, 2, used), lanes(table, 2, 2, used)
        n, own = stretch(k, out)
        addition.add_forward(x[n, own], y[n, own], out[n, own])
    return task


@Task
def shift_forward(used=L):
    """A slice is one channel of one block of images."""
    def task(table, k):
        x, bias, out = lanes(table, 0, 4, used), floats(table, 1, 1), lanes(table, 2, 4, used)
        n, c = divmod(k, x.shape[1])
        addition.shift_forward(cell(x, n, c), only(bias, 0, c), cell(out, n, c))
    return task
