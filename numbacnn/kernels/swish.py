"""Non-linearities that multiply a number with a gate between 0 and 1: the sigmoid, or its piecewise linear form."""
from ..simd.generic import exp, where, zero
from . import textbook


@textbook()
def silu_forward(x, out):
    """out[i] = x[i] / (1 + exp(-x[i])).

    Shapes: x and out (I,).
    Source: Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units for neural network function
        approximation in reinforcement learning", section 2, equation 3.
    Cost: about 25 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = x[i] / (1 + exp(-x[i]))


@textbook()
def silu_backward(dout, x, dx):
    """dx[i] = dout[i] * s * (1 + x[i] * (1 - s)) with s = 1 / (1 + exp(-x[i])).

    Shapes: dout, x and dx (I,).
    Source: the product rule on the forward equation.
    Cost: about 30 FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        s = 1 / (1 + exp(-x[i]))
        dx[i] = dout[i] * s * (1 + x[i] * (1 - s))


@textbook()
def hardswish_forward(x, out):
    """out[i] = x[i] * min(max(x[i] + 3, 0), 6) / 6, that is 0 up to -3 and x[i] from 3 on.

    Shapes: x and out (I,).
    Source: Howard et al. 2019, "Searching for MobileNetV3", section 5.2.
    Cost: three FLOPs and two comparisons a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        above = where(x[i] >= 3, x[i], x[i] * (x[i] + 3) / 6)
        out[i] = where(x[i] <= -3, zero(x), above)


@textbook()
def hardswish_backward(dout, x, dx):
    """dx[i] = 0 where x[i] <= -3, dout[i] where x[i] >= 3, else dout[i] * (x[i] / 3 + 1 / 2).

    Shapes: dout, x and dx (I,).
    Source: the product rule on the forward equation.
    Cost: as forward.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        above = where(x[i] >= 3, dout[i], dout[i] * (x[i] / 3 + 0.5))
        dx[i] = where(x[i] <= -3, zero(dout), above)
