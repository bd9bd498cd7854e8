"""Convolution of volumes: the plans of images with one axis more.

In memory a volume of D layers of H rows is an image of D*H rows, so whatever does not care where a layer ends (packing,
the gradient of the bias, the sum of the slots) is done as for images.
"""
from functools import lru_cache
from math import prod

import numpy as np
from numba import njit

from ....kernels import conv3d
from ....simd.choice import HALF, L, grids_of, takes_sheets
from ....simd.views import cell, group, only
from ...batch import Batch
from ...kinds import operation
from ...layout import FLOAT, layout
from ...operands import Columns, Lanes, Number, Patches, Sheets, Spreads, Tiles, Triple, Turned
from ...plan import Plan
from ...queue import enqueue
from ...task import reads
from ..columns import add_bias_column, add_columns, dense
from ..partial_sums import Slots
from ..sizes import sizes
from ..weights import enqueue_backward
from . import plain
from .groups import group_grid, group_run
from .weight_gradient import add_bias_gradient, add_turned

#: Of a group of channels it says how many tiles it has of what a task writes: all of them if the channels are in one group.
GEOMETRY = {"stride": Triple(), "padding": Triple(), "dilation": Triple(), "tiles": Number()}


@reads(x=Lanes(5), weight=Columns(5), bias=Columns(1), **GEOMETRY).writes(out=Tiles(5)).by_lane
def forward(op, k):
    """A slice is a tile of channels of a block."""
    n, oc = divmod(k, op.weight.shape[0])
    conv3d.conv3d_forward(group(op.x, n, oc // op.tiles, op.weight.shape[1]), only(op.weight, 0, oc), only(op.bias, 0, oc),
                          op.stride, op.padding, op.dilation, cell(op.out, n, oc))


@reads(dout=Lanes(5), weight=Columns(5), **GEOMETRY).writes(dx=Tiles(5))
def input_gradient(op, k):
    """A slice is a tile of channels of a block."""
    n, ic = divmod(k, op.weight.shape[0])
    conv3d.conv3d_backward_input(group(op.dout, n, ic // op.tiles, op.weight.shape[1]), only(op.weight, 0, ic), op.stride,
                                 op.padding, op.dilation, cell(op.dx, n, ic))


@reads(dout=Tiles(6, lanes=HALF), x=Tiles(6, T="K", lanes=HALF), **GEOMETRY).writes(slots=Patches(6))
def grids(op, k):
    """A grid of T output channels x K input channels of one group."""
    add_up_slice(k, op.dout, op.x, op.stride, op.padding, op.dilation, op.tiles, op.slots)


@reads(dout=Turned(6), x=Spreads(6), **GEOMETRY).writes(slots=Sheets(6))
def sheets(op, k):
    """L output channels, in the lanes, x K input channels: there is nothing to fold at the end of a sum."""
    add_up_slice(k, op.dout, op.x, op.stride, op.padding, op.dilation, op.tiles, op.slots)


@njit(inline="always")
def add_up_slice(k, dout, x, stride, padding, dilation, tiles, slots):
    """Slice k of a weight gradient: of a block, a tile of output channels and a group of input channels.

    Shapes: dout (blocks, 2, tiles, OD, OH, OW), x (blocks, 2, groups, D, H, W), slots (blocks, tiles, groups of a tile, ...).
    """
    k, ic = divmod(k, slots.shape[2])
    n, oc = divmod(k, slots.shape[1])
    first = oc // tiles * slots.shape[2]
    conv3d.conv3d_backward_weight(only(dout[n], 1, oc), only(x[n], 1, first + ic), stride, padding, dilation,
                                  only(only(slots[n], 0, oc), 1, ic))


@operation
def conv3d_forward(x, weight, bias, stride, padding, dilation, groups=1):
    """The convolution of (N, IC, D, H, W) with weight (OC, IC/groups, KD, KH, KW) as (N, OC, OD, OH, OW)."""
    out = Batch((x.shape[0], weight.shape[0], *sizes(x.shape, weight.shape[2:], stride, padding, dilation)))
    bias = dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.shape, bias is None, stride, padding, dilation, groups)
    enqueue(plan, x=x.buffer, weight=np.ascontiguousarray(weight), out=out.buffer, bias=bias)
    return out


@operation
def conv3d_backward(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    plan = _backward_plan(x.shape, dout.shape, weight.shape, stride, padding, dilation, wanted, groups)
    return enqueue_backward(plan, dout, x, np.ascontiguousarray(weight), wanted)


@conv3d_forward.on_floats
def _(x, weight, bias, stride, padding, dilation, groups=1):
    return plain.convolve(conv3d.conv3d_forward, x, weight, bias, stride, padding, dilation, groups)


@conv3d_backward.on_floats
def _(dout, x, weight, stride, padding, dilation, wanted, groups=1):
    kernels = conv3d.conv3d_backward_input, conv3d.conv3d_backward_weight
    return plain.gradients(kernels, dout, x, weight, stride, padding, dilation, wanted, groups)


def layered(array, H):
    """A view of images of D*H rows with the rows parted into D layers."""
    (*outer, rows, width), (*steps, by_row, by_column) = array.shape, array.strides
    return array.seen_as((*outer, rows // H, H, width), (*steps, H * by_row, by_row, by_column))


def _flat(weight_shape):
    """A dense weight (OC, IC, KD, KH, KW) as one (OC, IC, KD*KH, KW): shape and strides."""
    OC, IC, KD, KH, KW = weight_shape
    shape = OC, IC, KD * KH, KW
    return shape, [FLOAT * prod(shape[axis + 1:]) for axis in range(4)]


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, weight_shape, no_bias, stride, padding, dilation, groups):
    x, out, plan = layout(x_shape), layout(out_shape), Plan()
    (_, IC, *taps), strides = _flat(weight_shape)
    OC = out.C // groups
    for run in out.runs if groups == 1 else [group_run(groups, OC)]:
        _, T, tiles = run
        weight = add_columns(plan, run, (groups, OC, IC, *taps), (OC * strides[0], *strides))
        bias = add_bias_column(plan, run, out.C, no_bias)
        plan.add(forward.of(T=T), out.blocks * tiles, x=layered(x.lanes("x"), x_shape[3]),
                 weight=layered(weight, weight_shape[3]), bias=bias, stride=stride, padding=padding, dilation=dilation,
                 tiles=tiles // groups, out=layered(out.tiles("out", run), out_shape[3]), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, weight_shape, stride, padding, dilation, wanted, groups):
    x, dout, plan = layout(x_shape), layout(out_shape), Plan()
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    if wanted[2]:
        add_bias_gradient(plan, dout)
    if wanted[0]:
        _add_input_gradient(plan, x, dout, x_shape[3], out_shape[3], weight_shape, geometry, groups)
    if wanted[1]:
        OC, IC, *taps = weight_shape
        if groups == 1 and takes_sheets(OC, IC, prod(taps)):
            _add_sheets(plan, x, dout, x_shape[3], out_shape[3], weight_shape, geometry)
        else:
            _add_grids(plan, x, dout, x_shape[3], out_shape[3], weight_shape, geometry, groups)
    return plan.finish()


def _add_grids(plan, x, dout, H, OH, weight_shape, geometry, groups):
    """Rows for a weight gradient in grids of T output x K input channels; layers are of H rows, those of the output of OH."""
    (OC, IC, *taps), _ = _flat(weight_shape)
    # without groups there are slots for the channels that fill up the last tile, too
    room = x.room if groups == 1 else IC
    for first, T, tiles, K in grids_of(OC, IC) if groups == 1 else [group_grid(groups, OC // groups, IC)]:
        slots = Slots(plan, (x.blocks, tiles, room // K, *taps), T, K, first)
        plan.add(grids.of(T=T, K=K), x.blocks * tiles * room // K, dout=layered(dout.half_tiles("dout", (first, T, tiles)), OH),
                 x=layered(x.half_tiles("x", x.one_run(K)), H), slots=layered(slots.patches, weight_shape[3]),
                 tiles=tiles // groups, blocks=x.blocks, **geometry)
        slots.fold(plan, (OC, IC, *taps))


def _add_sheets(plan, x, dout, H, OH, weight_shape, geometry):
    """Rows in sheets: L output x K input channels, the output channels in the lanes; all channels are one group."""
    shape, _ = _flat(weight_shape)
    turned, tiles = layered(add_turned(plan, dout), OH), dout.room // L
    for first, K, groups in x.runs:
        slots = Slots(plan, (x.blocks, tiles, groups, *shape[2:]), L, K, first)
        plan.add(sheets.of(K=K), x.blocks * tiles * groups, dout=turned, x=layered(x.half_tiles("x", (first, K, groups)), H),
                 slots=layered(slots.patches, weight_shape[3]), tiles=tiles, blocks=x.blocks, **geometry)
        slots.fold_sheets(plan, shape)


def _add_input_gradient(plan, x, dout, H, OH, weight_shape, geometry, groups):
    """Rows for the gradient of volumes of layers of H rows, those of the output of OH."""
    (OC, IC, *taps), strides = _flat(weight_shape)
    exchanged = (strides[1], strides[0], *strides[2:])
    OC //= groups
    for run in x.runs if groups == 1 else [group_run(groups, IC)]:
        _, T, tiles = run
        weight = add_columns(plan, run, (groups, IC, OC, *taps), (OC * strides[0], *exchanged))
        plan.add(input_gradient.of(T=T), x.blocks * tiles, dout=layered(dout.lanes("dout"), OH),
                 weight=layered(weight, weight_shape[3]), tiles=tiles // groups, dx=layered(x.tiles("dx", run), H),
                 blocks=x.blocks, **geometry)
