"""Tasks of the grouped convolution: the loops of the convolution on the channels of a group.

Tiles end where groups do; word 8 says how many tiles, of what the tasks write, a group has.
"""
from ...kernels import conv
from ...simd.choice import HALF, L
from ...simd.views import cell, columns, lanes, number, only, patches, tiles
from ..task import Task, geometry, unit_geometry


@Task
def grouped_conv2d_forward(T, used=L):
    def task(table, k):
        x, weight = lanes(table, 0, 4, used), columns(table, 1, 4, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 4, T, used, L)
        n, oc = divmod(k, weight.shape[0])
        IC = weight.shape[1]
        first = oc // number(table, 8) * IC
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_forward(x[n:n + 1, first:first + IC], only(weight, 0, oc), only(bias, 0, oc),
                            stride, padding, dilation, cell(out, n, oc))
    return task


@Task
def grouped_conv2d_backward_input(T, strided, used=L):
    settings = geometry if strided else unit_geometry

    def task(table, k):
        dout, weight = lanes(table, 0, 4, used), columns(table, 1, 4, T)
        dx = tiles(table, 2, 4, T, used, L)
        n, ic = divmod(k, weight.shape[0])
        OC = weight.shape[1]
        first = ic // number(table, 8) * OC
        stride, padding, dilation, _ = settings(table)
        conv.conv2d_backward_input(dout[n:n + 1, first:first + OC], only(weight, 0, ic), stride, padding,
                                   dilation, cell(dx, n, ic))
    return task


@Task
def grouped_conv2d_backward_weight(T, K):
    """A grid of T output channels x K input channels of one group."""
    def task(table, k):
        dout, x = tiles(table, 0, 5, T, HALF, L), tiles(table, 1, 5, K, HALF, L)
        slots = patches(table, 2, 5, T, K, HALF)
        k, ic = divmod(k, slots.shape[2])
        n, oc = divmod(k, slots.shape[1])
        first = oc // number(table, 8) * slots.shape[2]
        stride, padding, dilation, _ = geometry(table)
        conv.conv2d_backward_weight(only(dout[n], 1, oc), only(x[n], 1, first + ic), stride, padding,
                                    dilation, only(only(slots[n], 0, oc), 1, ic))
    return task
