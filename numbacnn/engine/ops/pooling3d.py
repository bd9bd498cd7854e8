"""Pooling of volumes: a slice is GROUP channels of one block of images."""
from functools import lru_cache

import numpy as np

from ...kernels import pooling3d
from ...simd.views import group
from ..batch import Batch
from ..kinds import operation
from ..layout import layout
from ..loop import call, made
from ..operands import Lanes, Number, Triple
from ..plan import Plan
from ..queue import enqueue
from ..task import reads
from .conv.volumes import layered
from .pooling import GROUP, groups
from .sizes import sizes

MAX_WINDOW = {"kernel": Triple(), "stride": Triple(), "padding": Triple(), "dilation": Triple()}
AVG_WINDOW = {"kernel": Triple(), "stride": Triple(), "padding": Triple(), "count_pad": Number(), "divisor": Number()}


@reads(x=Lanes(5), **MAX_WINDOW).writes(out=Lanes(5), tap=Lanes(5)).by_lane
def max_forward(op, k):
    """The largest pixels of a slice."""
    n, g = divmod(k, -(-op.x.shape[1] // GROUP))
    pooling3d.max_pool3d_forward(group(op.x, n, g, GROUP), op.kernel, op.stride, op.padding, op.dilation,
                                 group(op.out, n, g, GROUP), group(op.tap, n, g, GROUP))


@reads(dout=Lanes(5), tap=Lanes(5), **MAX_WINDOW).writes(dx=Lanes(5))
def max_backward(op, k):
    """The gradient of a slice of max-pooling."""
    n, g = divmod(k, -(-op.dx.shape[1] // GROUP))
    pooling3d.max_pool3d_backward(group(op.dout, n, g, GROUP), group(op.tap, n, g, GROUP), op.kernel, op.stride, op.padding,
                                  op.dilation, group(op.dx, n, g, GROUP))


@reads(x=Lanes(5), **AVG_WINDOW).writes(out=Lanes(5)).by_lane
def avg_forward(op, k):
    """The averages of a slice."""
    n, g = divmod(k, -(-op.x.shape[1] // GROUP))
    pooling3d.avg_pool3d_forward(group(op.x, n, g, GROUP), op.kernel, op.stride, op.padding, op.count_pad != 0, op.divisor,
                                 group(op.out, n, g, GROUP))


@reads(dout=Lanes(5), **AVG_WINDOW).writes(dx=Lanes(5))
def avg_backward(op, k):
    """The gradient of a slice of average pooling."""
    n, g = divmod(k, -(-op.dx.shape[1] // GROUP))
    pooling3d.avg_pool3d_backward(group(op.dout, n, g, GROUP), op.kernel, op.stride, op.padding, op.count_pad != 0,
                                  op.divisor, group(op.dx, n, g, GROUP))


@lru_cache(maxsize=256)
def _plan(task, **given):
    """One row: of each operand the shape of its batch, or the numbers that it is."""
    kinds = task.family.operands.kinds
    operands = {name: value if kinds[name].words else layered(layout(value).all_lanes(name), value[3])
                for name, value in given.items()}
    blocks, channels = [operand.shape for name, operand in operands.items() if not kinds[name].words][-1][:2]
    return Plan().add(task, blocks * groups(channels), blocks=blocks, **operands).finish()


@operation
def max_pool3d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was."""
    shape = (*x.shape[:2], *sizes(x.shape, kernel, stride, padding, dilation, ceil_mode))
    out, tap = Batch(shape), Batch(shape)
    plan = _plan(max_forward.of(), kernel=kernel, stride=stride, padding=padding, dilation=dilation, x=x.shape, out=shape,
                 tap=shape)
    enqueue(plan, x=x.buffer, out=out.buffer, tap=tap.buffer)
    return out, tap


@operation
def max_pool3d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    plan = _plan(max_backward.of(), kernel=kernel, stride=stride, padding=padding, dilation=dilation, dout=dout.shape,
                 tap=dout.shape, dx=x_shape)
    enqueue(plan, dout=dout.buffer, tap=tap.buffer, dx=dx.buffer)
    return dx


@operation
def avg_pool3d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = Batch((*x.shape[:2], *sizes(x.shape, kernel, stride, padding, (1, 1, 1), ceil_mode)))
    plan = _plan(avg_forward.of(), kernel=kernel, stride=stride, padding=padding, count_pad=count_include_pad, divisor=divisor,
                 x=x.shape, out=out.shape)
    enqueue(plan, x=x.buffer, out=out.buffer)
    return out


@operation
def avg_pool3d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    plan = _plan(avg_backward.of(), kernel=kernel, stride=stride, padding=padding, count_pad=count_include_pad, divisor=divisor,
                 dout=dout.shape, dx=x_shape)
    enqueue(plan, dout=dout.buffer, dx=dx.buffer)
    return dx


@max_pool3d_forward.on_floats
def _(x, kernel, stride, padding, dilation, ceil_mode=False):
    out, tap = np.empty((2, *x.shape[:2], *sizes(x.shape, kernel, stride, padding, dilation, ceil_mode)), x.dtype)
    call(pooling3d.max_pool3d_forward, x, kernel, stride, padding, dilation, out, tap)
    return out, tap


@max_pool3d_backward.on_floats
def _(dout, tap, x_shape, kernel, stride, padding, dilation):
    return made(pooling3d.max_pool3d_backward, x_shape, dout, tap, kernel, stride, padding, dilation)


@avg_pool3d_forward.on_floats
def _(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    shape = (*x.shape[:2], *sizes(x.shape, kernel, stride, padding, (1, 1, 1), ceil_mode))
    return made(pooling3d.avg_pool3d_forward, shape, x, kernel, stride, padding, count_include_pad, divisor)


@avg_pool3d_backward.on_floats
def _(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    return made(pooling3d.avg_pool3d_backward, x_shape, dout, kernel, stride, padding, count_include_pad, divisor)
