"""Upsampling on lanes, and the convolution that enlarges."""
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from ..batch import FLOAT, Batch, layout
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..tasks import addition as addition_tasks
from ..tasks import upsampling as tasks
from .adaptive_pooling import channel_plan
from .conv import add_bias_gradient, conv2d_backward
from .grouped_conv import grouped_conv2d_backward


def upsample2d_forward(mode, x, size, rows, columns):
    """Images of `size` (OH, OW) out of x, "nearest2d" or "bilinear2d"; the grids are those of `kernels.upsampling`."""
    out = Batch((*x.shape[:2], *size))
    plan = channel_plan(tasks.upsample2d.of(f"{mode}_forward"), (x.shape,), (out.shape,), (*rows, *columns))
    enqueue(plan, r0=x.buffer, w0=out.buffer)
    return out


def upsample2d_backward(mode, dout, x_shape, rows, columns):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    plan = channel_plan(tasks.upsample2d.of(f"{mode}_backward"), (dout.shape,), (x_shape,), (*rows, *columns))
    enqueue(plan, r0=dout.buffer, w0=dx.buffer)
    return dx


def conv_transpose2d(x, weight, out_shape, stride, padding, dilation, groups):
    """The gradient that a convolution of a batch of `out_shape` with this weight would have if x came back to it."""
    convolved = SimpleNamespace(shape=out_shape, buffer=None)  # only its shape counts
    wanted = True, False, False
    if groups == 1:
        return conv2d_backward(x, convolved, weight, stride, padding, dilation, wanted)[0]
    return grouped_conv2d_backward(x, convolved, weight, stride, padding, dilation, groups, wanted)[0]


def shift_forward(x, bias):
    """x with a number for each channel added."""
    out = Batch(x.shape)
    enqueue(_shift_plan(x.shape), x=x.buffer, bias=np.ascontiguousarray(bias), out=out.buffer)
    return out


def shift_backward(dout):
    """The gradient of those numbers, (C,)."""
    C = dout.shape[1]
    dbias = Pending((C,))
    enqueue(_shift_gradient_plan(dout.shape), dout=dout.buffer, dbias=dbias.memory)
    return dbias


@lru_cache(maxsize=256)
def _shift_plan(shape):
    lay = layout(shape)
    return Plan().row(addition_tasks.shift_forward.of(), lay.blocks * lay.C,
                      [lay.lanes("x"), Array("bias", (lay.C,), (FLOAT,))], [lay.lanes("out")], blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _shift_gradient_plan(shape):
    plan = Plan()
    add_bias_gradient(plan, layout(shape))
    return plan.finish()
