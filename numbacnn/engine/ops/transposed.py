"""The convolution that enlarges, of images and of volumes, and the number that is added to each of its channels.

It has no loop of its own: forward it is the gradient of the input of a convolution, backwards that convolution.
"""
from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from ...kernels import addition, conv
from ...simd.views import cell, only
from ..batch import Batch
from ..kinds import floats, operation
from ..layout import FLOAT, layout
from ..loop import dense, made
from ..operands import Floats, Lanes
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..task import reads
from .conv import conv2d_backward
from .conv.volumes import conv3d_backward
from .conv.weight_gradient import add_bias_gradient


@reads(x=Lanes(4), bias=Floats(1)).writes(out=Lanes(4)).by_lane
def shift(op, k):
    """A slice is one channel of one block of images."""
    n, c = divmod(k, op.x.shape[1])
    addition.shift_forward(cell(op.x, n, c), only(op.bias, 0, c), cell(op.out, n, c))


@operation
def conv_transpose(x, weight, out_shape, stride, padding, dilation, groups):
    """The gradient that a convolution of a batch of `out_shape` with this weight would have if x came back to it."""
    convolved = SimpleNamespace(shape=out_shape, buffer=None)  # only its shape counts
    backward = conv2d_backward if len(out_shape) == 4 else conv3d_backward
    return backward(x, convolved, weight, stride, padding, dilation, (True, False, False), groups)[0]


@operation
def shift_forward(x, bias):
    """x with a number for each channel added."""
    out = Batch(x.shape)
    enqueue(_shift_plan(x.shape), x=x.buffer, bias=np.ascontiguousarray(bias), out=out.buffer)
    return out


@operation
def shift_backward(dout):
    """The gradient of those numbers, (C,)."""
    dbias = Pending(dout.shape[1:2])
    enqueue(_shift_gradient_plan(dout.shape), dout=dout.buffer, dbias=dbias.memory)
    return dbias


@lru_cache(maxsize=256)
def _shift_plan(shape):
    lay = layout(shape)
    return Plan().add(shift.of(), lay.blocks * lay.C, x=lay.lanes("x"), bias=Array("bias", (lay.C,), (FLOAT,)),
                      out=lay.lanes("out"), blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _shift_gradient_plan(shape):
    plan = Plan()
    add_bias_gradient(plan, layout(shape))
    return plan.finish()


@conv_transpose.on_floats
def _(x, weight, out_shape, stride, padding, dilation, groups):
    backward = floats.conv2d_backward if len(out_shape) == 4 else floats.conv3d_backward
    return backward(x, np.empty(out_shape, x.dtype), weight, stride, padding, dilation, (True, False, False), groups)[0]


@shift_forward.on_floats
def _(x, bias):
    return made(addition.shift_forward, x.shape, x, *dense(bias))


@shift_backward.on_floats
def _(dout):
    return made(conv.conv2d_backward_bias, dout.shape[1], dout)
