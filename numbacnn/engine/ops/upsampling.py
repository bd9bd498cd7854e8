"""Upsampling: a slice is one channel of one block of images."""
from ...kernels import upsampling
from ...simd.views import cell
from ..batch import Batch
from ..kinds import operation
from ..loop import made
from ..operands import Lanes, Triple
from ..queue import enqueue
from ..task import reads
from .channelwise import channelwise_plan


@reads(source=Lanes(4), rows=Triple(), columns=Triple()).writes(target=Lanes(4)).by_lane.made
def upsample(name):
    """The loop of that name: (x, rows, columns, out), or backwards (dout, rows, columns, dx)."""
    loop = getattr(upsampling, name)

    def slice_of(op, k):
        n, c = divmod(k, op.source.shape[1])
        loop(cell(op.source, n, c), op.rows, op.columns, cell(op.target, n, c))
    return slice_of


def _upsampled(name, source, target_shape, rows, columns):
    target = Batch(target_shape)
    plan = channelwise_plan(upsample.of(name), source=source.shape, rows=rows, columns=columns, target=target_shape)
    enqueue(plan, source=source.buffer, target=target.buffer)
    return target


@operation
def upsample2d_forward(mode, x, size, rows, columns):
    """Images of `size` (OH, OW) out of x, "nearest2d" or "bilinear2d"; the grids are those of `kernels.upsampling`."""
    return _upsampled(f"{mode}_forward", x, (*x.shape[:2], *size), rows, columns)


@operation
def upsample2d_backward(mode, dout, x_shape, rows, columns):
    """dx of the shape of x."""
    return _upsampled(f"{mode}_backward", dout, x_shape, rows, columns)


@upsample2d_forward.on_floats
def _(mode, x, size, rows, columns):
    return made(getattr(upsampling, f"{mode}_forward"), (*x.shape[:2], *size), x, rows, columns)


@upsample2d_backward.on_floats
def _(mode, dout, x_shape, rows, columns):
    return made(getattr(upsampling, f"{mode}_backward"), x_shape, dout, rows, columns)
