"""Pooling in three dimensions: the loops of `pooling` with one level more, for volumes or films of D layers."""
from math import inf

from ..simd.generic import where, zero
from . import textbook


@textbook()
def max_pool3d_forward(x, kernel, stride, padding, dilation, out, tap):
    """out[n, c, od, oh, ow] = max_{kd, kh, kw} x[n, c, id, ih, iw], tap[n, c, od, oh, ow] = 1 + (kd*KH + kh)*KW + kw of it
    with id = od*stride - padding + kd*dilation, and ih and iw likewise; 0 where padding is all a window sees.

    Of equal pixels the first in reading order wins; a NaN wins over every number.

    Shapes: x (N, C, D, H, W), out and tap (N, C, OD, OH, OW); kernel (KD, KH, KW) and the rest are triples.
    Source: Tran et al. 2015, "Learning spatiotemporal features with 3D convolutional networks", section 3.1.
    Cost: N*C*OD*OH*OW*KD*KH*KW comparisons.
    Parallel: a task owns one block of images and some channels of `out` and `tap`.
    """
    N, C, D, H, W = x.shape
    _, _, OD, OH, OW = out.shape
    for n in range(N):
        for od in range(OD):
            for oh in range(OH):
                for ow in range(OW):
                    for c in range(C):
                        largest = zero(x) - inf
                        winner = zero(x)
                        empty = True
                        for kd in range(kernel[0]):
                            id = od * stride[0] - padding[0] + kd * dilation[0]
                            for kh in range(kernel[1] if 0 <= id < D else 0):
                                ih = oh * stride[1] - padding[1] + kh * dilation[1]
                                for kw in range(kernel[2] if 0 <= ih < H else 0):
                                    iw = ow * stride[2] - padding[2] + kw * dilation[2]
                                    if 0 <= iw < W:
                                        pixel = x[n, c, id, ih, iw]
                                        place = 1 + (kd * kernel[1] + kh) * kernel[2] + kw
                                        if empty:
                                            empty = False
                                            largest = pixel
                                            winner = zero(x) + place
                                        else:
                                            wins = (pixel > largest) | (pixel != pixel)
                                            largest = where(wins, pixel, largest)
                                            winner = where(wins, place, winner)
                        out[n, c, od, oh, ow] = largest
                        tap[n, c, od, oh, ow] = winner


@textbook()
def max_pool3d_backward(dout, tap, kernel, stride, padding, dilation, dx):
    """dx[n, c, id, ih, iw] = sum of dout[n, c, od, oh, ow] over the windows that (id, ih, iw) has won.

    Shapes: dout and tap (N, C, OD, OH, OW), dx (N, C, D, H, W).
    Source: the chain rule: only the winner of a window changes its maximum.
    Cost: as forward.
    Parallel: a task owns one block of images and some channels of `dx`.
    """
    N, C, OD, OH, OW = dout.shape
    _, _, D, H, W = dx.shape
    for n in range(N):
        for id in range(D):
            for ih in range(H):
                for iw in range(W):
                    for c in range(C):
                        dx[n, c, id, ih, iw] = zero(dx)
        for od in range(OD):
            for oh in range(OH):
                for ow in range(OW):
                    for c in range(C):
                        for kd in range(kernel[0]):
                            id = od * stride[0] - padding[0] + kd * dilation[0]
                            for kh in range(kernel[1] if 0 <= id < D else 0):
                                ih = oh * stride[1] - padding[1] + kh * dilation[1]
                                for kw in range(kernel[2] if 0 <= ih < H else 0):
                                    iw = ow * stride[2] - padding[2] + kw * dilation[2]
                                    if 0 <= iw < W:
                                        won = tap[n, c, od, oh, ow] == 1 + (kd * kernel[1] + kh) * kernel[2] + kw
                                        dx[n, c, id, ih, iw] += where(won, dout[n, c, od, oh, ow], zero(dout))


