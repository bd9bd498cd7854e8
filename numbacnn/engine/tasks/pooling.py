"""Tasks of the poolings: a slice is GROUP channels of a band of rows of one block of images."""
from numba import njit

from ...kernels import activation, pooling
from ...simd.choice import L
from ...simd.views import group, lanes, number
from ..task import Task, band, geometry

GROUP = 8  # channels that lie side by side: a slice goes through memory in long pieces


@njit(inline="always")
def windows(table, k, x, out):
    """(n, g, first row, end row, padding) of slice k: group g of the channels in a band of rows of `out`."""
    k, g = divmod(k, -(-x.shape[1] // GROUP))
    n, first, end = band(table, k, out.shape[2])
    stride, padding, _, _ = geometry(table)
    return n, g, first, end, (padding[0] - first * stride[0], padding[1])


@njit(inline="always")
def own_windows(table, k, dx, dout):
    """The same for a gradient, with the rows of `dx` that the band writes: (..., padding, top, bottom).

    Those that no window sees go to the band above them. Several bands may be asked for only where windows do not overlap.
    """
    n, g, first, end, (above, left) = windows(table, k, dx, dout)
    stride, padding, _, _ = geometry(table)
    H, top = dx.shape[2], max(0, -above)
    bottom = H if end == dout.shape[2] else min(H, end * stride[0] - padding[0])
    return n, g, first, end, (above + top, left), top, max(top, bottom)


@Task
def max_pool2d_forward(used=L):
    def task(table, k):
        x, out, tap = lanes(table, 0, 4, used), lanes(table, 1, 4, used), lanes(table, 2, 4, used)
        n, g, first, end, padding = windows(table, k, x, out)
        stride, _, dilation, kernel = geometry(table)
        pooling.max_pool2d_forward(
            group(x, n, g, GROUP), kernel, stride, padding, dilation,
            group(out, n, g, GROUP)[:, :, first:end], group(tap, n, g, GROUP)[:, :, first:end])
    return task


@Task
def max_pool2d_backward():
    def task(table, k):
        dout, tap, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 4, L)
        n, g, first, end, padding, top, bottom = own_windows(table, k, dx, dout)
        stride, _, dilation, kernel = geometry(table)
        pooling.max_pool2d_backward(
            group(dout, n, g, GROUP)[:, :, first:end], group(tap, n, g, GROUP)[:, :, first:end], kernel, stride, padding,
            dilation, group(dx, n, g, GROUP)[:, :, top:bottom])
    return task


@Task
def max_pool2d_relu_forward(used=L):
    """Pooling, then the rectifier on the channels that were pooled, and its gradient on their taps: who is no more than 0 has
    not won, so a pooling's gradient is that of both.

    `pooled` and `rectified` are one memory, seen twice so that LLVM does not know, and so are `tap` and the last two.  Of a
    choice between a number and the one that stands there already it would make a store under a mask, which takes an AMD CPU
    twenty cycles.
    """
    def task(table, k):
        x, out, tap = lanes(table, 0, 4, used), lanes(table, 1, 4, used), lanes(table, 2, 4, used)
        pooled, rectified = lanes(table, 3, 3, used), lanes(table, 4, 3, used)
        winner, passing = lanes(table, 5, 3, used), lanes(table, 6, 3, used)
        n, g, first, end, padding = windows(table, k, x, out)
        stride, _, dilation, kernel = geometry(table)
        pooling.max_pool2d_forward(
            group(x, n, g, GROUP), kernel, stride, padding, dilation,
            group(out, n, g, GROUP)[:, :, first:end], group(tap, n, g, GROUP)[:, :, first:end])
        first, end = first * out.shape[3], end * out.shape[3]
        for c in range(g * GROUP, min((g + 1) * GROUP, x.shape[1])):
            activation.relu_forward(pooled[n, c, first:end], rectified[n, c, first:end])
            activation.relu_backward(winner[n, c, first:end], rectified[n, c, first:end], passing[n, c, first:end])
    return task


@Task
def avg_pool2d_forward(used=L):
    def task(table, k):
        x, out = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        n, g = divmod(k, -(-x.shape[1] // GROUP))
        stride, padding, _, kernel = geometry(table)
        pooling.avg_pool2d_forward(group(x, n, g, GROUP), kernel, stride, padding,
                                   number(table, 8) != 0, number(table, 9), group(out, n, g, GROUP))
    return task


@Task
def avg_pool2d_backward():
    def task(table, k):
        dout, dx = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        n, g = divmod(k, -(-dx.shape[1] // GROUP))
        stride, padding, _, kernel = geometry(table)
        pooling.avg_pool2d_backward(group(dout, n, g, GROUP), kernel, stride, padding,
                                    number(table, 8) != 0, number(table, 9), group(dx, n, g, GROUP))
    return task
