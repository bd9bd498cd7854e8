"""Pooling: a window of pixels becomes its largest, or its average.

The loop over channels stands inside those over windows: in a batch of lanes the channels of a pixel lie side by side.
"""
from math import inf

from ..simd.generic import where, zero
from . import textbook


@textbook()
def max_pool2d_forward(x, kernel, stride, padding, dilation, out, tap):
    """out[n, c, oh, ow] = max_{kh, kw} x[n, c, ih, iw], and tap[n, c, oh, ow] = 1 + kh*KW + kw of it
    with ih = oh*stride - padding + kh*dilation, and iw likewise; 0 where padding is all a window sees.

    Of equal pixels the first in reading order wins; a NaN wins over every number.

    Shapes: x (N, C, H, W), out and tap (N, C, OH, OW); kernel (KH, KW) and the rest are pairs.
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 9.3.
    Cost: N*C*OH*OW*KH*KW comparisons; LeNet 6,304 an image.
    Parallel: a task owns a band of rows of one block of images and some channels of `out` and `tap`.
    """
    N, C, H, W = x.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for oh in range(OH):
            for ow in range(OW):
                for c in range(C):
                    largest = zero(x) - inf  # where padding is all a window sees, as in PyTorch
                    winner = zero(x)
                    empty = True
                    for kh in range(kernel[0]):
                        ih = oh * stride[0] - padding[0] + kh * dilation[0]
                        if 0 <= ih < H:
                            for kw in range(kernel[1]):
                                iw = ow * stride[1] - padding[1] + kw * dilation[1]
                                if 0 <= iw < W:
                                    pixel = x[n, c, ih, iw]
                                    if empty:  # the first pixel wins without a comparison
                                        empty = False
                                        largest = pixel
                                        winner = zero(x) + (1 + kh * kernel[1] + kw)
                                    else:
                                        wins = (pixel > largest) | (pixel != pixel)
                                        largest = where(wins, pixel, largest)
                                        winner = where(wins, 1 + kh * kernel[1] + kw, winner)
                    out[n, c, oh, ow] = largest
                    tap[n, c, oh, ow] = winner


@textbook()
def max_pool2d_backward(dout, tap, kernel, stride, padding, dilation, dx):
    """dx[n, c, ih, iw] = sum of dout[n, c, oh, ow] over the windows that (ih, iw) has won.

    Shapes: dout and tap (N, C, OH, OW), dx (N, C, H, W).
    Source: the chain rule: only the winner of a window changes its maximum.
    Cost: as forward.
    Parallel: a task owns a band of rows of one block of images and some channels of `dx`.
    """
    N, C, OH, OW = dout.shape
    _, _, H, W = dx.shape
    for n in range(N):
        for ih in range(H):
            for iw in range(W):
                for c in range(C):
                    dx[n, c, ih, iw] = zero(dx)
        for oh in range(OH):
            for ow in range(OW):
                for kh in range(kernel[0]):
                    ih = oh * stride[0] - padding[0] + kh * dilation[0]
                    if 0 <= ih < H:
                        for kw in range(kernel[1]):
                            iw = ow * stride[1] - padding[1] + kw * dilation[1]
                            if 0 <= iw < W:
                                for c in range(C):
                                    won = tap[n, c, oh, ow] == 1 + kh * kernel[1] + kw
                                    dx[n, c, ih, iw] += where(won, dout[n, c, oh, ow], zero(dout))


@textbook()
def window_size(oh, ow, kernel, stride, padding, H, W, count_include_pad, divisor):
    """Number of pixels that an average over window (oh, ow) divides by; the divisor unless it is 0."""
    if divisor != 0:
        return divisor
    top, left = oh * stride[0] - padding[0], ow * stride[1] - padding[1]
    if count_include_pad:
        # what a last window sees beyond the padding does not count
        return (min(top + kernel[0], H + padding[0]) - top) * (min(left + kernel[1], W + padding[1]) - left)
    rows = min(top + kernel[0], H) - max(top, 0)
    columns = min(left + kernel[1], W) - max(left, 0)
    return rows * columns


@textbook()
def avg_pool2d_forward(x, kernel, stride, padding, count_include_pad, divisor, out):
    """out[n, c, oh, ow] = sum_{kh, kw} x[n, c, ih, iw] / (pixels of the window)
    with ih = oh*stride - padding + kh, and iw likewise.

    Shapes: x (N, C, H, W), out (N, C, OH, OW); kernel (KH, KW) and the rest are pairs.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition",
        section II.B (sub-sampling), without its trainable factor.
    Cost: N*C*OH*OW*KH*KW additions.
    Parallel: a task owns one block of images and some channels of `out`.
    """
    N, C, H, W = x.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for oh in range(OH):
            for ow in range(OW):
                size = window_size(oh, ow, kernel, stride, padding, H, W, count_include_pad, divisor)
                for c in range(C):
                    acc = zero(x)
                    for kh in range(kernel[0]):
                        for kw in range(kernel[1]):
                            ih = oh * stride[0] - padding[0] + kh
                            iw = ow * stride[1] - padding[1] + kw
                            if 0 <= ih < H and 0 <= iw < W:
                                acc += x[n, c, ih, iw]
                    out[n, c, oh, ow] = acc / size


@textbook()
def avg_pool2d_backward(dout, kernel, stride, padding, count_include_pad, divisor, dx):
    """dx[n, c, ih, iw] = sum over the windows that hold (ih, iw) of dout[n, c, oh, ow] / (pixels).

    Shapes: dout (N, C, OH, OW), dx (N, C, H, W).
    Source: the chain rule: every pixel of a window has an equal part in its average.
    Cost: as forward.
    Parallel: a task owns one block of images and some channels of `dx`.
    """
    N, C, OH, OW = dout.shape
    _, _, H, W = dx.shape
    for n in range(N):
        for ih in range(H):
            for iw in range(W):
                for c in range(C):
                    dx[n, c, ih, iw] = zero(dx)
        for oh in range(OH):
            for ow in range(OW):
                size = window_size(oh, ow, kernel, stride, padding, H, W, count_include_pad, divisor)
                for c in range(C):
                    part = dout[n, c, oh, ow] / size
                    for kh in range(kernel[0]):
                        for kw in range(kernel[1]):
                            ih = oh * stride[0] - padding[0] + kh
                            iw = ow * stride[1] - padding[1] + kw
                            if 0 <= ih < H and 0 <= iw < W:
                                dx[n, c, ih, iw] += part
