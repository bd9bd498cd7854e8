"""Tasks of the group normalization: a slice is one group of channels of one block of images; word 0 holds epsilon."""
import numpy as np

from ...kernels import group_norm
from ...simd.choice import L
from ...simd.views import cell, floats, group, lanes, real
from ..task import Task


@Task
def group_norm_forward(used=L):
    def task(table, k):
        x, weight, bias = lanes(table, 0, 4, used), floats(table, 1, 1), floats(table, 2, 1)
        mean, var, out = lanes(table, 3, 2, used), lanes(table, 4, 2, used), lanes(table, 5, 4, used)
        n, g = divmod(k, mean.shape[1])
        channels = x.shape[1] // mean.shape[1]
        own = slice(g * channels, (g + 1) * channels)
        group_norm.group_norm_forward(group(x, n, g, channels), weight[own], bias[own], np.float32(real(table, 0)),
                                      cell(mean, n, g), cell(var, n, g), group(out, n, g, channels))
    return task


@Task
def group_norm_backward_weight():
    def task(table, k):
        dout, x = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        mean, var = lanes(table, 2, 2, L), lanes(table, 3, 2, L)
        dweight, dbias = floats(table, 4, 2), floats(table, 5, 2)
        n, g = divmod(k, mean.shape[1])
        channels = x.shape[1] // mean.shape[1]
        own = slice(g * channels, (g + 1) * channels)
        group_norm.group_norm_backward_weight(
            group(dout, n, g, channels), group(x, n, g, channels), cell(mean, n, g), cell(var, n, g),
            np.float32(real(table, 0)), dweight[n][own], dbias[n][own])
    return task


@Task
def group_norm_backward_input():
    def task(table, k):
        dout, x = lanes(table, 0, 4, L), lanes(table, 1, 4, L)
        mean, var = lanes(table, 2, 2, L), lanes(table, 3, 2, L)
        weight, dx = floats(table, 4, 1), lanes(table, 5, 4, L)
        n, g = divmod(k, mean.shape[1])
        channels = x.shape[1] // mean.shape[1]
        group_norm.group_norm_backward_input(
            group(dout, n, g, channels), group(x, n, g, channels), cell(mean, n, g), cell(var, n, g),
            weight[g * channels:(g + 1) * channels], np.float32(real(table, 0)), group(dx, n, g, channels))
    return task
