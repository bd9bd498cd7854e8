"""Scores to probabilities: every loop of `kernels.softmax`, row by row; of a batch, every image is a row.

A slice is one block of images.
"""
from functools import lru_cache

import numpy as np

from ...kernels import softmax
from ...simd.views import only
from ..batch import Batch
from ..kinds import operation
from ..layout import layout
from ..loop import call
from ..operands import Lanes
from ..plan import Plan
from ..queue import enqueue
from ..task import reads


@reads(x=Lanes(2)).writes(out=Lanes(2)).by_lane.made
def forward(name):
    """Any loop `name_forward(x, out)`."""
    loop = getattr(softmax, f"{name}_forward")

    def slice_of(op, n):
        loop(only(op.x, 0, n), only(op.out, 0, n))
    return slice_of


@reads(dout=Lanes(2), out=Lanes(2)).writes(dx=Lanes(2)).made
def backward(name):
    """Any loop `name_backward(dout, out, dx)`."""
    loop = getattr(softmax, f"{name}_backward")

    def slice_of(op, n):
        loop(only(op.dout, 0, n), only(op.out, 0, n), only(op.dx, 0, n))
    return slice_of


@lru_cache(maxsize=256)
def _plan(task, shape):
    lay = layout(shape)
    rows = {name: lay.lanes(name, 2) for name in task.family.operands.kinds}
    return Plan().add(task, lay.blocks, blocks=lay.blocks, **rows).finish()


@operation
def rowwise_forward(name, x):
    """"softmax" or "log_softmax" of each row of (N, C)."""
    out = Batch(x.shape)
    enqueue(_plan(forward.of(name), x.shape), x=x.buffer, out=out.buffer)
    return out


@operation
def rowwise_backward(name, dout, out):
    """dx from the output of the forward pass."""
    dx = Batch(dout.shape)
    enqueue(_plan(backward.of(name), dout.shape), dout=dout.buffer, out=out.buffer, dx=dx.buffer)
    return dx


@rowwise_forward.on_floats
def _(name, x):
    return _rows(f"{name}_forward", x)


@rowwise_backward.on_floats
def _(name, dout, out):
    return _rows(f"{name}_backward", dout, out)


def _rows(name, *arrays):
    out = np.empty_like(arrays[0])
    if out.size:
        call(getattr(softmax, name), *arrays, out)
    return out
