"""Non-linearities, one number at a time."""
from ..simd.generic import maximum, tanh, where, zero
from . import textbook


@textbook()
def relu_forward(x, out):
    """out[i] = max(x[i], 0).

    Shapes: x and out (I,).
    Source: Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
    Cost: one comparison a number; LeNet 6,508 an image.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = maximum(x[i], zero(x))


@textbook()
def relu_backward(dout, out, dx):
    """dx[i] = 0 where out[i] <= 0, else dout[i]; the gradient at 0 is 0, at NaN it passes.

    Shapes: dout, out and dx (I,).
    Source: the chain rule on max(x, 0).
    Cost: as forward.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = where(out[i] <= 0, zero(dout), dout[i])


@textbook()
def tanh_forward(x, out):
    """out[i] = tanh(x[i]).

    Shapes: x and out (I,).
    Source: LeCun et al. 1998, "Gradient-based learning applied to document recognition",
        appendix A, without its scale.
    Cost: about 25 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = tanh(x[i])


@textbook()
def tanh_backward(dout, out, dx):
    """dx[i] = dout[i] * (1 - out[i] * out[i]).

    Shapes: dout, out and dx (I,).
    Source: tanh' = 1 - tanh**2.
    Cost: three FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = dout[i] * (1 - out[i] * out[i])
