"""How a batch of images lies in memory, and plain arrays beside it.

A batch: (blocks of L images, H, W, padded C, L) float32.  Lanes beyond the last image hold
zeros when a batch is packed (of pixels, what zeros are normalized to); channels between C and the padded C hold anything,
and no result that depends on them is kept.
"""
from functools import lru_cache
from math import prod

from ..simd.choice import L, padded, tile_of, tiles_of
from .buffers import FLOAT, rounded
from .plan import Array

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
        """Tiles of a run in halves of the lanes: (blocks, 2, tiles, H, W)."""
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


def as_rows(name, buffer, shape, strides):
    """A plain array and the lanes of its layout, both with as many neighboring numbers as possible in the last axis.

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
        block, number, _, neighbor = lanes.strides
        return (Array(name, (N, C, 1, H * W), (image, channel, 0, pixel)),
                Array(buffer, (lay.blocks, C, 1, H * W), (block, number, 0, neighbor)))
    return Array(name, shape, strides), lanes


def plain(buffer, shape, first=0):
    """A plain float32 array of four axes, (N, C, H, W) or (N, C, 1, 1), or what of it begins at `first` of the N."""
    shape = (*shape, *(1,) * (4 - len(shape)))
    strides = dense_strides(shape, FLOAT)
    return Array(buffer, (shape[0] - first, *shape[1:]), strides, first * strides[0])
