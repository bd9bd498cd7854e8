"""The gradients of the weight and of the bias: sums over all images, part by part in slots that are added up in order.

A grid of T output channels x K numbers of x: input channels, or the taps of a row (a window).  Many channels go in sheets of L
output channels, in the lanes, x K input channels.  Half a number is added up at a time: twice the sums fit the registers.
"""
from math import prod

from numba import njit

from ....kernels import conv
from ....simd import packing
from ....simd.choice import HALF, L, grids_of, takes_sheets, window_of
from ....simd.views import cell, only
from ...layout import FLOAT, NUMBER, dense_strides
from ...operands import Columns, Number, Pair, Patches, Sheets, Spreads, Tiles, Turned
from ...plan import Array
from ...task import band, reads
from ..bands import BAND
from ..moves import pad_numbers
from ..partial_sums import Slots, add_weight_sums, fold_channels, slot_extents
from . import depthwise
from .groups import group_grid

TURNED_BAND = 256 * 1024  # bytes of dout that a weight gradient in sheets works on at a time: in the second-level cache
GEOMETRY = {"stride": Pair(), "padding": Pair(), "dilation": Pair()}


@reads(dout=Tiles(5, lanes=HALF), x=Tiles(5, T="K", lanes=HALF, pitch="pitch"), bands=Number(),
       **GEOMETRY).writes(slots=Patches(5))
def grids(op, k):
    """Each slot is the sum over a band of rows of dout, of one block of images; a slice is a tile of output channels of it."""
    add_up_slice(k, op.dout, op.x, op.stride, op.padding, op.dilation, op.bands, op.slots)


@reads(dout=Turned(5), x=Spreads(5), bands=Number(), **GEOMETRY).writes(slots=Sheets(5))
def sheets(op, k):
    """The output channels are in the lanes: there is nothing to fold at the end of a sum."""
    add_up_slice(k, op.dout, op.x, op.stride, op.padding, op.dilation, op.bands, op.slots)


@njit(inline="always")
def add_up_slice(k, dout, x, stride, padding, dilation, bands, slots):
    """Slice k of a weight gradient.

    Shapes: dout (blocks, 2, tiles, OH, OW), x (blocks, 2, groups, H, W), slots (parts, tiles, ...).
    """
    slot, oc = divmod(k, slots.shape[1])
    n, first, end = band(slot, bands, dout.shape[3])
    conv.conv2d_backward_weight(only(dout[n, :, :, first:end], 1, oc), x[n], stride,
                                (padding[0] - first * stride[0], padding[1]), dilation, only(slots[slot], 0, oc))


@reads(dout=Tiles(5, lanes=HALF), x=Tiles(5, T="K", lanes=HALF), tiles=Number(), **GEOMETRY).writes(slots=Patches(5))
def grids_of_groups(op, k):
    """A grid of channels of one group, which has so many tiles; a slice is a grid of a block."""
    k, ic = divmod(k, op.slots.shape[2])
    n, oc = divmod(k, op.slots.shape[1])
    first = oc // op.tiles * op.slots.shape[2]
    conv.conv2d_backward_weight(only(op.dout[n], 1, oc), only(op.x[n], 1, first + ic), op.stride, op.padding,
                                op.dilation, only(only(op.slots[n], 0, oc), 1, ic))


@reads(dout=Tiles(4)).writes(dbias=Columns(2))
def bias_gradient(op, k):
    """A slice is a tile of channels of a block: what the block adds to the gradient."""
    n, oc = divmod(k, op.dout.shape[1])
    conv.conv2d_backward_bias(cell(op.dout, n, oc), cell(op.dbias, n, oc)[0])


@reads(x=Tiles(5, T=HALF, lanes=HALF)).writes(out=Tiles(5, T=HALF, lanes=HALF))
def turn(op, k):
    """A slice is L channels of a block: from channels of images to images of channels."""
    n, c = divmod(k, op.x.shape[1])
    packing.turn(cell(op.x, n, c), cell(op.out, n, c))


def add_weight_gradient(plan, x, dout, weight_shape, geometry, groups):
    """Rows for the gradient of the weight, from the layouts of x and dout; `geometry` are stride, padding and dilation."""
    OC, IC, KH, KW = weight_shape
    if groups > 1 and groups == x.C == dout.C:
        depthwise.add_weight_gradient(plan, x, dout, weight_shape, geometry)
    elif groups > 1:
        _add_grids_of_groups(plan, x, dout, weight_shape, geometry, groups)
    else:
        add = _add_sheets if takes_sheets(OC, IC, KH * KW) else _add_windows if window_of(OC, KW) else _add_grids
        add(plan, x, dout, weight_shape, geometry)


