"""Tasks of the batch normalization: a slice is one channel of one block of images; word 0 holds epsilon."""
import numpy as np

from ...kernels import batch_norm
from ...simd.choice import L
from ...simd.views import cell, floats, lanes, number, only, real
from ..task import Task


@Task
def batch_norm_forward_statistics():
    def task(table, k):
        x, present = lanes(table, 0, 4, L), lanes(table, 1, 1, L)
        count, mean, square = floats(table, 2, 2), floats(table, 3, 2), floats(table, 4, 2)
        n, c = divmod(k, x.shape[1])
        batch_norm.batch_norm_forward_statistics(cell(x, n, c), only(present, 0, n), only(count[n], 0, c),
                                                 only(mean[n], 0, c), only(square[n], 0, c))
    return task


@Task
def batch_norm_forward_merge():
    def task(table, k):
        counts, means, squares = floats(table, 0, 2), floats(table, 1, 2), floats(table, 2, 2)
        batch_norm.batch_norm_forward_merge(counts, means, squares, floats(table, 3, 1), floats(table, 4, 1))
    return task


@Task
def batch_norm_running_update():
    """Word 0 is the address of `keep` and `add`, float64 each."""
    def task(table, k):
        batch, running = floats(table, 0, 1), floats(table, 1, 1)
        settings, f = number(table, 0), np.float32
        batch_norm.batch_norm_running_update(running, batch, f(real(settings, 0)), f(real(settings, 1)))
    return task


@Task
def batch_norm_forward(used=L):
    def task(table, k):
        x, mean, var = lanes(table, 0, 4, used), floats(table, 1, 1), floats(table, 2, 1)
        weight, bias, out = floats(table, 3, 1), floats(table, 4, 1), lanes(table, 5, 4, used)
        n, c = divmod(k, x.shape[1])
        batch_norm.batch_norm_forward(cell(x, n, c), only(mean, 0, c), only(var, 0, c), only(weight, 0, c),
                                      only(bias, 0, c), np.float32(real(table, 0)), cell(out, n, c))
    return task


@Task
def batch_norm_backward_weight():
    def task(table, k):
        dout, x = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        mean, var = floats(table, 2, 1), floats(table, 3, 1)
        dweight, dbias = floats(table, 4, 2), floats(table, 5, 2)
        n, c = divmod(k, x.shape[1])
        batch_norm.batch_norm_backward_weight(
            cell(dout, n, c), cell(x, n, c), only(mean, 0, c), only(var, 0, c), np.float32(real(table, 0)),
            only(dweight[n], 0, c), only(dbias[n], 0, c))
    return task


@Task
def batch_norm_backward_input():
    """Word 1 holds the share of a pixel."""
    def task(table, k):
        dout, x, present = lanes(table, 0, 4, L), lanes(table, 1, 4, L), lanes(table, 2, 1, L)
        mean, var, weight = floats(table, 3, 1), floats(table, 4, 1), floats(table, 5, 1)
        dweight, dbias, dx = floats(table, 6, 1), floats(table, 7, 1), lanes(table, 8, 4, L)
        n, c = divmod(k, x.shape[1])
        batch_norm.batch_norm_backward_input(
            cell(dout, n, c), cell(x, n, c), only(present, 0, n), only(mean, 0, c), only(var, 0, c),
            only(weight, 0, c), np.float32(real(table, 0)), only(dweight, 0, c), only(dbias, 0, c),
            np.float32(real(table, 1)), cell(dx, n, c))
    return task


@Task
def batch_norm_backward_input_fixed():
    def task(table, k):
        dout, var, weight = lanes(table, 0, 4, L), floats(table, 1, 1), floats(table, 2, 1)
        dx = lanes(table, 3, 4, L)
        n, c = divmod(k, dx.shape[1])
        batch_norm.batch_norm_backward_input_fixed(cell(dout, n, c), only(var, 0, c), only(weight, 0, c),
                                                   np.float32(real(table, 0)), cell(dx, n, c))
    return task
