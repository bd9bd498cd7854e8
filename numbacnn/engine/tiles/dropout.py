"""Dropout on lanes."""
from functools import lru_cache

import numpy as np

from ..batch import NUMBER, Batch, layout
from ..plan import Array, Plan
from ..queue import enqueue
from ..tasks import dropout as tasks
from .images import bits, image_numbers


def dropout_forward(x, p, scale, seed):
    """scale * x, but 0 where the lot of a number falls below p."""
    return _dropped(tasks.dropout_forward, x, p, scale, seed)


def dropout2d_forward(x, p, scale, seed):
    """The same with one lot for each channel of each image."""
    return _dropped(tasks.dropout2d_forward, x, p, scale, seed)


def _dropped(task, x, p, scale, seed):
    out = Batch(x.shape)
    enqueue(_plan(task, x.shape, p, scale), x=x.buffer, image=image_numbers(x.shape[0]), seed=np.array([seed]),
            out=out.buffer)
    return out


@lru_cache(maxsize=256)
def _plan(task, shape, p, scale):
    lay = layout(shape)
    images = Array("image", (lay.blocks,), (NUMBER,))
    return Plan().row(task.of(), lay.blocks, [lay.lanes("x"), images], [lay.lanes("out")],
                      (bits(p), bits(scale)), {2: "seed"}, blocks=lay.blocks).finish()
