"""Convolution on tiles: which program runs for which shapes."""
from functools import lru_cache, partial
from math import prod

from ...kernels.conv import output_extent
from ...simd.choice import L, grids_of, padded, takes_sheets, window_of
from ..batch import FLOAT, NUMBER, Batch, dense_strides, layout
from ..plan import Array, Plan
from ..queue import Pending, enqueue
from ..tasks import conv as conv_tasks
from ..tasks import memory as memory_tasks
from ..tasks import strips as strip_tasks
from .columns import add_bias_column, add_columns, dense
from .slots import Slots, fold_channels
from .strips import add_strips, cut_of

PIECES = 4  # of a block of images, at least
SWEPT = 1 << 20  # bytes that are read for one tile of channels before the next one reads them
BAND = 24 * 1024  # bytes of dout that a weight gradient works on at a time, so that they stay in the first-level cache
TURNED_BAND = 256 * 1024  # the same where dout is turned: in the second-level cache
SLOTS = 4  # times as much memory as dout takes the slots of a weight gradient may take


def conv2d_forward(x, weight, bias, stride, padding, dilation):
    """The convolution of a batch (N, IC, H, W) as a batch (N, OC, OH, OW)."""
    OC, _, KH, KW = weight.shape
    OH, OW = (output_extent(*extents) for extents in zip(
        x.shape[2:], (KH, KW), stride, padding, dilation))
    out, bias = Batch((x.shape[0], OC, OH, OW)), dense(bias)
    plan = _forward_plan(x.shape, out.shape, weight.shape, weight.strides, bias is None, stride,
                         padding, dilation)
    enqueue(plan, x=x.buffer, weight=weight, out=out.buffer, bias=bias)
    return out


def conv2d_backward(dout, x, weight, stride, padding, dilation, wanted):
    """(dx, dweight, dbias); None for those that are not in `wanted`, a triple of bools."""
    plan = _backward_plan(x.shape, dout.shape, weight.shape, weight.strides, stride, padding,
                          dilation, wanted)
    return enqueue_backward(plan, dout, x, weight, wanted)


def enqueue_backward(plan, dout, x, weight, wanted):
    """(dx, dweight, dbias) of a layer with weights, as far as they are wanted, to be made by the plan."""
    want_dx, want_dweight, want_dbias = wanted
    dx = Batch(x.shape) if want_dx else None
    dweight = Pending(weight.shape) if want_dweight else None
    dbias = Pending(weight.shape[:1], room=padded(weight.shape[0])) if want_dbias else None
    enqueue(plan, dout=dout.buffer, x=x.buffer, weight=weight, dx=dx and dx.buffer,
            dweight=dweight and dweight.memory, dbias=dbias and dbias.memory)
    return dx, dweight, dbias


def add_bias_gradient(plan, dout):
    """Rows for the gradient of a number that is added to each channel, from the layout of dout: block by block, then in all."""
    blocks, by_block, run = dout.blocks, dout.room * FLOAT, dout.one_run(dout.T)
    _, T, tiles = run
    parts = plan.reserve("dbias of blocks", blocks * by_block)
    plan.row(conv_tasks.conv2d_backward_bias.of(T), blocks * tiles, [dout.tiles("dout", run)],
             [Array(parts, (blocks, tiles), (by_block, T * FLOAT))], blocks=blocks)
    fold_channels(plan, Array(parts, (blocks, dout.C), (by_block, FLOAT)), "dbias")


