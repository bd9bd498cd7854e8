"""Tasks of the loss: a slice is one block of images, or all of them for a sum; word 0 is the smoothing."""
import numpy as np

from ...kernels import loss
from ...simd.choice import L
from ...simd.views import floats, lanes, only, real
from ..task import Task


@Task
def cross_entropy_forward():
    def task(table, n):
        x, target, losses = lanes(table, 0, 2, L), lanes(table, 1, 1, L), lanes(table, 2, 1, L)
        loss.cross_entropy_forward(only(x, 0, n), only(target, 0, n), np.float32(real(table, 0)),
                                   only(losses, 0, n))
    return task


@Task
def cross_entropy_backward():
    def task(table, n):
        x, target = lanes(table, 0, 2, L), lanes(table, 1, 1, L)
        share, dx = lanes(table, 2, 1, L), lanes(table, 3, 2, L)
        loss.cross_entropy_backward(only(x, 0, n), only(target, 0, n), only(share, 0, n),
                                    np.float32(real(table, 0)), only(dx, 0, n))
    return task


@Task
def weighted_sum():
    def task(table, k):
        losses, share = lanes(table, 0, 1, L), lanes(table, 1, 1, L)
        loss.weighted_sum(losses, share, floats(table, 2, 1))
    return task
