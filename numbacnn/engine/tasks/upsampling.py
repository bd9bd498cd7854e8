"""Tasks of the upsampling: a slice is one channel of one block of images; words 0 to 5 are the grids, as triples."""
from ...kernels import upsampling
from ...simd.choice import L
from ...simd.views import cell, lanes
from ..task import Task
from .conv3d import triple


@Task
def nearest2d_forward():
    def task(table, k):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, x.shape[1])
        upsampling.nearest2d_forward(cell(x, n, c), triple(table, 0), triple(table, 3), cell(out, n, c))
    return task


@Task
def nearest2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, dx.shape[1])
        upsampling.nearest2d_backward(cell(dout, n, c), triple(table, 0), triple(table, 3), cell(dx, n, c))
    return task


@Task
def bilinear2d_forward():
    def task(table, k):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, x.shape[1])
        upsampling.bilinear2d_forward(cell(x, n, c), triple(table, 0), triple(table, 3), cell(out, n, c))
    return task


@Task
def bilinear2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, dx.shape[1])
        upsampling.bilinear2d_backward(cell(dout, n, c), triple(table, 0), triple(table, 3), cell(dx, n, c))
    return task
