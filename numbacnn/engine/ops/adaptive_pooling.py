"""Adaptive pooling: one image per lane; a slice is one channel of one block of images."""
import numpy as np

from ...kernels import adaptive_pooling
from ...simd.views import cell
from ..batch import Batch
from ..kinds import operation
from ..loop import call, made
from ..operands import Lanes
from ..queue import enqueue
from ..task import reads
from .channelwise import channelwise_plan


@reads(x=Lanes(4)).writes(out=Lanes(4)).by_lane
def avg_forward(op, k):
    """The averages of a channel."""
    n, c = divmod(k, op.x.shape[1])
    adaptive_pooling.adaptive_avg_pool2d_forward(cell(op.x, n, c), cell(op.out, n, c))


@reads(dout=Lanes(4)).writes(dx=Lanes(4))
def avg_backward(op, k):
    """The gradient of the averages of a channel."""
    n, c = divmod(k, op.dx.shape[1])
    adaptive_pooling.adaptive_avg_pool2d_backward(cell(op.dout, n, c), cell(op.dx, n, c))


@reads(x=Lanes(4)).writes(out=Lanes(4), place=Lanes(4)).by_lane
def max_forward(op, k):
    """The largest pixels of a channel."""
    n, c = divmod(k, op.x.shape[1])
    adaptive_pooling.adaptive_max_pool2d_forward(cell(op.x, n, c), cell(op.out, n, c), cell(op.place, n, c))


@reads(dout=Lanes(4), place=Lanes(4)).writes(dx=Lanes(4))
def max_backward(op, k):
    """The gradient of the largest pixels of a channel."""
    n, c = divmod(k, op.dx.shape[1])
    adaptive_pooling.adaptive_max_pool2d_backward(cell(op.dout, n, c), cell(op.place, n, c), cell(op.dx, n, c))


@operation
def adaptive_avg_pool2d_forward(x, size):
    """The averages of (OH, OW) windows."""
    out = Batch((*x.shape[:2], *size))
    enqueue(channelwise_plan(avg_forward.of(), x=x.shape, out=out.shape), x=x.buffer, out=out.buffer)
    return out


@operation
def adaptive_avg_pool2d_backward(dout, x_shape):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    enqueue(channelwise_plan(avg_backward.of(), dout=dout.shape, dx=x_shape), dout=dout.buffer, dx=dx.buffer)
    return dx


@operation
def adaptive_max_pool2d_forward(x, size):
    """(out, place): the largest pixels of (OH, OW) windows and where in the image each was."""
    out, place = Batch((*x.shape[:2], *size)), Batch((*x.shape[:2], *size))
    enqueue(channelwise_plan(max_forward.of(), x=x.shape, out=out.shape, place=out.shape), x=x.buffer, out=out.buffer,
            place=place.buffer)
    return out, place


@operation
def adaptive_max_pool2d_backward(dout, place, x_shape):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    enqueue(channelwise_plan(max_backward.of(), dout=dout.shape, place=dout.shape, dx=x_shape), dout=dout.buffer,
            place=place.buffer, dx=dx.buffer)
    return dx


@adaptive_avg_pool2d_forward.on_floats
def _(x, size):
    return made(adaptive_pooling.adaptive_avg_pool2d_forward, (*x.shape[:2], *size), x)


@adaptive_avg_pool2d_backward.on_floats
def _(dout, x_shape):
    return made(adaptive_pooling.adaptive_avg_pool2d_backward, x_shape, dout)


@adaptive_max_pool2d_forward.on_floats
def _(x, size):
    out, place = np.empty((2, *x.shape[:2], *size), x.dtype)
    call(adaptive_pooling.adaptive_max_pool2d_forward, x, out, place)
    return out, place


@adaptive_max_pool2d_backward.on_floats
def _(dout, place, x_shape):
    return made(adaptive_pooling.adaptive_max_pool2d_backward, x_shape, dout, place)
