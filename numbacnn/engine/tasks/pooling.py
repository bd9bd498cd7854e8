"""Tasks of the poolings: a slice is one channel of one block of images."""
from ...kernels import activation, pooling
from ...simd.choice import L
from ...simd.views import cell, lanes, number
from ..task import Task, geometry


@Task
def max_pool2d_forward():
    def task(table, k):
        x, out, tap = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, c = divmod(k, x.shape[1])
        stride, padding, dilation, kernel = geometry(table)
        pooling.max_pool2d_forward(
            cell(x, n, c), kernel, stride, padding, dilation,
            cell(out, n, c), cell(tap, n, c))
    return task


@Task
def max_pool2d_backward():
    def task(table, k):
        dout, tap, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, c = divmod(k, dx.shape[1])
        stride, padding, dilation, kernel = geometry(table)
        pooling.max_pool2d_backward(
            cell(dout, n, c), cell(tap, n, c), kernel, stride, padding,
            dilation, cell(dx, n, c))
    return task


@Task
def max_pool2d_relu_forward():
    """Pooling, then the rectifier on the channel that was pooled."""
    def task(table, k):
        x, out, tap = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        planes = lanes(table, 3, 3, L)
        n, c = divmod(k, x.shape[1])
        stride, padding, dilation, kernel = geometry(table)
        pooling.max_pool2d_forward(
            cell(x, n, c), kernel, stride, padding, dilation,
            cell(out, n, c), cell(tap, n, c))
        activation.relu_forward(planes[n, c], planes[n, c])
    return task


@Task
def max_pool2d_relu_backward():
    """The rectifier's gradient, then the pooling's, for one channel."""
    def task(table, k):
        dout, out, tap = lanes(table, 0, 3, L), lanes(table, 1, 3, L), lanes(table, 2, 4, L)
        dx, passed, passed_plane = lanes(table, 3, 4, L), lanes(table, 4, 4, L), lanes(table, 5, 3, L)
        n, c = divmod(k, dx.shape[1])
        stride, padding, dilation, kernel = geometry(table)
        activation.relu_backward(dout[n, c], out[n, c], passed_plane[n, c])
        pooling.max_pool2d_backward(
            cell(passed, n, c), cell(tap, n, c), kernel, stride, padding,
            dilation, cell(dx, n, c))
    return task


@Task
def avg_pool2d_forward():
    def task(table, k):
        x, out = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, x.shape[1])
        stride, padding, _, kernel = geometry(table)
        pooling.avg_pool2d_forward(cell(x, n, c), kernel, stride, padding,
                                   number(table, 8) != 0, number(table, 9), cell(out, n, c))
    return task


@Task
def avg_pool2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, c = divmod(k, dx.shape[1])
        stride, padding, _, kernel = geometry(table)
        pooling.avg_pool2d_backward(cell(dout, n, c), kernel, stride, padding,
                                    number(table, 8) != 0, number(table, 9), cell(dx, n, c))
    return task
