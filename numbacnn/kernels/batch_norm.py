"""Batch normalization: each channel is shifted and scaled to mean 0 and variance 1, then to what the network likes.

The sums run over all images, so they are taken block by block of images and merged in the order of the blocks.
"""
from numpy import sqrt

from ..simd.generic import total, zero
from ..simd.wide import wide_zero
from . import textbook


@textbook()
def batch_norm_forward_statistics(x, present, count, mean, square):
    """mean[c] = sum_{n, h, w} x[n, c, h, w] / count[c], square[c] = sum_{n, h, w} (x[n, c, h, w] - mean[c])**2
    with count[c] the pixels of the channel, over the images n with present[n] = 1.

    Shapes: x (N, C, H, W), present (N,): 0 for a lane without an image; count, mean and square (C,).
    Source: Ioffe & Szegedy 2015, "Batch normalization", algorithm 1, its first two lines, by the two-pass
        algorithm of Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", in float64.
    Cost: 6*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one channel of the rest, in a slot of its own.
    """
    N, C, H, W = x.shape
    for c in range(C):
        images = zero(x)
        acc = wide_zero(x)
        for n in range(N):
            images += present[n]
            for h in range(H):
                for w in range(W):
                    acc += present[n] * x[n, c, h, w]
        count[c] = total(images) * (H * W)
        mean[c] = total(acc) / count[c]
        spread = wide_zero(x)
        for n in range(N):
            for h in range(H):
                for w in range(W):
                    distance = present[n] * (x[n, c, h, w] - mean[c])
                    spread += distance * distance
        square[c] = total(spread)


@textbook()
def batch_norm_forward_merge(counts, means, squares, mean, var):
    """mean[c] = sum_{b} counts[b, c] * means[b, c] / M, var[c] the mean square distance from it, M the sum of counts.

    Two blocks at a time: the mean moves towards the new block's, the squares grow by the distance of the two.

    Shapes: counts, means and squares (B, C) of B blocks of images; mean and var (C,).
    Source: Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", equation 2.1.
    Cost: 10*B*C FLOPs.
    Parallel: one task; the blocks follow each other.
    """
    B, C = means.shape
    for c in range(C):
        M = so_far = spread = wide_zero(counts)
        for b in range(B):
            distance = means[b, c] - so_far
            part = counts[b, c] / (M + counts[b, c])
            spread += squares[b, c] + distance * distance * M * part
            so_far += distance * part
            M += counts[b, c]
        mean[c] = so_far
        var[c] = spread / M


@textbook()
def batch_norm_running_update(running, batch, keep, add):
    """running[c] = keep * running[c] + add * batch[c], with keep = 1 - momentum and add = momentum; for the variance
    add = momentum * M / (M - 1): that of M pixels is too small by this much to be an estimate for all pictures.

    Shapes: running and batch (C,), both means or both variances; keep and add numbers.
    Source: Ioffe & Szegedy 2015, section 3.1: moving averages, and the unbiased variance.
    Cost: 3*C FLOPs.
    Parallel: one task.
    """
    for c in range(running.shape[0]):
        running[c] = keep * running[c] + add * batch[c]


@textbook()
def batch_norm_forward(x, mean, var, weight, bias, eps, out):
    """out[n, c, h, w] = weight[c] * (x[n, c, h, w] - mean[c]) / sqrt(var[c] + eps) + bias[c].

    Shapes: x and out (N, C, H, W), mean, var, weight and bias (C,).
    Source: Ioffe & Szegedy 2015, algorithm 1, its last two lines.
    Cost: 3*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, H, W = x.shape
    for c in range(C):
        scale = weight[c] / sqrt(var[c] + eps)
        for n in range(N):
            for h in range(H):
                for w in range(W):
                    out[n, c, h, w] = bias[c] + scale * (x[n, c, h, w] - mean[c])


@textbook()
def batch_norm_backward_weight(dout, x, mean, var, eps, dweight, dbias):
    """dweight[c] = sum_{n, h, w} dout[n, c, h, w] * (x[n, c, h, w] - mean[c]) / sqrt(var[c] + eps),
    dbias[c] = sum_{n, h, w} dout[n, c, h, w].

    Shapes: dout and x (N, C, H, W), all others (C,).
    Source: Ioffe & Szegedy 2015, section 3, the last two of its gradients.
    Cost: 4*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one channel, in a slot of its own;
        the slots are added in the order of the images.
    """
    N, C, H, W = x.shape
    for c in range(C):
        along = wide_zero(x)
        acc = wide_zero(x)
        for n in range(N):
            for h in range(H):
                for w in range(W):
                    along += dout[n, c, h, w] * (x[n, c, h, w] - mean[c])
                    acc += dout[n, c, h, w]
        dweight[c] = total(along) / sqrt(var[c] + eps)
        dbias[c] = total(acc)


@textbook()
def batch_norm_backward_input(dout, x, present, mean, var, weight, eps, dweight, dbias, share, dx):
    """dx[n, c, h, w] = weight[c] / s * (dout[n, c, h, w] - share * (dbias[c] + dweight[c] * (x[n, c, h, w] - mean[c]) / s))
    with s = sqrt(var[c] + eps): a pixel also moves the mean and the variance, each by its share.

    Shapes: dout, x and dx (N, C, H, W), present (N,): 0 for a lane without an image; share a number,
        1 / (N*H*W); all others (C,).
    Source: Ioffe & Szegedy 2015, section 3, its gradients put into one another.
    Cost: 6*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one channel of `dx`.
    """
    N, C, H, W = x.shape
    for c in range(C):
        s = sqrt(var[c] + eps)
        for n in range(N):
            for h in range(H):
                for w in range(W):
                    moved = dbias[c] + dweight[c] / s * (x[n, c, h, w] - mean[c])
                    dx[n, c, h, w] = present[n] * (weight[c] / s * (dout[n, c, h, w] - share * moved))


@textbook()
def batch_norm_backward_input_fixed(dout, var, weight, eps, dx):
    """dx[n, c, h, w] = dout[n, c, h, w] * weight[c] / sqrt(var[c] + eps): mean and variance do not depend on x.

    Shapes: dout and dx (N, C, H, W), var and weight (C,).
    Source: the chain rule on the last two lines of Ioffe & Szegedy 2015, algorithm 1.
    Cost: N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one channel of `dx`.
    """
    N, C, H, W = dx.shape
    for c in range(C):
        scale = weight[c] / sqrt(var[c] + eps)
        for n in range(N):
            for h in range(H):
                for w in range(W):
                    dx[n, c, h, w] = dout[n, c, h, w] * scale
