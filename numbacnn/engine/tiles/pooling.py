"""Pooling on lanes: one image a lane, one channel a slice."""
from functools import lru_cache

from ...kernels.conv import output_extent
from ..batch import Batch, layout
from ..program import Plan
from ..tasks import pooling as pooling_tasks
from .elementwise import Rectified, RectifiedGradient


def _pooled(x, kernel, stride, padding, dilation=(1, 1)):
    OH, OW = (output_extent(*extents) for extents in zip(
        x.shape[2:], kernel, stride, padding, dilation))
    return Batch((*x.shape[:2], OH, OW))


class Winners(Batch):
    """Which tap of its window each largest pixel was; beside it, if it was rectified, the pixel."""

    __slots__ = ("rectified",)


def max_pool2d_forward(x, kernel, stride, padding, dilation):
    """(out, tap): the largest pixels of the windows and which tap of its window each was.

    Of a rectified batch it pools the source and rectifies the largest pixels instead.
    """
    rectified = type(x) is Rectified
    source = x.source if rectified else x
    out = _pooled(x, kernel, stride, padding, dilation)
    tap = Winners(out.shape)
    tap.rectified = out if rectified else None
    words = (*stride, *padding, *dilation, *kernel)
    _max_forward_plan(x.shape, out.shape, words, rectified).run(
        x=source.address, out=out.address, tap=tap.address)
    return out, tap


def max_pool2d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x.

    Only winners pass a gradient on, so where they were rectified so is the whole of dx.
    """
    rectified = tap.rectified is not None
    dx = (RectifiedGradient if rectified else Batch)(x_shape)
    words = (*stride, *padding, *dilation, *kernel)
    _max_backward_plan(x_shape, dout.shape, words, rectified).run(
        dout=dout.address, tap=tap.address, dx=dx.address,
        out=tap.rectified.address if rectified else 0)
    return dx


def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad):
    """The averages of the windows."""
    out = _pooled(x, kernel, stride, padding)
    words = (*stride, *padding, 1, 1, *kernel, count_include_pad)
    _avg_forward_plan(x.shape, out.shape, words).run(x=x.address, out=out.address)
    return out


def avg_pool2d_backward(dout, x_shape, kernel, stride, padding, count_include_pad):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    words = (*stride, *padding, 1, 1, *kernel, count_include_pad)
    _avg_backward_plan(x_shape, dout.shape, words).run(dout=dout.address, dx=dx.address)
    return dx


def _plan(task, arrays, words):
    blocks, room = arrays[0].shape[:2]
    return Plan().row(task.address(), blocks * room, arrays, words).finish()


@lru_cache(maxsize=256)
def _max_forward_plan(x_shape, out_shape, words, rectified):
    x, out = layout(x_shape), layout(out_shape)
    arrays = [x.all_lanes("x"), out.all_lanes("out"), out.all_lanes("tap")]
    if rectified:
        return _plan(pooling_tasks.max_pool2d_relu_forward, [*arrays, out.planes("out")], words)
    return _plan(pooling_tasks.max_pool2d_forward, arrays, words)


@lru_cache(maxsize=256)
def _max_backward_plan(x_shape, out_shape, words, rectified):
    x, out = layout(x_shape), layout(out_shape)
    if not rectified:
        return _plan(pooling_tasks.max_pool2d_backward,
                     [out.all_lanes("dout"), out.all_lanes("tap"), x.all_lanes("dx")], words)
    plan = Plan()
    passed = plan.reserve("passed", out.nbytes)
    arrays = [out.all_lanes(passed), out.all_lanes("tap"), x.all_lanes("dx"), out.planes("dout"),
              out.planes("out"), out.planes(passed)]
    return plan.row(pooling_tasks.max_pool2d_relu_backward.address(), x.blocks * x.room, arrays,
                    words).finish()


@lru_cache(maxsize=256)
def _avg_forward_plan(x_shape, out_shape, words):
    x, out = layout(x_shape), layout(out_shape)
    return _plan(pooling_tasks.avg_pool2d_forward, [x.all_lanes("x"), out.all_lanes("out")], words)


@lru_cache(maxsize=256)
def _avg_backward_plan(x_shape, out_shape, words):
    x, out = layout(x_shape), layout(out_shape)
    return _plan(pooling_tasks.avg_pool2d_backward, [out.all_lanes("dout"), x.all_lanes("dx")], words)
