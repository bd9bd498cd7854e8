"""Forward: in tiles of output channels, or, of a single one, in strips of its pixels."""
from functools import lru_cache

from ....kernels import conv
from ....simd.views import cell, group, only
from ...layout import layout
from ...operands import Columns, Lanes, Number, Pair, Tiles
from ...plan import Plan
from ...task import band, reads
from ..bands import swept_bands
from ..columns import add_bias_column, add_columns
from . import depthwise
from .groups import group_run
from .strips import add_strips, cut_of, strips_forward


@reads(x=Lanes(4), weight=Columns(4), bias=Columns(1), stride=Pair(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(out=Tiles(4)).by_lane
def forward(op, k):
    """A slice is a tile of channels of a band of rows."""
    k, oc = divmod(k, op.weight.shape[0])
    n, first, end = band(k, op.bands, op.out.shape[2])
    conv.conv2d_forward(only(op.x, 0, n), only(op.weight, 0, oc), only(op.bias, 0, oc), op.stride,
                        (op.padding[0] - first * op.stride[0], op.padding[1]), op.dilation,
                        cell(op.out, n, oc)[:, :, first:end])


@reads(x=Lanes(4), weight=Columns(4), bias=Columns(1), stride=Pair(), padding=Pair(), dilation=Pair(),
       tiles=Number()).writes(out=Tiles(4)).by_lane
def forward_of_groups(op, k):
    """A slice is a tile of channels of a block; a group has so many tiles."""
    n, oc = divmod(k, op.weight.shape[0])
    conv.conv2d_forward(group(op.x, n, oc // op.tiles, op.weight.shape[1]), only(op.weight, 0, oc), only(op.bias, 0, oc),
                        op.stride, op.padding, op.dilation, cell(op.out, n, oc))


@lru_cache(maxsize=256)
def forward_plan(x_shape, out_shape, weight_shape, strides, no_bias, stride, padding, dilation, groups):
    """The plan of the shapes of "x" and "out", the "weight" and a "bias" if there is one."""
    x, out, plan = layout(x_shape), layout(out_shape), Plan()
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    OC, IC, KH, KW = weight_shape
    if groups > 1 and groups == x.C == out.C:
        depthwise.add_forward(plan, x, out, weight_shape, strides, no_bias, geometry)
    elif groups > 1:
        OC //= groups
        run = group_run(groups, OC)
        _, T, tiles = run
        weight = add_columns(plan, run, (groups, OC, IC, KH, KW), (OC * strides[0], *strides))
        bias = add_bias_column(plan, run, out.C, no_bias)
        plan.add(forward_of_groups.of(T=T), out.blocks * tiles, x=x.lanes("x"), weight=weight, bias=bias,
                 tiles=tiles // groups, out=out.tiles("out", run), blocks=out.blocks, **geometry)
    elif cut := cut_of(out, x, KW, padding[1], stride[1], dilation[1]):
        weight = add_columns(plan, (0, KW, 1), (1, KW, IC, KH, 1), (0, strides[3], strides[1], strides[2], 0))
        bias = add_bias_column(plan, (0, 1, 1), 1, no_bias)
        add_strips(plan, strips_forward.of, cut, x.lanes("x"), out.lanes("out"), swept_bands(x, out), geometry, weight, bias=bias)
    else:
        bands = swept_bands(x, out)
        for run in out.runs:
            _, T, tiles = run
            weight = add_columns(plan, run, (1, *weight_shape), (0, *strides))
            bias = add_bias_column(plan, run, OC, no_bias)
            plan.add(forward.of(T=T), out.blocks * bands * tiles, x=x.lanes("x"), weight=weight, bias=bias, bands=bands,
                     out=out.tiles("out", run), blocks=out.blocks, **geometry)
    return plan.finish()
