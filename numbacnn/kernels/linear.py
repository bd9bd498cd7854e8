"""The dense layer: every output is tied to every input."""
from ..simd.generic import total, zero
from . import textbook


@textbook()
def linear_forward(x, weight, bias, out):
    """out[n, oc] = bias[oc] + sum_{ic} weight[oc, ic] * x[n, ic].

    Shapes: x (N, IC), weight (OC, IC), bias (OC,), out (N, OC).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 6.1.
    Cost: 2*N*OC*IC FLOPs; LeNet's three 0.12 M an image.
    Parallel: a task owns one block of images and one tile of outputs of `out`.
    """
    N, IC = x.shape
    OC, _ = weight.shape
    for n in range(N):
        for oc in range(OC):
            acc = bias[oc]
            for ic in range(IC):
                acc += weight[oc, ic] * x[n, ic]
            out[n, oc] = acc


@textbook()
def linear_backward_input(dout, weight, dx):
    """dx[n, ic] = sum_{oc} weight[ic, oc] * dout[n, oc].

    Shapes: dout (N, OC), weight (IC, OC): its axes exchanged, dx (N, IC).
    Source: Goodfellow, Bengio & Courville 2016, section 6.5.6, algorithm 6.4.
    Cost: as forward.
    Parallel: a task owns one block of images and one tile of inputs of `dx`.
    """
    N, OC = dout.shape
    IC, _ = weight.shape
    for n in range(N):
        for ic in range(IC):
            acc = zero(dx)
            for oc in range(OC):
                acc += weight[ic, oc] * dout[n, oc]
            dx[n, ic] = acc


@textbook()
def linear_backward_weight(dout, x, dweight):
    """dweight[oc, ic] = sum_{n} dout[n, oc] * x[n, ic].

    The sum runs over images, so here the lanes are neighboring inputs, not images.

    Shapes: dout (N, OC), x (N, IC), dweight (OC, IC).
    Source: Goodfellow, Bengio & Courville 2016, section 6.5.6, algorithm 6.4.
    Cost: as forward.
    Parallel: a task owns L neighboring inputs of `dweight`.
    """
    N, OC = dout.shape
    _, IC = x.shape
    for oc in range(OC):
        for ic in range(IC):
            acc = zero(dweight)
            for n in range(N):
                acc += dout[n, oc] * x[n, ic]
            dweight[oc, ic] = acc


@textbook()
def linear_backward_bias(dout, dbias):
    """dbias[oc] = sum_{n} dout[n, oc].

    Shapes: dout (N, OC), dbias (OC,).
    Source: the chain rule: the bias is added to its output for every image.
    Cost: N*OC additions; LeNet 214 an image.
    Parallel: a task owns one tile of outputs of `dbias`.
    """
    N, OC = dout.shape
    for oc in range(OC):
        acc = zero(dout)
        for n in range(N):
            acc += dout[n, oc]
        dbias[oc] = total(acc)
