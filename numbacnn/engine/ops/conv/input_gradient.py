"""The gradient of the input: in tiles of input channels, or, of a single one, in strips of its pixels."""
from functools import partial

from ....kernels import conv
from ....simd.views import cell, group, only
from ...operands import Columns, Lanes, Number, Pair, Stride, Tiles
from ...task import band, reads
from ..bands import swept_bands
from ..columns import add_columns
from . import depthwise
from .groups import group_run
from .strips import add_strips, cut_of, strips_backward


@reads(dout=Lanes(4), weight=Columns(4), stride=Stride(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(dx=Tiles(4)).by_lane
def backward(op, k):
    """A slice is a tile of channels of a band of rows."""
    k, ic = divmod(k, op.weight.shape[0])
    n, first, end = band(k, op.bands, op.dx.shape[2])
    conv.conv2d_backward_input(only(op.dout, 0, n), only(op.weight, 0, ic), op.stride,
                               (op.padding[0] + first, op.padding[1]), op.dilation, cell(op.dx, n, ic)[:, :, first:end])


@reads(dout=Lanes(4), weight=Columns(4), stride=Stride(), padding=Pair(), dilation=Pair(),
       tiles=Number()).writes(dx=Tiles(4)).by_lane
def backward_of_groups(op, k):
    """A slice is a tile of channels of a block; a group has so many tiles."""
    n, ic = divmod(k, op.weight.shape[0])
    conv.conv2d_backward_input(group(op.dout, n, ic // op.tiles, op.weight.shape[1]), only(op.weight, 0, ic), op.stride,
                               op.padding, op.dilation, cell(op.dx, n, ic))


def add_input_gradient(plan, x, dout, weight_shape, strides, geometry, groups):
    """Rows for the gradient of the layout x; `geometry` are stride, padding and dilation by name."""
    OC, IC, KH, KW = weight_shape
    stride, padding, dilation = geometry.values()
    strided = stride != (1, 1)
    if groups > 1 and groups == x.C == dout.C:
        depthwise.add_input_gradient(plan, x, dout, weight_shape, strides, geometry)
    elif groups > 1:
        OC //= groups
        run = group_run(groups, IC)
        _, T, tiles = run
        exchanged = (OC * strides[0], strides[1], strides[0], *strides[2:])
        plan.add(backward_of_groups.of(T=T, strided=strided), x.blocks * tiles, dout=dout.lanes("dout"),
                 weight=add_columns(plan, run, (groups, IC, OC, KH, KW), exchanged), tiles=tiles // groups,
                 dx=x.tiles("dx", run), blocks=x.blocks, **geometry)
    elif cut := cut_of(x, dout, KW, KW - 1 - padding[1], stride[1], dilation[1]):
        # a pixel meets the last tap of the first output that saw it, so the taps go backwards
        weight = add_columns(plan, (0, KW, 1), (1, KW, OC, KH, 1), (0, -strides[3], strides[0], strides[2], 0),
                             (KW - 1) * strides[3])
        add_strips(plan, partial(strips_backward.of, strided=stride[0] != 1), cut, dout.lanes("dout"), x.lanes("dx"),
                   swept_bands(dout, x), geometry, weight)
    else:
        bands = swept_bands(dout, x)
        for run in x.runs:
            _, T, tiles = run
            weight = add_columns(plan, run, (1, IC, OC, KH, KW), (0, strides[1], strides[0], *strides[2:]))
            plan.add(backward.of(T=T, strided=strided), x.blocks * bands * tiles, dout=dout.lanes("dout"), weight=weight,
                     bands=bands, dx=x.tiles("dx", run), blocks=x.blocks, **geometry)
