"""Non-linearities, one number at a time."""
from math import pi

from ..simd.generic import erf, exp, expm1, log1p, maximum, tanh, where, zero
from . import textbook
from .swish import hardswish_backward, hardswish_forward, silu_backward, silu_forward  # noqa: F401 (found here by name)

ROOT_HALF = 0.5**0.5
ROOT_2_BY_PI = (2 / pi)**0.5
DENSITY_AT_0 = (2 * pi)**-0.5  # of the standard normal distribution
BEND = 0.044715  # Hendrycks & Gimpel 2016


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


@textbook()
def sigmoid_forward(x, out):
    """out[i] = 1 / (1 + exp(-x[i])).

    Shapes: x and out (I,).
    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", section 3.10, equation 3.30.
    Cost: about 25 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = 1 / (1 + exp(-x[i]))


@textbook()
def sigmoid_backward(dout, out, dx):
    """dx[i] = dout[i] * out[i] * (1 - out[i]).

    Shapes: dout, out and dx (I,).
    Source: Goodfellow, Bengio & Courville 2016, section 3.10, equation 3.34.
    Cost: three FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = dout[i] * out[i] * (1 - out[i])


@textbook()
def leaky_relu_forward(x, slope, out):
    """out[i] = x[i] where x[i] > 0, else slope * x[i].

    Shapes: x and out (I,); slope a number.
    Source: Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic
        models", section 2.
    Cost: one comparison and one FLOP a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = where(x[i] > 0, x[i], slope * x[i])


@textbook()
def leaky_relu_backward(dout, x, slope, dx):
    """dx[i] = dout[i] where x[i] > 0, else slope * dout[i].

    Shapes: dout, x and dx (I,); slope a number.
    Source: the chain rule on the forward equation.
    Cost: as forward.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = where(x[i] > 0, dout[i], slope * dout[i])


@textbook()
def elu_forward(x, alpha, out):
    """out[i] = x[i] where x[i] > 0, else alpha * (exp(x[i]) - 1).

    Shapes: x and out (I,); alpha a number.
    Source: Clevert, Unterthiner & Hochreiter 2016, "Fast and accurate deep network learning by
        exponential linear units", section 3, equation 15.
    Cost: about 50 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = where(x[i] > 0, x[i], alpha * expm1(x[i]))


@textbook()
def elu_backward(dout, x, alpha, dx):
    """dx[i] = dout[i] where x[i] > 0, else dout[i] * alpha * exp(x[i]).

    Shapes: dout, x and dx (I,); alpha a number.
    Source: Clevert, Unterthiner & Hochreiter 2016, section 3, equation 15.
    Cost: about 25 FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = where(x[i] > 0, dout[i], dout[i] * alpha * exp(x[i]))


@textbook()
def gelu_forward(x, out):
    """out[i] = x[i] * (1 + erf(x[i] / sqrt(2))) / 2, x times the cdf of the standard normal distribution.

    Shapes: x and out (I,).
    Source: Hendrycks & Gimpel 2016, "Gaussian error linear units", section 2.
    Cost: about 60 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = 0.5 * x[i] * (1 + erf(x[i] * ROOT_HALF))


@textbook()
def gelu_backward(dout, x, dx):
    """dx[i] = dout[i] * (cdf + x[i] * pdf), cdf and pdf of the standard normal distribution at x[i].

    Shapes: dout, x and dx (I,).
    Source: the product rule on the forward equation.
    Cost: about 90 FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        cdf = (1 + erf(x[i] * ROOT_HALF)) / 2
        pdf = DENSITY_AT_0 * exp(-0.5 * x[i] * x[i])
        dx[i] = dout[i] * (cdf + x[i] * pdf)


@textbook()
def gelu_tanh_forward(x, out):
    """out[i] = x[i] * (1 + tanh(sqrt(2/pi) * (x[i] + 0.044715 * x[i]**3))) / 2.

    Shapes: x and out (I,).
    Source: Hendrycks & Gimpel 2016, section 2.
    Cost: about 35 FLOPs a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        t = tanh(ROOT_2_BY_PI * x[i] * (1 + BEND * x[i] * x[i]))
        out[i] = 0.5 * x[i] * (1 + t)


@textbook()
def gelu_tanh_backward(dout, x, dx):
    """dx[i] = dout[i] * (1 + t + x[i] * (1 - t**2) * slope) / 2 with the tanh t of the forward pass.

    Shapes: dout, x and dx (I,); slope is the derivative of the argument of the tanh.
    Source: the chain rule on the forward equation.
    Cost: about 45 FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        square = x[i] * x[i]
        t = tanh(ROOT_2_BY_PI * x[i] * (1 + BEND * square))
        slope = ROOT_2_BY_PI * (1 + 3 * BEND * square)
        dx[i] = dout[i] * 0.5 * (1 + t + x[i] * (1 - t * t) * slope)


@textbook()
def logsigmoid_forward(x, out):
    """out[i] = log(1 / (1 + exp(-x[i]))) = min(x[i], 0) - log(1 + exp(-|x[i]|)).

    Written the second way no power overflows and no logarithm sees 1 + a vanishing number.

    Shapes: x and out (I,).
    Source: Goodfellow, Bengio & Courville 2016, section 3.10, equations 3.31 and 3.35: minus the
        softplus of -x.
    Cost: about 30 FLOPs and a logarithm a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = where(x[i] < 0, x[i], zero(x)) - log1p(exp(-abs(x[i])))


@textbook()
def logsigmoid_backward(dout, x, dx):
    """dx[i] = dout[i] / (1 + exp(x[i])).

    Shapes: dout, x and dx (I,).
    Source: Goodfellow, Bengio & Courville 2016, section 3.10, equation 3.36.
    Cost: about 25 FLOPs a number.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = dout[i] / (1 + exp(x[i]))


@textbook()
def relu6_forward(x, out):
    """out[i] = min(max(x[i], 0), 6).

    Shapes: x and out (I,).
    Source: Krizhevsky 2010, "Convolutional deep belief networks on CIFAR-10", section 2.
    Cost: two comparisons a number.
    Parallel: a task owns one stretch of `out`.
    """
    for i in range(len(x)):
        out[i] = where(x[i] > 6, zero(x) + 6, maximum(x[i], zero(x)))


@textbook()
def relu6_backward(dout, x, dx):
    """dx[i] = 0 where x[i] <= 0 or x[i] >= 6, else dout[i].

    Shapes: dout, x and dx (I,).
    Source: the chain rule on the forward equation.
    Cost: as forward.
    Parallel: a task owns one stretch of `dx`.
    """
    for i in range(len(dout)):
        dx[i] = where((x[i] <= 0) | (x[i] >= 6), zero(dout), dout[i])
