"""Tasks of the upsampling: a slice is one channel of one block of images; words 0 to 5 are the grids, as triples."""
from ...kernels import upsampling
from ...simd.choice import L
from ...simd.views import cell, lanes
from ..task import Task
from .conv3d import triple


@Task
def upsample2d(name, used=L):
    """The loop of that name: (x, rows, columns, out), or backwards (dout, rows, columns, dx)."""
    loop = getattr(upsampling, name)

    def task(table, k):
        read, written = lanes(table, 0, 4, used), lanes(table, 1, 4, used)
        n, c = divmod(k, read.shape[1])
        loop(cell(read, n, c), triple(table, 0), triple(table, 3), cell(written, n, c))
    return task
