"""Depthwise convolution: each channel sees itself alone, T of them a step."""
from ....kernels import conv
from ....simd.choice import L, even_tiles
from ....simd.views import cell, only
from ...operands import Columns, Number, Pair, Patches, Stacks, Stride, Tiles
from ...task import band, reads
from ..bands import BAND, bands_for
from ..columns import add_bias_column, add_columns
from ..partial_sums import Slots, add_weight_sums, slot_extents

TALLEST = 4  # channels of a sum of gradients: eight sums are under way, and a row of dout and one of x share the first-level cache


@reads(x=Stacks(4), weight=Columns(4), bias=Columns(1), stride=Stride(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(out=Tiles(4)).by_lane
def forward(op, k):
    """A slice is a tile of channels of a band of rows."""
    k, c = divmod(k, op.weight.shape[0])
    n, first, end = band(k, op.bands, op.out.shape[2])
    conv.conv2d_forward(cell(op.x, n, c), only(op.weight, 0, c), only(op.bias, 0, c), op.stride,
                        (op.padding[0] - first * op.stride[0], op.padding[1]), op.dilation,
                        cell(op.out, n, c)[:, :, first:end])


@reads(dout=Stacks(4), weight=Columns(4), stride=Stride(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(dx=Tiles(4)).by_lane
def input_gradient(op, k):
    """A slice is a tile of channels of a band of rows."""
    k, c = divmod(k, op.weight.shape[0])
    n, first, end = band(k, op.bands, op.dx.shape[2])
    conv.conv2d_backward_input(cell(op.dout, n, c), only(op.weight, 0, c), op.stride,
                               (op.padding[0] + first, op.padding[1]), op.dilation, cell(op.dx, n, c)[:, :, first:end])


@reads(dout=Tiles(4), x=Stacks(4), stride=Pair(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(slots=Patches(5, K=1, lanes=L))
def weight_gradient(op, k):
    """A slice is a tile of channels of a band of rows, in a slot of its own."""
    slot, c = divmod(k, op.slots.shape[1])
    n, first, end = band(slot, op.bands, op.dout.shape[2])
    conv.conv2d_backward_weight(cell(op.dout, n, c)[:, :, first:end], cell(op.x, n, c), op.stride,
                                (op.padding[0] - first * op.stride[0], op.padding[1]), op.dilation,
                                only(op.slots[slot], 0, c))


def add_forward(plan, x, out, weight_shape, strides, no_bias, geometry):
    """Rows of the plan for the convolution of the layout x; `geometry` are stride, padding and dilation."""
    bands = bands_for(out.H, out.tiles_of_channels)
    for run in out.runs:
        _, T, tiles = run
        plan.add(forward.of(T=T, strided=geometry["stride"] != (1, 1)), out.blocks * bands * tiles, x=x.tiles("x", run),
                 weight=_columns(plan, run, weight_shape, strides), bias=add_bias_column(plan, run, out.C, no_bias),
                 bands=bands, out=out.tiles("out", run), blocks=out.blocks, **geometry)


def add_input_gradient(plan, x, dout, weight_shape, strides, geometry):
    """Rows for the gradient of the input."""
    bands = bands_for(x.H, x.tiles_of_channels)
    for run in x.runs:
        _, T, tiles = run
        plan.add(input_gradient.of(T=T, strided=geometry["stride"] != (1, 1)), x.blocks * bands * tiles,
                 dout=dout.tiles("dout", run), weight=_columns(plan, run, weight_shape, strides), bands=bands,
                 dx=x.tiles("dx", run), blocks=x.blocks, **geometry)


def add_weight_gradient(plan, x, dout, weight_shape, geometry):
    """Rows for the gradient of the weight."""
    for run in even_tiles(x.C, TALLEST):
        first, T, tiles = run
        slots = Slots(plan, slot_extents(dout, T, tiles, (1, *weight_shape[2:]), T, BAND), T, 1, first)
        add_weight_sums(plan, weight_gradient.of(T=T), dout.tiles("dout", run), x.tiles("x", run), slots, geometry)
        slots.fold(plan, weight_shape)


def _columns(plan, run, weight_shape, strides):
    return add_columns(plan, run, (1, *weight_shape), (0, *strides))
