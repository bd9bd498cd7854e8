"""Upsampling: every pixel of the output takes the pixel of the image that lies below it."""
from ..simd.generic import zero
from . import textbook


@textbook()
def nearest2d_forward(x, out):
    """out[n, c, oh, ow] = x[n, c, floor(oh*H / OH), floor(ow*W / OW)].

    Shapes: x (N, C, H, W), out (N, C, OH, OW).
    Source: Gonzalez & Woods 2018, "Digital image processing", section 2.4, on nearest neighbor interpolation.
    Cost: N*C*OH*OW copies.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, H, W = x.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for c in range(C):
            for oh in range(OH):
                for ow in range(OW):
                    out[n, c, oh, ow] = x[n, c, oh * H // OH, ow * W // OW]


@textbook()
def nearest2d_backward(dout, dx):
    """dx[n, c, ih, iw] = sum of dout[n, c, oh, ow] over the outputs that took (ih, iw).

    Shapes: dout (N, C, OH, OW), dx (N, C, H, W).
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
                for ow in range(OW):
                    dx[n, c, oh * H // OH, ow * W // OW] += dout[n, c, oh, ow]
