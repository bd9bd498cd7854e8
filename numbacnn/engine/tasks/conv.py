"""Tasks of the convolution."""
from numba import njit

from ...kernels import conv
from ...simd.choice import HALF, L
from ...simd.views import cell, columns, lanes, only, patches, sheets, spreads, tiles, turned
from ..task import Task, band, geometry, unit_geometry


@Task
def conv2d_forward(T, used=L):
    """A slice is a tile of channels of a band of rows."""
    def task(table, k):
        x, weight = lanes(table, 0, 4, used), columns(table, 1, 4, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 4, T, used, L)
        k, oc = divmod(k, weight.shape[0])
        n, first, end = band(table, k, out.shape[2])
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_forward(only(x, 0, n), only(weight, 0, oc), only(bias, 0, oc), stride,
                            (padding[0] - first * stride[0], padding[1]), dilation, cell(out, n, oc)[:, :, first:end])
    return task


@Task
def conv2d_backward_input(T, strided, used=L):
    """A slice is a tile of channels of a band of rows."""
    settings = geometry if strided else unit_geometry

    def task(table, k):
        dout, weight = lanes(table, 0, 4, used), columns(table, 1, 4, T)
        dx = tiles(table, 2, 4, T, used, L)
        k, ic = divmod(k, weight.shape[0])
        n, first, end = band(table, k, dx.shape[2])
        stride, padding, dilation, _ = settings(table)
        conv.conv2d_backward_input(only(dout, 0, n), only(weight, 0, ic), stride, (padding[0] + first, padding[1]),
                                   dilation, cell(dx, n, ic)[:, :, first:end])
    return task


@Task
def conv2d_backward_weight(T, K, pitch):
    """A grid of T output channels x K numbers of x: input channels, or the taps of a row.

    Half a number is added up at a time: twice the sums fit the registers. Each slot is the sum over a band of rows of dout,
    of one block of images; a slice is a tile of output channels of it.
    """
    def task(table, k):
        add_up_slice(table, k, tiles(table, 0, 5, T, HALF, L), tiles(table, 1, 5, K, HALF, pitch),
                     patches(table, 2, 5, T, K, HALF))
    return task


@Task
def conv2d_backward_weight_turned(K):
    """The same of L output channels, in the lanes, x K input channels: there is nothing to fold at the end of a sum."""
    def task(table, k):
        add_up_slice(table, k, turned(table, 0, 5, HALF, L), spreads(table, 1, 5, K, HALF, L), sheets(table, 2, 5, L, K))
    return task


@njit(inline="always")
def add_up_slice(table, k, dout, x, slots):
    """Slice k of a weight gradient.  Shapes: dout (blocks, 2, tiles, OH, OW), x (blocks, 2, groups, H, W), slots (parts, tiles, ...)."""
    slot, oc = divmod(k, slots.shape[1])
    n, first, end = band(table, slot, dout.shape[3])
    stride, padding, dilation, _ = geometry(table)
    conv.conv2d_backward_weight(only(dout[n, :, :, first:end], 1, oc), x[n], stride,
                                (padding[0] - first * stride[0], padding[1]), dilation, only(slots[slot], 0, oc))


@Task
def conv2d_backward_bias(T):
    """A slice is a tile of channels of a block: what the block adds to the gradient."""
    def task(table, k):
        dout, dbias = tiles(table, 0, 4, T, L, L), columns(table, 1, 2, T)
        n, oc = divmod(k, dout.shape[1])
        conv.conv2d_backward_bias(cell(dout, n, oc), cell(dbias, n, oc)[0])
    return task
