"""Softmax cross-entropy on lanes; targets, shares and losses are plain arrays of one an image."""
from functools import lru_cache

import numpy as np

from ...simd.choice import L
from ..batch import FLOAT, NUMBER, Batch, address_of, layout
from ..program import Array, Plan
from ..tasks import loss as loss_tasks


def cross_entropy_forward(x, target):
    """The loss of each image, float32 (N,), from scores (N, C) and classes int64 (N,)."""
    classes, losses = _lanes(target), _lanes(np.zeros(len(target)))
    _forward_plan(x.shape).run(x=x.address, target=address_of(classes), loss=address_of(losses))
    return losses[:len(target)]


def cross_entropy_backward(x, target, share):
    """The gradient of sum(share * loss) with respect to the scores; share is float32 (N,)."""
    dx, target, share = Batch(x.shape), _lanes(target), _lanes(share)
    _backward_plan(x.shape).run(x=x.address, target=address_of(target), share=address_of(share),
                                dx=dx.address)
    return dx


def _lanes(values):
    """The values in float32, zeros for the lanes without an image, aligned as a number is."""
    room = -(-len(values) // L) * L
    memory = np.zeros(room + L, np.float32)
    first = -(address_of(memory) // FLOAT) % L
    lanes = memory[first:first + room]
    lanes[:len(values)] = values
    return lanes


def _an_image(name, blocks):
    return Array(name, (blocks,), (NUMBER,))


@lru_cache(maxsize=256)
def _forward_plan(shape):
    x = layout(shape)
    return Plan().row(loss_tasks.cross_entropy_forward.address(), x.blocks,
                      [x.lanes("x", 2), _an_image("target", x.blocks),
                       _an_image("loss", x.blocks)]).finish()


@lru_cache(maxsize=256)
def _backward_plan(shape):
    x = layout(shape)
    return Plan().row(loss_tasks.cross_entropy_backward.address(), x.blocks,
                      [x.lanes("x", 2), _an_image("target", x.blocks),
                       _an_image("share", x.blocks), x.lanes("dx", 2)]).finish()
