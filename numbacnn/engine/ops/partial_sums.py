"""Slots: sums that run over all images are taken part by part, each in a slot of its own, then added in order."""
from math import prod

from ...simd import packing
from ...simd.views import only
from ..layout import FLOAT, NUMBER, dense_strides, plain
from ..operands import DenseFloats, Floats
from ..plan import Array
from ..task import reads
from .bands import PIECES, bands_for

SLOTS = 4  # times as much memory as dout takes the slots of a weight gradient may take


@reads(patches=Floats(6)).writes(slots=DenseFloats(3), out=Floats(4))
def fold_slots(op, tile):
    """Adds up the slots of a tile in the first of them, and brings its patches into the order of the weights."""
    packing.add_slots(op.slots, tile)
    packing.unpack_patches(only(op.patches, 0, tile), op.out[tile * op.patches.shape[1]:])


class Slots:
    """Room for a weight gradient of each part of the images, a block or a band of its rows: patches of T x K scalars.

    Parameters
    ----------
    plan : Plan
    extents : tuple of int
        Patches: (parts, tiles of T output channels, groups of input channels, rows, taps).
    T, K : int
    first : int
        The channel that the patches begin with: the output channel, or the input channel where T x K are a sheet.

    Attributes
    ----------
    patches : Array of these extents
    """

    def __init__(self, plan, extents, T, K, first=0):
        self.T, self.K, self.first, patch = T, K, first, T * K * FLOAT
        name = plan.reserve(f"slots from {first}", patch * prod(extents))
        self.patches = Array(name, extents, dense_strides(extents, patch))

    def fold(self, plan, shape, windows=False):
        """Add up the parts into dweight, of shape (OC, IC, KH, KW); in windows a patch holds all the taps of a row."""
        tiles, groups, rows, taps = zip(self.patches.shape[1:], self.patches.strides[1:])
        k = self.K, FLOAT
        k, taps = ((1, 0), k) if windows else (k, taps)
        extents, strides = zip(tiles, (self.T, self.K * FLOAT), groups, k, rows, taps)
        fold(plan, self.patches, self.patches.seen_as(extents, strides), plain("dweight", shape, self.first))

    def fold_sheets(self, plan, shape):
        """Partial sums in sheets: T output channels lie side by side, and `first` is an input channel."""
        tiles, groups, *taps = zip(self.patches.shape[1:], self.patches.strides[1:])
        extents, strides = zip(tiles, (self.T, FLOAT), groups, (self.K, self.T * FLOAT), *taps)
        OC, IC, KH, KW = shape
        out = Array("dweight", (OC, IC - self.first, KH, KW), dense_strides(shape, FLOAT), self.first * KH * KW * FLOAT)
        fold(plan, self.patches, self.patches.seen_as(extents, strides), out)


def fold_channels(plan, slots, name):
    """A row that adds up slots (parts, C), a number for each channel, into the buffer of that name."""
    by_part, C = slots.strides[0], slots.shape[1]
    fold(plan, slots.seen_as((slots.shape[0], 1), (by_part, by_part)),
         slots.seen_as((1, C, 1, 1, 1, 1), (0, FLOAT, 0, 0, 0, 0)), Array(name, (C, 1, 1, 1), (FLOAT, 0, 0, 0)))


def fold(plan, slots, patches, out):
    """A row that adds the slots up in the first of them and brings its patches into the order of `out`.

    Shapes: slots (parts, tiles, ...) without gaps, patches (tiles, T, groups, K, KH, KW), out (OC, IC, KH, KW).
    """
    parts, tiles = slots.shape[:2]
    flat = slots.seen_as((parts, tiles, slots.strides[1] // FLOAT), (*slots.strides[:2], FLOAT))
    plan.add(fold_slots.of(), tiles, patches=patches, slots=flat, out=out)


def slot_extents(dout, T, tiles, patches, size, cache):
    """Extents (parts, tiles, ...) of the slots of a weight gradient: one for each band of rows of a block of images.

    A band, in the T channels of a tile, stays in the cache while all input channels and taps meet it. So there are as many as that
    takes, or as threads want to share; fewer where their slots, so many patches of so many floats a tile, would be too large.
    """
    tile = dout.H * dout.W * T * NUMBER  # bytes
    most = max(1, SLOTS * tile // (prod(patches) * size * FLOAT))
    return dout.blocks * bands_for(dout.H, 1, min(most, max(-(-PIECES // tiles), -(-tile // cache)))), tiles, *patches


def add_weight_sums(plan, task, dout, x, slots, geometry):
    """A row for a weight gradient; a slice is a tile of a slot."""
    parts, tiles, blocks = *slots.patches.shape[:2], x.shape[0]
    plan.add(task, parts * tiles, dout=dout, x=x, slots=slots.patches, bands=parts // blocks, blocks=blocks, **geometry)