@textbook()
def extent_of(o, kernel, stride, padding, extent, count_include_pad):
    """Along one axis, how many pixels of window `o` an average counts."""
    start = o * stride - padding
    if count_include_pad:
        return min(start + kernel, extent + padding) - start
    return min(start + kernel, extent) - max(start, 0)


@textbook()
def volume_size(od, oh, ow, kernel, stride, padding, shape, count_include_pad, divisor):
    """Number of pixels that an average over window (od, oh, ow) divides by; the divisor unless it is 0."""
    if divisor != 0:
        return divisor
    layers = extent_of(od, kernel[0], stride[0], padding[0], shape[2], count_include_pad)
    rows = extent_of(oh, kernel[1], stride[1], padding[1], shape[3], count_include_pad)
    columns = extent_of(ow, kernel[2], stride[2], padding[2], shape[4], count_include_pad)
    return layers * rows * columns


@textbook()
def avg_pool3d_forward(x, kernel, stride, padding, count_include_pad, divisor, out):
    """out[n, c, od, oh, ow] = sum_{kd, kh, kw} x[n, c, id, ih, iw] / (pixels of the window)
    with id = od*stride - padding + kd, and ih and iw likewise.

    Shapes: x (N, C, D, H, W), out (N, C, OD, OH, OW); kernel (KD, KH, KW) and the rest are triples.
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition",
        section II.B (sub-sampling), without its trainable factor, with one sum more.
    Cost: N*C*OD*OH*OW*KD*KH*KW additions.
    Parallel: a task owns one block of images and some channels of `out`.
    """
    N, C, D, H, W = x.shape
    _, _, OD, OH, OW = out.shape
    for n in range(N):
        for od in range(OD):
            for oh in range(OH):
                for ow in range(OW):
                    size = volume_size(od, oh, ow, kernel, stride, padding, x.shape, count_include_pad, divisor)
                    for c in range(C):
                        acc = zero(x)
                        for kd in range(kernel[0]):
                            id = od * stride[0] - padding[0] + kd
                            for kh in range(kernel[1] if 0 <= id < D else 0):
                                ih = oh * stride[1] - padding[1] + kh
                                for kw in range(kernel[2] if 0 <= ih < H else 0):
                                    iw = ow * stride[2] - padding[2] + kw
                                    if 0 <= iw < W:
                                        acc += x[n, c, id, ih, iw]
                        out[n, c, od, oh, ow] = acc / size


@textbook()
def avg_pool3d_backward(dout, kernel, stride, padding, count_include_pad, divisor, dx):
    """dx[n, c, id, ih, iw] = sum over the windows that hold (id, ih, iw) of dout[n, c, od, oh, ow] / (pixels).

    Shapes: dout (N, C, OD, OH, OW), dx (N, C, D, H, W).
    Source: the chain rule: every pixel of a window has an equal part in its average.
    Cost: as forward.
    Parallel: a task owns one block of images and some channels of `dx`.
    """
    N, C, OD, OH, OW = dout.shape
    _, _, D, H, W = dx.shape
    for n in range(N):
        for id in range(D):
            for ih in range(H):
                for iw in range(W):
                    for c in range(C):
                        dx[n, c, id, ih, iw] = zero(dx)
        for od in range(OD):
            for oh in range(OH):
                for ow in range(OW):
                    size = volume_size(od, oh, ow, kernel, stride, padding, dx.shape, count_include_pad, divisor)
                    for c in range(C):
                        part = dout[n, c, od, oh, ow] / size
                        for kd in range(kernel[0]):
                            id = od * stride[0] - padding[0] + kd
                            for kh in range(kernel[1] if 0 <= id < D else 0):
                                ih = oh * stride[1] - padding[1] + kh
                                for kw in range(kernel[2] if 0 <= ih < H else 0):
                                    iw = ow * stride[2] - padding[2] + kw
                                    if 0 <= iw < W:
                                        dx[n, c, id, ih, iw] += part
