"""Slots: sums that run over all images are taken part by part, each in a slot of its own, then added in order."""
from math import prod

from ..batch import FLOAT, dense_strides, plain
from ..plan import Array
from ..tasks import memory as memory_tasks


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
        """The same of sheets: T output channels lie side by side, and `first` is an input channel."""
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
    plan.row(memory_tasks.fold_slots.of(), tiles, [patches], [flat, out])
