"""Softmax cross-entropy; classes, shares and losses are one number per image.

A slice is one block of images, or all of them for a sum.
"""
from functools import lru_cache
from math import prod

import numpy as np

from ...kernels import loss
from ...simd.choice import L
from ...simd.views import only
from ..batch import Batch
from ..buffers import Buffer, Written
from ..kinds import operation
from ..layout import FLOAT, NUMBER, layout
from ..loop import made
from ..operands import Floats, Lanes, Real
from ..plan import Array, Plan
from ..queue import Pending, enqueue, finish
from ..task import reads


@reads(x=Lanes(2), target=Lanes(1), smoothing=Real()).writes(loss=Lanes(1))
def forward(op, n):
    """The losses of a block."""
    loss.cross_entropy_forward(only(op.x, 0, n), only(op.target, 0, n), op.smoothing, only(op.loss, 0, n))


@reads(x=Lanes(2), target=Lanes(1), share=Lanes(1), smoothing=Real()).writes(dx=Lanes(2))
def backward(op, n):
    """The gradient of a block."""
    loss.cross_entropy_backward(only(op.x, 0, n), only(op.target, 0, n), only(op.share, 0, n), op.smoothing,
                                only(op.dx, 0, n))


@reads(loss=Lanes(1), share=Lanes(1)).writes(out=Floats(1))
def total(op, k):
    """The sum over all images."""
    loss.weighted_sum(op.loss, op.share, op.out)


@operation
def class_numbers(target):
    """Classes int64 (N,) as the operations below take them; of (K, N) row after row."""
    return _lanes(target)


@operation
def cross_entropy_forward(x, target, smoothing=0):
    """The losses of scores (N, C), for `losses_of` or `weighted_sum`."""
    losses = Buffer(target.nbytes)
    enqueue(_forward_plan(x.shape, smoothing), x=x.buffer, target=target, loss=losses)
    return losses


@operation
def losses_of(losses, N):
    """Each of the N losses, (N,)."""
    finish()
    return losses.floats(N).copy()


@operation
def weighted_sum(losses, N, share):
    """share * sum of N losses, as a number to come; NaN for a mean of none."""
    out = Pending(())
    enqueue(_sum_plan(N), loss=losses, share=_equal_shares(N, share), out=out.memory)
    return out


@operation
def cross_entropy_backward(x, target, share, smoothing=0):
    """The gradient of sum(share * loss) with respect to the scores; share is a number or (N,)."""
    dx, N = Batch(x.shape), x.shape[0]
    share = _equal_shares(N, float(share)) if share.ndim == 0 else _lanes(share)
    enqueue(_backward_plan(x.shape, smoothing), x=x.buffer, target=target, share=share, dx=dx.buffer)
    return dx


def _lanes(values):
    """The values (..., N) in float32, zeros for the lanes without an image, each row aligned as a number is."""
    *rows, N = values.shape
    shape = (*rows, -(-N // L) * L)
    buffer = Written(FLOAT * prod(shape))
    lanes = buffer.floats(shape)
    lanes[..., :N] = values
    if N % L:
        lanes[..., N:] = 0
    return buffer


@lru_cache(maxsize=16)
def _equal_shares(N, share):
    return _lanes(np.full(N, share, np.float32))


def _an_image(name, N):
    return Array(name, (-(-N // L),), (NUMBER,))


@lru_cache(maxsize=256)
def _forward_plan(shape, smoothing):
    x, N = layout(shape), shape[0]
    return Plan().add(forward.of(), x.blocks, x=x.lanes("x", 2), target=_an_image("target", N), smoothing=smoothing,
                      loss=_an_image("loss", N), blocks=x.blocks).finish()


@lru_cache(maxsize=256)
def _sum_plan(N):
    return Plan().add(total.of(), 1, loss=_an_image("loss", N), share=_an_image("share", N),
                      out=Array("out", (1,), (FLOAT,))).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, smoothing):
    x, N = layout(shape), shape[0]
    return Plan().add(backward.of(), x.blocks, x=x.lanes("x", 2), target=_an_image("target", N), share=_an_image("share", N),
                      smoothing=smoothing, dx=x.lanes("dx", 2), blocks=x.blocks).finish()


@class_numbers.on_floats
def _(target):
    return target


@cross_entropy_forward.on_floats
def _(x, target, smoothing=0):
    return made(loss.cross_entropy_forward, len(x), x, target, x.dtype.type(smoothing))


@losses_of.on_floats
def _(losses, N):
    return losses


@weighted_sum.on_floats
def _(losses, N, share):
    if N == 0:
        return losses.dtype.type(0 * share)
    return made(loss.weighted_sum, 1, losses, np.full(N, share, losses.dtype))[0]


@cross_entropy_backward.on_floats
def _(x, target, share, smoothing=0):
    share = np.ascontiguousarray(np.broadcast_to(share, len(x)), x.dtype)
    return made(loss.cross_entropy_backward, x.shape, x, target, share, x.dtype.type(smoothing))
