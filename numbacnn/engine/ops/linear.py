"""The dense layer, in tiles of its outputs, backwards of its inputs.

The weight gradient has its inputs in the lanes, not images: a sum over images in the lanes would end in a horizontal sum for
every weight.
"""
from functools import lru_cache

import numpy as np

from ...kernels import linear
from ...simd import packing
from ...simd.choice import L
from ...simd.views import cell, only
from ..batch import Batch
from ..kinds import operation
from ..layout import FLOAT, NUMBER, as_rows, layout
from ..loop import made, wanted_of
from ..operands import Columns, Floats, Lanes, Tiles
from ..plan import Array, Plan
from ..queue import enqueue
from ..task import reads
from .columns import add_bias_column, add_columns, dense
from .moves import unpack_images
from .weights import enqueue_backward


@reads(x=Lanes(2), weight=Columns(2), bias=Columns(1)).writes(out=Tiles(2)).by_lane
def forward(op, k):
    """A slice is a tile of outputs of a block of images."""
    n, oc = divmod(k, op.weight.shape[0])
    linear.linear_forward(only(op.x, 0, n), only(op.weight, 0, oc), only(op.bias, 0, oc), cell(op.out, n, oc))


@reads(dout=Lanes(2), weight=Columns(2)).writes(dx=Tiles(2))
def input_gradient(op, k):
    """A slice is a tile of inputs of a block of images."""
    n, ic = divmod(k, op.weight.shape[0])
    linear.linear_backward_input(only(op.dout, 0, n), only(op.weight, 0, ic), cell(op.dx, n, ic))


@reads(dout=Columns(2), x=Lanes(2)).writes(tile=Tiles(2), rows=Lanes(2), dweight=Floats(2))
def weight_gradient(op, ic):
    """The lanes are inputs; a slice takes L of them, whose numbers stay in the first cache while all outputs meet them, and
    moves tile after tile, seen as rows, to its columns of the plain gradient."""
    for oc in range(op.dout.shape[1]):
        linear.linear_backward_weight(only(op.dout, 1, oc), only(op.x, 1, ic), only(op.tile, 0, ic))
        packing.unpack_rows(op.rows, op.dweight, oc * op.rows.shape[1], ic, L)


@reads(dout=Tiles(2)).writes(dbias=Columns(1))
def bias_gradient(op, oc):
    """A slice is a tile of outputs."""
    linear.linear_backward_bias(only(op.dout, 1, oc), only(op.dbias, 0, oc))


@operation
def linear_forward(x, weight, bias):
    """(N, IC) through weight (OC, IC) as (N, OC)."""
    out, bias = Batch((x.shape[0], weight.shape[0])), dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.strides, bias is None)
    enqueue(plan, x=x.buffer, weight=weight, out=out.buffer, bias=bias)
    return out


@operation
def linear_backward(dout, x, weight, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    return enqueue_backward(_backward_plan(x.shape, dout.shape, weight.strides, wanted), dout, x, weight, wanted)


@linear_forward.on_floats
def _(x, weight, bias):
    bias = np.zeros(len(weight), x.dtype) if bias is None else bias
    return made(linear.linear_forward, (len(x), len(weight)), x, weight, bias)


@linear_backward.on_floats
def _(dout, x, weight, wanted):
    dx = wanted[0] and made(linear.linear_backward_input, x.shape, dout, np.ascontiguousarray(weight.T))
    dweight = wanted[1] and made(linear.linear_backward_weight, weight.shape, dout, x)
    dbias = wanted[2] and made(linear.linear_backward_bias, len(weight), dout)
    return wanted_of(wanted, dx, dweight, dbias)


def _matrix(array):
    """The first two axes of a view: a 1x1 convolution's weight as a matrix."""
    return array.seen_as(array.shape[:2], array.strides[:2])


def _exchanged(plan, run, x, dout, strides):
    """The weight with its axes exchanged, as columns of T inputs: these lie side by side already."""
    first, T, tiles = run
    if x.C == x.room and strides[1] == FLOAT:
        return Array("weight", (tiles, dout.C), (T * FLOAT, strides[0]), first * FLOAT)
    return _matrix(add_columns(plan, run, (1, x.C, dout.C, 1, 1), (0, strides[1], strides[0], FLOAT, FLOAT)))


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, strides, no_bias):
    x, out = layout(x_shape), layout(out_shape)
    plan = Plan()
    for run in out.runs:
        _, T, tiles = run
        weight = add_columns(plan, run, (1, out.C, x.C, 1, 1), (0, *strides, FLOAT, FLOAT))
        bias = add_bias_column(plan, run, out.C, no_bias)
        plan.add(forward.of(T=T), out.blocks * tiles, x=x.lanes("x", 2), weight=_matrix(weight), bias=bias,
                 out=out.tiles("out", run, 2), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, strides, wanted):
    x, dout = layout(x_shape), layout(out_shape)
    want_dx, want_dweight, want_dbias = wanted
    plan = Plan()
    if want_dx:
        for run in x.runs:
            _, T, tiles = run
            plan.add(input_gradient.of(T=T), x.blocks * tiles, dout=dout.lanes("dout", 2),
                     weight=_exchanged(plan, run, x, dout, strides), dx=x.tiles("dx", run, 2), blocks=x.blocks)
    if want_dbias:
        run = dout.one_run(dout.T)
        _, T, tiles = run
        plan.add(bias_gradient.of(T=T), tiles, dout=dout.tiles("dout", run, 2), dbias=Array("dbias", (tiles,), (T * FLOAT,)))
    if want_dweight:
        _add_weight_gradient(plan, x, dout)
    return plan.finish()


def _add_plain(plan, name, lay, room):
    """Rows that unpack a batch as plain rows of `room` features; (buffer, bytes of a row)."""
    row = room * FLOAT
    buffer = plan.reserve(f"plain {name}", lay.N * row)
    rows, features = as_rows(buffer, name, (lay.N, lay.C), (row, FLOAT))
    plan.add(unpack_images.of(), lay.blocks, x=features, out=rows, blocks=lay.blocks)
    return buffer, row


def _add_weight_gradient(plan, x, dout):
    """dweight with inputs in the lanes: x and dout as plain rows, a tile of T rows at a time."""
    (_, T, tiles), groups = dout.one_run(dout.T), -(-x.C // L)
    x_plain, x_row = _add_plain(plan, "x", x, groups * L)
    dout_plain, dout_row = _add_plain(plan, "dout", dout, dout.room)
    tile = T * NUMBER
    rows = plan.reserve("gradient tiles", groups * tile)
    plan.add(weight_gradient.of(T=T), groups,
             dout=Array(dout_plain, (x.N, tiles), (dout_row, T * FLOAT)), x=Array(x_plain, (x.N, groups), (x_row, NUMBER)),
             tile=Array(rows, (groups, 1), (tile, tile)), rows=Array(rows, (groups, T), (tile, NUMBER)),
             dweight=Array("dweight", (dout.C, x.C), (x.C * FLOAT, FLOAT)))
