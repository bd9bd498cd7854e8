"""Convolution and pooling of volumes on tiles: the plans of two dimensions with one axis more.

In memory a volume of D layers of H rows is an image of D*H rows, so whatever does not care where a layer ends (packing,
the gradient of the bias, the sum of the slots) is done as for images.
"""
from functools import lru_cache
from math import prod

import numpy as np

from ...kernels.conv import output_extent
from ...simd.choice import L, grids_of, takes_sheets
from ..batch import FLOAT, Batch, layout
from ..plan import Plan
from ..queue import enqueue
from ..tasks import conv3d as conv3d_tasks
from ..tasks import pooling3d as pooling_tasks
from ..tasks.pooling import GROUP
from .columns import add_bias_column, add_columns, dense
from .conv import add_bias_gradient, add_turned, enqueue_backward
from .grouped_conv import group_grid, group_run
from .slots import Slots


def _sizes(x, kernel, stride, padding, dilation, ceil_mode=False):
    return tuple(output_extent(*extents, ceil_mode) for extents in zip(x.shape[2:], kernel, stride, padding, dilation))


def layered(array, H):
    """A view of images of D*H rows with the rows parted into D layers."""
    (*outer, rows, width), (*steps, by_row, by_column) = array.shape, array.strides
    return array.seen_as((*outer, rows // H, H, width), (*steps, H * by_row, by_row, by_column))


def conv3d_forward(x, weight, bias, stride, padding, dilation, groups=1):
    """The convolution of a batch (N, IC, D, H, W) with (OC, IC/groups, KD, KH, KW) as a batch (N, OC, OD, OH, OW)."""
    out = Batch((x.shape[0], weight.shape[0], *_sizes(x, weight.shape[2:], stride, padding, dilation)))
    bias = dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.shape, bias is None, (*stride, *padding, *dilation), groups)
    enqueue(plan, x=x.buffer, weight=np.ascontiguousarray(weight), out=out.buffer, bias=bias)
    return out


def conv3d_backward(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    plan = _backward_plan(x.shape, dout.shape, weight.shape, (*stride, *padding, *dilation), wanted, groups)
    return enqueue_backward(plan, dout, x, np.ascontiguousarray(weight), wanted)


def _flat(weight_shape):
    """A dense weight (OC, IC, KD, KH, KW) as one (OC, IC, KD*KH, KW): shape and strides."""
    OC, IC, KD, KH, KW = weight_shape
    shape = OC, IC, KD * KH, KW
    return shape, [FLOAT * prod(shape[axis + 1:]) for axis in range(4)]


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, weight_shape, no_bias, words, groups):
    x, out, plan = layout(x_shape), layout(out_shape), Plan()
    (_, IC, *taps), strides = _flat(weight_shape)
    OC = out.C // groups
    for run in out.runs if groups == 1 else [group_run(groups, OC)]:
        _, T, tiles = run
        weight = add_columns(plan, run, (groups, OC, IC, *taps), (OC * strides[0], *strides))
        bias = add_bias_column(plan, run, out.C, no_bias)
        plan.row(conv3d_tasks.conv3d_forward.of(T), out.blocks * tiles,
                 [layered(x.lanes("x"), x_shape[3]), layered(weight, weight_shape[3]), bias],
                 [layered(out.tiles("out", run), out_shape[3])], (*words, tiles // groups), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, weight_shape, words, wanted, groups):
    x, dout, plan = layout(x_shape), layout(out_shape), Plan()
    if wanted[2]:
        add_bias_gradient(plan, dout)
    if wanted[0]:
        _add_input_gradient(plan, x, dout, x_shape[3], out_shape[3], weight_shape, words, groups)
    if wanted[1]:
        OC, IC, *taps = weight_shape
        if groups == 1 and takes_sheets(OC, IC, prod(taps)):
            _add_sheets(plan, x, dout, x_shape[3], out_shape[3], weight_shape, words)
        else:
            _add_grids(plan, x, dout, x_shape[3], out_shape[3], weight_shape, words, groups)
    return plan.finish()


def _add_grids(plan, x, dout, H, OH, weight_shape, words, groups):
    """Rows for a weight gradient in grids of T output x K input channels; layers are of H rows, those of the output of OH."""
    (OC, IC, *taps), _ = _flat(weight_shape)
    # without groups there are slots for the channels that fill up the last tile, too
    room = x.room if groups == 1 else IC
    for first, T, tiles, K in grids_of(OC, IC) if groups == 1 else [group_grid(groups, OC // groups, IC)]:
        slots = Slots(plan, (x.blocks, tiles, room // K, *taps), T, K, first)
        plan.row(conv3d_tasks.conv3d_backward_weight.of(T, K), x.blocks * tiles * room // K,
                 [layered(dout.half_tiles("dout", (first, T, tiles)), OH), layered(x.half_tiles("x", x.one_run(K)), H)],
                 [layered(slots.patches, weight_shape[3])], (*words, tiles // groups), blocks=x.blocks)
        slots.fold(plan, (OC, IC, *taps))


def _add_sheets(plan, x, dout, H, OH, weight_shape, words):
    """The same in sheets: L output x K input channels, the output channels in the lanes; all channels are one group."""
    shape, _ = _flat(weight_shape)
    turned, tiles = layered(add_turned(plan, dout), OH), dout.room // L
    for first, K, groups in x.runs:
        slots = Slots(plan, (x.blocks, tiles, groups, *shape[2:]), L, K, first)
        plan.row(conv3d_tasks.conv3d_backward_weight_turned.of(K), x.blocks * tiles * groups,
                 [turned, layered(x.half_tiles("x", (first, K, groups)), H)],
                 [layered(slots.patches, weight_shape[3])], (*words, tiles), blocks=x.blocks)
        slots.fold_sheets(plan, shape)


def _add_input_gradient(plan, x, dout, H, OH, weight_shape, words, groups):
    """Rows for the gradient of volumes of layers of H rows, those of the output of OH."""
    (OC, IC, *taps), strides = _flat(weight_shape)
    exchanged = (strides[1], strides[0], *strides[2:])
    OC //= groups
    for run in x.runs if groups == 1 else [group_run(groups, IC)]:
        _, T, tiles = run
        weight = add_columns(plan, run, (groups, IC, OC, *taps), (OC * strides[0], *exchanged))
        plan.row(conv3d_tasks.conv3d_backward_input.of(T), x.blocks * tiles,
                 [layered(dout.lanes("dout"), OH), layered(weight, weight_shape[3])], [layered(x.tiles("dx", run), H)],
                 (*words, tiles // groups), blocks=x.blocks)


def max_pool3d_forward(x, kernel, stride, padding, dilation, ceil_mode=False):
    """(out, tap): the largest pixels of the windows and which tap of its window each was."""
    shape = (*x.shape[:2], *_sizes(x, kernel, stride, padding, dilation, ceil_mode))
    out, tap = Batch(shape), Batch(shape)
    plan = _pool_plan(pooling_tasks.max_pool3d_forward, (x.shape,), (shape, shape), (*stride, *padding, *dilation, *kernel))
    enqueue(plan, r0=x.buffer, w0=out.buffer, w1=tap.buffer)
    return out, tap


def max_pool3d_backward(dout, tap, x_shape, kernel, stride, padding, dilation):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    plan = _pool_plan(pooling_tasks.max_pool3d_backward, (dout.shape, dout.shape), (x_shape,),
                      (*stride, *padding, *dilation, *kernel))
    enqueue(plan, r0=dout.buffer, r1=tap.buffer, w0=dx.buffer)
    return dx


def avg_pool3d_forward(x, kernel, stride, padding, count_include_pad, ceil_mode=False, divisor=0):
    """The averages of the windows."""
    out = Batch((*x.shape[:2], *_sizes(x, kernel, stride, padding, (1, 1, 1), ceil_mode)))
    words = (*stride, *padding, 1, 1, 1, *kernel, count_include_pad, divisor)
    enqueue(_pool_plan(pooling_tasks.avg_pool3d_forward, (x.shape,), (out.shape,), words), r0=x.buffer, w0=out.buffer)
    return out


def avg_pool3d_backward(dout, x_shape, kernel, stride, padding, count_include_pad, divisor=0):
    """dx of the shape of x."""
    dx = Batch(x_shape)
    words = (*stride, *padding, 1, 1, 1, *kernel, count_include_pad, divisor)
    enqueue(_pool_plan(pooling_tasks.avg_pool3d_backward, (dout.shape,), (x_shape,), words), r0=dout.buffer,
            w0=dx.buffer)
    return dx


@lru_cache(maxsize=256)
def _pool_plan(task, read, written, words):
    reads, writes = ([layered(layout(shape).all_lanes(f"{letter}{i}"), shape[3]) for i, shape in enumerate(shapes)]
                     for letter, shapes in (("r", read), ("w", written)))
    blocks, channels = writes[0].shape[:2]
    return Plan().row(task.of(), blocks * -(-channels // GROUP), reads, writes, words, blocks=blocks).finish()
