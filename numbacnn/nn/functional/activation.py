"""Non-linearities."""

from numbacnn.engine import kind_for, storage_for
from numbacnn.nn.arguments import not_offered
from numbacnn.nn.functional.checks import check_types
from numbacnn.tensors.reduction import normalize_dim
from numbacnn.tensors.tensor import Tensor


def relu(input, inplace=False):
    """max(input, 0), number by number; the gradient at 0 is 0.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    inplace : bool
        Only False is offered.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    not_offered("relu", inplace=(inplace, False))
    return _elementwise("relu", input, "relu_forward", "relu_backward")


def tanh(input):
    """The hyperbolic tangent, number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    return _elementwise("tanh", input, "tanh_forward", "tanh_backward")


def sigmoid(input):
    """1 / (1 + exp(-input)), number by number.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.

    Raises
    ------
    TypeError
        If the dtype is no float.
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
        Only False is offered.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    not_offered("leaky_relu", inplace=(inplace, False))
    return _activation("leaky_relu", input, float(negative_slope))


def elu(input, alpha=1.0, inplace=False):
    """input where it is above 0, else alpha * (exp(input) - 1).

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    alpha : float
        Minus the limit for numbers far below 0.
    inplace : bool
        Only False is offered.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    not_offered("elu", inplace=(inplace, False))
    return _activation("elu", input, float(alpha))


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
        If the dtype is no float.
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
        If the dtype is no float.
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
        Only 20 is offered: nothing overflows here, so nothing has to be cut off.

    Raises
    ------
    TypeError
        If the dtype is no float.
    """
    not_offered("softplus", threshold=(threshold, 20.0))
    check_types("softplus", input)
    return -logsigmoid(input * -beta) / beta


def softmax(input, dim=None, dtype=None):
    """exp(input), divided by its sum along `dim`: positive numbers that sum to 1.

    Parameters
    ----------
    input : Tensor
        Float, of any shape.
    dim : int
        The dimension along which the results sum to 1; it must be said.
    dtype : dtype, optional
        What to convert `input` to first.

    Raises
    ------
    TypeError
        If the dtype is no float, or `dim` is missing.
    IndexError
        If there is no such dimension.
    """
    return _along("softmax", input, dim, dtype)


def log_softmax(input, dim=None, dtype=None):
    """The logarithm of `softmax`, without the detour over numbers that could overflow or vanish; parameters as there."""
    return _along("log_softmax", input, dim, dtype)


def _activation(name, input, *settings, saves="x"):
    """The loop of that name in `numbacnn.kernels.activation`; its backward pass needs x or out."""
    check_types(name, input)
    kind = kind_for(input, packed=False)  # a plain array of any shape needs no packing
    x = storage_for(kind, input)
    out = kind.activation_forward(name, x, *settings)
    saved = x if saves == "x" else out

    def back(dout):
        return (kind.activation_backward(name, storage_for(kind, dout), saved, *settings),)

    return Tensor._from_op(out, (input,), back, name)


def _along(name, input, dim, dtype):
    """softmax or log_softmax: `dim` becomes the last of two dimensions, the classes of the textbook."""
    if dim is None:
        raise TypeError(f"{name}: say dim, along which dimension to sum; dim=1 for scores (N, classes)")
    input = input if dtype is None else input.to(dtype)
    check_types(name, input)
    if input.ndim == 0:
        return _along(name, input.reshape(1, 1), 1, None).reshape(())
    dim = normalize_dim(name, dim, input.ndim)
    if input.ndim == 2 and dim == 1:
        return _elementwise(name, input, f"{name}_forward", f"{name}_backward")
    if input.ndim == 1:
        return _along(name, input.reshape(1, -1), 1, None).reshape(-1)
    last = input.transpose(dim, -1)
    rows = last.reshape(last.shape[:-1].numel(), last.shape[-1])
    return _along(name, rows, 1, None).reshape(last.shape).transpose(dim, -1)


def _elementwise(name, input, forward, backward):
    check_types(name, input)
    # a plain array of any shape needs no packing: the loop on floats takes it as it is
    kind = kind_for(input, packed=False)
    out = getattr(kind, forward)(storage_for(kind, input))

    def back(dout):
        return (getattr(kind, backward)(storage_for(kind, dout), out),)

    return Tensor._from_op(out, (input,), back, name)
