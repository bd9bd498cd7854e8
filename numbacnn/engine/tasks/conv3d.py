"""Tasks of the convolution in three dimensions; words 0 to 8 are stride, padding and dilation, as triples.

Word 9 says how many tiles, of what a task writes, a group of channels has: all of them if the channels are in one group.
"""
from numba import njit

from ...kernels import conv3d
from ...simd.choice import HALF, L
from ...simd.views import cell, columns, group, lanes, number, only, patches, sheets, spreads, tiles, turned
from ..task import Task


@njit(inline="always")
def triple(table, i):
    """Three numbers of a table, from word i on: layers, rows, columns."""
    return number(table, i), number(table, i + 1), number(table, i + 2)


@Task
def conv3d_forward(T, used=L):
    def task(table, k):
        x, weight = lanes(table, 0, 5, used), columns(table, 1, 5, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 5, T, used, L)
        n, oc = divmod(k, weight.shape[0])
        x = group(x, n, oc // number(table, 9), weight.shape[1])
        conv3d.conv3d_forward(x, only(weight, 0, oc), only(bias, 0, oc), triple(table, 0),
                              triple(table, 3), triple(table, 6), cell(out, n, oc))
    return task


@Task
def conv3d_backward_input(T):
    def task(table, k):
        dout, weight = lanes(table, 0, 5, L), columns(table, 1, 5, T)
        dx = tiles(table, 2, 5, T, L, L)
        n, ic = divmod(k, weight.shape[0])
        dout = group(dout, n, ic // number(table, 9), weight.shape[1])
        conv3d.conv3d_backward_input(dout, only(weight, 0, ic), triple(table, 0), triple(table, 3),
                                     triple(table, 6), cell(dx, n, ic))
    return task


@Task
def conv3d_backward_weight(T, K):
    """A grid of T output channels x K input channels of one group."""
    def task(table, k):
        add_up_slice(table, k, tiles(table, 0, 6, T, HALF, L), tiles(table, 1, 6, K, HALF, L), patches(table, 2, 6, T, K, HALF))
    return task


@Task
def conv3d_backward_weight_turned(K):
    """The same of L output channels, in the lanes, x K input channels: there is nothing to fold at the end of a sum."""
    def task(table, k):
        add_up_slice(table, k, turned(table, 0, 6, HALF, L), spreads(table, 1, 6, K, HALF, L), sheets(table, 2, 6, L, K))
    return task


@njit(inline="always")
def add_up_slice(table, k, dout, x, slots):
    """Slice k of a weight gradient: of a block, a tile of output channels and a group of input channels.

    Shapes: dout (blocks, 2, tiles, OD, OH, OW), x (blocks, 2, groups, D, H, W), slots (blocks, tiles, groups of a tile, ...).
    """
    k, ic = divmod(k, slots.shape[2])
    n, oc = divmod(k, slots.shape[1])
    first = oc // number(table, 9) * slots.shape[2]
    conv3d.conv3d_backward_weight(only(dout[n], 1, oc), only(x[n], 1, first + ic), triple(table, 0), triple(table, 3),
                                  triple(table, 6), only(only(slots[n], 0, oc), 1, ic))
