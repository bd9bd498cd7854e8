"""Scores become probabilities, one row at a time; the sums over a row are formed in float64 (see `simd.wide`)."""
from ..simd.generic import exp, log, maximum
from ..simd.wide import rounded, wide_zero
from . import textbook


@textbook()
def softmax_forward(x, out):
    """out[n, c] = exp(x[n, c]) / sum_{c} exp(x[n, c]).

    The largest score is taken off first, so that no exponential overflows.

    Shapes: x and out (N, C).
    Source: Bridle 1990, "Probabilistic interpretation of feedforward classification network
        outputs"; Goodfellow, Bengio & Courville 2016, section 6.2.2.3, equation 6.29.
    Cost: about 28*N*C FLOPs.
    Parallel: a task owns one block of rows of `out`.
    """
    N, C = x.shape
    for n in range(N):
        x_max = x[n, 0]
        for c in range(C):
            x_max = maximum(x_max, x[n, c])
        exp_sum = wide_zero(x)
        for c in range(C):
            out[n, c] = exp(x[n, c] - x_max)
            exp_sum += out[n, c]
        for c in range(C):
            out[n, c] = out[n, c] / rounded(exp_sum, x)


@textbook()
def softmax_backward(dout, out, dx):
    """dx[n, c] = out[n, c] * (dout[n, c] - sum_{c} dout[n, c] * out[n, c]).

    Shapes: dout, out and dx (N, C).
    Source: the quotient rule on the forward equation.
    Cost: 4*N*C FLOPs.
    Parallel: a task owns one block of rows of `dx`.
    """
    N, C = out.shape
    for n in range(N):
        dot = wide_zero(dout)
        for c in range(C):
            dot += dout[n, c] * out[n, c]
        for c in range(C):
            dx[n, c] = out[n, c] * (dout[n, c] - rounded(dot, dout))


@textbook()
def log_softmax_forward(x, out):
    """out[n, c] = x[n, c] - log(sum_{c} exp(x[n, c])).

    The largest score is taken off first, so that no exponential overflows.

    Shapes: x and out (N, C).
    Source: Goodfellow, Bengio & Courville 2016, section 6.2.2.3, equation 6.30.
    Cost: about 28*N*C FLOPs, one logarithm a row.
    Parallel: a task owns one block of rows of `out`.
    """
    N, C = x.shape
    for n in range(N):
        x_max = x[n, 0]
        for c in range(C):
            x_max = maximum(x_max, x[n, c])
        exp_sum = wide_zero(x)
        for c in range(C):
            exp_sum += exp(x[n, c] - x_max)
        log_sum = log(rounded(exp_sum, x))
        for c in range(C):
            out[n, c] = (x[n, c] - x_max) - log_sum


@textbook()
def log_softmax_backward(dout, out, dx):
    """dx[n, c] = dout[n, c] - exp(out[n, c]) * sum_{c} dout[n, c].

    Shapes: dout, out and dx (N, C).
    Source: Goodfellow, Bengio & Courville 2016, section 6.2.2.3.
    Cost: about 25*N*C FLOPs.
    Parallel: a task owns one block of rows of `dx`.
    """
    N, C = out.shape
    for n in range(N):
        acc = wide_zero(dout)
        for c in range(C):
            acc += dout[n, c]
        for c in range(C):
            dx[n, c] = dout[n, c] - exp(out[n, c]) * rounded(acc, dout)