def add_bias_gradient(plan, dout):
    """Rows for the gradient of a number that is added to each channel, from the layout of dout: block by block, then in all."""
    blocks, by_block, run = dout.blocks, dout.room * FLOAT, dout.one_run(dout.T)
    _, T, tiles = run
    parts = plan.reserve("dbias of blocks", blocks * by_block)
    plan.add(bias_gradient.of(T=T), blocks * tiles, dout=dout.tiles("dout", run),
             dbias=Array(parts, (blocks, tiles), (by_block, T * FLOAT)), blocks=blocks)
    fold_channels(plan, Array(parts, (blocks, dout.C), (by_block, FLOAT)), "dbias")


def _add_grids(plan, x, dout, weight_shape, geometry):
    """Rows in grids of T output x K input channels."""
    OC, IC, KH, KW = weight_shape
    for first, T, tiles, K in grids_of(OC, IC):
        slots = Slots(plan, slot_extents(dout, T, tiles, (x.room // K, KH, KW), T * K, BAND), T, K, first)
        add_weight_sums(plan, grids.of(T=T, K=K, pitch=L), dout.half_tiles("dout", (first, T, tiles)),
                      x.half_tiles("x", x.one_run(K)), slots, geometry)
        slots.fold(plan, weight_shape)


def _add_windows(plan, x, dout, weight_shape, geometry):
    """Rows in windows: T output channels x KW taps of a row."""
    OC, IC, KH, KW = weight_shape
    T, padding, dilation = window_of(OC, KW), geometry["padding"], geometry["dilation"]
    slots = Slots(plan, slot_extents(dout, T, dout.room // T, (IC, KH, 1), T * KW, BAND), T, KW)
    add_weight_sums(plan, grids.of(T=T, K=KW, pitch=dilation[1] * L), dout.half_tiles("dout", dout.one_run(T)),
                  _windows(plan, x, padding, dilation[1] * (KW - 1) + 1), slots, {**geometry, "padding": (0, 0)})
    slots.fold(plan, weight_shape, windows=True)


def _add_sheets(plan, x, dout, weight_shape, geometry):
    """Rows in sheets: L output x K input channels, the output channels in the lanes."""
    _, _, *taps = weight_shape
    turned = add_turned(plan, dout)
    for first, K, groups in x.runs:
        slots = Slots(plan, slot_extents(dout, L, dout.room // L, (groups, *taps), L * K, TURNED_BAND), L, K, first)
        add_weight_sums(plan, sheets.of(K=K), turned, x.half_tiles("x", (first, K, groups)), slots,
                      geometry)
        slots.fold_sheets(plan, weight_shape)


def _add_grids_of_groups(plan, x, dout, weight_shape, geometry, groups):
    """Rows in grids of T output x K input channels of a group."""
    OC, IC, KH, KW = weight_shape
    first, T, tiles, K = group_grid(groups, OC // groups, IC)
    slots = Slots(plan, (x.blocks, tiles, IC // K, KH, KW), T, K)
    plan.add(grids_of_groups.of(T=T, K=K), x.blocks * tiles * IC // K, dout=dout.half_tiles("dout", (first, T, tiles)),
             x=x.half_tiles("x", x.one_run(K)), slots=slots.patches, tiles=tiles // groups, blocks=x.blocks, **geometry)
    slots.fold(plan, weight_shape)


def add_turned(plan, dout):
    """A row that turns dout, so that L channels lie in the lanes; the copy as (blocks, 2, tiles, OH, OW) of half the images.

    Each half of a tile of a block lies in one piece.
    """
    tiles, pixels, number = dout.room // L, dout.H * dout.W, L * NUMBER
    block, tile, half, row, pixel = dense_strides((dout.blocks, tiles, 2, dout.H, dout.W), number // 2)
    copy = plan.reserve("turned dout", dout.blocks * block)
    squares = (dout.blocks, tiles, 2, 2, pixels)
    plan.add(turn.of(), dout.blocks * tiles,
             x=Array("dout", squares, (dout.block, number, NUMBER // 2, number // 2, dout.pixel)),
             out=Array(copy, squares, (block, tile, half, NUMBER // 2, pixel)), blocks=dout.blocks)
    return Array(copy, (dout.blocks, 2, tiles, dout.H, dout.W), (block, half, tile, row, pixel))


def _windows(plan, x, padding, width):
    """Half windows `width` pixels wide: they reach over the edge of the image, so they look at a copy with zeros around it.

    Each channel of the copy lies in one piece.
    """
    H, W = x.H + 2 * padding[0], x.W + 2 * padding[1]
    extents = (x.blocks, x.C, H, W)
    strides = dense_strides(extents, NUMBER)
    if x.C == 1 and not any(padding):
        copy = "x"
    else:
        copy = plan.reserve("framed x", NUMBER * prod(extents))
        plan.add(pad_numbers.of(), x.blocks, x=x.lanes("x"), margin=padding, out=Array(copy, extents, strides), blocks=x.blocks)
    return Array(copy, (x.blocks, 2, x.C, H, W - width + 1), (strides[0], NUMBER // 2, *strides[1:]))
