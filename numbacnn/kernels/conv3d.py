"""Convolution in three dimensions: the loops of `conv` with one level more, for volumes or films of D layers."""
from ..simd.generic import total, zero
from . import textbook


@textbook()
def conv3d_forward(x, weight, bias, stride, padding, dilation, out):
    """out[n, oc, od, oh, ow] = bias[oc] + sum_{kd, kh, kw, ic} weight[oc, ic, kd, kh, kw] * x[n, ic, id, ih, iw]
    with id = od*stride - padding + kd*dilation, and ih and iw likewise.

    Shapes: x (N, IC, D, H, W), weight (OC, IC, KD, KH, KW), bias (OC,), out (N, OC, OD, OH, OW);
        stride, padding and dilation are triples (layers, rows, columns).
    Source: Ji, Xu, Yang & Yu 2013, "3D convolutional neural networks for human action recognition", equation 2.
    Cost: 2*N*OC*OD*OH*OW*IC*KD*KH*KW FLOPs.
    Parallel: a task owns one block of images and one tile of output channels of `out`.
    """
    N, IC, D, H, W = x.shape
    OC, _, KD, KH, KW = weight.shape
    _, _, OD, OH, OW = out.shape
    for n in range(N):
        for oc in range(OC):
            for od in range(OD):
                for oh in range(OH):
                    for ow in range(OW):
                        acc = bias[oc]
                        for kd in range(KD):
                            for kh in range(KH):
                                for kw in range(KW):
                                    id = od * stride[0] - padding[0] + kd * dilation[0]
                                    ih = oh * stride[1] - padding[1] + kh * dilation[1]
                                    iw = ow * stride[2] - padding[2] + kw * dilation[2]
                                    # taps outside the volume are zero, so skip them
                                    if 0 <= id < D and 0 <= ih < H and 0 <= iw < W:
                                        for ic in range(IC):
                                            acc += weight[oc, ic, kd, kh, kw] * x[n, ic, id, ih, iw]
                        out[n, oc, od, oh, ow] = acc


@textbook()
def conv3d_backward_input(dout, weight, stride, padding, dilation, dx):
    """dx[n, ic, id, ih, iw] = sum_{kd, kh, kw, oc} weight[ic, oc, kd, kh, kw] * dout[n, oc, od, oh, ow]
    over the od with od*stride = id + padding - kd*dilation, and oh and ow likewise; the last taps first, so that dout is
    read in the order of its memory.

    Shapes: dout (N, OC, OD, OH, OW), weight (IC, OC, KD, KH, KW): its channel axes exchanged,
        dx (N, IC, D, H, W).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 9.5, equation 9.13, with one sum more.
    Cost: as forward.
    Parallel: a task owns one block of images and one tile of input channels of `dx`.
    """
    N, OC, OD, OH, OW = dout.shape
    IC, _, KD, KH, KW = weight.shape
    _, _, D, H, W = dx.shape
    for n in range(N):
        for ic in range(IC):
            for id in range(D):
                for ih in range(H):
                    for iw in range(W):
                        acc = zero(dx)
                        for kd in range(KD - 1, -1, -1):
                            # the remainder tells whether a stride leads from an output to here
                            od, d_rest = divmod(id + padding[0] - kd * dilation[0], stride[0])
                            if d_rest == 0 and 0 <= od < OD:
                                for kh in range(KH - 1, -1, -1):
                                    oh, h_rest = divmod(ih + padding[1] - kh * dilation[1], stride[1])
                                    if h_rest == 0 and 0 <= oh < OH:
                                        for kw in range(KW - 1, -1, -1):
                                            ow, w_rest = divmod(iw + padding[2] - kw * dilation[2], stride[2])
                                            if w_rest == 0 and 0 <= ow < OW:
                                                for oc in range(OC):
                                                    acc += weight[ic, oc, kd, kh, kw] * dout[n, oc, od, oh, ow]
                        dx[n, ic, id, ih, iw] = acc


@textbook()
def conv3d_backward_weight(dout, x, stride, padding, dilation, dweight):
    """dweight[oc, ic, kd, kh, kw] = sum_{n, od, oh, ow} dout[n, oc, od, oh, ow] * x[n, ic, id, ih, iw]
    with id = od*stride - padding + kd*dilation, and ih and iw likewise.

    Shapes: dout (N, OC, OD, OH, OW), x (N, IC, D, H, W), dweight (OC, IC, KD, KH, KW).
    Source: Goodfellow, Bengio & Courville 2016, section 9.5, equation 9.11, with one sum more.
    Cost: as forward.
    Parallel: a task owns one block of images and one tile of OC x IC, in a slot of its own;
        the slots are added in the order of the images.
    """
    N, OC, OD, OH, OW = dout.shape
    _, _, D, H, W = x.shape
    _, IC, KD, KH, KW = dweight.shape
    for oc in range(OC):
        for ic in range(IC):
            for kd in range(KD):
                for kh in range(KH):
                    for kw in range(KW):
                        acc = zero(dweight)
                        for od in range(OD):
                            id = od * stride[0] - padding[0] + kd * dilation[0]
                            if 0 <= id < D:
                                for oh in range(OH):
                                    ih = oh * stride[1] - padding[1] + kh * dilation[1]
                                    if 0 <= ih < H:
                                        for n in range(N):
                                            for ow in range(OW):
                                                iw = ow * stride[2] - padding[2] + kw * dilation[2]
                                                if 0 <= iw < W:
                                                    acc += dout[n, oc, od, oh, ow] * x[n, ic, id, ih, iw]
                        dweight[oc, ic, kd, kh, kw] = total(acc)
