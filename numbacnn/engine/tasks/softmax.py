"""Tasks of the loops over rows of scores: a slice is one block of images."""
from ...kernels import softmax
from ...simd.choice import L
from ...simd.views import lanes, only
from ..task import Task


@Task
def forward(name, used=L):
    """Any loop `name_forward(x, out)`."""
    loop = getattr(softmax, f"{name}_forward")

    def task(table, n):
        x, out = lanes(table, 0, 2, used), lanes(table, 1, 2, used)
        loop(only(x, 0, n), only(out, 0, n))
    return task


@Task
def backward(name):
    """Any loop `name_backward(dout, out, dx)`."""
    loop = getattr(softmax, f"{name}_backward")

    def task(table, n):
        dout, out, dx = lanes(table, 0, 2, L), lanes(table, 1, 2, L), lanes(table, 2, 2, L)
        loop(only(dout, 0, n), only(out, 0, n), only(dx, 0, n))
    return task
