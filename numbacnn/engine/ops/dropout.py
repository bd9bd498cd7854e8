"""Dropout: a slice is one block of images."""
from functools import lru_cache

import numpy as np

from ...kernels import dropout
from ...simd.views import only
from ..batch import Batch
from ..images import image_numbers
from ..kinds import operation
from ..layout import NUMBER, layout
from ..loop import call
from ..operands import Lanes, Real, Seed
from ..plan import Array, Plan
from ..queue import enqueue
from ..task import reads

OPERANDS = {"x": Lanes(4), "image": Lanes(1), "p": Real(), "scale": Real(), "seed": Seed()}


@reads(**OPERANDS).writes(out=Lanes(4))
def drop_numbers(op, n):
    """A lot for each number."""
    dropout.dropout_forward(only(op.x, 0, n), only(op.image, 0, n), op.seed, op.p, op.scale, only(op.out, 0, n))


@reads(**OPERANDS).writes(out=Lanes(4))
def drop_channels(op, n):
    """A lot for each channel."""
    dropout.dropout2d_forward(only(op.x, 0, n), only(op.image, 0, n), op.seed, op.p, op.scale, only(op.out, 0, n))


@operation
def dropout_forward(x, p, scale, seed):
    """scale * x, but 0 where the lot of a number falls below p."""
    return _dropped(drop_numbers, x, p, scale, seed)


@operation
def dropout2d_forward(x, p, scale, seed):
    """scale * x, but 0 in each channel of an image whose lot falls below p."""
    return _dropped(drop_channels, x, p, scale, seed)


def _dropped(task, x, p, scale, seed):
    out = Batch(x.shape)
    enqueue(_plan(task, x.shape, p, scale), x=x.buffer, image=image_numbers(x.shape[0]), seed=np.array([seed]),
            out=out.buffer)
    return out


@lru_cache(maxsize=256)
def _plan(task, shape, p, scale):
    lay = layout(shape)
    image = Array("image", (lay.blocks,), (NUMBER,))
    return Plan().add(task.of(), lay.blocks, x=lay.lanes("x"), image=image, p=p, scale=scale, seed="seed",
                      out=lay.lanes("out"), blocks=lay.blocks).finish()


@dropout_forward.on_floats
def _(x, p, scale, seed):
    return _dropped_floats(dropout.dropout_forward, x, p, scale, seed)


@dropout2d_forward.on_floats
def _(x, p, scale, seed):
    return _dropped_floats(dropout.dropout2d_forward, x, p, scale, seed)


def _dropped_floats(kernel, x, p, scale, seed):
    out, f = np.empty(x.shape, x.dtype), x.dtype.type
    if x.size:
        N, C = x.shape[:2] if x.ndim > 1 else (1, x.size)
        call(kernel, x.reshape(N, C, 1, -1), np.arange(N, dtype=x.dtype), np.int64(seed), f(p), f(scale),
             out.reshape(N, C, 1, -1))
    return out
