"""Tasks of dropout: a slice is one block of images; words 0 and 1 hold p and the scale, word 2 where the seed lies."""
import numpy as np

from ...kernels import dropout
from ...simd.choice import L
from ...simd.views import lanes, number, only, real
from ..task import Task


@Task
def dropout_forward():
    def task(table, n):
        x, image, out = lanes(table, 0, 4, L), lanes(table, 1, 1, L), lanes(table, 2, 4, L)
        dropout.dropout_forward(only(x, 0, n), only(image, 0, n), number(number(table, 2), 0),
                                np.float32(real(table, 0)), np.float32(real(table, 1)), only(out, 0, n))
    return task


@Task
def dropout2d_forward():
    def task(table, n):
        x, image, out = lanes(table, 0, 4, L), lanes(table, 1, 1, L), lanes(table, 2, 4, L)
        dropout.dropout2d_forward(only(x, 0, n), only(image, 0, n), number(number(table, 2), 0),
                                  np.float32(real(table, 0)), np.float32(real(table, 1)), only(out, 0, n))
    return task
