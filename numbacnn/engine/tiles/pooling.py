"""Pooling on lanes: one image a lane, some channels a slice."""
from functools import lru_cache

from ...kernels.conv import output_extent
from ..batch import NUMBER, Batch, layout
from ..plan import Plan
from ..queue import enqueue
from ..tasks import pooling as pooling_tasks
from .conv import BAND, bands_for
from .elementwise import Rectified, RectifiedGradient


def _pooled(x, kernel, stride, padding, dilation=(1, 1), ceil_mode=False):
    OH, OW = (output_extent(*extents, ceil_mode) for extents in zip(
        x.shape[2:], kernel, stride, padding, dilation))
    return Batch((*x.shape[:2], OH, OW))


class Winners(Batch):
    """Which tap of its window each largest pixel was; if it was `rectified`, only where it is more than 0."""

    __slots__ = ("rectified",)


def max_pool2d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was.

    Of a rectified batch it pools the source and rectifies the largest pixels instead.
    """
    rectified = type(x) is Rectified
    source = x.source if rectified else x
    out = _pooled(x, kernel, stride, padding, dilation, ceil_mode)
    tap = Winners(out.shape)
    tap.rectified = rectified
    words = (*stride, *padding, *dilation, *kernel)
    enqueue(_max_forward_plan(x.shape, out.shape, words, rectified),
            x=source.buffer, out=out.buffer, tap=tap.buffer)
    return out, tap


def max_pool2d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x.

    Only winners pass a gradient on, so where they were rectified so is the whole of dx.
    """
    dx = (RectifiedGradient if tap.rectified else Batch)(x_shape)
    words = (*stride, *padding, *dilation, *kernel)
    enqueue(_max_backward_plan(x_shape, dout.shape, words), dout=dout.buffer, tap=tap.buffer, dx=dx.buffer)
    return dx


def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = _pooled(x, kernel, stride, padding, ceil_mode=ceil_mode)
    words = (*stride, *padding, 1, 1, *kernel, count_include_pad, divisor)
    enqueue(_avg_forward_plan(x.shape, out.shape, words), x=x.buffer, out=out.buffer)
    return out


def avg_pool2d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    words = (*stride, *padding, 1, 1, *kernel, count_include_pad, divisor)
    enqueue(_avg_backward_plan(x_shape, dout.shape, words), dout=dout.buffer, dx=dx.buffer)
    return dx


def _plan(task, reads, writes, words, bands=1):
    blocks, room = reads[-1].shape[:2]
    slices = blocks * bands * groups(room)
    return Plan().row(task.of(), slices, reads, writes, words, blocks=blocks).finish()


def groups(room):
    """How many groups of channels slices are made of."""
    return -(-room // pooling_tasks.GROUP)


@lru_cache(maxsize=256)
def _max_forward_plan(x_shape, out_shape, words, rectified):
    x, out = layout(x_shape), layout(out_shape)
    bands = bands_for(out.H, groups(out.room))
    writes, words = [out.all_lanes("out"), out.all_lanes("tap")], (*words, bands)
    if rectified:
        planes, taps = out.planes("out"), out.planes("tap")
        writes += [planes, planes, taps, taps]
        return _plan(pooling_tasks.max_pool2d_relu_forward, [x.all_lanes("x")], writes, words, bands)
    return _plan(pooling_tasks.max_pool2d_forward, [x.all_lanes("x")], writes, words, bands)


def _own_bands(x, out, words):
    """Into how many bands of rows a gradient is cut, each cleared and filled while it stays in the first cache.

    Only where no row belongs to two windows.
    """
    stride, dilation, KH = words[0], words[4], words[6]
    if dilation * (KH - 1) >= stride:
        return 1
    rows = max(1, BAND // (min(x.room, pooling_tasks.GROUP) * stride * x.W * NUMBER))
    return bands_for(out.H, 1, -(-out.H // rows))


@lru_cache(maxsize=256)
def _max_backward_plan(x_shape, out_shape, words):
    x, out = layout(x_shape), layout(out_shape)
    bands = _own_bands(x, out, words)
    return _plan(pooling_tasks.max_pool2d_backward, [out.all_lanes("dout"), out.all_lanes("tap")], [x.all_lanes("dx")],
                 (*words, bands), bands)


@lru_cache(maxsize=256)
def _avg_forward_plan(x_shape, out_shape, words):
    x, out = layout(x_shape), layout(out_shape)
    return _plan(pooling_tasks.avg_pool2d_forward, [x.all_lanes("x")], [out.all_lanes("out")], words)


@lru_cache(maxsize=256)
def _avg_backward_plan(x_shape, out_shape, words):
    x, out = layout(x_shape), layout(out_shape)
    return _plan(pooling_tasks.avg_pool2d_backward, [out.all_lanes("dout")], [x.all_lanes("dx")], words)
