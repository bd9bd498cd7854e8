"""The dense layer on tiles."""
from functools import lru_cache

from ...simd.choice import L
from ..batch import FLOAT, NUMBER, Batch, as_rows, layout
from ..plan import Array, Plan
from ..queue import enqueue
from ..tasks import linear as linear_tasks
from ..tasks import memory as memory_tasks
from .columns import add_bias_column, add_columns, dense
from .conv import enqueue_backward


def linear_forward(x, weight, bias):
    """A batch (N, IC) through weight (OC, IC), as a batch (N, OC)."""
    out, bias = Batch((x.shape[0], weight.shape[0])), dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.strides, bias is None)
    enqueue(plan, x=x.buffer, weight=weight, out=out.buffer, bias=bias)
    return out


def linear_backward(dout, x, weight, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    return enqueue_backward(_backward_plan(x.shape, dout.shape, weight.strides, wanted), dout, x, weight, wanted)


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
        plan.row(linear_tasks.linear_forward.of(T), out.blocks * tiles, [x.lanes("x", 2), _matrix(weight), bias],
                 [out.tiles("out", run, 2)], blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, strides, wanted):
    x, dout = layout(x_shape), layout(out_shape)
    want_dx, want_dweight, want_dbias = wanted
    plan = Plan()
    if want_dx:
        for run in x.runs:
            _, T, tiles = run
            plan.row(linear_tasks.linear_backward_input.of(T), x.blocks * tiles,
                     [dout.lanes("dout", 2), _exchanged(plan, run, x, dout, strides)], [x.tiles("dx", run, 2)],
                     blocks=x.blocks)
    if want_dbias:
        run = dout.one_run(dout.T)
        _, T, tiles = run
        plan.row(linear_tasks.linear_backward_bias.of(T), tiles, [dout.tiles("dout", run, 2)],
                 [Array("dbias", (tiles,), (T * FLOAT,))])
    if want_dweight:
        _add_weight_gradient(plan, x, dout)
    return plan.finish()


def _add_plain(plan, name, lay, room):
    """Rows that unpack a batch as plain rows of `room` features; (buffer, bytes of a row)."""
    row = room * FLOAT
    buffer = plan.reserve(f"plain {name}", lay.N * row)
    rows, features = as_rows(buffer, name, (lay.N, lay.C), (row, FLOAT))
    plan.row(memory_tasks.unpack_images.of(), lay.blocks, [features], [rows], blocks=lay.blocks)
    return buffer, row


def _add_weight_gradient(plan, x, dout):
    """dweight with inputs in the lanes: x and dout as plain rows, a tile of T rows at a time."""
    (_, T, tiles), groups = dout.one_run(dout.T), -(-x.C // L)
    x_plain, x_row = _add_plain(plan, "x", x, groups * L)
    dout_plain, dout_row = _add_plain(plan, "dout", dout, dout.room)
    tile = T * NUMBER
    rows = plan.reserve("gradient tiles", groups * tile)
    plan.row(linear_tasks.linear_backward_weight.of(T), groups,
             [Array(dout_plain, (x.N, tiles), (dout_row, T * FLOAT)),
              Array(x_plain, (x.N, groups), (x_row, NUMBER))],
             [Array(rows, (groups, 1), (tile, tile)),
              Array(rows, (groups, T), (tile, NUMBER)),
              Array("dweight", (dout.C, x.C), (x.C * FLOAT, FLOAT))])
