"""Convolutions in strips: of a single channel to make, T neighboring pixels of a row take the place of T channels.

A tile of one channel has but two sums under way, and loads a number for each product.  A strip has 2 T, and each pixel, once it
is loaded, meets all the taps that see it.  The gradient of the input of a network that sees gray images is made in this way, and
the result of one that makes them.
"""
from functools import lru_cache
from itertools import groupby

from ....kernels import conv
from ....simd.choice import ROOM, SIDES
from ....simd.views import only
from ...layout import FLOAT
from ...operands import Columns, Floats, Number, Pair, Stride, Strips, Tiles
from ...plan import Array
from ...task import band, reads

SHORTEST = 4  # pixels: with fewer than eight sums under way they wait for each other
MOST = 16  # taps: more fit no registers, and all of them stand in the code one by one
KINDS = 4  # of strips that a row is made of, at most: for each a task is compiled


@reads(source=Strips(4), weight=Columns(4, T="K"), bias=Floats(1), stride=Pair(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(target=Tiles(4)).by_lane
def strips_forward(op, k):
    """A slice is a band of rows; the taps of a row are one number, so the loop sees filters one tap wide."""
    n, first_row, end_row = band(k, op.bands, op.target.shape[2])
    conv.conv2d_forward(only(op.source, 0, n), op.weight, op.bias, op.stride, (op.padding[0] - first_row * op.stride[0], 0),
                        op.dilation, only(op.target, 0, n)[:, :, first_row:end_row])


@reads(source=Strips(4), weight=Columns(4, T="K"), stride=Stride(), padding=Pair(), dilation=Pair(),
       bands=Number()).writes(target=Tiles(4)).by_lane
def strips_backward(op, k):
    """The gradient of the input in the same way: the source is dout, the target dx."""
    n, first_row, end_row = band(k, op.bands, op.target.shape[2])
    conv.conv2d_backward_input(only(op.source, 0, n), op.weight, op.stride, (op.padding[0] + first_row, 0), op.dilation,
                               only(op.target, 0, n)[:, :, first_row:end_row])


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


def add_strips(plan, task, cut, source, target, bands, geometry, weight, **others):
    """Rows of the plan for a convolution in strips.

    Parameters
    ----------
    task : callable
        Makes the task for the extents of a strip.
    cut : Cut
    source, target : Array
        Lanes (blocks, C, H, W), of the target with a single channel.
    bands : int
        How many bands of rows an image is cut into.
    geometry : dict
        Stride, padding and dilation; those along a row are in the cut.
    weight : Array
        Columns of the taps of a row.
    **others : Array
        What else the task reads.
    """
    (stride, _), (padding, _), (dilation, _) = geometry.values()
    for begin, end, pixels in cut.runs:
        plan.add(task(T=cut.T, K=cut.K, begin=begin, end=end, pitch=source.strides[3] // FLOAT), target.shape[0] * bands,
                 source=_every(source, cut.T, pixels[0] - cut.before + begin, len(pixels)), weight=weight, stride=(stride, 1),
                 padding=(padding, 0), dilation=(dilation, 1), bands=bands,
                 target=_every(target, cut.T, pixels[0], len(pixels)), blocks=target.shape[0], **others)


def _every(lanes, step, first, count):
    """Every `step`-th pixel of the rows, `count` from `first` on."""
    (*outer, _), (*strides, pixel) = lanes.shape, lanes.strides
    return Array(lanes.buffer, (*outer, count), (*strides, step * pixel), lanes.offset + first * pixel)
