"""The loss: how wrong the scores of an image are; the sums are formed in float64 (see `simd.wide`)."""
from ..simd.generic import exp, log, maximum, total, where, zero
from ..simd.wide import rounded, wide_zero
from . import textbook


@textbook()
def cross_entropy_forward(x, target, smoothing, loss):
    """loss[n] = log(sum_{c} exp(x[n, c])) - ((1 - smoothing) * x[n, target[n]] + smoothing * mean_{c} x[n, c]).

    The largest score is taken off first, so that no exponential overflows.

    Shapes: x (N, C) scores, target (N,) classes as numbers, loss (N,).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 6.2.2.3, equation 6.30; smoothing: Szegedy
        et al. 2016, "Rethinking the Inception architecture for computer vision", section 7.
    Cost: about 30*N*C FLOPs, one logarithm an image.
    Parallel: a task owns one block of images of `loss`.
    """
    N, C = x.shape
    for n in range(N):
        x_max = x[n, 0]
        for c in range(C):
            x_max = maximum(x_max, x[n, c])
        exp_sum = wide_zero(x)
        score = zero(x)
        for c in range(C):
            exp_sum += exp(x[n, c] - x_max)
            score = where(target[n] == c, x[n, c], score)
        if smoothing != 0:
            acc = wide_zero(x)
            for c in range(C):
                acc += x[n, c]
            score += (rounded(acc, x) / C - score) * smoothing
        loss[n] = log(rounded(exp_sum, x)) + (x_max - score)


@textbook()
def cross_entropy_backward(x, target, weight, smoothing, dx):
    """dx[n, c] = (softmax(x[n])[c] - (1 - smoothing if c == target[n] else 0) - smoothing / C) * weight[n].

    Shapes: x and dx (N, C), target and weight (N,): the weight of an image in the loss,
        zero for a lane without an image.
    Source: Goodfellow, Bengio & Courville 2016, section 6.2.2.3; Bridle 1990 for the softmax.
    Cost: about 30*N*C FLOPs.
    Parallel: a task owns one block of images of `dx`.
    """
    N, C = x.shape
    for n in range(N):
        x_max = x[n, 0]
        for c in range(C):
            x_max = maximum(x_max, x[n, c])
        exp_sum = wide_zero(x)
        for c in range(C):
            dx[n, c] = exp(x[n, c] - x_max)
            exp_sum += dx[n, c]
        for c in range(C):
            even = zero(x) + smoothing / C
            dx[n, c] = (dx[n, c] / rounded(exp_sum, x) - where(target[n] == c, even + (1 - smoothing), even)) * weight[n]


@textbook()
def weighted_sum(loss, weight, out):
    """out[0] = sum_{n} weight[n] * loss[n]: the mean, if each of N images has a weight of 1/N.

    Shapes: loss and weight (N,), a lane without an image has no weight; out (1,).
    Source: Goodfellow, Bengio & Courville 2016, section 5.9, equation 5.96.
    Cost: 2*N FLOPs.
    Parallel: one task; the sum runs over all images.
    """
    acc = wide_zero(loss)
    for n in range(len(loss)):
        acc += weight[n] * loss[n]
    for i in range(len(out)):
        out[i] = total(acc)
