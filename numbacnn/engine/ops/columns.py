"""Weights and biases as columns of T scalars, as the tasks read them."""
from math import prod

import numpy as np

from ...simd import packing
from ...simd.views import only
from ..layout import FLOAT
from ..operands import Floats
from ..plan import Array
from ..task import reads


@reads(weight=Floats(5)).writes(out=Floats(5))
def pack_columns(op, tile):
    """The weight is seen as (groups, channels of the tiles in a group, other channels, KH, KW)."""
    group, own = divmod(tile, op.out.shape[0] // op.weight.shape[0])
    packing.pack_columns(op.weight[group, own * op.out.shape[4]:], only(op.out, 0, tile))


def dense(bias):
    """A bias without gaps, or None."""
    return None if bias is None else np.ascontiguousarray(bias)


def add_columns(plan, run, shape, strides, offset=0):
    """A row that packs a run of tiles of the channels A of a weight (groups, A, B, KH, KW) as columns; the view of it.

    Where there is more than one group, the run takes all of their channels.
    """
    first, T, tiles = run
    groups, A, B, KH, KW = shape
    extents = (tiles, B, KH, KW, T)
    packed = plan.reserve(f"weight columns from {first}", FLOAT * prod(extents))
    # channels innermost but one: the loops run over them first
    by_tap = (B * KH * KW * T * FLOAT, T * FLOAT, KW * B * T * FLOAT, B * T * FLOAT)
    plan.add(pack_columns.of(), tiles,
             weight=Array("weight", (groups, A - first, B, KH, KW), strides, offset + first * strides[1]),
             out=Array(packed, extents, (*by_tap, FLOAT)))
    return Array(packed, (tiles, B, KH, KW), by_tap)


def add_bias_column(plan, run, C, absent):
    """Add a row that packs the bias of C channels; zeros where there is none."""
    first, T, tiles = run
    packed = plan.reserve(f"bias columns from {first}", FLOAT * tiles * T)
    # as a weight of one tap; if there is none, no channel lies in it, so they are zero
    bias = Array("weight" if absent else "bias", (1, 0 if absent else C - first, 1, 1, 1), (FLOAT,) * 5, first * FLOAT)
    plan.add(pack_columns.of(), tiles, weight=bias, out=Array(packed, (tiles, 1, 1, 1, T), (T * FLOAT,) * 4 + (FLOAT,)))
    return Array(packed, (tiles,), (T * FLOAT,))
