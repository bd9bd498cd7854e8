"""A batch of images in lanes: the layout that every compiled loop works on.

In memory: (blocks of L images, H, W, padded C, L) float32.  Lanes beyond the last image hold
zeros when a batch is packed (of pixels, what zeros are normalised to); channels between C and the padded C hold anything,
and nobody who reads them keeps the result.
"""
from functools import lru_cache
from math import prod

import numpy as np

from ..simd.choice import L, padded, tile_of, tiles_of
from .buffers import FLOAT, Buffer, rounded
from .plan import Array, Plan
from .queue import Pending, enqueue
from .tasks import addition, memory
from .tasks.activation import slices_of

NUMBER = FLOAT * L
WAY = 1024  # bytes; addresses that lie a few of these apart share places in a first-level cache


class Layout:
    """Extents and strides of a batch of (N, C, H, W), seen as any kind of number.

    A row of pixels (N, C, W) is an image of one row, a volume (N, C, D, H, W) an image of D*H rows.
    """

    __slots__ = ("N", "C", "H", "W", "blocks", "room", "T", "runs", "pixel", "block", "buffer_size")

    def __init__(self, shape):
        self.N, self.C = shape[:2]
        self.H, self.W = (prod(shape[2:-1]), shape[-1]) if len(shape) > 2 else (1, 1)
        self.blocks = -(-self.N // L)
        self.room, self.T, self.runs = padded(self.C), tile_of(self.C), tiles_of(self.C)
        self.pixel = self.room * NUMBER  # bytes
        if self.pixel % WAY == 0 and self.H * self.W > 1:
            self.pixel += NUMBER  # else one channel of all pixels would compete for a few places of the cache
        self.block = self.H * self.W * self.pixel  # bytes of a block of images
        self.buffer_size = rounded(self.nbytes)

    @property
    def nbytes(self):
        return self.blocks * self.block

    @property
    def tiles_of_channels(self):
        return sum(tiles for _, _, tiles in self.runs)

    def _strides(self, channels):
        return (self.block, channels * NUMBER, self.W * self.pixel, self.pixel)

    def lanes(self, buffer, ndim=4):
        """Lanes (blocks, C, H, W)."""
        shape = (self.blocks, self.C, self.H, self.W)
        return Array(buffer, shape[:ndim], self._strides(1)[:ndim])

    def all_lanes(self, buffer):
        """Lanes (blocks, padded C, H, W)."""
        return Array(buffer, (self.blocks, self.room, self.H, self.W), self._strides(1))

    def one_run(self, T):
        """The channels as one run (first channel, T, tiles) of as many whole tiles as they have room for."""
        return 0, T, self.room // T

    def tiles(self, buffer, run, ndim=4):
        """Tiles (blocks, tiles, H, W) of a run."""
        first, T, tiles = run
        shape = (self.blocks, tiles, self.H, self.W)
        return Array(buffer, shape[:ndim], self._strides(T)[:ndim], first * NUMBER)

    def half_tiles(self, buffer, run):
        """The same of half the lanes: (blocks, 2, tiles, H, W)."""
        first, T, tiles = run
        block, channel, row, pixel = self._strides(T)
        return Array(buffer, (self.blocks, 2, tiles, self.H, self.W), (block, NUMBER // 2, channel, row, pixel),
                     first * NUMBER)

    def planes(self, buffer):
        """Lanes (blocks, padded C, H*W): each channel of a block in a row."""
        block, channel, _, pixel = self._strides(1)
        return Array(buffer, (self.blocks, self.room, self.H * self.W), (block, channel, pixel))

    def flat(self, buffer):
        """Lanes (blocks, all numbers of a block in the order of the memory)."""
        return Array(buffer, (self.blocks, self.block // NUMBER), (self.block, NUMBER))


def dense_strides(extents, size):
    """Strides in bytes of an array without gaps, whose elements have so many bytes."""
    return tuple(size * prod(extents[axis + 1:]) for axis in range(len(extents)))


@lru_cache(maxsize=None)
def layout(shape):
    """The layout of a shape, made once."""
    return Layout(shape)


class Batch:
    """N images (or rows of features) in lanes; `shape` is the logical (N, C, H, W) or (N, C).

    What was computed is never written again, so whoever holds a batch may share it.
    """

    __slots__ = ("shape", "layout", "buffer")
    dtype, fixed, memory = np.dtype(np.float32), True, None  # see `numbacnn.tensors.storage`

    def __init__(self, shape):
        self.shape = shape
        self.layout = layout(shape)
        self.buffer = Buffer(self.layout.buffer_size)

    def unpacked(self):
        """The batch as a plain array of its logical shape, to come."""
        out = Pending(self.shape)
        enqueue(_unpack_plan(self.shape), x=self.buffer, out=out.memory)
        return out

    def numpy(self):
        """The batch as a plain array of its logical shape."""
        return self.unpacked().numpy()

    def copy(self):
        """The batch itself: nobody writes to it."""
        return self

    def plus(self, other):
        """The sum with a batch or plain array of the same shape; None if the other is none."""
        if other.shape != self.shape or other.dtype != self.dtype:
            return None
        other, out = as_batch(other), Batch(self.shape)
        enqueue(_plus_plan(self.shape), x=self.buffer, y=other.buffer, out=out.buffer)
        return out

    def reshaped(self, shape):
        """The same numbers in another shape; None if they cannot stay in lanes.

        The pixels of a channel lie in memory in their order, so other rows and columns for them cost nothing.
        """
        own = self.shape
        if shape[:2] == own[:2] and len(shape) > 1:
            out = Batch.__new__(Batch)
            out.shape, out.layout, out.buffer = shape, layout(shape), self.buffer
            return out
        if shape[:1] == own[:1] and len(shape) == 2:
            return self.reshaped((*own[:2], 1, prod(own[2:]))).flatten_from(1)
        if shape[:1] == own[:1] and len(own) == 2 and len(shape) > 2:
            return self.unflatten_to((*shape[:2], 1, prod(shape[2:]))).reshaped(shape)
        return None

    def beside(self, others):
        """The channels of this batch, then those of the others, batches or plain arrays; None if they do not fit."""
        parts = [self, *others]
        N, _, *pixels = self.shape
        if any(part.dtype != self.dtype or [part.shape[0], *part.shape[2:]] != [N, *pixels] for part in parts):
            return None
        out = Batch((N, sum(part.shape[1] for part in parts), *pixels))
        places = {f"x{i}": as_batch(part).buffer for i, part in enumerate(parts)}
        enqueue(_beside_plan(tuple([part.shape for part in parts]), out.shape), out=out.buffer, **places)
        return out

    def channels(self, first, end):
        """Channels `first` to `end` as a batch of their own."""
        out = Batch((self.shape[0], end - first, *self.shape[2:]))
        enqueue(_channels_plan(self.shape, out.shape, first), x=self.buffer, out=out.buffer)
        return out

    def flatten_from(self, start_dim):
        """(N, C, H, W) as (N, C*H*W), features in PyTorch's order; None if that is not asked."""
        if start_dim != 1 or len(self.shape) != 4:
            return None
        N, C, H, W = self.shape
        out = Batch((N, C * H * W))
        enqueue(_flatten_plan(self.shape), x=self.buffer, out=out.buffer)
        return out

    def unflatten_to(self, shape):
        """The reverse of `flatten_from`."""
        out = Batch(tuple(shape))
        enqueue(_unflatten_plan(out.shape), x=self.buffer, out=out.buffer)
        return out


def as_rows(name, buffer, shape, strides):
    """A plain array and the lanes of its layout, both with as many neighbours as possible in the last axis.

    Features are rows (N, 1, 1, C), pixels that lie in one piece rows (N, C, 1, H*W).
    """
    lay = layout(shape)
    lanes = lay.lanes(buffer)
    if len(shape) == 2:
        (N, C), (image, feature) = shape, strides
        block, channel, _, _ = lanes.strides
        return (Array(name, (N, 1, 1, C), (image, 0, 0, feature)),
                Array(buffer, (lay.blocks, 1, 1, C), (block, 0, 0, channel)))
    (N, C, H, W), (image, channel, row, pixel) = shape, strides
    if row == W * pixel:
        block, number, _, neighbour = lanes.strides
        return (Array(name, (N, C, 1, H * W), (image, channel, 0, pixel)),
                Array(buffer, (lay.blocks, C, 1, H * W), (block, number, 0, neighbour)))
    return Array(name, shape, strides), lanes


def plain(buffer, shape, first=0):
    """A plain float32 array of four axes, (N, C, H, W) or (N, C, 1, 1), or what of it begins at `first` of the N."""
    shape = (*shape, *(1,) * (4 - len(shape)))
    strides = dense_strides(shape, FLOAT)
    return Array(buffer, (shape[0] - first, *shape[1:]), strides, first * strides[0])


def pack(array):
    """A plain float32 array (N, C, H, W), (N, C), (N, C, W) or (N, C, D, H, W) as a batch; any strides."""
    if array.dtype != np.float32:
        raise TypeError(f"pack: expected float32, got {array.dtype}")
    if array.ndim not in (2, 4):
        lay = layout(array.shape)
        return pack(array.reshape(lay.N, lay.C, lay.H, lay.W)).reshaped(array.shape)
    out = Batch(array.shape)
    enqueue(_pack_plan(array.shape, array.strides), x=array, out=out.buffer)
    return out


def as_batch(storage):
    """A batch, or an array, there already or to come, as one."""
    return storage if isinstance(storage, Batch) else pack(storage.numpy() if isinstance(storage, Pending) else storage)


def pack_pixels(images, scale, offset):
    """images * scale - offset, channel by channel, as a batch: brightness becomes what a network is fed.

    Images are uint8 (N, C, H, W), N at least 1; scale and offset float32 (C,).
    """
    out = Batch(images.shape)
    enqueue(_pixels_plan(images.shape, images.strides), x=images, scale=scale, offset=offset, out=out.buffer)
    return out


@lru_cache(maxsize=256)
def _pixels_plan(shape, strides):
    x, out = as_rows("x", "out", shape, strides)
    reads = [x, *(Array(name, shape[1:2], (FLOAT,)) for name in ("scale", "offset"))]
    return Plan().row(memory.pack_pixels.of(), out.shape[0], reads, [out], blocks=out.shape[0], images=shape[0]).finish()


@lru_cache(maxsize=256)
def _pack_plan(shape, strides):
    x, out = as_rows("x", "out", shape, strides)
    return Plan().row(memory.pack_images.of(), out.shape[0], [x], [out], blocks=out.shape[0], images=shape[0]).finish()


@lru_cache(maxsize=256)
def _unpack_plan(shape):
    lay = layout(shape)
    shape = shape if len(shape) == 2 else (lay.N, lay.C, lay.H, lay.W)
    out, x = as_rows("out", "x", shape, dense_strides(shape, FLOAT))
    return Plan().row(memory.unpack_images.of(), lay.blocks, [x], [out], blocks=lay.blocks, images=lay.N).finish()


@lru_cache(maxsize=256)
def _plus_plan(shape):
    lay = layout(shape)
    return Plan().row(addition.add_forward.of(), lay.blocks * slices_of(lay.flat("out").shape[1]),
                      [lay.flat("x"), lay.flat("y")], [lay.flat("out")], blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _channels_plan(x_shape, out_shape, first):
    x, out = layout(x_shape).lanes("x"), layout(out_shape).lanes("out")
    return Plan().row(memory.copy_channels.of(), x.shape[0], [x], [out], (first, 0, out.shape[1]), blocks=x.shape[0]).finish()


@lru_cache(maxsize=256)
def _beside_plan(shapes, out_shape):
    out, plan, first = layout(out_shape), Plan(), 0
    for i, x in enumerate(map(layout, shapes)):
        plan.row(memory.copy_channels.of(), x.blocks, [x.lanes(f"x{i}")], [out.lanes("out")], (0, first, x.C), blocks=x.blocks)
        first += x.C
    return plan.finish()


def _features_as_pixels(buffer, shape):
    """A batch of C*H*W features seen as lanes (blocks, C, H, W)."""
    _, C, H, W = shape
    lay = layout((shape[0], C * H * W))
    return Array(buffer, (lay.blocks, C, H, W), (lay.block, H * W * NUMBER, W * NUMBER, NUMBER))


@lru_cache(maxsize=256)
def _flatten_plan(shape):
    lay = layout(shape)
    x, out = lay.lanes("x"), _features_as_pixels("out", shape)
    return Plan().row(memory.copy_numbers.of(), lay.blocks, [x], [out], blocks=lay.blocks).finish()


@lru_cache(maxsize=256)
def _unflatten_plan(shape):
    lay = layout(shape)
    x, out = _features_as_pixels("x", shape), lay.lanes("out")
    return Plan().row(memory.copy_numbers.of(), lay.blocks, [x], [out], blocks=lay.blocks).finish()
