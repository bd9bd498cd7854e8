"""Adaptive pooling: as many windows as the output wants, of nearly equal size, together over the whole image.

Window oh covers the rows from floor(oh*H / OH) to ceil((oh + 1)*H / OH); neighboring windows may share a row.
"""
from ..simd.generic import where, zero
from . import textbook


@textbook()
def begin(window, windows, extent):
    """The first row of a window."""
    return window * extent // windows


@textbook()
def end(window, windows, extent):
    """The row behind the last of a window."""
    return -(-(window + 1) * extent // windows)


@textbook()
def adaptive_avg_pool2d_forward(x, out):
    """out[n, c, oh, ow] = sum_{ih, iw} x[n, c, ih, iw] / (pixels of the window), over the window.

    Shapes: x (N, C, H, W), out (N, C, OH, OW); (OH, OW) = (1, 1) is global average pooling.
    Source: Lin, Chen & Yan 2014, "Network in network", section 3.2, for the global one.
    Cost: about N*C*H*W additions.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, H, W = x.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for c in range(C):
            for oh in range(OH):
                top, bottom = begin(oh, OH, H), end(oh, OH, H)
                for ow in range(OW):
                    left, right = begin(ow, OW, W), end(ow, OW, W)
                    acc = zero(x)
                    for ih in range(top, bottom):
                        for iw in range(left, right):
                            acc += x[n, c, ih, iw]
                    out[n, c, oh, ow] = acc / ((bottom - top) * (right - left))


@textbook()
def adaptive_avg_pool2d_backward(dout, dx):
    """dx[n, c, ih, iw] = sum over the windows that hold (ih, iw) of dout[n, c, oh, ow] / (pixels).

    Shapes: dout (N, C, OH, OW), dx (N, C, H, W).
    Source: the chain rule: every pixel of a window has an equal part in its average.
    Cost: as forward.
    Parallel: a task owns one block of images and one channel of `dx`.
    """
    N, C, OH, OW = dout.shape
    _, _, H, W = dx.shape
    for n in range(N):
        for c in range(C):
            for ih in range(H):
                for iw in range(W):
                    dx[n, c, ih, iw] = zero(dx)
            for oh in range(OH):
                top, bottom = begin(oh, OH, H), end(oh, OH, H)
                for ow in range(OW):
                    left, right = begin(ow, OW, W), end(ow, OW, W)
                    part = dout[n, c, oh, ow] / ((bottom - top) * (right - left))
                    for ih in range(top, bottom):
                        for iw in range(left, right):
                            dx[n, c, ih, iw] += part


@textbook()
def adaptive_max_pool2d_forward(x, out, place):
    """out[n, c, oh, ow] = max_{ih, iw} x[n, c, ih, iw] over the window, and place[n, c, oh, ow] = ih*W + iw of it.

    Of equal pixels the first in reading order wins; a NaN wins over every number.

    Shapes: x (N, C, H, W), out and place (N, C, OH, OW).
    Source: He et al. 2014, "Spatial pyramid pooling in deep convolutional networks", section 2.2.
    Cost: about N*C*H*W comparisons.
    Parallel: a task owns one block of images and one channel of `out` and `place`.
    """
    N, C, H, W = x.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for c in range(C):
            for oh in range(OH):
                top, bottom = begin(oh, OH, H), end(oh, OH, H)
                for ow in range(OW):
                    left, right = begin(ow, OW, W), end(ow, OW, W)
                    largest = x[n, c, top, left]
                    winner = zero(x) + (top * W + left)
                    for ih in range(top, bottom):
                        for iw in range(left, right):
                            pixel = x[n, c, ih, iw]
                            wins = (pixel > largest) | (pixel != pixel)
                            largest = where(wins, pixel, largest)
                            winner = where(wins, ih * W + iw, winner)
                    out[n, c, oh, ow] = largest
                    place[n, c, oh, ow] = winner


@textbook()
def adaptive_max_pool2d_backward(dout, place, dx):
    """dx[n, c, ih, iw] = sum of dout[n, c, oh, ow] over the windows that (ih, iw) has won.

    Shapes: dout and place (N, C, OH, OW), dx (N, C, H, W).
    Source: the chain rule: only the winner of a window changes its maximum.
    Cost: as forward.
    Parallel: a task owns one block of images and one channel of `dx`.
    """
    N, C, OH, OW = dout.shape
    _, _, H, W = dx.shape
    for n in range(N):
        for c in range(C):
            for ih in range(H):
                for iw in range(W):
                    dx[n, c, ih, iw] = zero(dx)
            for oh in range(OH):
                for ow in range(OW):
                    for ih in range(begin(oh, OH, H), end(oh, OH, H)):
                        for iw in range(begin(ow, OW, W), end(ow, OW, W)):
                            won = place[n, c, oh, ow] == ih * W + iw
                            dx[n, c, ih, iw] += where(won, dout[n, c, oh, ow], zero(dout))
