"""Grouped convolution on tiles: each group of output channels sees its own group of input channels.

A tile belongs to one group, so it is as tall as a divisor of the group.  Where each group has one input and one output channel
the convolution is depthwise, and has numbers of its own.
"""
from functools import lru_cache, partial

from ...kernels.conv import output_extent
from ...simd.choice import ROOM, SIDES, T_MAX, loads
from ..batch import Batch, layout
from ..plan import Plan
from ..queue import enqueue
from ..tasks import grouped_conv as tasks
from . import depthwise_conv
from .columns import add_bias_column, add_columns, dense
from .conv import add_bias_gradient, enqueue_backward
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


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, weight_shape, strides, no_bias, words, groups):
    x, out, plan = layout(x_shape), layout(out_shape), Plan()
    if groups == x.C == out.C:
        depthwise_conv.add_forward(plan, x, out, weight_shape, strides, no_bias, words)
        return plan.finish()
    OC = out.C // groups
    run = group_run(groups, OC)
    _, T, tiles = run
    weight = add_columns(plan, run, (groups, OC, *weight_shape[1:]), (OC * strides[0], *strides))
    bias = add_bias_column(plan, run, out.C, no_bias)
    plan.row(tasks.grouped_conv2d_forward.of(T), out.blocks * tiles, [x.lanes("x"), weight, bias],
             [out.tiles("out", run)], (*words, 0, 0, tiles // groups), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, weight_shape, strides, words, groups, wanted):
    x, dout, plan = layout(x_shape), layout(out_shape), Plan()
    want_dx, want_dweight, want_dbias = wanted
    depthwise = groups == x.C == dout.C
    if want_dbias:
        add_bias_gradient(plan, dout)
    if want_dx:
        add = depthwise_conv.add_input_gradient if depthwise else partial(_add_input_gradient, groups)
        add(plan, x, dout, weight_shape, strides, words)
    if want_dweight:
        add = depthwise_conv.add_weight_gradient if depthwise else partial(_add_grids, groups)
        add(plan, x, dout, weight_shape, words)
    return plan.finish()


def _add_input_gradient(groups, plan, x, dout, weight_shape, strides, words):
    """Rows for the gradient of the input, in tiles of the channels of a group."""
    OC, IC = dout.C // groups, weight_shape[1]
    run = group_run(groups, IC)
    _, T, tiles = run
    exchanged = (OC * strides[0], strides[1], strides[0], *strides[2:])
    weight = add_columns(plan, run, (groups, IC, OC, *weight_shape[2:]), exchanged)
    plan.row(tasks.grouped_conv2d_backward_input.of(T, words[:2] != (1, 1)), x.blocks * tiles,
             [dout.lanes("dout"), weight], [x.tiles("dx", run)], (*words, 0, 0, tiles // groups), blocks=x.blocks)


def _add_grids(groups, plan, x, dout, weight_shape, words):
    """Rows for a weight gradient in grids of T output x K input channels of a group."""
    OC, IC, KH, KW = weight_shape
    first, T, tiles, K = group_grid(groups, OC // groups, IC)
    slots = Slots(plan, (x.blocks, tiles, IC // K, KH, KW), T, K)
    plan.row(tasks.grouped_conv2d_backward_weight.of(T, K), x.blocks * tiles * IC // K,
             [dout.half_tiles("dout", (first, T, tiles)), x.half_tiles("x", x.one_run(K))], [slots.patches],
             (*words, 0, 0, tiles // groups), blocks=x.blocks)
    slots.fold(plan, weight_shape)
