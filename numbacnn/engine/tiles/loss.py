"""Softmax cross-entropy on lanes; classes, shares and losses are one number an image."""
from functools import lru_cache
from math import prod

import numpy as np

from ...simd.choice import L
from ..batch import FLOAT, NUMBER, Batch, layout
from ..buffers import Buffer, Written
from ..plan import Array, Plan
from ..queue import Pending, enqueue, finish
from ..tasks import loss as loss_tasks
from .images import bits


def class_numbers(target):
    """Classes int64 (N,) as the operations below take them; of (K, N) row after row."""
    return _lanes(target)


def cross_entropy_forward(x, target, smoothing=0):
    """The losses of scores (N, C), for `losses_of` or `weighted_sum`."""
    losses = Buffer(target.nbytes)
    enqueue(_forward_plan(x.shape, smoothing), x=x.buffer, target=target, loss=losses)
    return losses


def losses_of(losses, N):
    """Each of the N losses, float32 (N,)."""
    finish()
    return losses.floats(N).copy()


def weighted_sum(losses, N, share):
    """share * sum of N losses, as a number to come."""
    out = Pending(())
    enqueue(_sum_plan(N), loss=losses, share=_equal_shares(N, share), out=out.memory)
    return out


def cross_entropy_backward(x, target, share, smoothing=0):
    """The gradient of sum(share * loss) with respect to the scores; share is a number or float32 (N,)."""
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
    return Plan().row(loss_tasks.cross_entropy_forward.of(), x.blocks,
                      [x.lanes("x", 2), _an_image("target", N)], [_an_image("loss", N)], (bits(smoothing),),
                      blocks=x.blocks).finish()


@lru_cache(maxsize=256)
def _sum_plan(N):
    return Plan().row(loss_tasks.weighted_sum.of(), 1, [_an_image("loss", N), _an_image("share", N)],
                      [Array("out", (1,), (FLOAT,))]).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape, smoothing):
    x, N = layout(shape), shape[0]
    return Plan().row(loss_tasks.cross_entropy_backward.of(), x.blocks,
                      [x.lanes("x", 2), _an_image("target", N), _an_image("share", N)], [x.lanes("dx", 2)],
                      (bits(smoothing),), blocks=x.blocks).finish()
