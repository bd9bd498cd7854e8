"""Upsampling: the output is laid over the image, and every pixel of it is read off what lies below it.

Where that is, a grid says for each axis: output o lies max(o*step + start, 0) / unit pixels from the first one, three
whole numbers, so that no rounding decides which pixel it is.
"""
from ..simd.generic import zero
from . import textbook


@textbook()
def below(o, grid):
    """The last pixel at or before output `o` along an axis, and the numerator of how far o lies beyond it."""
    step, start, unit = grid
    return divmod(max(o * step + start, 0), unit)


@textbook()
def nearest2d_forward(x, rows, columns, out):
    """out[n, c, oh, ow] = x[n, c, ih, iw] with (ih, iw) the pixel that begins at or before (oh, ow).

    Shapes: x (N, C, H, W), out (N, C, OH, OW); rows and columns are grids (step, start, unit).
    Source: Gonzalez & Woods 2018, "Digital image processing", section 2.4, on nearest neighbor interpolation.
    Cost: N*C*OH*OW copies.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, OH, OW = out.shape
    for n in range(N):
        for c in range(C):
            for oh in range(OH):
                ih, _ = below(oh, rows)
                for ow in range(OW):
                    iw, _ = below(ow, columns)
                    out[n, c, oh, ow] = x[n, c, ih, iw]


@textbook()
def nearest2d_backward(dout, rows, columns, dx):
    """dx[n, c, ih, iw] = sum of dout[n, c, oh, ow] over the outputs that took (ih, iw).

    Shapes: dout (N, C, OH, OW), dx (N, C, H, W); rows and columns are grids (step, start, unit).
    Source: the chain rule: a pixel that was taken several times counts as often.
    Cost: N*C*OH*OW additions.
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
                ih, _ = below(oh, rows)
                for ow in range(OW):
                    iw, _ = below(ow, columns)
                    dx[n, c, ih, iw] += dout[n, c, oh, ow]


@textbook()
def bilinear2d_forward(x, rows, columns, out):
    """out[n, c, oh, ow] = sum_{i, j in 0, 1} |1 - i - u| * |1 - j - v| * x[n, c, ih + i, iw + j]
    with (oh, ow) u rows and v columns beyond the pixel (ih, iw).

    Shapes: x (N, C, H, W), out (N, C, OH, OW); rows and columns are grids (step, start, unit).
    Source: Gonzalez & Woods 2018, "Digital image processing", section 2.4, on bilinear interpolation.
    Cost: 8*N*C*OH*OW FLOPs.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, OH, OW = out.shape
    _, _, H, W = x.shape
    for n in range(N):
        for c in range(C):
            for oh in range(OH):
                ih, beyond = below(oh, rows)
                u = beyond / rows[2]
                for ow in range(OW):
                    iw, beyond = below(ow, columns)
                    v = beyond / columns[2]
                    acc = zero(x)
                    for i in range(2):
                        for j in range(2):
                            # behind the last pixel lies the last pixel
                            pixel = x[n, c, min(ih + i, H - 1), min(iw + j, W - 1)]
                            acc += abs(1 - i - u) * abs(1 - j - v) * pixel
                    out[n, c, oh, ow] = acc


@textbook()
def bilinear2d_backward(dout, rows, columns, dx):
    """dx[n, c, ih, iw] = sum of dout[n, c, oh, ow] times the part that (ih, iw) had in it.

    Shapes: dout (N, C, OH, OW), dx (N, C, H, W); rows and columns are grids (step, start, unit).
    Source: the chain rule: a pixel changes an output by its weight in it.
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
                ih, beyond = below(oh, rows)
                u = beyond / rows[2]
                for ow in range(OW):
                    iw, beyond = below(ow, columns)
                    v = beyond / columns[2]
                    for i in range(2):
                        for j in range(2):
                            part = abs(1 - i - u) * abs(1 - j - v) * dout[n, c, oh, ow]
                            dx[n, c, min(ih + i, H - 1), min(iw + j, W - 1)] += part
