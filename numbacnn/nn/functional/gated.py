"""Smooth non-linearities that multiply a number with a gate, or scale another one; those without a loop are composed."""

from numbacnn.nn.functional.activation import _activation, elu, sigmoid, softmax, softplus, tanh
from numbacnn.nn.functional.apply import in_place
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.reduction import normalize_dim

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017, equation 14


def silu(input, inplace=False):
    """input * sigmoid(input), also called swish.

    Source: Elfwing, Uchibe & Doya 2018, "Sigmoid-weighted linear units", section 2; the loop is
    `numbacnn.kernels.swish.silu_forward`.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return in_place("silu_", input, silu)
    return _activation("silu", input)


def mish(input, inplace=False):
    """input * tanh(softplus(input)); parameters as for `silu`. Source: Misra 2020, "Mish", arXiv:1908.08681, equation 1."""
    if inplace:
        return in_place("mish_", input, mish)
    check_types("mish", input)
    return input * tanh(softplus(input))


def selu(input, inplace=False):
    """1.0507 * elu(input, 1.6733): activations keep mean 0 and variance 1; parameters as for `silu`.

    Source: Klambauer et al. 2017, "Self-normalizing neural networks", equation 2.
    """
    if inplace:
        return in_place("selu_", input, selu)
    check_types("selu", input)
    return elu(input, SELU_ALPHA) * SELU_SCALE


def selu_(input):
    """`selu`, in place."""
    return selu(input, True)


def celu(input, alpha=1.0, inplace=False):
    """input where it is above 0, else alpha * (exp(input / alpha) - 1).

    Source: Barron 2017, "Continuously differentiable exponential linear units", arXiv:1704.07483, equation 2.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    alpha : float
        Minus the limit for numbers far below 0; not 0.
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    RuntimeError
        If alpha is 0.
    """
    if inplace:
        return in_place("celu_", input, lambda before: celu(before, alpha))
    check_types("celu", input)
    if alpha == 0:
        raise RuntimeError("celu: alpha must not be 0: the input is divided by it")
    return elu(input / alpha, 1.0) * alpha


def celu_(input, alpha=1.0):
    """`celu`, in place."""
    return celu(input, alpha, True)


def glu(input, dim=-1):
    """a * sigmoid(b), where a and b are the two halves of `input` along a dimension.

    Source: Dauphin et al. 2017, "Language modeling with gated convolutional networks", equation 1.

    Parameters
    ----------
    input : Tensor
        Float.
    dim : int
        The dimension that is halved; its extent is even.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    RuntimeError
        If the extent is odd, or there is no dimension.
    """
    check_types("glu", input)
    if input.ndim == 0:
        raise RuntimeError("glu does not support 0-dimensional tensors")
    dim = normalize_dim("glu", dim, input.ndim)
    extent = input.shape[dim]
    if extent % 2:
        raise RuntimeError(f"Halving dimension must be even, but dimension {dim} is size {extent}: glu multiplies its first "
                           "half with the sigmoid of its second")
    a, b = input.split(extent // 2, dim) if extent else (input, input)
    return a * sigmoid(b)


def softsign(input):
    """input / (1 + |input|). Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep networks"."""
    check_types("softsign", input)
    return input / (input.abs() + 1)


def tanhshrink(input):
    """input - tanh(input)."""
    check_types("tanhshrink", input)
    return input - tanh(input)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """softmax(-input): the smallest number gets most; parameters as for `softmax`."""
    check_types("softmin", input)
    return softmax(-input, dim, _stacklevel + 1, dtype)
