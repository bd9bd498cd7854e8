"""Non-linearities."""

import warnings

from numbacnn.engine import kind_for
from numbacnn.nn.functional.apply import apply, in_place
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.internals import storage_of
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.selection import where


def relu(input, inplace=False):
    """max(input, 0), number by number; the gradient at 0 is 0.

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
        return relu_(input)
    return _activation("relu", input, "out")


def relu_(input):
    """`relu` in place: the input itself changes, and is returned."""
    return in_place("relu_", input, relu)


def tanh(input):
    """The hyperbolic tangent, number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    return _activation("tanh", input, "out")


def sigmoid(input):
    """1 / (1 + exp(-input)), number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    return _activation("sigmoid", input, saves="out")


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """input where it is above 0, else negative_slope * input.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    negative_slope : float
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return leaky_relu_(input, negative_slope)
    return _activation("leaky_relu", input, slope=float(negative_slope))


def leaky_relu_(input, negative_slope=0.01):
    """`leaky_relu` in place: the input itself changes, and is returned."""
    return in_place("leaky_relu_", input, lambda before: leaky_relu(before, negative_slope))


def elu(input, alpha=1.0, inplace=False):
    """input where it is above 0, else alpha * (exp(input) - 1).

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    alpha : float
        Minus the limit for numbers far below 0.
    inplace : bool
        Whether to change the input itself, and return it.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    if inplace:
        return elu_(input, alpha)
    return _activation("elu", input, alpha=float(alpha))


def elu_(input, alpha=1.0):
    """`elu` in place: the input itself changes, and is returned."""
    return in_place("elu_", input, lambda before: elu(before, alpha))


def gelu(input, approximate="none"):
    """input times the share of a standard normal distribution that lies below it.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    approximate : {"none", "tanh"}
        Whether to use a formula with tanh for that share.

    Raises
    ------
    ValueError
        If `approximate` is neither.
    TypeError
        If the dtype is not a float type.
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return _activation("gelu" if approximate == "none" else "gelu_tanh", input)


def logsigmoid(input):
    """The logarithm of `sigmoid`, without the detour over numbers that round to 0 or 1.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    return _activation("logsigmoid", input)


def softplus(input, beta=1.0, threshold=20.0):
    """log(1 + exp(beta * input)) / beta, a ReLU with a round corner.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    beta : float
        How sharp the corner is.
    threshold : float
        Where beta * input is above it, the result is the input. With 20, the default, and above, that is so but for
        2e-9, and nothing is cut off, for nothing overflows here.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    """
    check_types("softplus", input)
    out = -logsigmoid(input * -beta) / beta
    return out if threshold >= 20 else where(input * beta > threshold, input, out)


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """exp(input), divided by its sum along `dim`: positive numbers that sum to 1.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    dim : int
        The dimension along which the results sum to 1. Without it PyTorch's old choice is taken, with its warning: 0 for
        0, 1 or 3 dimensions, else 1.
    _stacklevel : int
        How many callers above the warning points.
    dtype : dtype, optional
        What to convert `input` to first.

    Raises
    ------
    TypeError
        If the dtype is not a float type.
    IndexError
        If there is no such dimension.
    """
    return _along("softmax", input, _chosen("softmax", input, dim, _stacklevel), dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """The logarithm of `softmax`, without the detour over numbers that could overflow or vanish; parameters as there."""
    return _along("log_softmax", input, _chosen("log_softmax", input, dim, _stacklevel), dtype)


def _chosen(name, input, dim, stacklevel):
    """The dimension, or the one that PyTorch once chose where none is given."""
    if dim is not None:
        return dim
    warnings.warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
                  "argument.", stacklevel=stacklevel)
    return 0 if input.ndim in (0, 1, 3) else 1


def _activation(name, input, saves="input", **settings):
    """The loop of that name in `numbacnn.kernels.activation`; its backward pass needs x or out."""
    check_types(name, input)

    def forward(kind, x):
        return kind.activation_forward(name, x, *settings.values())

    def backward(kind, dout, wanted, saved):
        return (kind.activation_backward(name, dout, saved[saves], *settings.values()),)

    # a plain array of any shape needs no packing
    return apply(name, forward, backward, (saves,), kind_for(storage_of(input), packed=False), settings=settings, input=input)


def _along(name, input, dim, dtype):
    """softmax or log_softmax: `dim` becomes the last of two dimensions, the classes of the textbook."""
    input = input if dtype is None else input.to(dtype)
    check_types(name, input)
    if input.ndim == 0:
        return _along(name, input.reshape(1, 1), 1, None).reshape(())
    dim = normalize_dim(name, dim, input.ndim)
    if input.ndim == 2 and dim == 1:
        return _rows(name, input)
    if input.ndim == 1:
        return _along(name, input.reshape(1, -1), 1, None).reshape(-1)
    last = input.transpose(dim, -1)
    rows = last.reshape(last.shape[:-1].numel(), last.shape[-1])
    return _along(name, rows, 1, None).reshape(last.shape).transpose(dim, -1)


def _rows(name, input):
    """The loop of that name in `numbacnn.kernels.softmax`, whose backward pass needs its result only."""
    check_types(name, input)

    def forward(kind, x):
        return kind.rowwise_forward(name, x)

    def backward(kind, dout, wanted, saved):
        return (kind.rowwise_backward(name, dout, saved["out"]),)

    # a plain array of any shape needs no packing: the loop on floats takes it as it is
    return apply(name, forward, backward, ("out",), kind_for(storage_of(input), packed=False), input=input)
