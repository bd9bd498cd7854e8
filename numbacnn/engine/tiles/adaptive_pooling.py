"""Adaptive pooling on lanes: one image a lane, one channel a slice."""
from functools import lru_cache

from ..batch import Batch, layout
from ..plan import Plan
from ..queue import enqueue
from ..tasks import adaptive_pooling as tasks


def adaptive_avg_pool2d_forward(x, size):
    """The averages of (OH, OW) windows."""
    out = Batch((*x.shape[:2], *size))
    enqueue(channel_plan(tasks.adaptive_avg_pool2d_forward.of(), (x.shape,), (out.shape,)), r0=x.buffer, w0=out.buffer)
    return out


def adaptive_avg_pool2d_backward(dout, x_shape):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    enqueue(channel_plan(tasks.adaptive_avg_pool2d_backward.of(), (dout.shape,), (x_shape,)), r0=dout.buffer,
            w0=dx.buffer)
    return dx


def adaptive_max_pool2d_forward(x, size):
    """(out, place): the largest pixels of (OH, OW) windows and where in the image each was."""
    out, place = Batch((*x.shape[:2], *size)), Batch((*x.shape[:2], *size))
    enqueue(channel_plan(tasks.adaptive_max_pool2d_forward.of(), (x.shape,), (out.shape, out.shape)), r0=x.buffer,
            w0=out.buffer, w1=place.buffer)
    return out, place


def adaptive_max_pool2d_backward(dout, place, x_shape):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    enqueue(channel_plan(tasks.adaptive_max_pool2d_backward.of(), (dout.shape, dout.shape), (x_shape,)), r0=dout.buffer,
            r1=place.buffer, w0=dx.buffer)
    return dx


@lru_cache(maxsize=256)
def channel_plan(task, read, written, words=()):
    """One row whose slices are channels of blocks: reads batches of some shapes, "r0" and on, writes "w0" and on."""
    reads, writes = ([layout(shape).all_lanes(f"{letter}{i}") for i, shape in enumerate(shapes)]
                     for letter, shapes in (("r", read), ("w", written)))
    blocks, channels = writes[0].shape[:2]
    return Plan().row(task, blocks * channels, reads, writes, words, blocks=blocks).finish()
