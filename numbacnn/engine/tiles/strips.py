"""Convolutions in strips: where there is a single channel to make, T neighbouring pixels of its rows take the place of T channels.

A tile of one channel has but two sums under way, and loads a number for each product.  A strip has 2 T, and each pixel, once it
is loaded, meets all the taps that see it.  The gradient of the input of a network that sees grey images is made in this way, and
the result of one that makes them.
"""
from functools import lru_cache
from itertools import groupby

from ...simd.choice import ROOM, SIDES
from ..batch import FLOAT
from ..plan import Array

SHORTEST = 4  # pixels: with fewer than eight sums under way they wait for each other
MOST = 16  # taps: more fit no registers, and all of them stand in the code one by one
KINDS = 4  # of strips that a row is made of, at most: for each a task is compiled


class Cut:
    """A row of E pixels, made of S others with K taps, cut into strips; pixel e sees the others from e - before on.

    The registers hold `room` sums, two for each pixel of a strip.

    Attributes
    ----------
    T : int
        Pixels of a strip; 0 if strips do not fit the row.
    runs : list of (begin, end, pixels)
        Strips of one kind, which see the pixels from `begin` to `end` of the T + K - 1 that there would be within the image;
        `pixels` are where they begin.  The last strip ends with the row, though it may make pixels once more.
    """

    def __init__(self, E, S, K, before, room=ROOM):
        self.K, self.before, runs = K, before, {}
        for T in SIDES:
            if SHORTEST <= T <= min(E, room // 2):
                kinds = self._runs(T, E, S)
                if len(kinds) <= KINDS and all(end > begin for begin, end, _ in kinds):
                    runs[T] = kinds
        # as few pixels twice as can be; the longer strips load less
        self.T = min(runs, key=lambda T: (-(-E // T) * T, -T), default=0)
        self.runs = runs.get(self.T)

    def _runs(self, T, E, S):
        def kind(e):
            return max(0, self.before - e), min(T + self.K - 1, S + self.before - e), e % T

        return [(begin, end, list(pixels)) for (begin, end, _), pixels in groupby([*range(0, E - T, T), E - T], kind)]


_cut = lru_cache(maxsize=256)(Cut)


def cut_of(target, source, K, before, stride, dilation):
    """The Cut of a convolution that makes the layout `target` of `source`, or None where it goes in tiles of channels."""
    if target.C > 1 or not 1 < K <= MOST or stride != 1 or dilation != 1:
        return None
    cut = _cut(target.W, source.W, K, before)
    return cut if cut.T else None


def add_strips(plan, task, cut, source, target, others, words):
    """Rows of the plan for a convolution in strips.

    Parameters
    ----------
    task : callable
        Makes the task for the extents of a strip.
    cut : Cut
    source, target : Array
        Lanes (blocks, C, H, W), of the target with a single channel.
    others : list of Array
        What else the task reads, first the weight.
    words : tuple of int
        Stride, padding and dilation along columns, and how many bands of rows an image is cut into.
    """
    blocks, (stride, padding, dilation, bands) = target.shape[0], words
    for begin, end, pixels in cut.runs:
        reads = _every(source, cut.T, pixels[0] - cut.before + begin, len(pixels))
        plan.row(task(cut.T, cut.K, begin, end, source.strides[3] // FLOAT), blocks * bands, [reads, *others],
                 [_every(target, cut.T, pixels[0], len(pixels))], (stride, 1, padding, 0, dilation, 1, 0, 0, bands),
                 blocks=blocks)


def _every(lanes, step, first, count):
    """Every `step`-th pixel of the rows, `count` from `first` on."""
    (*outer, _), (*strides, pixel) = lanes.shape, lanes.strides
    return Array(lanes.buffer, (*outer, count), (*strides, step * pixel), lanes.offset + first * pixel)
