"""Dropout: numbers, or whole channels, are set to zero at random.

Which ones is a function of a seed and of their place in the batch: nothing has to be remembered, and the gradient goes
the same way once more.
"""
from ..simd.generic import where, zero
from ..simd.random import uniform
from . import textbook


@textbook()
def dropout_forward(x, image, seed, p, scale, out):
    """out[n, c, h, w] = scale * x[n, c, h, w] where random number n*C*H*W + (c*H + h)*W + w is at least p, else 0.

    The gradient is the same function of dout, with the same seed.

    Shapes: x and out (N, C, H, W), image (N,): the number of each image in the batch; seed, p and scale numbers.
    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting", section 4;
        scaled in training instead of in use, as its section 10 mentions.
    Cost: about 12*N*C*H*W operations on integers.
    Parallel: a task owns one block of images of `out`.
    """
    N, C, H, W = x.shape
    for n in range(N):
        for h in range(H):
            for w in range(W):
                for c in range(C):
                    u = uniform(image[n], C * H * W, (c * H + h) * W + w, seed)
                    out[n, c, h, w] = where(u < p, zero(x), scale * x[n, c, h, w])


@textbook()
def dropout2d_forward(x, image, seed, p, scale, out):
    """out[n, c, h, w] = scale * x[n, c, h, w] where random number n*C + c is at least p, else 0: channels as a whole.

    The gradient is the same function of dout, with the same seed.

    Shapes: x and out (N, C, H, W), image (N,): the number of each image in the batch; seed, p and scale numbers.
    Source: Tompson et al. 2015, "Efficient object localization using convolutional networks", section 3.2.
    Cost: N*C*H*W multiplications.
    Parallel: a task owns one block of images of `out`.
    """
    N, C, H, W = x.shape
    for n in range(N):
        for c in range(C):
            u = uniform(image[n], C, c, seed)
            for h in range(H):
                for w in range(W):
                    out[n, c, h, w] = where(u < p, zero(x), scale * x[n, c, h, w])
