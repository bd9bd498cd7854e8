"""Addition: where two branches of a network meet."""
from . import textbook


@textbook()
def add_forward(x, y, out):
    """out[i] = x[i] + y[i]; backwards each of the two gets dout as it is, so there is no loop for it.

    Shapes: x, y and out (I,).
    Source: He et al. 2016, "Deep residual learning for image recognition", equation 1.
    Cost: one addition a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = x[i] + y[i]


@textbook()
def shift_forward(x, bias, out):
    """out[n, c, h, w] = x[n, c, h, w] + bias[c]; the gradient of the bias is that of a convolution's.

    Shapes: x and out (N, C, H, W), bias (C,).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 9.5, on biases shared by all places.
    Cost: one addition a number.
    Parallel: a task owns one block of images and one channel of `out`.
    """
    N, C, H, W = x.shape
    for n in range(N):
        for c in range(C):
            for h in range(H):
                for w in range(W):
                    out[n, c, h, w] = x[n, c, h, w] + bias[c]
