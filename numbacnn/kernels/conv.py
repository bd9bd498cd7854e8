"""Convolution in two dimensions: forward, and the gradient of everything it touches.

What deep learning calls a convolution is a cross-correlation: the filter is not flipped.
"""
from ..simd.generic import total, zero
from . import textbook


def output_extent(extent, kernel, stride, padding, dilation, ceil_mode=False):
    """OH = floor((H + 2*padding - dilation*(KH - 1) - 1) / stride) + 1; columns likewise.

    With `ceil_mode` (of poolings) the last window may reach beyond the padding: the quotient is rounded up, as long
    as that window begins before the padding behind the image.

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning",
    relationship 6 (stride and padding) with the dilated filter of section 5.1.
    """
    room = extent + 2 * padding - dilation * (kernel - 1) - 1
    if not ceil_mode:
        return room // stride + 1
    windows = -(-room // stride) + 1
    return windows - 1 if (windows - 1) * stride >= extent + padding else windows


@textbook()
def conv2d_forward(x, weight, bias, stride, padding, dilation, out):
    """out[n, oc, oh, ow] = bias[oc] + sum_{kh, kw, ic} weight[oc, ic, kh, kw] * x[n, ic, ih, iw]
    with ih = oh*stride - padding + kh*dilation, and iw likewise.

    Shapes: x (N, IC, H, W), weight (OC, IC, KH, KW), bias (OC,), out (N, OC, OH, OW);
        stride, padding and dilation are pairs (rows, columns).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 9.5, equation 9.8.
    Cost: 2*N*OC*OH*OW*IC*KH*KW FLOPs; LeNet 0.24 M (conv1) and 0.48 M (conv2) an image.
    Parallel: a task owns a band of rows of one block of images and one tile of output channels of `out`.
    """
    N, IC, H, W = x.shape
    OC, _, KH, KW = weight.shape
    _, _, OH, OW = out.shape
    for n in range(N):
        for oc in range(OC):
            for oh in range(OH):
                for ow in range(OW):
                    acc = bias[oc]
                    for kh in range(KH):
                        for kw in range(KW):
                            ih = oh * stride[0] - padding[0] + kh * dilation[0]
                            iw = ow * stride[1] - padding[1] + kw * dilation[1]
                            # taps outside the image are zero, so skip them
                            if 0 <= ih < H and 0 <= iw < W:
                                for ic in range(IC):
                                    acc += weight[oc, ic, kh, kw] * x[n, ic, ih, iw]
                    out[n, oc, oh, ow] = acc


@textbook()
def conv2d_backward_input(dout, weight, stride, padding, dilation, dx):
    """dx[n, ic, ih, iw] = sum_{kh, kw, oc} weight[ic, oc, kh, kw] * dout[n, oc, oh, ow]
    over the oh with oh*stride = ih + padding - kh*dilation, and ow likewise.

    Every input pixel collects from each output that saw it; the last taps first, so that dout is read in the order of its
    memory.

    Shapes: dout (N, OC, OH, OW), weight (IC, OC, KH, KW): its channel axes exchanged,
        dx (N, IC, H, W).
    Source: Goodfellow, Bengio & Courville 2016, section 9.5, equation 9.13.
    Cost: as forward; LeNet 0.48 M FLOPs an image (conv2; conv1 needs none).
    Parallel: a task owns a band of rows of one block of images and one tile of input channels of `dx`.
    """
    N, OC, OH, OW = dout.shape
    IC, _, KH, KW = weight.shape
    _, _, H, W = dx.shape
    for n in range(N):
        for ic in range(IC):
            for ih in range(H):
                for iw in range(W):
                    acc = zero(dx)
                    for kh in range(KH - 1, -1, -1):
                        # the remainder tells whether a stride leads from an output to here
                        oh, h_rest = divmod(ih + padding[0] - kh * dilation[0], stride[0])
                        if h_rest == 0 and 0 <= oh < OH:
                            for kw in range(KW - 1, -1, -1):
                                ow, w_rest = divmod(iw + padding[1] - kw * dilation[1], stride[1])
                                if w_rest == 0 and 0 <= ow < OW:
                                    for oc in range(OC):
                                        acc += weight[ic, oc, kh, kw] * dout[n, oc, oh, ow]
                    dx[n, ic, ih, iw] = acc


@textbook()
def conv2d_backward_weight(dout, x, stride, padding, dilation, dweight):
    """dweight[oc, ic, kh, kw] = sum_{n, oh, ow} dout[n, oc, oh, ow] * x[n, ic, ih, iw]
    with ih = oh*stride - padding + kh*dilation, and iw likewise.

    Shapes: dout (N, OC, OH, OW), x (N, IC, H, W), dweight (OC, IC, KH, KW).
    Source: Goodfellow, Bengio & Courville 2016, section 9.5, equation 9.11.
    Cost: as forward; LeNet 0.72 M FLOPs an image (both convolutions).
    Parallel: a task owns a band of rows of one block of images and one tile of output channels, in a slot of its own;
        the slots are added in the order of the images and bands.
    """
    N, OC, OH, OW = dout.shape
    _, _, H, W = x.shape
    _, IC, KH, KW = dweight.shape
    for oc in range(OC):
        for ic in range(IC):
            for kh in range(KH):
                for kw in range(KW):
                    acc = zero(dweight)
                    for oh in range(OH):
                        ih = oh * stride[0] - padding[0] + kh * dilation[0]
                        if 0 <= ih < H:  # asked once a row, not once an image: so n stands inside oh
                            for n in range(N):
                                for ow in range(OW):
                                    iw = ow * stride[1] - padding[1] + kw * dilation[1]
                                    if 0 <= iw < W:
                                        acc += dout[n, oc, oh, ow] * x[n, ic, ih, iw]
                    dweight[oc, ic, kh, kw] = total(acc)


@textbook()
def conv2d_backward_bias(dout, dbias):
    """dbias[oc] = sum_{n, oh, ow} dout[n, oc, oh, ow].

    Shapes: dout (N, OC, OH, OW), dbias (OC,).
    Source: the chain rule: the bias is added to every output of its channel.
    Cost: N*OC*OH*OW additions; LeNet 6,304 an image.
    Parallel: a task owns one block of images and one tile of output channels, in a slot of its own; the slots are added in
        the order of the images.
    """
    N, OC, OH, OW = dout.shape
    for oc in range(OC):
        acc = zero(dout)
        for n in range(N):
            for oh in range(OH):
                for ow in range(OW):
                    acc += dout[n, oc, oh, ow]
        dbias[oc] = total(acc)
