"""Operations number by number, in the order of the memory: how they are sliced, and the addition.

A task of this kind reads and writes Lanes(2), (block, numbers of a block); a slice is a stretch of a block.
"""
from functools import lru_cache

from numba import njit

from ...kernels import addition
from ..layout import layout
from ..operands import Lanes
from ..plan import Plan
from ..task import reads

CHUNK = 256  # numbers a slice works on


@njit(inline="always")
def stretch(k, array):
    """Slice k as (block, numbers of the block)."""
    chunks = -(-array.shape[1] // CHUNK)
    chunk = k % chunks
    return k // chunks, slice(chunk * CHUNK, (chunk + 1) * CHUNK)


@reads(x=Lanes(2), y=Lanes(2)).writes(out=Lanes(2)).by_lane
def add(op, k):
    """x + y."""
    n, own = stretch(k, op.out)
    addition.add_forward(op.x[n, own], op.y[n, own], op.out[n, own])


@lru_cache(maxsize=256)
def pointwise_plan(task, shape):
    """One row over batches of a shape, each under the name of its operand."""
    lay = layout(shape)
    arrays = {name: lay.flat(name) for name in task.family.operands.kinds}
    slices = -(-lay.flat("").shape[1] // CHUNK)
    return Plan().add(task, lay.blocks * slices, blocks=lay.blocks, **arrays).finish()
