"""Pooling of images: one image per lane; a slice is GROUP channels of a band of rows of one block of images.

Of a rectified batch, max-pooling reads the source and rectifies the largest pixels instead (see `activation.Rectified`).
"""
from functools import lru_cache

import numpy as np
from numba import njit

from ...kernels import activation, pooling
from ...simd.views import group
from ..batch import Batch
from ..kinds import operation
from ..layout import NUMBER, layout
from ..loop import call, made
from ..operands import Lanes, Number, Pair
from ..plan import Plan
from ..queue import enqueue
from ..task import band, reads
from .activation import Rectified, RectifiedGradient
from .bands import BAND, bands_for
from .sizes import sizes

GROUP = 8  # channels that lie side by side: a slice goes through memory in long pieces
MAX_WINDOW = {"stride": Pair(), "padding": Pair(), "dilation": Pair(), "kernel": Pair(), "bands": Number()}
AVG_WINDOW = {"kernel": Pair(), "stride": Pair(), "padding": Pair(), "count_pad": Number(), "divisor": Number()}


@njit(inline="always")
def windows(k, x, out, stride, padding, bands):
    """(n, g, first row, end row, padding) of slice k: group g of the channels in a band of rows of `out`."""
    k, g = divmod(k, -(-x.shape[1] // GROUP))
    n, first, end = band(k, bands, out.shape[2])
    return n, g, first, end, (padding[0] - first * stride[0], padding[1])


@njit(inline="always")
def own_windows(k, dx, dout, stride, padding, bands):
    """Slice k of a gradient: the indices that `windows` gives, and the rows of `dx` that the band writes: (n, g, first row, end row, padding, top, bottom).

    Those that no window sees go to the band above them. Several bands may be asked for only where windows do not overlap.
    """
    n, g, first, end, (above, left) = windows(k, dx, dout, stride, padding, bands)
    H, top = dx.shape[2], max(0, -above)
    bottom = H if end == dout.shape[2] else min(H, end * stride[0] - padding[0])
    return n, g, first, end, (above + top, left), top, max(top, bottom)


@reads(x=Lanes(4), **MAX_WINDOW).writes(out=Lanes(4), tap=Lanes(4)).by_lane
def max_forward(op, k):
    """The largest pixels of a slice."""
    n, g, first, end, padding = windows(k, op.x, op.out, op.stride, op.padding, op.bands)
    pooling.max_pool2d_forward(
        group(op.x, n, g, GROUP), op.kernel, op.stride, padding, op.dilation,
        group(op.out, n, g, GROUP)[:, :, first:end], group(op.tap, n, g, GROUP)[:, :, first:end])


@reads(dout=Lanes(4), tap=Lanes(4), **MAX_WINDOW).writes(dx=Lanes(4))
def max_backward(op, k):
    """The gradient of a slice of max-pooling."""
    n, g, first, end, padding, top, bottom = own_windows(k, op.dx, op.dout, op.stride, op.padding, op.bands)
    pooling.max_pool2d_backward(
        group(op.dout, n, g, GROUP)[:, :, first:end], group(op.tap, n, g, GROUP)[:, :, first:end], op.kernel, op.stride,
        padding, op.dilation, group(op.dx, n, g, GROUP)[:, :, top:bottom])


@reads(x=Lanes(4), **MAX_WINDOW).writes(out=Lanes(4), tap=Lanes(4), pooled=Lanes(3), rectified=Lanes(3), winner=Lanes(3),
                                        passing=Lanes(3)).by_lane
def max_relu_forward(op, k):
    """Max-pooling fused with ReLU: where the maximum is not above 0, the tap is set to 0, so that the pooling's gradient alone
    is that of both.

    `pooled` and `rectified` are one memory, seen twice so that LLVM does not know, and so are `tap` and the last two.  Of a
    choice between a number and the one that stands there already it would make a store under a mask, which takes an AMD CPU
    twenty cycles.
    """
    n, g, first, end, padding = windows(k, op.x, op.out, op.stride, op.padding, op.bands)
    pooling.max_pool2d_forward(
        group(op.x, n, g, GROUP), op.kernel, op.stride, padding, op.dilation,
        group(op.out, n, g, GROUP)[:, :, first:end], group(op.tap, n, g, GROUP)[:, :, first:end])
    first, end = first * op.out.shape[3], end * op.out.shape[3]
    for c in range(g * GROUP, min((g + 1) * GROUP, op.x.shape[1])):
        activation.relu_forward(op.pooled[n, c, first:end], op.rectified[n, c, first:end])
        activation.relu_backward(op.winner[n, c, first:end], op.rectified[n, c, first:end], op.passing[n, c, first:end])


@reads(x=Lanes(4), **AVG_WINDOW).writes(out=Lanes(4)).by_lane
def avg_forward(op, k):
    """The averages of a slice."""
    n, g = divmod(k, -(-op.x.shape[1] // GROUP))
    pooling.avg_pool2d_forward(group(op.x, n, g, GROUP), op.kernel, op.stride, op.padding, op.count_pad != 0, op.divisor,
                               group(op.out, n, g, GROUP))


@reads(dout=Lanes(4), **AVG_WINDOW).writes(dx=Lanes(4))
def avg_backward(op, k):
    """The gradient of a slice of average pooling."""
    n, g = divmod(k, -(-op.dx.shape[1] // GROUP))
    pooling.avg_pool2d_backward(group(op.dout, n, g, GROUP), op.kernel, op.stride, op.padding, op.count_pad != 0, op.divisor,
                                group(op.dx, n, g, GROUP))


class Winners(Batch):
    """Which tap of its window each largest pixel was; if it was `rectified`, only where it is more than 0."""

    __slots__ = ("rectified",)


@operation
def max_pool2d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was."""
    rectified = type(x) is Rectified
    source = x.source if rectified else x
    out = Batch((*x.shape[:2], *sizes(x.shape, kernel, stride, padding, dilation, ceil_mode)))
    tap = Winners(out.shape)
    tap.rectified = rectified
    enqueue(_max_forward_plan(x.shape, out.shape, kernel, stride, padding, dilation, rectified),
            x=source.buffer, out=out.buffer, tap=tap.buffer)
    return out, tap


@operation
def max_pool2d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x.

    Only winners pass a gradient on, so where they were rectified so is the whole of dx.
    """
    dx = (RectifiedGradient if tap.rectified else Batch)(x_shape)
    plan = _max_backward_plan(x_shape, dout.shape, kernel, stride, padding, dilation)
    enqueue(plan, dout=dout.buffer, tap=tap.buffer, dx=dx.buffer)
    return dx


@operation
def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = Batch((*x.shape[:2], *sizes(x.shape, kernel, stride, padding, (1, 1), ceil_mode)))
    plan = _avg_plan(avg_forward, "x", x.shape, "out", out.shape, kernel, stride, padding, count_include_pad, divisor)
    enqueue(plan, x=x.buffer, out=out.buffer)
    return out


@operation
def avg_pool2d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    plan = _avg_plan(avg_backward, "dout", dout.shape, "dx", x_shape, kernel, stride, padding, count_include_pad, divisor)
    enqueue(plan, dout=dout.buffer, dx=dx.buffer)
    return dx


def groups(room):
    """How many groups of channels slices are made of."""
    return -(-room // GROUP)


@lru_cache(maxsize=256)
def _max_forward_plan(x_shape, out_shape, kernel, stride, padding, dilation, rectified):
    x, out = layout(x_shape), layout(out_shape)
    bands = bands_for(out.H, groups(out.room))
    operands = {"x": x.all_lanes("x"), "out": out.all_lanes("out"), "tap": out.all_lanes("tap")}
    if rectified:
        planes, taps = out.planes("out"), out.planes("tap")
        operands |= {"pooled": planes, "rectified": planes, "winner": taps, "passing": taps}
    return Plan().add((max_relu_forward if rectified else max_forward).of(), x.blocks * bands * groups(x.room), kernel=kernel,
                      stride=stride, padding=padding, dilation=dilation, bands=bands, blocks=x.blocks, **operands).finish()


def _own_bands(x, out, KH, stride, dilation):
    """Into how many bands of rows a gradient is cut, each cleared and filled while it stays in the first cache.

    Only where no row belongs to two windows.
    """
    if dilation * (KH - 1) >= stride:
        return 1
    rows = max(1, BAND // (min(x.room, GROUP) * stride * x.W * NUMBER))
    return bands_for(out.H, 1, -(-out.H // rows))


@lru_cache(maxsize=256)
def _max_backward_plan(x_shape, out_shape, kernel, stride, padding, dilation):
    x, out = layout(x_shape), layout(out_shape)
    bands = _own_bands(x, out, kernel[0], stride[0], dilation[0])
    return Plan().add(max_backward.of(), x.blocks * bands * groups(x.room), dout=out.all_lanes("dout"), tap=out.all_lanes("tap"),
                      kernel=kernel, stride=stride, padding=padding, dilation=dilation, bands=bands, dx=x.all_lanes("dx"),
                      blocks=x.blocks).finish()


@lru_cache(maxsize=256)
def _avg_plan(task, source, source_shape, target, target_shape, kernel, stride, padding, count_pad, divisor):
    source_lay, target_lay = layout(source_shape), layout(target_shape)
    arrays = {source: source_lay.all_lanes(source), target: target_lay.all_lanes(target)}
    return Plan().add(task.of(), source_lay.blocks * groups(source_lay.room), kernel=kernel, stride=stride, padding=padding,
                      count_pad=count_pad, divisor=divisor, blocks=source_lay.blocks, **arrays).finish()


@max_pool2d_forward.on_floats
def _(x, kernel, stride, padding, dilation, ceil_mode=False):
    out, tap = np.empty((2, *x.shape[:2], *sizes(x.shape, kernel, stride, padding, dilation, ceil_mode)), x.dtype)
    call(pooling.max_pool2d_forward, x, kernel, stride, padding, dilation, out, tap)
    return out, tap


@max_pool2d_backward.on_floats
def _(dout, tap, x_shape, kernel, stride, padding, dilation):
    return made(pooling.max_pool2d_backward, x_shape, dout, tap, kernel, stride, padding, dilation)


@avg_pool2d_forward.on_floats
def _(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    shape = (*x.shape[:2], *sizes(x.shape, kernel, stride, padding, (1, 1), ceil_mode))
    return made(pooling.avg_pool2d_forward, shape, x, kernel, stride, padding, count_include_pad, divisor)


@avg_pool2d_backward.on_floats
def _(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    return made(pooling.avg_pool2d_backward, x_shape, dout, kernel, stride, padding, count_include_pad, divisor)
