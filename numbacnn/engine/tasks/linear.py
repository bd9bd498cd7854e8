"""Tasks of the dense layer."""
from ...kernels import linear
from ...simd import packing
from ...simd.choice import L
from ...simd.views import cell, columns, floats, lanes, only, tiles
from ..task import Task


@Task
def linear_forward(T, used=L):
    def task(table, k):
        x, weight = lanes(table, 0, 2, used), columns(table, 1, 2, T)
        bias, out = columns(table, 2, 1, T), tiles(table, 3, 2, T, used, L)
        n, oc = divmod(k, weight.shape[0])
        linear.linear_forward(only(x, 0, n), only(weight, 0, oc), only(bias, 0, oc),
                              cell(out, n, oc))
    return task


@Task
def linear_backward_input(T):
    def task(table, k):
        dout, weight, dx = lanes(table, 0, 2, L), columns(table, 1, 2, T), tiles(table, 2, 2, T, L, L)
        n, ic = divmod(k, weight.shape[0])
        linear.linear_backward_input(only(dout, 0, n), only(weight, 0, ic),
                                     cell(dx, n, ic))
    return task


@Task
def linear_backward_weight(T):
    """The lanes are inputs; a slice takes L of them, whose numbers stay in the first cache while all outputs meet them, and
    moves tile after tile to its columns of the plain gradient."""
    def task(table, ic):
        dout, x = columns(table, 0, 2, T), lanes(table, 1, 2, L)
        tile, rows, dweight = tiles(table, 2, 2, T, L, L), lanes(table, 3, 2, L), floats(table, 4, 2)
        for oc in range(dout.shape[1]):
            linear.linear_backward_weight(only(dout, 1, oc), only(x, 1, ic), only(tile, 0, ic))
            packing.unpack_rows(rows, dweight, oc * T, ic, L)
    return task


@Task
def linear_backward_bias(T):
    def task(table, oc):
        dout, dbias = tiles(table, 0, 2, T, L, L), columns(table, 1, 1, T)
        linear.linear_backward_bias(only(dout, 1, oc), only(dbias, 0, oc))
    return task