def bands_for(H, pieces, least=PIECES):
    """Into how many bands of rows an image is cut that comes in so many pieces already: threads share what is cut."""
    rows = -(-H // min(H, -(-least // pieces)))
    return -(-H // rows)  # none of them empty


def swept_bands(source, target):
    """The same for a convolution, which goes through its source once for each tile of its target: not through too much."""
    least = max(PIECES, source.block // SWEPT * target.tiles_of_channels)
    return bands_for(target.H, target.tiles_of_channels, least)


@lru_cache(maxsize=256)
def _forward_plan(x_shape, out_shape, weight_shape, strides, no_bias, stride, padding, dilation):
    x, out = layout(x_shape), layout(out_shape)
    plan = Plan()
    bands = swept_bands(x, out)
    OC, IC, KH, KW = weight_shape
    cut = cut_of(out, x, KW, padding[1], stride[1], dilation[1])
    if cut:
        weight = add_columns(plan, (0, KW, 1), (1, KW, IC, KH, 1), (0, strides[3], strides[1], strides[2], 0))
        bias = add_bias_column(plan, (0, 1, 1), 1, no_bias)
        add_strips(plan, strip_tasks.conv2d_forward.of, cut, x.lanes("x"), out.lanes("out"), [weight, bias],
                   (stride[0], padding[0], dilation[0], bands))
        return plan.finish()
    for run in out.runs:
        _, T, tiles = run
        weight = add_columns(plan, run, (1, *weight_shape), (0, *strides))
        bias = add_bias_column(plan, run, OC, no_bias)
        plan.row(conv_tasks.conv2d_forward.of(T), out.blocks * bands * tiles, [x.lanes("x"), weight, bias],
                 [out.tiles("out", run)], (*stride, *padding, *dilation, 0, 0, bands), blocks=out.blocks)
    return plan.finish()


@lru_cache(maxsize=256)
def _backward_plan(x_shape, out_shape, weight_shape, strides, stride, padding, dilation, wanted):
    x, dout = layout(x_shape), layout(out_shape)
    want_dx, want_dweight, want_dbias = wanted
    plan = Plan()
    if want_dbias:
        add_bias_gradient(plan, dout)
    if want_dx:
        _add_input_gradient(plan, x, dout, weight_shape, strides, stride, padding, dilation)
    if want_dweight:
        OC, IC, KH, KW = weight_shape
        add = _add_sheets if takes_sheets(OC, IC, KH * KW) else _add_windows if window_of(OC, KW) else _add_grids
        add(plan, x, dout, weight_shape, stride, padding, dilation)
    return plan.finish()


def _add_input_gradient(plan, x, dout, weight_shape, strides, stride, padding, dilation):
    """Rows for the gradient of the input, in tiles of its channels or, of a single one, in strips of its pixels."""
    OC, IC, KH, KW = weight_shape
    bands = swept_bands(dout, x)
    cut = cut_of(x, dout, KW, KW - 1 - padding[1], stride[1], dilation[1])
    if cut:
        # a pixel meets the last tap of the first output that saw it, so the taps go backwards
        weight = add_columns(plan, (0, KW, 1), (1, KW, OC, KH, 1), (0, -strides[3], strides[0], strides[2], 0), (KW - 1) * strides[3])
        add_strips(plan, partial(strip_tasks.conv2d_backward_input.of, stride[0] != 1), cut, dout.lanes("dout"), x.lanes("dx"),
                   [weight], (stride[0], padding[0], dilation[0], bands))
        return
    for run in x.runs:
        _, T, tiles = run
        weight = add_columns(plan, run, (1, IC, OC, KH, KW), (0, strides[1], strides[0], *strides[2:]))
        plan.row(conv_tasks.conv2d_backward_input.of(T, stride != (1, 1)), x.blocks * bands * tiles,
                 [dout.lanes("dout"), weight], [x.tiles("dx", run)], (*stride, *padding, *dilation, 0, 0, bands),
                 blocks=x.blocks)


def _add_grids(plan, x, dout, weight_shape, stride, padding, dilation):
    """Rows for a weight gradient in grids of T output x K input channels."""
    OC, IC, KH, KW = weight_shape
    for first, T, tiles, K in grids_of(OC, IC):
        slots = Slots(plan, slot_extents(dout, T, tiles, (x.room // K, KH, KW), T * K, BAND), T, K, first)
        add_weight_sums(plan, conv_tasks.conv2d_backward_weight.of(T, K, L), dout.half_tiles("dout", (first, T, tiles)),
                      x.half_tiles("x", x.one_run(K)), slots, (*stride, *padding, *dilation))
        slots.fold(plan, weight_shape)


def _add_windows(plan, x, dout, weight_shape, stride, padding, dilation):
    """The same in windows: T output channels x KW taps of a row."""
    OC, IC, KH, KW = weight_shape
    T = window_of(OC, KW)
    slots = Slots(plan, slot_extents(dout, T, dout.room // T, (IC, KH, 1), T * KW, BAND), T, KW)
    add_weight_sums(plan, conv_tasks.conv2d_backward_weight.of(T, KW, dilation[1] * L), dout.half_tiles("dout", dout.one_run(T)),
                  _windows(plan, x, padding, dilation[1] * (KW - 1) + 1), slots, (*stride, 0, 0, *dilation))
    slots.fold(plan, weight_shape, windows=True)


def _add_sheets(plan, x, dout, weight_shape, stride, padding, dilation):
    """The same in sheets: L output x K input channels, the output channels in the lanes."""
    _, _, *taps = weight_shape
    turned = add_turned(plan, dout)
    for first, K, groups in x.runs:
        slots = Slots(plan, slot_extents(dout, L, dout.room // L, (groups, *taps), L * K, TURNED_BAND), L, K, first)
        add_weight_sums(plan, conv_tasks.conv2d_backward_weight_turned.of(K), turned, x.half_tiles("x", (first, K, groups)), slots,
                      (*stride, *padding, *dilation))
        slots.fold_sheets(plan, weight_shape)


def slot_extents(dout, T, tiles, patches, size, cache):
    """Extents (parts, tiles, ...) of the slots of a weight gradient: one for each band of rows of a block of images.

    A band, in the T channels of a tile, stays in the cache while all input channels and taps meet it. So there are as many as that
    takes, or as threads want to share; fewer where their slots, so many patches of so many floats a tile, would be too large.
    """
    tile = dout.H * dout.W * T * NUMBER  # bytes
    most = max(1, SLOTS * tile // (prod(patches) * size * FLOAT))
    return dout.blocks * bands_for(dout.H, 1, min(most, max(-(-PIECES // tiles), -(-tile // cache)))), tiles, *patches


def add_weight_sums(plan, task, dout, x, slots, words):
    """A row for a weight gradient; a slice is a tile of a slot."""
    parts, tiles, blocks = *slots.patches.shape[:2], x.shape[0]
    plan.row(task, parts * tiles, [dout, x], [slots.patches], (*words, 0, 0, parts // blocks), blocks=blocks)


def add_turned(plan, dout):
    """A row that turns dout, so that L channels lie in the lanes; the copy as (blocks, 2, tiles, OH, OW) of half the images.

    Each half of a tile of a block lies in one piece.
    """
    tiles, pixels, number = dout.room // L, dout.H * dout.W, L * NUMBER
    block, tile, half, row, pixel = dense_strides((dout.blocks, tiles, 2, dout.H, dout.W), number // 2)
    copy = plan.reserve("turned dout", dout.blocks * block)
    squares = (dout.blocks, tiles, 2, 2, pixels)
    plan.row(memory_tasks.turn.of(), dout.blocks * tiles,
             [Array("dout", squares, (dout.block, number, NUMBER // 2, number // 2, dout.pixel))],
             [Array(copy, squares, (block, tile, half, NUMBER // 2, pixel))], blocks=dout.blocks)
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
        plan.row(memory_tasks.pad_numbers.of(), x.blocks, [x.lanes("x")], [Array(copy, extents, strides)], padding,
                 blocks=x.blocks)
    return Array(copy, (x.blocks, 2, x.C, H, W - width + 1), (strides[0], NUMBER // 2, *strides[1:]))
