"""A frame of zeros around the images of a batch."""
from functools import lru_cache

from ..batch import Batch
from ..kinds import operation
from ..layout import layout
from ..plan import Plan
from ..queue import enqueue
from .moves import pad_numbers


@operation
def framed(x, rows, columns):
    """A batch with (before, behind) rows and columns of zeros, or with as many fewer where they are negative."""
    lay = x.layout
    image = lay.H + sum(rows), lay.W + sum(columns)
    out = Batch((*x.shape[:2], *image[2 - len(x.shape[2:]):]))
    enqueue(_plan(x.shape, out.shape, rows[0], columns[0]), x=x.buffer, out=out.buffer)
    return out


@lru_cache(maxsize=256)
def _plan(x_shape, out_shape, top, left):
    x, out = layout(x_shape), layout(out_shape)
    return Plan().add(pad_numbers.of(), x.blocks, x=x.lanes("x"), margin=(top, left), out=out.lanes("out"),
                      blocks=x.blocks).finish()
