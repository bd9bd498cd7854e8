"""Grouped convolution on tiles: each group of output channels sees its own group of input channels.

A tile belongs to one group, so it is as tall as a divisor of the group; a depthwise convolution has tiles of one channel.
"""
from functools import lru_cache

from ...kernels.conv import output_extent
from ...simd.choice import ROOM, SIDES, T_MAX, loads
from ..batch import FLOAT, Batch, layout
from ..plan import Array, Plan
from ..queue import enqueue
from ..tasks import grouped_conv as tasks
from ..tasks import memory as memory_tasks
from .conv import add_bias_gradient, bias_or_none, dense, enqueue_backward
from .slots import Slots


def grouped_conv2d_forward(x, weight, bias, stride, padding, dilation, groups):
    """The convolution of a batch (N, IC, H, W) with weight (OC, IC/groups, KH, KW) as a batch (N, OC, OH, OW)."""
    OH, OW = (output_extent(*extents) for extents in zip(x.shape[2:], weight.shape[2:], stride, padding, dilation))
    out, bias = Batch((x.shape[0], weight.shape[0], OH, OW)), dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.shape, weight.strides, bias is None, (*stride, *padding, *dilation),
                         groups)
    enqueue(plan, x=x.buffer, weight=weight, out=out.buffer, bias=bias)
    return out


def grouped_conv2d_backward(dout, x, weight, stride, padding, dilation, groups, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    plan = _backward_plan(x.shape, dout.shape, weight.shape, weight.strides, (*stride, *padding, *dilation), groups,
                          wanted)
    return enqueue_backward(plan, dout, x, weight, wanted)


def group_run(groups, C):
    """The tiles of so many groups of C channels, the tallest that fill a group: a run (first channel, T, tiles)."""
    T = max(T for T in range(1, T_MAX + 1) if C % T == 0)
    return 0, T, groups * C // T


def group_grid(groups, OC, IC):
    """The run (0, T, tiles, K) for the weight gradient of groups of OC x IC channels, as of `choice.grids_of`."""
    fitting = [(0, T, groups * OC // T, K) for T in SIDES if OC % T == 0 for K in SIDES if IC % K == 0 and T * K <= ROOM]
    return min(fitting, key=lambda grid: loads([grid]))


def add_group_columns(plan, groups, A, B, kernel, strides, T):
    """Rows that pack a weight (groups, A, B, KH, KW) as columns of T channels of A; the view of it."""
    KH, KW = kernel
    tiles = groups * A // T
    packed = plan.reserve("weight columns", FLOAT * tiles * B * KH * KW * T)
    by_tap = (B * KH * KW * T * FLOAT, T * FLOAT, KW * B * T * FLOAT, B * T * FLOAT)
    plan.row(memory_tasks.pack_columns.of(), tiles, [Array("weight", (groups, A, B, KH, KW), strides)],
             [Array(packed, (tiles, B, KH, KW, T), (*by_tap, FLOAT))])
    return Array(packed, (tiles, B, KH, KW), by_tap)


def add_group_bias(plan, C, T, absent):
    """The bias as columns of T channels; zeros where there is none."""
    bias = bias_or_none(C, absent)
    packed = plan.reserve("bias columns", FLOAT * C)
    plan.row(memory_tasks.pack_columns.of(), C // T, [bias],
             [Array(packed, (C // T, 1, 1, 1, T), (T * FLOAT,) * 4 + (FLOAT,))])
    return Array(packed, (C // T,), (T * FLOAT,))


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, weight_shape, strides, no_bias, words, groups):
    x, out, plan = layout(x_shape), layout(out_shape), Plan()
    OC, IC = out.C // groups, weight_shape[1]
    run = group_run(groups, OC)
    _, T, tiles = run
    weight = add_group_columns(plan, groups, OC, IC, weight_shape[2:], (OC * strides[0], *strides), T)
    bias = add_group_bias(plan, out.C, T, no_bias)
    plan.row(tasks.grouped_conv2d_forward.of(T), out.blocks * tiles, [x.lanes("x"), weight, bias],
             [out.tiles("out", run)], (*words, 0, 0, tiles // groups), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, weight_shape, strides, words, groups, wanted):
    x, dout, plan = layout(x_shape), layout(out_shape), Plan()
    OC, IC = dout.C // groups, weight_shape[1]
    want_dx, want_dweight, want_dbias = wanted
    if want_dbias:
        add_bias_gradient(plan, dout)
    if want_dx:
        run = group_run(groups, IC)
        _, T, tiles = run
        exchanged = (OC * strides[0], strides[1], strides[0], *strides[2:])
        weight = add_group_columns(plan, groups, IC, OC, weight_shape[2:], exchanged, T)
        plan.row(tasks.grouped_conv2d_backward_input.of(T, words[:2] != (1, 1)), x.blocks * tiles,
                 [dout.lanes("dout"), weight], [x.tiles("dx", run)], (*words, 0, 0, tiles // groups), blocks=x.blocks)
    if want_dweight:
        _add_grids(plan, x, dout, weight_shape, words, groups)
    return plan.finish()


def _add_grids(plan, x, dout, weight_shape, words, groups):
    """Rows for a weight gradient in grids of T output x K input channels of a group."""
    OC, IC, KH, KW = weight_shape
    first, T, tiles, K = group_grid(groups, OC // groups, IC)
    slots = Slots(plan, (x.blocks, tiles, IC // K, KH, KW), T, K)
    plan.row(tasks.grouped_conv2d_backward_weight.of(T, K), x.blocks * tiles * IC // K,
             [dout.half_tiles("dout", (first, T, tiles)), x.half_tiles("x", x.one_run(K))], [slots.patches],
             (*words, 0, 0, tiles // groups), blocks=x.blocks)
    slots.fold(plan, weight_shape)
