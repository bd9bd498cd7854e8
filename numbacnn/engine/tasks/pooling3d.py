"""Tasks of the poolings in three dimensions: words 0 to 11 are stride, padding, dilation and window, as triples."""
from ...kernels import pooling3d
from ...simd.choice import L
from ...simd.views import cell, lanes, number
from ..task import Task
from .conv3d import triple


@Task
def max_pool3d_forward():
    def task(table, k):
        x, out, tap = lanes(table, 0, 5, L), lanes(table, 1, 5, L), lanes(table, 2, 5, L)
        n, c = divmod(k, x.shape[1])
        pooling3d.max_pool3d_forward(cell(x, n, c), triple(table, 9), triple(table, 0), triple(table, 3),
                                     triple(table, 6), cell(out, n, c), cell(tap, n, c))
    return task


@Task
def max_pool3d_backward():
    def task(table, k):
        dout, tap, dx = lanes(table, 0, 5, L), lanes(table, 1, 5, L), lanes(table, 2, 5, L)
        n, c = divmod(k, dx.shape[1])
        pooling3d.max_pool3d_backward(cell(dout, n, c), cell(tap, n, c), triple(table, 9), triple(table, 0),
                                      triple(table, 3), triple(table, 6), cell(dx, n, c))
    return task


@Task
def avg_pool3d_forward():
    """Words 12 and 13: whether padding counts, and the divisor."""
    def task(table, k):
        x, out = lanes(table, 0, 5, L), lanes(table, 1, 5, L)
        n, c = divmod(k, x.shape[1])
        pooling3d.avg_pool3d_forward(cell(x, n, c), triple(table, 9), triple(table, 0), triple(table, 3),
                                     number(table, 12) != 0, number(table, 13), cell(out, n, c))
    return task


@Task
def avg_pool3d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 5, L), lanes(table, 1, 5, L)
        n, c = divmod(k, dx.shape[1])
        pooling3d.avg_pool3d_backward(cell(dout, n, c), triple(table, 9), triple(table, 0), triple(table, 3),
                                      number(table, 12) != 0, number(table, 13), cell(dx, n, c))
    return task
