"""Tasks of convolutions in strips: the loops of the convolution on T neighbouring pixels of a single channel.

The taps of a row are one number, so the loops see filters one tap wide.  A slice is a band of rows.  T, K, begin, end and
pitch are those of `Strip`.
"""
from ...kernels import conv
from ...simd.choice import L
from ...simd.views import columns, floats, only, strips, tiles
from ..task import Task, band, geometry, unit_geometry


@Task
def conv2d_forward(T, K, begin, end, pitch, used=L):
    def task(table, k):
        x, weight = strips(table, 0, 4, T, K, begin, end, used, pitch), columns(table, 1, 4, K)
        bias, out = floats(table, 2, 1), tiles(table, 3, 4, T, used, L)
        n, first_row, end_row = band(table, k, out.shape[2])
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_forward(only(x, 0, n), weight, bias, stride, (padding[0] - first_row * stride[0], 0), dilation,
                            only(out, 0, n)[:, :, first_row:end_row])
    return task


@Task
def conv2d_backward_input(strided, T, K, begin, end, pitch, used=L):
    settings = geometry if strided else unit_geometry

    def task(table, k):
        dout, weight = strips(table, 0, 4, T, K, begin, end, used, pitch), columns(table, 1, 4, K)
        dx = tiles(table, 2, 4, T, used, L)
        n, first_row, end_row = band(table, k, dx.shape[2])
        stride, padding, dilation, _ = settings(table)
        conv.conv2d_backward_input(only(dout, 0, n), weight, stride, (padding[0] + first_row, 0), dilation,
                                   only(dx, 0, n)[:, :, first_row:end_row])
    return task
