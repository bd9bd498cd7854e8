"""Tasks of the depthwise convolution: the loops of the convolution on T channels at a time, each of which sees its own alone."""
from ...kernels import conv
from ...simd.choice import L
from ...simd.views import cell, columns, only, patches, stacks, tiles
from ..task import Task, band, geometry, unit_geometry


@Task
def conv2d_forward(T, strided, used=L):
    """A slice is a tile of channels of a band of rows."""
    settings = geometry if strided else unit_geometry

    def task(table, k):
        x, weight = stacks(table, 0, 4, T, used, L), columns(table, 1, 4, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 4, T, used, L)
        k, c = divmod(k, weight.shape[0])
        n, first, end = band(table, k, out.shape[2])
        stride, padding, dilation, _ = settings(table)
        conv.conv2d_forward(cell(x, n, c), only(weight, 0, c), only(bias, 0, c), stride,
                            (padding[0] - first * stride[0], padding[1]), dilation, cell(out, n, c)[:, :, first:end])
    return task


@Task
def conv2d_backward_input(T, strided, used=L):
    """A slice is a tile of channels of a band of rows."""
    settings = geometry if strided else unit_geometry

    def task(table, k):
        dout, weight = stacks(table, 0, 4, T, used, L), columns(table, 1, 4, T)
        dx = tiles(table, 2, 4, T, used, L)
        k, c = divmod(k, weight.shape[0])
        n, first, end = band(table, k, dx.shape[2])
        stride, padding, dilation, _ = settings(table)
        conv.conv2d_backward_input(cell(dout, n, c), only(weight, 0, c), stride, (padding[0] + first, padding[1]),
                                   dilation, cell(dx, n, c)[:, :, first:end])
    return task


@Task
def conv2d_backward_weight(T):
    """A slice is a tile of channels of a band of rows, in a slot of its own."""
    def task(table, k):
        dout, x = tiles(table, 0, 4, T, L, L), stacks(table, 1, 4, T, L, L)
        slots = patches(table, 2, 5, T, 1, L)
        slot, c = divmod(k, slots.shape[1])
        n, first, end = band(table, slot, dout.shape[2])
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_weight(cell(dout, n, c)[:, :, first:end], cell(x, n, c), stride,
                                    (padding[0] - first * stride[0], padding[1]), dilation, only(slots[slot], 0, c))
    return task
