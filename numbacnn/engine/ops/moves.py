"""Numbers brought into another order: packed, unpacked, copied beside each other, padded.

The loops are those of `simd.packing`. A slice is one block of images.
"""
from functools import lru_cache

from ...simd import packing
from ...simd.choice import L
from ...simd.views import only
from ..layout import FLOAT, NUMBER, as_rows, dense_strides, layout
from ..operands import Floats, Lanes, Number, Pair, Pixels
from ..plan import Array, Plan
from ..task import reads


@reads(x=Floats(4)).writes(out=Lanes(4))
def pack_images(op, block):
    """A plain array as lanes."""
    packing.pack_images(op.x, block, only(op.out, 0, block), L)


@reads(x=Pixels(4), scale=Floats(1), offset=Floats(1)).writes(out=Lanes(4))
def pack_pixels(op, block):
    """Brightness as lanes, normalized."""
    packing.pack_pixels(op.x, block, op.scale, op.offset, only(op.out, 0, block), L)


@reads(x=Lanes(4)).writes(out=Floats(4))
def unpack_images(op, block):
    """Lanes as a plain array."""
    packing.unpack_images(only(op.x, 0, block), block, op.out, L)


@reads(x=Lanes(4)).writes(out=Lanes(4)).by_lane
def copy_numbers(op, block):
    """Lanes with other strides."""
    packing.copy_numbers(only(op.x, 0, block), only(op.out, 0, block))


@reads(x=Lanes(4), first=Number(), to=Number(), channels=Number()).writes(out=Lanes(4)).by_lane
def copy_channels(op, block):
    """So many channels, read from the `first` one on and written from `to` on."""
    packing.copy_numbers(op.x[block:block + 1, op.first:op.first + op.channels],
                         op.out[block:block + 1, op.to:op.to + op.channels])


@reads(x=Lanes(4), margin=Pair()).writes(out=Lanes(4)).by_lane
def pad_numbers(op, block):
    """Images with zeros around them."""
    packing.pad_numbers(only(op.x, 0, block), op.margin, only(op.out, 0, block))


@lru_cache(maxsize=256)
def pixels_plan(shape, strides):
    """Pack uint8 images "x" with a "scale" and an "offset" for each channel."""
    x, out = as_rows("x", "out", shape, strides)
    scale, offset = (Array(name, shape[1:2], (FLOAT,)) for name in ("scale", "offset"))
    blocks = out.shape[0]
    return Plan().add(pack_pixels.of(), blocks, x=x, scale=scale, offset=offset, out=out, blocks=blocks, images=shape[0]).finish()


@lru_cache(maxsize=256)
def pack_plan(shape, strides):
    """Pack an array."""
    x, out = as_rows("x", "out", shape, strides)
    return Plan().add(pack_images.of(), out.shape[0], x=x, out=out, blocks=out.shape[0], images=shape[0]).finish()


@lru_cache(maxsize=256)
def unpack_plan(shape):
    """Unpack a batch."""
    lay = layout(shape)
    shape = shape if len(shape) == 2 else (lay.N, lay.C, lay.H, lay.W)
    out, x = as_rows("out", "x", shape, dense_strides(shape, FLOAT))
    return Plan().add(unpack_images.of(), lay.blocks, x=x, out=out, blocks=lay.blocks, images=lay.N).finish()


@lru_cache(maxsize=256)
def channels_plan(x_shape, out_shape, first):
    """Copy the channels from `first` on."""
    x, out = layout(x_shape).lanes("x"), layout(out_shape).lanes("out")
    return Plan().add(copy_channels.of(), x.shape[0], x=x, first=first, to=0, channels=out.shape[1], out=out,
                      blocks=x.shape[0]).finish()


@lru_cache(maxsize=256)
def beside_plan(shapes, out_shape):
    """Copy the channels of batches "x0", "x1", ... beside each other."""
    out, plan, to = layout(out_shape), Plan(), 0
    for i, x in enumerate(map(layout, shapes)):
        plan.add(copy_channels.of(), x.blocks, x=x.lanes(f"x{i}"), first=0, to=to, channels=x.C, out=out.lanes("out"),
                 blocks=x.blocks)
        to += x.C
    return plan.finish()


def _features_as_pixels(buffer, shape):
    """A batch of C*H*W features seen as lanes (blocks, C, H, W)."""
    _, C, H, W = shape
    lay = layout((shape[0], C * H * W))
    return Array(buffer, (lay.blocks, C, H, W), (lay.block, H * W * NUMBER, W * NUMBER, NUMBER))


@lru_cache(maxsize=256)
def flatten_plan(shape):
    """(N, C, H, W) as (N, C*H*W)."""
    lay = layout(shape)
    return Plan().add(copy_numbers.of(), lay.blocks, x=lay.lanes("x"), out=_features_as_pixels("out", shape),
                      blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def unflatten_plan(shape):
    """(N, C*H*W) as (N, C, H, W)."""
    lay = layout(shape)
    return Plan().add(copy_numbers.of(), lay.blocks, x=_features_as_pixels("x", shape), out=lay.lanes("out"),
                      blocks=lay.blocks).finish()
