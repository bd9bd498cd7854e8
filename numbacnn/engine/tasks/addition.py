"""Tasks of the addition, number by number in the order of the memory."""
from ...kernels import addition
from ...simd.choice import L
from ...simd.views import lanes
from ..task import Task
from .activation import stretch


@Task
def add_forward():
    def task(table, k):
        x, y, out = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
        n, own = stretch(k, out)
        addition.add_forward(x[n, own], y[n, own], out[n, own])
    return task
