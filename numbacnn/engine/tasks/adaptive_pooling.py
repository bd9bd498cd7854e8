"""Tasks of the adaptive poolings: a slice is one channel of one block of images."""
from ...kernels import adaptive_pooling
from ...simd.choice import L
from ...simd.views import cell, lanes
from ..task import Task


@Task
def adaptive_avg_pool2d_forward(used=L):
    def task(table, k):
        x, out = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        n, c = divmod(k, x.shape[1])
        adaptive_pooling.adaptive_avg_pool2d_forward(cell(x, n, c), cell(out, n, c))
    return task


@Task
def adaptive_avg_pool2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, dx.shape[1])
        adaptive_pooling.adaptive_avg_pool2d_backward(cell(dout, n, c), cell(dx, n, c))
    return task


@Task
def adaptive_max_pool2d_forward(used=L):
    def task(table, k):
        x, out, place = lanes(table, 0, 4, used), lanes(table, 1, 4, used), lanes(table, 2, 4, used)
        n, c = divmod(k, x.shape[1])
        adaptive_pooling.adaptive_max_pool2d_forward(cell(x, n, c), cell(out, n, c), cell(place, n, c))
    return task


@Task
def adaptive_max_pool2d_backward():
    def task(table, k):
        dout, place, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, c = divmod(k, dx.shape[1])
        adaptive_pooling.adaptive_max_pool2d_backward(cell(dout, n, c), cell(place, n, c), cell(dx, n, c))
    return task
