"""Group normalization: the channels of an image are normalized group by group, each image by itself.

G groups of C // G channels; one group is layer normalization, one channel per group is instance normalization.
"""
from ..simd.generic import sqrt, total
from ..simd.wide import rounded, wide_zero
from . import textbook


@textbook()
def group_norm_forward(x, weight, bias, eps, mean, var, out):
    """out[n, c, h, w] = weight[c] * (x[n, c, h, w] - mean[n, g]) / sqrt(var[n, g] + eps) + bias[c]
    with mean[n, g] = sum_{c in g, h, w} x[n, c, h, w] / M and
    var[n, g] = sum_{c in g, h, w} (x[n, c, h, w] - mean[n, g])**2 / M over the M numbers of a group.

    Shapes: x and out (N, C, H, W), weight and bias (C,), mean and var (N, G).
    Source: Wu & He 2018, "Group normalization", section 3.1, equations 1, 2 and 6; with G = 1 Ba,
        Kiros & Hinton 2016, "Layer normalization", equation 3; with G = C Ulyanov, Vedaldi &
        Lempitsky 2016, "Instance normalization", section 2. Mean and variance by the two-pass algorithm of
        Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance", in float64.
    Cost: 8*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one group of channels of `out`.
    """
    N, C, H, W = x.shape
    G = mean.shape[1]
    channels = C // G
    for n in range(N):
        for g in range(G):
            acc = wide_zero(x)
            for c in range(g * channels, (g + 1) * channels):
                for h in range(H):
                    for w in range(W):
                        acc += x[n, c, h, w]
            mean[n, g] = rounded(acc, x) / (channels * H * W)
            square = wide_zero(x)
            for c in range(g * channels, (g + 1) * channels):
                for h in range(H):
                    for w in range(W):
                        distance = x[n, c, h, w] - mean[n, g]
                        square += distance * distance
            var[n, g] = rounded(square, x) / (channels * H * W)
            rstd = 1 / sqrt(var[n, g] + eps)
            for c in range(g * channels, (g + 1) * channels):
                for h in range(H):
                    for w in range(W):
                        out[n, c, h, w] = bias[c] + weight[c] * ((x[n, c, h, w] - mean[n, g]) * rstd)


@textbook()
def group_norm_backward_weight(dout, x, mean, var, eps, dweight, dbias):
    """dweight[c] = sum_{n, h, w} dout[n, c, h, w] * (x[n, c, h, w] - mean[n, g]) / sqrt(var[n, g] + eps),
    dbias[c] = sum_{n, h, w} dout[n, c, h, w].

    Shapes: dout and x (N, C, H, W), mean and var (N, G), dweight and dbias (C,).
    Source: the chain rule on Wu & He 2018, equation 6.
    Cost: 5*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one group of channels, in a slot of its own;
        the slots are added in the order of the images.
    """
    N, C, H, W = x.shape
    channels = C // mean.shape[1]
    for c in range(C):
        g = c // channels
        along = wide_zero(x)
        acc = wide_zero(x)
        for n in range(N):
            rstd = 1 / sqrt(var[n, g] + eps)
            for h in range(H):
                for w in range(W):
                    along += dout[n, c, h, w] * ((x[n, c, h, w] - mean[n, g]) * rstd)
                    acc += dout[n, c, h, w]
        dweight[c] = total(along)
        dbias[c] = total(acc)


@textbook()
def group_norm_backward_input(dout, x, mean, var, weight, eps, dx):
    """dx[n, c, h, w] = (d[n, c, h, w] - (sum_{c, h, w} d + unit[n, c, h, w] * sum_{c, h, w} d * unit) / M) / s
    with d = dout * weight[c], s = sqrt(var[n, g] + eps), unit = (x - mean[n, g]) / s and the sums over the M numbers
    of the group: each number also moves the mean and the variance.

    Shapes: dout, x and dx (N, C, H, W), mean and var (N, G), weight (C,).
    Source: Ioffe & Szegedy 2015, "Batch normalization", section 3, over a group in place of a batch.
    Cost: 13*N*C*H*W FLOPs.
    Parallel: a task owns one block of images and one group of channels of `dx`.
    """
    N, C, H, W = x.shape
    G = mean.shape[1]
    channels = C // G
    for n in range(N):
        for g in range(G):
            rstd = 1 / sqrt(var[n, g] + eps)
            acc = wide_zero(x)
            along = wide_zero(x)
            for c in range(g * channels, (g + 1) * channels):
                for h in range(H):
                    for w in range(W):
                        d = weight[c] * dout[n, c, h, w]
                        along += d * ((x[n, c, h, w] - mean[n, g]) * rstd)
                        acc += d
            from_mean = rounded(acc, x) / (channels * H * W)
            from_var = rounded(along, x) / (channels * H * W)
            for c in range(g * channels, (g + 1) * channels):
                for h in range(H):
                    for w in range(W):
                        unit = (x[n, c, h, w] - mean[n, g]) * rstd
                        dx[n, c, h, w] = rstd * (weight[c] * dout[n, c, h, w] - (from_mean + unit * from_var))
