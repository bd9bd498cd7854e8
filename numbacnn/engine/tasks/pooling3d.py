"""Tasks of the poolings in three dimensions: words 0 to 11 are stride, padding, dilation and window, as triples."""
from ...kernels import pooling3d
from ...simd.choice import L
from ...simd.views import group, lanes, number
from ..task import Task
from .conv3d import triple
from .pooling import GROUP


@Task
def max_pool3d_forward(used=L):
    def task(table, k):
        x, out, tap = lanes(table, 0, 5, used), lanes(table, 1, 5, used), lanes(table, 2, 5, used)
        n, g = divmod(k, -(-x.shape[1] // GROUP))
        pooling3d.max_pool3d_forward(group(x, n, g, GROUP), triple(table, 9), triple(table, 0), triple(table, 3),
                                     triple(table, 6), group(out, n, g, GROUP), group(tap, n, g, GROUP))
    return task


@Task
def max_pool3d_backward():
    def task(table, k):
        dout, tap, dx = lanes(table, 0, 5, L), lanes(table, 1, 5, L), lanes(table, 2, 5, L)
        n, g = divmod(k, -(-dx.shape[1] // GROUP))
        pooling3d.max_pool3d_backward(group(dout, n, g, GROUP), group(tap, n, g, GROUP), triple(table, 9),
                                      triple(table, 0), triple(table, 3), triple(table, 6), group(dx, n, g, GROUP))
    return task


@Task
def avg_pool3d_forward(used=L):
    """Words 12 and 13: whether padding counts, and the divisor."""
    def task(table, k):
        x, out = lanes(table, 0, 5, used), lanes(table, 1, 5, used)
        n, g = divmod(k, -(-x.shape[1] // GROUP))
        pooling3d.avg_pool3d_forward(group(x, n, g, GROUP), triple(table, 9), triple(table, 0), triple(table, 3),
                                     number(table, 12) != 0, number(table, 13), group(out, n, g, GROUP))
    return task


@Task
def avg_pool3d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 5, L), lanes(table, 1, 5, L)
        n, g = divmod(k, -(-dx.shape[1] // GROUP))
        pooling3d.avg_pool3d_backward(group(dout, n, g, GROUP), triple(table, 9), triple(table, 0), triple(table, 3),
                                      number(table, 12) != 0, number(table, 13), group(dx, n, g, GROUP))
    return task
